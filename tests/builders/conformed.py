"""Films that smartcut renders of sources that look filmed, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path

from benchmarks.conform_material import Filmed, write_filmed
from smartcut.conforming.parts import FilmPart
from smartcut.cut import Cut, Segment, Track
from smartcut.media.probe import probe
from smartcut.timebase import Range


def sources(folder: Path, count: int, how: Filmed) -> list[Path]:
    """So many sources of one kind, each with scenes of its own."""
    from dataclasses import replace

    folder.mkdir(exist_ok=True)
    return [
        write_filmed(folder / f"s{k}.mp4", replace(how, seed=how.seed + k)) for k in range(count)
    ]


def shown(source: str, first: int, count: int, rate: int = 25) -> Segment:
    """Frames of a source that has ``rate`` frames a second."""
    return Segment(source, Range(F(first, rate), F(first + count, rate)))


def film(path: Path, files: Sequence[Path], segments: Sequence[Segment], **render: object) -> Cut:
    """Render the segments of these files; the answer is the cut."""
    cut = Cut(tuple(probe(file) for file in files), (Track("programme", tuple(segments)),))
    cut.render(path, mode="encode", **{"preset": "ultrafast", **render})
    return cut


def spans(parts: Sequence[FilmPart]) -> list[tuple[int, int, str | None, F, F]]:
    """(first frame, one past the last, source, source time, speed) of each part."""
    return [(p.first, p.last, p.source, p.start, p.speed) for p in parts]


def truth(cut: Cut, rate: int = 25) -> list[tuple[int, int, str | None, F, F]]:
    """As :func:`spans`, of hard cuts."""
    return [
        (int(place.start * rate), int(place.end * rate), one.source, one.range.start, one.speed)
        for one, place in cut.programme.placed()
    ]
