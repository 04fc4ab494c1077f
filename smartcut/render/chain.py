"""The way from a source's picture to the one that is shown: its effects, in their order.

Planned first, purely: neighbours that only move pixels become one resampling of each plane,
together with the fit into the output's picture; neighbours that only change values become one
table. :class:`Chain` then does it, a picture at a time, wherever it is entered.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

import numpy as np

from smartcut.cut import INTERPOLATE, Colour, Segment
from smartcut.effect import (
    Bench,
    Geometry,
    Image,
    PictureEffect,
    Pixels,
    Size,
    Space,
    Tone,
    Work,
    checked,
)
from smartcut.media.image import (
    as_tables,
    mixed,
    of_rgb,
    put,
    resampled,
    rgb_of,
    toned,
)
from smartcut.media.look_up import LookUp, cube_file
from smartcut.media.picture import fitted_size
from smartcut.stage import Network
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.cache import Cache

K = TypeVar("K")
V = TypeVar("V")
Fit = Literal["pad", "crop", "stretch"]

# Clocks of files round, so an effect begins this share of a frame early.
_EARLY = Fraction(1, 4)
# Pictures remembered after each step: effects that look around ask for them again.
_KEPT = 12

# --------------------------------------------------------------------------------------- planning


@dataclass(frozen=True, slots=True)
class Applied:
    """An effect, and when it works: ``during`` in source time, None for always."""

    effect: PictureEffect
    during: Range | None = None

    def works(self, source_time: Fraction) -> bool:
        return self.during is None or self.during.contains(source_time)

    @property
    def is_whole(self) -> bool:
        """Whether it does the same to every picture of the segment."""
        return self.during is None and not self.effect.curves

    @property
    def may_resize(self) -> bool:
        """Whether it may change the size: not where it comes, goes, changes or is mixed in."""
        return self.is_whole and _is_plain(self.effect)

    def resized(self, size: Size) -> Size:
        """What becomes of a picture's size."""
        if isinstance(self.effect, Geometry) and self.may_resize and not self.effect.is_idle():
            return self.effect.size(size)
        return size


@lru_cache(maxsize=1024)
def applied_effects(segment: Segment, rate: Fraction) -> tuple[Applied, ...]:
    """The segment's effects, ready to work; raises PipelineError for what does not exist."""
    early = _EARLY / rate
    return tuple(
        Applied(checked(e), e.during.shift(-early) if e.during else None)
        for e in segment.effects
        if e.name != INTERPOLATE
    )


@dataclass(frozen=True, slots=True)
class Step:
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
    steps: tuple[Step, ...]
    inner: Size
    """What the picture fills of the output's; bars lie outside."""

    @property
    def looks_around(self) -> bool:
        """Whether pictures of other times are asked for."""
        pixels = (a.effect for s in self.steps for a in s.run if isinstance(a.effect, Pixels))
        return any(e.any_time or e.reach() != (0, 0) for e in pixels)


class _Fitted(Geometry):
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


def shown_size(applied: Sequence[Applied], upright: Size) -> Size:
    """The size of pictures after their effects, before they are fitted into the output's."""
    size = upright
    for one in applied:
        size = one.resized(size)
    return size


def plan_route(applied: Sequence[Applied], upright: Size, canvas: Size, fit: Fit) -> Route:
    """The steps for pictures of size ``upright``, shown in ``canvas``.

    The fit comes after the last effect that changes the size of pictures: what follows works on
    them as they are shown.
    """
    size, last = upright, 0
    for place, one in enumerate(applied, 1):
        resized = one.resized(size)
        if resized != size:
            size, last = resized, place
    fitting = Applied(_Fitted(width=canvas[0], height=canvas[1], fit=fit))
    inner = fitting.resized(size)
    steps = _steps([*applied[:last], fitting, *applied[last:]], upright)
    if steps[0].run == (fitting,):
        return Route(True, steps[1:], inner)
    return Route(False, steps, inner)


def _steps(applied: Sequence[Applied], size: Size) -> tuple[Step, ...]:
    steps: list[Step] = []
    for one in applied:
        target, kind = one.resized(size), _kind(one.effect)
        if steps and _go_together(steps[-1], one):
            steps[-1] = replace(steps[-1], run=(*steps[-1].run, one), target=target)
        else:
            steps.append(Step(kind, (one,), size, target))
        size = target
    return tuple(steps)


