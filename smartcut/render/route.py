"""What is done to the pictures of a segment, and when: planned before any is decoded. Pure.

Neighbours that only move pixels become one step, together with the fit into the output's picture;
so do neighbours that only change values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal, Protocol

import numpy as np

from smartcut.algebra import shown_when
from smartcut.cut import Effect, EffectClock, Segment
from smartcut.effect import (
    Geometry,
    PictureEffect,
    Pixels,
    Placement,
    Size,
    Tone,
    checked,
    undivided,
)
from smartcut.media.picture import fitted_size
from smartcut.timebase import Range

Fit = Literal["pad", "crop", "stretch"]

# Clocks of files round, so an effect begins this share of a frame early.
_EARLY = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Applied:
    """An effect, and when it works: ``during`` in source time, None for always."""

    effect: PictureEffect
    during: Range | None = None
    clock: EffectClock | None = None
    """See :attr:`smartcut.cut.Effect.clock`."""

    def time(self, segment_time: Fraction) -> Fraction:
        """The time since the beginning of the segment that the effect was put on."""
        return segment_time if self.clock is None else self.clock.at(segment_time)

    def works(self, source_time: Fraction) -> bool:
        return self.during is None or self.during.contains(source_time)

    @property
    def is_whole(self) -> bool:
        """Whether it does the same to every picture of the segment."""
        return self.during is None and not self.effect.curves

    @property
    def may_resize(self) -> bool:
        """Whether it may change the size: not where it comes, goes, changes it or is mixed in."""
        has_one = isinstance(self.effect, Geometry) and self.effect.has_one_size
        return self.during is None and has_one and is_plain(self.effect)

    def resized(self, size: Size) -> Size:
        """What becomes of a picture's size."""
        if isinstance(self.effect, Geometry) and self.may_resize:
            is_idle = self.is_whole and self.effect.is_idle()
            return size if is_idle else self.effect.size(size)
        return size


@lru_cache(maxsize=1024)
def applied_effects(segment: Segment, rate: Fraction) -> tuple[Applied, ...]:
    """The segment's effects, ready to work; raises PipelineError for what does not exist."""
    early = _EARLY / rate
    return tuple(
        Applied(on_segment(e, segment), e.during.shift(-early) if e.during else None, e.clock)
        for e in segment.effects
    )


def on_segment(effect: Effect, segment: Segment) -> PictureEffect:
    """An effect of the segment, for the time during which it works there."""
    whole = undivided(segment, effect.clock)
    shown = Range(Fraction(0), whole.duration)
    if effect.during is not None:
        found = [*shown_when(whole, shown, effect.during)]
        shown = Range(found[0].start, found[-1].end) if found else Range(shown.end, shown.end)
    return checked(effect).within(shown)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """Neighbouring effects that are done together; ``size`` is that of what comes in."""

    kind: Literal["geometry", "tone", "pixels"]
    run: tuple[Applied, ...]
    size: Size
    target: Size


@dataclass(frozen=True, slots=True)
class Route:
    """What is done to each picture of a segment."""

    starts_fitted: bool
    """Whether pictures come in fitted into the output's, and not in their own size."""
    steps: tuple[ChainStep, ...]
    inner: Size
    """What the picture fills of the output's; bars lie outside."""

    @property
    def looks_around(self) -> bool:
        """Whether pictures of other times are asked for."""
        pixels = (a.effect for s in self.steps for a in s.run if isinstance(a.effect, Pixels))
        return any(e.any_time or e.reach() != (0, 0) for e in pixels)


class FitStep(Geometry):
    """Scales a picture into another size: with bars, with its edges cut off, or out of shape."""

    width: int
    height: int
    fit: Fit

    def size(self, size: Size) -> Size:
        canvas = (self.width, self.height)
        if self.fit != "pad":
            return canvas
        return fitted_size(Fraction(size[0]), Fraction(size[1]), canvas, "pad")

    def matrix(self, size: Size) -> np.ndarray:
        canvas = (self.width, self.height)
        scaled = fitted_size(Fraction(size[0]), Fraction(size[1]), canvas, self.fit)
        target = self.size(size)
        x, y = (s / n for s, n in zip(scaled, size, strict=True))
        left, top = ((t - s) / 2 for s, t in zip(scaled, target, strict=True))
        return np.array([[x, 0, left], [0, y, top], [0, 0, 1.0]])


def fitted_back(size: Size, whole: Size) -> np.ndarray:
    """The move that scales a picture into one of the size before, with bars."""
    back = FitStep(width=whole[0], height=whole[1], fit="pad")
    inner, bars = back.size(size), np.eye(3)
    bars[:2, 2] = [(a - b) / 2 for a, b in zip(whole, inner, strict=True)]
    result: np.ndarray = bars @ back.matrix(size)
    return result


