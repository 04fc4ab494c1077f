"""`python -m benchmarks.conform`: films brought back to their cuts, against what they were cut by.

smartcut renders films of made sources (benchmarks/conform_material.py), one for each condition
that `conform` has to bear; their cuts are the truth. Said of each film: hard cuts found at their
very frame, frames whose source and source frame are found, dissolves and fades whose both ends are
found, speeds within 1 %, precision and recall of foreign pictures, and, with `--render`, how the
film that the found cut renders compares with the film.

    python -m benchmarks.conform --sources 20 --seconds 20 --folder build/conform --render
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import smartcut as sc
from benchmarks.conform_films import FOREIGN, FilmCase, cases, made_film, made_sources, render_like
from benchmarks.conform_material import Filmed
from smartcut.conforming.parts import FilmPart
from smartcut.cut import Cut
from smartcut.timebase import nearest


@dataclass(slots=True)
class Score:
    """What became of one film, or of several together."""

    cuts: list[int] = field(default_factory=list)
    """Frames by which each hard cut is off."""
    blends: list[float] = field(default_factory=list)
    """Frames by which the worse end of each dissolve or fade is off."""
    speeds: list[float] = field(default_factory=list)
    """Error of the speed of each segment, as a share of it."""
    frames: int = 0
    exact: int = 0
    """Frames under no blend whose source and frame are found."""
    foreign: int = 0
    said: int = 0
    both: int = 0

    def add(self, other: Score) -> None:
        self.cuts += other.cuts
        self.blends += other.blends
        self.speeds += other.speeds
        self.frames += other.frames
        self.exact += other.exact
        self.foreign += other.foreign
        self.said += other.said
        self.both += other.both

    def to_plain(self) -> dict[str, Any]:
        cuts, blends, speeds = (np.array(v) for v in (self.cuts, self.blends, self.speeds))
        return {
            "cuts": len(cuts),
            "cuts exact": _share(cuts == 0),
            "frames exact": round(self.exact / max(self.frames, 1), 4),
            "blends": len(blends),
            "blends within 2": _share(blends <= 2),
            "speeds within 1 %": _share(speeds <= 0.01),
            "foreign precision": round(self.both / self.said, 4) if self.said else 1.0,
            "foreign recall": round(self.both / self.foreign, 4) if self.foreign else 1.0,
        }


def _share(met: np.ndarray) -> float:
    return round(float(met.mean()), 4) if len(met) else 1.0


def score(cut: Cut, parts: Sequence[FilmPart], rate: Fraction) -> Score:
    """What was found against the cut that the film was rendered from."""
    score = Score()
    placed = list(cut.programme.placed())
    bounds = [(round(p.start * rate), round(p.end * rate)) for _, p in placed]
    is_foreign = [str(one.source).startswith(FOREIGN) for one, _ in placed]
    edges = [part.first for part in parts[1:]]
    blends = [(p.first, p.first + p.blend) for p in parts if p.blend]
    blended = np.zeros(bounds[-1][1], bool)
    for k in range(1, len(placed)):
        first, last = bounds[k][0], bounds[k - 1][1]
        if last > first:
            blended[first:last] = True
            if not (is_foreign[k] or is_foreign[k - 1]):
                score.blends.append(_off(blends, first, last))
        elif not _goes_on(placed[k - 1][0], placed[k][0]):
            score.cuts.append(min((abs(edge - first) for edge in edges), default=999))
    for (segment, place), (first, last), strange in zip(placed, bounds, is_foreign, strict=True):
        frames = np.arange(first, last)
        frames = frames[~blended[first:last]]
        said = [_part_at(parts, int(f)) for f in frames]
        if strange:
            score.foreign += len(frames)
            score.both += sum(part.source is None for part in said)
            score.said += sum(part.source is None for part in said)
            continue
        score.said += sum(part.source is None for part in said)
        score.frames += len(frames)
        source = cut.source(str(segment.source))
        assert source.video is not None
        own, starts = float(source.video.rate), nearest(place.start * rate)
        early = 0.25 / max(float(rate), own)  # as renderers take frames to begin early
        for frame, part in zip(frames.tolist(), said, strict=True):
            if part.source == segment.source:
                passed = float(Fraction(frame) / rate) - float(Fraction(starts) / rate)
                shown = _frame(segment.range.start, segment.speed, passed, early, own)
                passed = float(Fraction(frame) / rate) - float(part.place.start)
                score.exact += _frame(part.start, part.speed, passed, early, own) == shown
        if not said:  # all of it lies under transitions
            said = [_part_at(parts, frame) for frame in range(first, last)]
        middle = [p for p in said if p.source == segment.source]
        if middle:
            longest = max(middle, key=lambda p: p.last - p.first)
            score.speeds.append(abs(float(longest.speed / segment.speed) - 1))
        else:
            score.speeds.append(1.0)
    return score


def _frame(start: Fraction, speed: Fraction, passed: float, early: float, rate: float) -> int:
    # A time on the very edge of two frames is that of the later one, however it is rounded.
    return int((float(start) + passed * float(speed) + early) * rate + 1e-6)


def _goes_on(one: Any, other: Any) -> bool:
    return bool(one.source == other.source and one.range.end == other.range.start)


def _off(found: Sequence[tuple[int, int]], first: int, last: int) -> float:
    return float(min((max(abs(a - first), abs(b - last)) for a, b in found), default=999))


def _part_at(parts: Sequence[FilmPart], frame: int) -> FilmPart:
    return next((p for p in parts if p.first <= frame < p.last), parts[-1])


# ------------------------------------------------------------------------------------ running


def measured(
    case: FilmCase, folder: Path, files: list[Path], foreign: list[Path], render: bool
) -> tuple[Score, dict[str, Any]]:
    """One film made, brought back, and compared."""
    path = folder / f"{case.name.replace(' ', '-')}.mp4"
    cut = made_film(path, case, files, foreign)
    began, worked = time.monotonic(), _worked()
    found = sc.conform(path, files)
    row: dict[str, Any] = {"film": case.name, "seconds": round(time.monotonic() - began, 1)}
    row["processor seconds"] = round(_worked() - worked, 1)
    rate = case.rate or Fraction(25)
    one = score(cut, found.parts, rate)
    row |= one.to_plain()
    if render:
        bare = path
        if case.has_captions:
            bare = folder / "bare.mp4"
            made_film(bare, replace(case, has_captions=False), files, foreign)
        row["PSNR"] = _psnr(found.cut, bare, case)
        row["PSNR of the true cut"] = _psnr(cut, bare, case)
    return one, row


def _psnr(cut: Cut, bare: Path, case: FilmCase) -> float:
    """Median over the frames, in dB, of what the cut renders against the film without captions.

    The film was encoded with loss, so even its true cut does not render it exactly.
    """
    from smartcut.media.decode import frames
    from smartcut.media.index import video_index
    from smartcut.media.probe import probe

    again = bare.with_name("again.mp4")
    render_like(cut, again, case, crf=12)
    sources = [probe(path) for path in (bare, again)]
    streams = [
        frames(source, index, 0, len(index))
        for source in sources
        for index in [video_index(source)]
    ]
    values = []
    for (_, one), (_, other) in zip(*streams, strict=False):
        a, b = (f.reformat(format="rgb24").to_ndarray().astype(np.float32) for f in (one, other))
        values.append(10 * np.log10(255**2 / max(float(((a - b) ** 2).mean()), 1e-3)))
    return round(float(np.median(values)), 1)


def _worked() -> float:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    return mine.ru_utime + mine.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/conform"))
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--segments", type=int, help="of each film; 30 or 40")
    parser.add_argument("--only", default="", help="films whose names have this in them")
    parser.add_argument("--render", action="store_true", help="render the found cuts as well")
    asked = parser.parse_args()
    how = Filmed(asked.seconds, 100)
    files, foreign = made_sources(asked.folder / "sources", asked.sources, how)
    total = Score()
    alike: list[float] = []
    for case in cases(Fraction(30)):
        case = replace(case, segments=asked.segments or case.segments)
        if asked.only in case.name:
            one, row = measured(case, asked.folder, files, foreign, asked.render)
            print(json.dumps(row), flush=True)
            total.add(one)
            alike += [row["PSNR"]] if "PSNR" in row else []
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    in_all = {"film": "in all", "peak MB": round(most), **total.to_plain()}
    print(json.dumps(in_all | ({"PSNR": median(alike)} if alike else {})))


if __name__ == "__main__":
    main()
