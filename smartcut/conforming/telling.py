"""Runs as parts of a film, in exact times."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from smartcut.conforming.covering import covered_region
from smartcut.conforming.descriptors import is_plain
from smartcut.conforming.doubt import confidence
from smartcut.conforming.lines import Line
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.shots import shots
from smartcut.source import Source
from smartcut.timebase import Range

# A still picture moves less than this, in tones of 1/255. That share of a title is one colour, to
# so many tones.
_STILL, _GROUND, _TONES = 0.5, 0.6, 4
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
                covered=covered_region(looked, run),
                blend=run.blend,
                transition=run.transition,
                fade_in=run.fade_in,
                fade_out=run.fade_out,
                confidence=confidence(looked, run),
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
