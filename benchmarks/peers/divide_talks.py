"""Divides made talks with known sections, and writes how well: ``divide_talks OUT.json COUNT``.

Beside smartcut's division stand the valleys of likeness with TextTiling's threshold (Hearst 1997:
the mean depth less half a standard deviation) on the same sentence vectors, and equal parts whose
right number is given.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np

from benchmarks.talk_sections import SECTIONS

Divide = Callable[[np.ndarray, int], Iterable[int]]
"""The first sentences of sections, given the vectors and how many sections there are."""
_SECONDS = 5.0
"""A sentence lasts so long."""
_SHORTEST = 20.0
_BLOCK = 3


def divided(rows: np.ndarray, count: int) -> Iterable[int]:
    """As `chapters` does."""
    from smartcut.selecting.topics import section_starts

    starts = [_SECONDS * n for n in range(len(rows))]
    return section_starts(rows, starts, _SECONDS * len(rows), _SHORTEST)


def valleys(rows: np.ndarray, count: int) -> Iterable[int]:
    """Where blocks of three sentences on both sides are least alike, by TextTiling's threshold."""
    near = [0.0] * len(rows)
    for n in range(1, len(rows)):
        left, right = rows[max(0, n - _BLOCK) : n].mean(0), rows[n : n + _BLOCK].mean(0)
        near[n] = float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))
    depths = np.array([_peak(near[1:n][::-1], near[n]) + _peak(near[n + 1 :], near[n])
                       for n in range(1, len(rows))])  # fmt: skip
    least = depths.mean() - depths.std() / 2
    found: list[int] = []
    for n in np.argsort(-depths) + 1:
        if depths[n - 1] > least and all(abs(n - other) >= _BLOCK for other in found):
            found.append(int(n))
    return found


def _peak(near: Sequence[float], value: float) -> float:
    """How far likeness rises on one side before it falls again."""
    top = value
    for one in near:
        if one < top:
            break
        top = one
    return top - value


def equal_parts(rows: np.ndarray, count: int) -> Iterable[int]:
    return [round(len(rows) * k / count) for k in range(1, count)]


WAYS: Mapping[str, Divide] = {
    "smartcut": divided, "TextTiling's threshold": valleys, "equal parts": equal_parts
}  # fmt: skip


def joined(
    vectors: Mapping[str, np.ndarray], chance: random.Random
) -> tuple[np.ndarray, list[int]]:
    """Two to eight sections in random order, and where they begin but for the first.

    Each is as long as chance has it, from four sentences to all.
    """
    order = chance.sample(list(vectors), chance.randint(2, min(8, len(vectors))))
    parts = [vectors[name][: chance.randint(4, len(vectors[name]))] for name in order]
    return np.vstack(parts), list(accumulate(len(part) for part in parts[:-1]))


def _apart(place: int, one: int) -> int:
    """How many places lie between two."""
    return abs(one - place)


def f1(vectors: Mapping[str, np.ndarray], divide: Divide, talks: int, apart: int = 0) -> float:
    """Boundary F1 over so many talks; a boundary may be ``apart`` sentences off."""
    chance, hits, found_all, true_all = random.Random(11), 0, 0, 0
    for _ in range(talks):
        rows, true = joined(vectors, chance)
        left = set(divide(rows, len(true) + 1)) - {0}
        found_all, true_all = found_all + len(left), true_all + len(true)
        for place in true:
            near = [one for one in left if abs(one - place) <= apart]
            if near:
                left.remove(min(near, key=partial(_apart, place)))
                hits += 1
    return 2 * hits / (found_all + true_all)


def main() -> None:
    """Write the figures of each way: exact, and within one sentence."""
    from smartcut.models.embedded_scorer import sentence_model

    model = sentence_model()
    vectors = {name: model(section) for name, section in SECTIONS.items()}
    talks = int(sys.argv[2])
    figures = {
        way: {str(apart): f1(vectors, divide, talks, apart) for apart in (0, 1)}
        for way, divide in WAYS.items()
    }
    Path(sys.argv[1]).write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
