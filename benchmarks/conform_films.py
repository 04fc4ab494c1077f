"""Films to conform, and their cuts: every kind of change that a finished film may have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import smartcut as sc
from benchmarks.conform_material import Filmed, write_filmed
from smartcut.cut import Cut, Effect, Segment, Track, Transition
from smartcut.media.probe import probe
from smartcut.render.lut import identity, write_cube
from smartcut.source import Source
from smartcut.timebase import Range

#: Sources whose names begin so are not given to `conform`.
FOREIGN = "foreign"
_SPEEDS = ("1/2", "3/4", "5/4", "3/2", "2", "3", "4")


@dataclass(frozen=True, slots=True)
class FilmCase:
    """A film: what is done to it beside cutting."""

    name: str
    seed: int
    segments: int = 30
    crf: int = 23
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    crop: float = 0.0
    """Share of the width and height that is lost, at a place that differs by segment."""
    is_mirrored: bool = False
    """Every third segment is."""
    has_lut: bool = False
    has_captions: bool = False
    speeds: tuple[str, ...] = ("1",)
    dissolves: float = 0.0
    """The share of the joins that are dissolves of 0.4 to 1.2 s."""
    fades: float = 0.0
    """The same of fades through black."""
    foreign: float = 0.0
    """The share of segments that no source has."""


def cases(rate: Fraction) -> tuple[FilmCase, ...]:
    """One of each condition, and all together."""
    half = (160, 90)
    mixed = tuple(["1"] * 7 + list(_SPEEDS))
    everything = FilmCase(
        "all together", 30, 40, 28, half, None, 0.15, True, True, True, mixed, 0.3, 0.1, 0.1
    )
    return (
        FilmCase("crf 18", 11, crf=18),
        FilmCase("crf 32", 12, crf=32),
        FilmCase("half size", 13, crf=28, size=half),
        FilmCase("cropped", 14, crop=0.2),
        FilmCase("mirrored", 15, is_mirrored=True),
        FilmCase("a LUT", 16, has_lut=True),
        FilmCase("burned captions", 17, has_captions=True),
        FilmCase("speeds 0.5 to 4", 18, speeds=mixed),
        FilmCase("dissolves", 19, dissolves=0.5),
        FilmCase("fades through black", 20, fades=0.4),
        FilmCase("foreign inserts", 21, foreign=0.25),
        FilmCase("another rate", 22, rate=rate),
        everything,
    )


def made_sources(
    folder: Path, count: int, how: Filmed, foreign: int = 3
) -> tuple[list[Path], list[Path]]:
    """(sources, foreign ones), made where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [*(f"s{k}" for k in range(count)), *(f"{FOREIGN}{k}" for k in range(foreign))]
    paths = [folder / f"{name}.mp4" for name in names]
    for k, path in enumerate(paths):
        if not path.exists():
            whole = path.with_name(f".{path.name}")
            write_filmed(whole, replace(how, seed=how.seed + k))
            whole.rename(path)
    return paths[:count], paths[count:]


def made_film(path: Path, case: FilmCase, files: Sequence[Path], foreign: Sequence[Path]) -> Cut:
    """Render the film; the answer is its cut."""
    cut = _cut(case, [probe(p) for p in files], [probe(p) for p in foreign], path.parent)
    film: Any = cut
    if case.has_captions:
        at = 0.5
        while at < float(cut.duration) - 2:
            text = f"What is said at {at:.0f} seconds\nand goes on in another line"
            film = film | sc.title(
                text=text,
                at=at,
                duration=2.2,
                position="bottom",
                size=0.09,
                box="#000000c0",
                fade=0,
            )
            at += 2.7
    render_like(film, path, case, case.crf)
    return cut


def render_like(film: Any, path: Path, case: FilmCase, crf: int) -> None:
    """Render a cut, or a pipeline of one, at the size and rate of the case."""
    wanted: dict[str, Any] = {"crf": crf, "preset": "veryfast"}
    if case.size:
        wanted["resolution"] = f"{case.size[0]}x{case.size[1]}"
    if case.rate:
        wanted["fps"] = case.rate
    film.render(path, mode="encode", **wanted)


def _cut(case: FilmCase, sources: Sequence[Source], foreign: Sequence[Source], folder: Path) -> Cut:
    random = np.random.default_rng(case.seed)
    segments: list[Segment] = []
    joined = Fraction(0)
    for k in range(case.segments):
        is_foreign = bool(random.random() < case.foreign) and 0 < k < case.segments - 1
        those = foreign if is_foreign else sources
        source = those[int(random.integers(len(those)))]
        segment = _segment(case, k, source, random, folder)
        overlap = _join(case, segments, segment, joined, random)
        if overlap is not None:
            segment = replace(segment, transition=overlap)
        joined = overlap.duration if overlap else Fraction(0)
        segments.append(segment)
    used = {segment.source for segment in segments}
    all_sources = tuple(s for s in (*sources, *foreign) if s.id in used)
    return Cut(all_sources, (Track("programme", tuple(segments)),))


def _segment(
    case: FilmCase, k: int, source: Source, random: np.random.Generator, folder: Path
) -> Segment:
    assert source.video is not None
    rate = source.video.rate
    speed = Fraction(str(random.choice(case.speeds)))
    count = int(random.integers(16, 90) * max(1.0, min(2.0, float(speed))))
    # On the grid of the film: a whole number of its frames.
    unit = speed.numerator
    count = max(unit * round(count / unit), unit * 12 // speed.denominator // unit * unit or unit)
    first = int(random.integers(0, max(1, source.video.frames - count - 1)))
    effects: list[Effect] = []
    if case.crop:
        left, top = (float(v) for v in random.uniform(0, case.crop, 2))
        sides = (left, case.crop - left, top, case.crop - top)
        names = ("left", "right", "top", "bottom")
        effects.append(Effect("crop", tuple(zip(names, sides, strict=True))))
    if case.is_mirrored and k % 3 == 0:
        effects.append(Effect("flip", (("axis", "horizontal"),)))
    if case.has_lut:
        effects.append(Effect("lut", (("file", str(_table(folder))),)))
    stretch = Range(first / rate, (first + count) / rate)
    return Segment(source.id, stretch, speed, tuple(effects), sound="stretched")


def _join(
    case: FilmCase,
    before: Sequence[Segment],
    segment: Segment,
    joined: Fraction,
    random: np.random.Generator,
) -> Transition | None:
    chance = float(random.random())
    frames = int(random.integers(10, 31))
    if not before or chance >= case.dissolves + case.fades:
        return None
    lasts = Fraction(frames, 25)
    room = min(before[-1].duration - joined, segment.duration) - Fraction(2, 5)
    if lasts > room:
        return None
    return Transition("dissolve" if chance < case.dissolves else "fade", lasts)


def _table(folder: Path) -> Path:
    """A look: lifted shadows, teal and orange, more contrast."""
    path = folder / "look.cube"
    if not path.exists():
        table = identity(17).astype(np.float64)
        luma = (table @ [0.2126, 0.7152, 0.0722])[..., None]
        bent = 0.06 + 0.9 * (table**1.15 * (1 - table) + table**0.9 * table)
        warm = (luma - 0.45) * np.array([0.16, 0.0, -0.16])
        write_cube(path, np.clip(luma + 0.85 * (bent - luma) + warm, 0, 1))
    return path
