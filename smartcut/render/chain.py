"""The way from a source's picture to the one that is shown: its effects, a picture at a time.

:mod:`smartcut.render.route` says what is to be done; a chain does it, wherever it is entered.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from smartcut.effect import (
    Bench,
    Box,
    Geometry,
    Image,
    PictureEffect,
    Pixels,
    Placement,
    Size,
    Space,
    Tone,
    Work,
)
from smartcut.media.covers import faded
from smartcut.media.image import as_tables, mixed, of_rgb, rgb_of, toned
from smartcut.media.image_parts import part, put
from smartcut.media.look_up import LookUp, cube_file
from smartcut.media.resampling import resampled
from smartcut.render.route import (
    Applied,
    ChainStep,
    Clock,
    Moment,
    Route,
    at_moment,
    fitted_back,
    is_plain,
    moved_by,
)
from smartcut.source import Colour
from smartcut.stage import Network

if TYPE_CHECKING:
    from smartcut.cache import Cache

K = TypeVar("K")
V = TypeVar("V")

# Pictures remembered after each step: effects that look around ask for them again.
_KEPT = 12

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

    def _level(self, step: ChainStep, before: Level) -> Level:
        if step.kind == "geometry":
            return _Moved(step, before, self._setting.canvas, self._setting.clear)
        if step.kind == "tone":
            return _Toned(step, before, self._setting.colour)
        return self._worked(step.run[0], step.size, before)

    def _worked(self, one: Applied, size: Size, before: Level) -> Level:
        setting, clock = self._setting, self._clock
        lasts = setting.duration if one.clock is None else one.clock.whole.duration

        def view(moment: Moment) -> _View:
            return _View(moment, before, clock, one, setting.colour)

        bench = Bench(
            size=size,
            space=setting.space,
            rate=setting.rate,
            duration=lasts,
            colour=setting.colour,
            cache=setting.cache,
            at=lambda time: view(clock.at(time, one.clock)),
            network=setting.network,
        )
        opened: _Few[PictureEffect, Work] = _Few(1)

        def shown(moment: Moment) -> Image:
            image = before(moment)
            now = at_moment(one, moment)
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
    asks: Applied
    """The effect that looks."""
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
        return self.asks.time(self.moment.segment_time)

    def rgb(self) -> np.ndarray:
        return rgb_of(self.image, self.colour)

    def before(self, count: int) -> _View:
        return replace(self, moment=self.clock.earlier(self.moment, count))

    def at(self, segment_time: Fraction) -> _View:
        return replace(self, moment=self.clock.at(segment_time, self.asks.clock))


@dataclass(frozen=True, slots=True)
class _Moved:
    """Pictures after effects that move pixels, in one resampling of each plane."""

    step: ChainStep
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
        if move.window is not None:
            moved = _within(moved, _on_grid(move.window, image.space.down, move.size), self.clear)
        if move.only is None or move.size != image.size:
            return moved
        return blended(image, moved, move.only)

    def boxed(self, moment: Moment) -> Boxed | None:
        """The part of the frame that the picture covers, clear around it; None for nothing."""
        image = self.before(moment)
        move = self._move(image, moment)
        box = _box_of(move.matrix, image.size, move.size, image.space.down)
        if box is not None and move.window is not None:
            box = _shared(box, _on_grid(move.window, image.space.down, move.size))
        if box is None or move.opacity == 0:
            return None
        left, top, width, height = box
        shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
        shown = resampled(image, shift @ move.matrix, (width, height), clear=True)
        return Boxed(faded(shown, move.opacity), left, top)

    def _move(self, image: Image, moment: Moment) -> _Move:
        matrix, size = np.eye(3), image.size
        only: PictureEffect | None = None
        opacity, window = 1.0, None
        for one in self.step.run:
            now = at_moment(one, moment)
            if isinstance(now, Placement):
                matrix, size = now.matrix(size, self.canvas) @ matrix, self.canvas
                opacity *= now.opacity * now.amount
                window = now.window(self.canvas)
            elif isinstance(one.effect, Placement):  # where it does not work: as large as fits
                matrix, size = fitted_back(size, self.canvas) @ matrix, self.canvas
            elif isinstance(now, Geometry):
                only = now
                moved, size = moved_by(one, now, size)
                matrix = moved @ matrix
        return _Move(matrix, size, opacity, only, window)


@dataclass(frozen=True, slots=True)
class _Move:
    """Where the pixels of a picture go, all effects taken together."""

    matrix: np.ndarray
    size: Size
    opacity: float
    only: PictureEffect | None
    """The last effect; where it works in a part of the picture it is alone."""
    window: Box | None = None
    """Outside of what part of the frame nothing is seen."""

    def is_nothing(self, size: Size) -> bool:
        still = np.array_equal(self.matrix, np.eye(3))
        whole = self.window is None or self.window == (0, 0, *size)
        return still and whole and self.size == size and self.opacity == 1


@dataclass(frozen=True, slots=True)
class Boxed:
    """A picture and where its corner lies in the frame, on the chroma grid."""

    image: Image
    left: int
    top: int


def _on_grid(window: Box, down: tuple[int, int], canvas: Size) -> tuple[int, int, int, int]:
    """Left, top, width and height of a part of the frame, grown to the chroma grid."""
    left, top = window[0] // down[0] * down[0], window[1] // down[1] * down[1]
    right = min(canvas[0], -(-window[2] // down[0]) * down[0])
    bottom = min(canvas[1], -(-window[3] // down[1]) * down[1])
    return left, top, right - left, bottom - top


def _shared(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> tuple[int, int, int, int] | None:
    """What lies in two parts of a frame; None for nothing."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    bottom = min(one[1] + one[3], other[1] + other[3])
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None


def _within(image: Image, box: tuple[int, int, int, int], clear: bool) -> Image:
    """The picture in that part of it, black or clear around it."""
    inner = part(image, *box)
    if clear and inner.alpha is None:
        most = (1 << image.space.depth) - 1
        inner = replace(inner, alpha=np.full_like(inner.planes[0], most))
    return put(inner, image.size, box[0], box[1])


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

    step: ChainStep
    before: Level
    colour: Colour
    tables: _Few[list[Tone], np.ndarray] = field(default_factory=lambda: _Few(2))
    cubes: _Few[Tone, LookUp] = field(default_factory=lambda: _Few(4))

    def __call__(self, moment: Moment) -> Image:
        image = start = self.before(moment)
        present = [now for one in self.step.run if (now := at_moment(one, moment)) is not None]
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
    if is_plain(effect):
        return after
    amount = effect.amount
    assert isinstance(amount, (int, float))
    if effect.mask is None:
        return mixed(before, after, float(amount))
    return mixed(before, after, effect.mask.shares(before.size) * np.float32(amount))