def moved_by(one: Applied, now: Geometry, size: Size) -> tuple[np.ndarray, Size]:
    """Where an effect, with the numbers of ``now``, moves a picture's points, and its new size."""
    matrix, target = now.matrix(size), now.size(size)
    if not one.may_resize and target != size:
        return fitted_back(target, size) @ matrix, size
    return matrix, target


def geometry_at(applied: Sequence[Applied], moment: Moment, size: Size) -> tuple[np.ndarray, Size]:
    """Where all geometry among the effects moves a picture's points, and the size after it."""
    matrix = np.eye(3)
    for one in applied:
        now = at_moment(one, moment)
        if isinstance(now, Geometry):
            move, size = moved_by(one, now, size)
            matrix = move @ matrix
    return matrix, size


def shown_size(applied: Sequence[Applied], upright: Size) -> Size:
    """The size of pictures after their effects, before they are fitted into the output's."""
    size = upright
    for one in applied:
        size = one.resized(size)
    return size


def box_in(size: Size, canvas: Size) -> tuple[int, int, int, int]:
    """Left, top, width and height of what a picture with bars fills of the output's."""
    inner = fitted_size(Fraction(size[0]), Fraction(size[1]), canvas, "pad")
    left, top = ((whole - part) // 4 * 2 for whole, part in zip(canvas, inner, strict=True))
    return left, top, *inner


def plan_route(applied: Sequence[Applied], upright: Size, canvas: Size, fit: Fit) -> Route:
    """The steps for pictures of size ``upright``, shown in ``canvas``.

    The fit comes after the last effect that changes the size of pictures: what follows works on
    them as they are shown.
    """
    if any(isinstance(one.effect, Placement) for one in applied):
        return Route(False, _steps(applied, upright, canvas), canvas)
    size, last = upright, 0
    for place, one in enumerate(applied, 1):
        resized = one.resized(size)
        if resized != size:
            size, last = resized, place
    fitting = Applied(FitStep(width=canvas[0], height=canvas[1], fit=fit))
    inner = fitting.resized(size)
    steps = _steps([*applied[:last], fitting, *applied[last:]], upright, canvas)
    if steps[0].run == (fitting,):
        return Route(True, steps[1:], inner)
    return Route(False, steps, inner)


def _steps(applied: Sequence[Applied], size: Size, canvas: Size) -> tuple[ChainStep, ...]:
    steps: list[ChainStep] = []
    for one in applied:
        target, kind = one.resized(size), _kind(one.effect)
        target = canvas if isinstance(one.effect, Placement) else target
        if steps and _go_together(steps[-1], one):
            steps[-1] = replace(steps[-1], run=(*steps[-1].run, one), target=target)
        else:
            steps.append(ChainStep(kind, (one,), size, target))
        size = target
    return tuple(steps)


def _go_together(step: ChainStep, one: Applied) -> bool:
    alone = any(not is_plain(a.effect) for a in (*step.run, one))
    return step.kind == _kind(one.effect) != "pixels" and not alone


def is_plain(effect: PictureEffect) -> bool:
    """Whether it works everywhere, and alone."""
    return effect.mask is None and effect.amount == 1


def _kind(effect: PictureEffect) -> Literal["geometry", "tone", "pixels"]:
    if isinstance(effect, (Geometry, Placement)):
        return "geometry"
    return "tone" if isinstance(effect, Tone) else "pixels"


# ---------------------------------------------------------------------------------------- when


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture of a segment: a frame of its source, or one so far on the way to the next."""

    number: int
    step: float
    source_time: Fraction
    segment_time: Fraction


class Clock(Protocol):
    """Which moments a segment has."""

    def earlier(self, moment: Moment, count: int) -> Moment:
        """That of the frame ``count`` frames of the source before, or of its first."""

    def at(self, time: Fraction, clock: EffectClock | None) -> Moment:
        """That of a time of the segment that an effect of that clock was put on."""


def at_moment(one: Applied, moment: Moment) -> PictureEffect | None:
    """The effect at that moment, with numbers; None where it changes nothing."""
    if not one.works(moment.source_time):
        return None
    effect = one.effect.at(moment.source_time, one.time(moment.segment_time))
    return None if is_idle(effect) else effect


def touched(applied: Sequence[Applied], moments: Sequence[Moment]) -> Iterator[tuple[str, ...]]:
    """For each moment the names of the effects that change its picture."""
    always = [not is_idle(a.effect) if a.is_whole else None for a in applied]
    for moment in moments:
        yield tuple(
            a.effect.label
            for a, whole in zip(applied, always, strict=True)
            if (at_moment(a, moment) is not None if whole is None else whole)
        )


def is_idle(effect: PictureEffect) -> bool:
    return effect.amount == 0 or effect.is_idle()
