"""Runs as parts of a film, in exact times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from smartcut.conforming.descriptors import is_plain
from smartcut.conforming.lines import Line
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources, scored
from smartcut.conforming.shots import shots
from smartcut.conforming.tones import toned
from smartcut.conforming.windows import between
from smartcut.source import Source
from smartcut.timebase import Range

# A still picture moves less than this, in tones of 1/255. That share of a title is one colour, to
# so many tones.
_STILL, _GROUND, _TONES = 0.5, 0.6, 4
# What covers less of a picture is not named.
_COVERS = 0.015
# Frames of a run whose window moves that are compared.
_LOOKED = 24
# Frames of an unknown part that are looked at.
_MOST = 250


def parts(looked: FilmAndSources, runs: Sequence[Run], sources: Sequence[Source]) -> list[FilmPart]:
    """The runs in exact times, with how sure they are."""
    index = looked.thumbs.index
    found = []
    for run in (shot for one in runs for shot in shots(looked, one)):
        place = Range(index.time_of(run.first), index.time_of(run.last))
        if run.line is None:
            last = min(run.last, run.first + _MOST)
            kind = _kind(np.asarray(looked.thumbs.pictures[run.first : last]))
            found.append(FilmPart(run.first, run.last, place, kind=kind))
            continue
        found.append(
            FilmPart(
                run.first,
                run.last,
                place,
                source=sources[run.line.source].id,
                start=_exact_start(looked, run, run.line),
                speed=Fraction(run.line.speed).limit_denominator(1000),
                window=run.line.window,
                end=run.end,
                covered=region_of(toned(looked, run).covered),
                blend=run.blend,
                transition=run.transition,
                fade_in=run.fade_in,
                fade_out=run.fade_out,
                confidence=_confidence(looked, run, run.line),
            )
        )
    return found


def _exact_start(looked: FilmAndSources, run: Run, line: Line) -> Fraction:
    """The source time of the run's first frame: that of a frame, where it is one."""
    thumbs = looked.sources[line.source]
    time = float(line.at(looked.seconds[[run.first]])[0])
    number = int(np.abs(thumbs.seconds - time).argmin())
    if abs(float(thumbs.seconds[number]) - time) < 1e-4:
        return thumbs.index.time_of(number)
    return max(Fraction(0), Fraction(round(time * 1_000_000), 1_000_000))


def _confidence(looked: FilmAndSources, run: Run, line: Line) -> float:
    """The median agreement of its frames that no transition touches."""
    first = min(run.first + max(run.blend, run.fade_in), run.last - 1)
    last = max(run.last - run.fade_out, first + 1)
    if run.end is None:
        (seen,) = scored(looked, [(line, first, last)])
        return float(np.clip(np.median(seen.agreement), 0, 1))
    numbers = np.unique(np.linspace(first, last - 1, _LOOKED).round().astype(int)).tolist()
    share = [(n - run.first) / max(run.last - 1 - run.first, 1) for n in numbers]
    lines = [replace(line, window=between(line.window, run.end, s)) for s in share]
    seen_at = scored(looked, [(one, n, n + 1) for one, n in zip(lines, numbers, strict=True)])
    return float(np.clip(np.median([one.agreement[0] for one in seen_at]), 0, 1))


def region_of(covered: np.ndarray) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom, in shares, of what covers pictures; None where nothing does.

    ``covered`` is bool (h, w). Places that touch the largest region make it up.
    """
    import cv2

    joined = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    if count < 2:
        return None
    left, top, width, height, _ = max(stats[1:].tolist(), key=lambda one: one[4])
    part = covered[top : top + height, left : left + width]
    h, w = covered.shape
    if part.sum() < _COVERS * h * w:
        return None
    across, down = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    edges = (left + across[0]) / w, (top + down[0]) / h
    ends = (left + across[-1] + 1) / w, (top + down[-1] + 1) / h
    x, y, right, bottom = (round(float(edge), 3) for edge in (*edges, *ends))
    return x, y, right, bottom


def _kind(pictures: np.ndarray) -> str:
    """What unexplained pictures are: ``colour``, ``title``, ``still`` or ``foreign``."""
    if is_plain(pictures).mean() > 0.5:
        return "colour"
    if len(pictures) > 2:
        moved = np.abs(np.diff(pictures.astype(np.int16), axis=0)).mean(axis=(1, 2))
        if np.percentile(moved, 90) < _STILL:
            return "title" if _is_title(pictures[len(pictures) // 2]) else "still"
    return "foreign"


def _is_title(picture: np.ndarray) -> bool:
    """Whether most of it is one colour."""
    usual = np.bincount(picture.ravel(), minlength=256).argmax()
    near = np.abs(picture.astype(np.int16) - int(usual)) <= _TONES
    return bool(near.mean() > _GROUND)