def _go_together(step: Step, one: Applied) -> bool:
    alone = any(not _is_plain(a.effect) for a in (*step.run, one))
    return step.kind == _kind(one.effect) != "pixels" and not alone


def _is_plain(effect: PictureEffect) -> bool:
    """Whether it works everywhere, and alone."""
    return effect.mask is None and effect.amount == 1


def _kind(effect: PictureEffect) -> Literal["geometry", "tone", "pixels"]:
    if isinstance(effect, Geometry):
        return "geometry"
    return "tone" if isinstance(effect, Tone) else "pixels"


# ------------------------------------------------------------------------------------------ doing


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

    def at(self, segment_time: Fraction) -> Moment:
        """That of a time of the segment."""


Level = Callable[[Moment], Image]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all chains of a span share."""

    space: Space
    colour: Colour
    canvas: Size
    rate: Fraction
    duration: Fraction
    cache: Cache
    network: Callable[[Network[Any]], Any]


class Chain:
    """Shown pictures by their moments, best asked for in order; for one thread.

    ``base`` gives what comes in, as the route says: fitted, without bars, or in its own size.
    """

    def __init__(self, route: Route, base: Level, clock: Clock, setting: Setting) -> None:
        self._setting, self._clock = setting, clock
        kept = _KEPT if route.looks_around else 1
        level: Level = _Remembered(base, kept)
        for step in route.steps:
            level = _Remembered(self._level(step, level), kept)
        self._last = level

    def __call__(self, moment: Moment) -> Image:
        """The picture in the size of the output's, bars black."""
        shown = self._last(moment)
        if shown.size == self._setting.canvas:
            return shown
        sides = zip(self._setting.canvas, shown.size, strict=True)
        left, top = ((whole - side) // 4 * 2 for whole, side in sides)
        return put(shown, self._setting.canvas, left, top)

    def _level(self, step: Step, before: Level) -> Level:
        if step.kind == "geometry":
            return _moved(step, before)
        if step.kind == "tone":
            return _Toned(step, before, self._setting.colour)
        return self._worked(step.run[0], step.size, before)

    def _worked(self, one: Applied, size: Size, before: Level) -> Level:
        setting = self._setting

        def view(moment: Moment) -> _View:
            return _View(moment, before, self._clock, setting.colour)

        bench = Bench(
            size=size,
            space=setting.space,
            rate=setting.rate,
            duration=setting.duration,
            colour=setting.colour,
            cache=setting.cache,
            at=lambda time: view(self._clock.at(time)),
            network=setting.network,
        )
        opened: _Few[PictureEffect, Work] = _Few(1)

        def shown(moment: Moment) -> Image:
            image = before(moment)
            now = _now(one, moment)
            if now is None:
                return image
            assert isinstance(now, Pixels)
            made = opened.get(now, lambda: now.open(bench))(view(moment))
            if isinstance(made, np.ndarray):
                # RGB says nothing of alpha, which stays as it was.
                made = replace(of_rgb(made, setting.space, setting.colour), alpha=image.alpha)
            return blended(image, made, now)

        return shown


class _Few(Generic[K, V]):
    """What was made for the last few keys, which need not be hashable."""

    def __init__(self, kept: int) -> None:
        self._known: deque[tuple[K, V]] = deque(maxlen=kept)

    def get(self, key: K, make: Callable[[], V]) -> V:
        for known, value in self._known:
            if known == key:
                return value
        self._known.append((key, make()))
        return self._known[-1][1]


class _Remembered:
    """The last pictures of a level."""

    def __init__(self, make: Level, kept: int) -> None:
        self._make, self._kept = make, kept
        self._known: OrderedDict[Moment, Image] = OrderedDict()

    def __call__(self, moment: Moment) -> Image:
        if moment not in self._known:
            self._known[moment] = self._make(moment)
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        return self._known[moment]


@dataclass(slots=True)
class _View:
    """See :class:`smartcut.effect.View`."""

    moment: Moment
    level: Level
    clock: Clock
    colour: Colour

    @property
    def image(self) -> Image:
        return self.level(self.moment)

    @property
    def number(self) -> int:
        return self.moment.number

    @property
    def source_time(self) -> Fraction:
        return self.moment.source_time

    @property
    def segment_time(self) -> Fraction:
        return self.moment.segment_time

    def rgb(self) -> np.ndarray:
        return rgb_of(self.image, self.colour)

    def before(self, count: int) -> _View:
        return replace(self, moment=self.clock.earlier(self.moment, count))

    def at(self, segment_time: Fraction) -> _View:
        return replace(self, moment=self.clock.at(segment_time))


def _now(one: Applied, moment: Moment) -> PictureEffect | None:
    """The effect at that moment, with numbers; None where it changes nothing."""
    if not one.works(moment.source_time):
        return None
    now = one.effect.at(moment.source_time, moment.segment_time)
    return None if now.amount == 0 or now.is_idle() else now


def _moved(step: Step, before: Level) -> Level:
    def shown(moment: Moment) -> Image:
        image = before(moment)
        matrix, size = np.eye(3), image.size
        only: PictureEffect | None = None
        for one in step.run:
            now = _now(one, moment)
            if now is None:
                continue
            assert isinstance(now, Geometry)
            only, target = now, now.size(size)
            matrix = now.matrix(size) @ matrix
            if not one.may_resize and target != size:
                back = _Fitted(width=size[0], height=size[1], fit="pad")
                inner = back.size(target)
                bars = np.eye(3)
                bars[:2, 2] = [(a - b) / 2 for a, b in zip(size, inner, strict=True)]
                matrix, target = bars @ back.matrix(target) @ matrix, size
            size = target
        if size == image.size and np.array_equal(matrix, np.eye(3)):
            return image
        moved = resampled(image, matrix, size)
        return blended(image, moved, only) if only is not None and size == image.size else moved

    return shown


@dataclass(slots=True)
class _Toned:
    """Pictures through tables for each plane, fused, and cubes of colours."""

    step: Step
    before: Level
    colour: Colour
    tables: _Few[list[Tone], np.ndarray] = field(default_factory=lambda: _Few(2))
    cubes: _Few[Tone, LookUp] = field(default_factory=lambda: _Few(4))

    def __call__(self, moment: Moment) -> Image:
        image = start = self.before(moment)
        present = [now for one in self.step.run if (now := _now(one, moment)) is not None]
        waiting: list[Tone] = []
        for now in present:
            assert isinstance(now, Tone)
            if now.tables(image.space) is not None:
                waiting.append(now)
                continue
            image = self._through_cube(self._through_tables(image, waiting), now)
            waiting = []
        image = self._through_tables(image, waiting)
        return blended(start, image, present[0]) if len(present) == 1 else image

    def _through_tables(self, image: Image, run: Sequence[Tone]) -> Image:
        if not run:
            return image
        space = image.space
        tables = self.tables.get(list(run), lambda: as_tables(_fused(run, space), space))
        return toned(image, tables)

    def _through_cube(self, image: Image, tone: Tone) -> Image:
        def made() -> LookUp:
            cube = tone.cube()
            assert cube is not None, f"{tone.name} gives neither tables nor a cube"
            return LookUp(cube_file(cube), self.colour)

        return self.cubes.get(tone, made).on_image(image)


def _fused(run: Sequence[Tone], space: Space) -> np.ndarray:
    """Several tables as one; what lies between two samples on the way is read between them."""
    samples = np.arange(1 << space.depth, dtype=np.float64)
    values = np.stack([samples] * 3)
    for one in run:
        tables = one.tables(space)
        assert tables is not None
        values = np.stack([np.interp(v, samples, t) for v, t in zip(values, tables, strict=True)])
    return values


def blended(before: Image, after: Image, effect: PictureEffect) -> Image:
    """The picture after an effect where, and as far as, it works."""
    if _is_plain(effect):
        return after
    amount = effect.amount
    assert isinstance(amount, (int, float))
    if effect.mask is None:
        return mixed(before, after, float(amount))
    return mixed(before, after, effect.mask.shares(before.size) * np.float32(amount))


# ---------------------------------------------------------------------------------- what it does


def touched(applied: Sequence[Applied], moments: Sequence[Moment]) -> Iterator[tuple[str, ...]]:
    """For each moment the names of the effects that change its picture."""
    always = [not _is_idle(a.effect) if a.is_whole else None for a in applied]
    for moment in moments:
        yield tuple(
            a.effect.label
            for a, whole in zip(applied, always, strict=True)
            if (_now(a, moment) is not None if whole is None else whole)
        )


def _is_idle(effect: PictureEffect) -> bool:
    return effect.amount == 0 or effect.is_idle()
