"""Finished films whose grade is known: smartcut renders them from sources that look filmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction as F
from pathlib import Path

import numpy as np

from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.media.probe import probe
from smartcut.source import Source
from smartcut.timebase import Range

#: Quality of the three films of a style.
QUALITIES = (20, 26, 23)


def planted_settings(seed: int) -> dict[str, float]:
    """A grade at random: some settings of `colour`, far enough from none to be seen."""
    random = np.random.default_rng(seed)
    whole = {
        "exposure": random.choice([-1, 1]) * random.uniform(0.15, 0.6),
        "contrast": random.choice([random.uniform(0.8, 0.92), random.uniform(1.08, 1.3)]),
        "saturation": random.choice([random.uniform(0.4, 0.75), random.uniform(1.25, 1.6)]),
        "temperature": random.choice([random.uniform(4300, 5500), random.uniform(7800, 10000)]),
        "tint": random.choice([-1, 1]) * random.uniform(0.1, 0.3),
    }
    names = random.permutation(list(whole))[: int(random.integers(2, 5))]
    return {name: round(float(whole[name]), 4) for name in sorted(map(str, names))}


def colour(settings: Mapping[str, float]) -> Effect:
    return Effect("colour", tuple(settings.items()))


def planted_cut(
    sources: Sequence[Source], seed: int, effects: Sequence[tuple[Effect, ...]], count: int = 10
) -> Cut:
    """Stretches of 0.8 to 2.4 s; ``effects`` are those of the first, the second, and so on."""
    random = np.random.default_rng(seed)
    segments = []
    for k in range(count):
        source = sources[int(random.integers(len(sources)))]
        assert source.video is not None
        length = int(random.integers(20, 60))
        first = int(random.integers(0, source.video.frames - length))
        stretch = Range(F(first, 25), F(first + length, 25))
        segments.append(Segment(source.id, stretch, effects=effects[k % len(effects)]))
    used = {segment.source for segment in segments}
    tracks = (Track("programme", tuple(segments)),)
    return Cut(tuple(source for source in sources if source.id in used), tracks)


def write_graded(
    folder: Path,
    files: Sequence[Path],
    seed: int,
    *effects: tuple[Effect, ...],
    films: int = 3,
    count: int = 10,
) -> list[Path]:
    """``film0.mp4`` and so on; without manifests, so that nothing but pictures tells of them."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = [probe(file) for file in files]
    found = []
    for number in range(films):
        path = folder / f"film{number}.mp4"
        if not path.exists():
            cut = planted_cut(sources, 100 * seed + number, effects or ((),), count)
            quality = QUALITIES[number % len(QUALITIES)]
            cut.render(path, mode="encode", crf=quality, preset="veryfast")
            path.with_suffix(".manifest.json").unlink(missing_ok=True)
        found.append(path)
    return found
