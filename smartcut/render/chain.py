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

from smartcut.algebra import shown_when
from smartcut.cut import INTERPOLATE, Colour, Effect, Segment
from smartcut.effect import (
    Bench,
    Geometry,
    Image,
    PictureEffect,
    Pixels,
    Placement,
    Size,
    Space,
    Tone,
    Work,
    checked,
)
from smartcut.media.image import (
    as_tables,
    faded,
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
        Applied(on_segment(e, segment), e.during.shift(-early) if e.during else None)
        for e in segment.effects
        if e.name != INTERPOLATE
    )


def on_segment(effect: Effect, segment: Segment) -> PictureEffect:
    """An effect of the segment, for the time during which it works there."""
    shown = Range(Fraction(0), segment.duration)
    if effect.during is not None:
        found = [*shown_when(segment, shown, effect.during)]
        shown = Range(found[0].start, found[-1].end) if found else Range(shown.end, shown.end)
    return checked(effect).within(shown)


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
    if any(isinstance(one.effect, Placement) for one in applied):
        return Route(False, _steps(applied, upright, canvas), canvas)
    size, last = upright, 0
    for place, one in enumerate(applied, 1):
        resized = one.resized(size)
        if resized != size:
            size, last = resized, place
    fitting = Applied(_Fitted(width=canvas[0], height=canvas[1], fit=fit))
    inner = fitting.resized(size)
    steps = _steps([*applied[:last], fitting, *applied[last:]], upright, canvas)
    if steps[0].run == (fitting,):
        return Route(True, steps[1:], inner)
    return Route(False, steps, inner)


def _steps(applied: Sequence[Applied], size: Size, canvas: Size) -> tuple[Step, ...]:
    steps: list[Step] = []
    for one in applied:
        target, kind = one.resized(size), _kind(one.effect)
        target = canvas if isinstance(one.effect, Placement) else target
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
    if isinstance(effect, (Geometry, Placement)):
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
    clear: bool = False
    """Whether what effects uncover is clear, above other pictures, and not black."""


class Chain:
    """Shown pictures by their moments, best asked for in order; for one thread.

    ``base`` gives what comes in, as the route says: fitted, without bars, or in its own size.
    """

    def __init__(self, route: Route, base: Level, clock: Clock, setting: Setting) -> None:
        self._setting, self._clock = setting, clock
        kept = _KEPT if route.looks_around else 1
        level: Level = _Remembered(base, kept)
        self._placed: _Moved | None = None
        for step in route.steps:
            made = self._level(step, level)
            self._placed = made if isinstance(made, _Moved) else None
            level = _Remembered(made, kept)
        self._last = level

    def __call__(self, moment: Moment) -> Image:
        """The picture in the size of the output's, bars black."""
        shown = self._last(moment)
        if shown.size == self._setting.canvas:
            return shown
        sides = zip(self._setting.canvas, shown.size, strict=True)
        left, top = ((whole - side) // 4 * 2 for whole, side in sides)
        return put(shown, self._setting.canvas, left, top)

    def boxed(self, moment: Moment) -> Boxed | None:
        """What the picture covers of the frame; None for nothing."""
        if self._placed is not None:
            return self._placed.boxed(moment)
        return Boxed(self(moment), 0, 0)

    def _level(self, step: Step, before: Level) -> Level:
        if step.kind == "geometry":
            return _Moved(step, before, self._setting.canvas, self._setting.clear)
        if step.kind == "tone":
            return _Toned(step, before, self._setting.colour)
        return self._worked(step.run[0], step.size, before)

    def _worked(self, one: Applied, size: Size, before: Level) -> Level:
        setting, clock = self._setting, self._clock

        def view(moment: Moment) -> _View:
            return _View(moment, before, clock, setting.colour)

        bench = Bench(
            size=size,
            space=setting.space,
            rate=setting.rate,
            duration=setting.duration,
            colour=setting.colour,
            cache=setting.cache,
            at=lambda time: view(clock.at(time)),
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


@dataclass(frozen=True, slots=True)
class _Moved:
    """Pictures after effects that move pixels, in one resampling of each plane."""

    step: Step
    before: Level
    canvas: Size
    clear: bool

    def __call__(self, moment: Moment) -> Image:
        image = self.before(moment)
        move = self._move(image, moment)
        if move.is_nothing(image.size):
            return image
        moved = resampled(image, move.matrix, move.size, self.clear)
        moved = faded(moved, move.opacity)
        if move.only is None or move.size != image.size:
            return moved
        return blended(image, moved, move.only)

    def boxed(self, moment: Moment) -> Boxed | None:
        """The part of the frame that the picture covers, clear around it; None for nothing."""
        image = self.before(moment)
        move = self._move(image, moment)
        box = _box_of(move.matrix, image.size, move.size, image.space.down)
        if box is None or move.opacity == 0:
            return None
        left, top, width, height = box
        shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
        shown = resampled(image, shift @ move.matrix, (width, height), clear=True)
        return Boxed(faded(shown, move.opacity), left, top)

    def _move(self, image: Image, moment: Moment) -> _Move:
        matrix, size = np.eye(3), image.size
        only: PictureEffect | None = None
        opacity = 1.0
        for one in self.step.run:
            now = _now(one, moment)
            if isinstance(now, Placement):
                matrix, size = now.matrix(size, self.canvas) @ matrix, self.canvas
                opacity *= now.opacity * now.amount
            elif isinstance(one.effect, Placement):  # where it does not work: as large as fits
                matrix, size = _fitted_back(size, self.canvas) @ matrix, self.canvas
            elif isinstance(now, Geometry):
                only, target = now, now.size(size)
                matrix = now.matrix(size) @ matrix
                if not one.may_resize and target != size:
                    matrix, target = _fitted_back(target, size) @ matrix, size
                size = target
        return _Move(matrix, size, opacity, only)


@dataclass(frozen=True, slots=True)
class _Move:
    """Where the pixels of a picture go, all effects taken together."""

    matrix: np.ndarray
    size: Size
    opacity: float
    only: PictureEffect | None
    """The last effect; where it works in a part of the picture it is alone."""

    def is_nothing(self, size: Size) -> bool:
        still = np.array_equal(self.matrix, np.eye(3))
        return still and self.size == size and self.opacity == 1


@dataclass(frozen=True, slots=True)
class Boxed:
    """A picture and where its corner lies in the frame, on the chroma grid."""

    image: Image
    left: int
    top: int


def _fitted_back(size: Size, whole: Size) -> np.ndarray:
    """The move that scales a picture into one of the size before, with bars."""
    back = _Fitted(width=whole[0], height=whole[1], fit="pad")
    inner, bars = back.size(size), np.eye(3)
    bars[:2, 2] = [(a - b) / 2 for a, b in zip(whole, inner, strict=True)]
    result: np.ndarray = bars @ back.matrix(size)
    return result


def _box_of(
    matrix: np.ndarray, size: Size, canvas: Size, down: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of what a moved picture covers, grown to the chroma grid."""
    width, height = size
    corners = np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1.0]])
    x, y, w = matrix @ corners
    box = []
    for values, whole, step in ((x / w, canvas[0], down[0]), (y / w, canvas[1], down[1])):
        first = max(0, int(np.floor(values.min() + 1e-6)) // step * step)
        last = min(whole, -(-int(np.ceil(values.max() - 1e-6)) // step) * step)
        if last <= first:
            return None
        box.append((first, last - first))
    (left, across), (top, below) = box
    return left, top, across, below


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
