"""How often `smartcut learn` finds planted styles: ``python -m benchmarks.learned_styles``.

Each style is learned from three films; see :mod:`benchmarks.planted_styles`.
"""

from __future__ import annotations

from collections import Counter

import smartcut as sc
from benchmarks.planted_styles import PlantedStyle, planted_film
from smartcut.api.learning import FoundStyle
from smartcut.errors import SourceError
from smartcut.learning_style.estimates import Estimate

SETS = 30
WEIGHTS = {"motion": 0.6, "loudness": 0.3, "sharpness": 0.1}
PAUSES = PlantedStyle(before=0.2, after=0.3, min_cut=0.4, jitter=0.03)
CHOSEN = PlantedStyle(weights=WEIGHTS, strength=12)
NOTHING = PlantedStyle(weights={"motion": 1.0}, strength=0.0)


def learned_from(style: PlantedStyle, seed: int, blocks: int = 24) -> FoundStyle:
    """The style of three films."""
    return sc.learn([planted_film(seed + n, style, blocks=blocks) for n in range(3)])


def within(style: PlantedStyle, sets: int = SETS, blocks: int = 24) -> Counter[str]:
    """Of how many sets of films the interval of a setting holds what was planted."""
    held: Counter[str] = Counter()
    for seed in range(0, 3 * sets, 3):
        found = learned_from(style, 1000 + seed, blocks).learned
        rows: list[tuple[str, Estimate | None, float]] = []
        if silences := found.silences:
            rows += [(n, getattr(silences, n), getattr(style, n)) for n in ("before", "after")]
            rows.append(("min_cut", silences.min_cut, style.min_cut))
        if weighing := found.weighing:
            rows += [(w.signal, w.share, style.weights.get(w.signal, 0)) for w in weighing.weights]
        held.update(name for name, one, planted in rows if one and one.low <= planted <= one.high)
    return held


def claimed(style: PlantedStyle, sets: int = SETS) -> int:
    """Of how many sets of films weights are claimed."""
    count = 0
    for seed in range(0, 3 * sets, 3):
        try:
            count += learned_from(style, 1000 + seed).learned.weighing is not None
        except SourceError:
            continue
    return count


def main() -> None:
    print(learned_from(CHOSEN, 0, blocks=40).yaml())
    for called, style, blocks in (("pauses", PAUSES, 24), ("passages", CHOSEN, 40)):
        held = within(style, blocks=blocks)
        rows = ", ".join(f"{name} {count}" for name, count in sorted(held.items()))
        print(
            f"{called}: of {SETS} sets of three films, planted values within their interval: {rows}"
        )
    print(f"chosen by chance: weights are claimed of {claimed(NOTHING)} of {SETS} sets")


if __name__ == "__main__":
    main()
