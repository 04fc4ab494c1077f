"""Frames made between a source's own, and what is to be known of each.

The layout says where every picture lies between two frames. What only pixels can tell is found
here, from a few frames ahead: two shots meet (the frame before is held), nothing changes (the
frame is copied), or drawings are held for two or three frames (they are taken as one frame that
lasts longer).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

import numpy as np

from smartcut.cut import Between
from smartcut.media.picture import from_rgb, to_rgb
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.planes import bits, plane_of, with_alpha
from smartcut.models.interpolation import Gap, Interpolator, load
from smartcut.models.pool import held
from smartcut.render.output import OutputPicture
from smartcut.source import Value
from smartcut.stage import Network

T = TypeVar("T")
Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""

# Longest run of equal frames that is a drawing held, and not a still.
_LONGEST_HELD = 4
# Frames looked at before and after, so that a run and its neighbours are known whole.
_AROUND = 2 * _LONGEST_HELD + 2
# Two frames are equal where the luma of no block of so many pixels differs by a level on average.
_BLOCK, _LEVEL = 16, 1.0
# Pictures are compared at this size.
_SMALL = (32, 32)


@dataclass(frozen=True, slots=True)
class Making:
    """How frames are made: the engine, and when not to."""

    engine: Literal["rife", "flow", "blend", "minterpolate"]
    tier: Literal["fast", "best"] | None = None
    weights: str | None = None
    """sha256 of the network's weights."""
    file: Path | None = None
    """The user's own weights."""
    guard: float = 0.0
    """Pictures less alike than this (structural similarity, 0..1) are not interpolated."""
    cadence: bool = False
    """Whether drawings held for several frames are found."""

    @classmethod
    def of(cls, params: Sequence[tuple[str, Value]]) -> Making:
        """From the parameters of a transition."""
        given: dict[str, Any] = dict(params)
        if given.get("file"):
            given["file"] = Path(given["file"])
        return cls(**given)

    @classmethod
    def of_between(cls, between: Between) -> Making:
        """From what a segment says of it."""
        file = Path(between.file) if between.file else None
        given = between.engine, between.tier, between.weights, file
        return cls(*given, guard=between.guard, cadence=between.cadence)

    def params(self) -> tuple[tuple[str, Value], ...]:
        """The same as parameters."""
        return (
            ("engine", self.engine),
            ("tier", self.tier),
            ("weights", self.weights),
            ("file", str(self.file) if self.file else None),
            ("guard", self.guard),
            ("cadence", self.cadence),
        )


@dataclass(frozen=True)
class FramesBetween(Network["Engine"]):
    """An engine that makes frames, by what it is."""

    engine: Literal["rife", "flow", "blend", "minterpolate"] = "rife"
    tier: Literal["fast", "best"] = "best"
    file: Path | None = None

    def load(self, device: str, allow_net: bool) -> Engine:
        made = load(self.engine, tier=self.tier, device=device, allow_net=allow_net, file=self.file)
        return Engine(made)


class Engine:
    """A loaded engine; one thread computes at a time."""

    def __init__(self, loaded: Interpolator) -> None:
        self.loaded, self._lock = loaded, Lock()

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        with self._lock:
            return self.loaded.make(gaps)


class Engines:
    """The engines of a render, which are those of the whole run where it holds networks."""

    def __init__(self, device: str, allow_net: bool) -> None:
        self._device, self._allow_net = device, allow_net
        self._loaded: dict[FramesBetween, Engine] = {}
        self._lock = Lock()

    def get(self, making: Making) -> Interpolator:
        """The engine; raises ModelError where its weights are missing or wrong."""
        return self._engine(making).loaded

    def make(self, making: Making, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """The pictures of each gap."""
        return self._engine(making).make(gaps)

    def network(self, asked: Network[T]) -> T:
        """Any other network, loaded once; raises ModelError."""
        with held() as networks:
            return networks.get(asked, self._device, self._allow_net)

    def _engine(self, making: Making) -> Engine:
        engine, weights = making.engine, making.weights or ""
        asked = FramesBetween(engine, weights, engine, making.tier or "best", making.file)
        with self._lock, held() as networks:
            if asked not in self._loaded:
                self._loaded[asked] = networks.get(asked, self._device, self._allow_net)
            return self._loaded[asked]


@dataclass(slots=True)
class Record:
    """What became of the pictures of a span, by their places in it."""

    made: dict[int, tuple[int, int, float]] = field(default_factory=dict)
    """(frame before, frame after, step) of every picture that was made."""
    still: int = 0
    """Pictures between equal frames: copied."""
    guarded: int = 0
    """Pictures between frames too unlike: the one before goes on."""

    def plain(self) -> dict[str, Any]:
        """For a JSON file: ``made`` as rows of place, frame before, frame after, step."""
        rows = [[place, *made] for place, made in sorted(self.made.items())]
        return {"made": rows, "still": self.still, "guarded": self.guarded}


# ------------------------------------------------------------------------------- runs of equals


@dataclass(slots=True, eq=False)
class _Run:
    """Frames that follow each other and show the same; ``goes_on`` where the next one does too."""

    first: int
    frames: list[Frame]
    goes_on: bool = False

    @property
    def end(self) -> int:
        return self.first + len(self.frames)

    @property
    def is_held(self) -> bool:
        """Whether it may be one drawing, held."""
        return 1 < len(self.frames) <= _LONGEST_HELD and not self.goes_on


class _Runs:
    """A source's frames in runs of equal ones, read as far as they are needed."""

    def __init__(self, frames: Iterator[tuple[int, Frame]]) -> None:
        self._frames = frames
        self._next = next(frames, None)
        self._runs: deque[_Run] = deque()

    def around(self, number: int) -> tuple[_Run | None, _Run, _Run | None]:
        """The run that holds a frame, the one before it and the one after."""
        while self._next is not None and not (len(self._runs) > 1 and self._runs[-2].end > number):
            self._read(self._next)
        while len(self._runs) > 2 and self._runs[1].end <= number:
            self._runs.popleft()
        place = next((i for i, r in enumerate(self._runs) if r.end > number), len(self._runs) - 1)
        before = self._runs[place - 1] if place else None
        after = self._runs[place + 1] if place + 1 < len(self._runs) else None
        return before, self._runs[place], after

    def _read(self, begins: tuple[int, Frame]) -> None:
        run = _Run(begins[0], [begins[1]])
        self._next = next(self._frames, None)
        while self._next is not None and is_equal(run.frames[0], self._next[1]):
            if len(run.frames) > _LONGEST_HELD:
                run.goes_on = True
                break
            run.frames.append(self._next[1])
            self._next = next(self._frames, None)
        self._runs.append(run)


# ----------------------------------------------------------------------------- pictures in order


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A picture to show: ``before``, or, where ``step`` is not 0, one between it and ``after``."""

    place: int
    before: tuple[int, Frame]
    after: tuple[int, Frame] | None = None
    step: float = 0.0


def interpolated(
    frames: Iterator[tuple[int, Frame]],
    numbers: np.ndarray,
    steps: np.ndarray,
    making: Making,
    engines: Engines,
    picture: OutputPicture,
    record: Record,
) -> Iterator[Frame]:
    """The pictures at ``numbers[i] + steps[i]``, the source's own where the step is 0.

    ``frames`` are the source's, in order, fitted to ``picture``; :func:`needed` says which.
    """
    at_once = max(1, engines.get(making).at_once)
    rgb = _Pixels()
    waiting: list[_Wanted] = []
    for one in _placed(frames, numbers, steps, making, record):
        waiting.append(one)
        if sum(w.step > 0 for w in waiting) >= at_once:
            yield from _made(waiting, making, engines, picture, record, rgb)
            waiting = []
    yield from _made(waiting, making, engines, picture, record, rgb)


def needed(numbers: np.ndarray, making: Making, count: int) -> tuple[int, int]:
    """(first, one past the last) of the frames that :func:`interpolated` has to be given."""
    before, after = (_AROUND, _AROUND) if making.cadence else (0, 2)
    return max(0, int(numbers[0]) - before), min(count, int(numbers[-1]) + after)


def _made(
    waiting: Sequence[_Wanted],
    making: Making,
    engines: Engines,
    picture: OutputPicture,
    record: Record,
    rgb: _Pixels,
) -> Iterator[Frame]:
    """The pictures of a few places; those between the same two frames are made together."""
    gaps: list[Gap] = []
    for _, group in groupby((w for w in waiting if w.after), key=lambda w: w.before[0]):
        those = list(group)
        before, after = those[0].before, those[0].after
        assert after is not None
        gaps.append(Gap(rgb.of(*before), rgb.of(*after), tuple(w.step for w in those)))
        record.made.update({w.place: (before[0], after[0], w.step) for w in those})
    made = iter([p for group in engines.make(making, gaps) for p in group] if gaps else ())
    for one in waiting:
        if one.after:
            shown = from_rgb(next(made), planar(picture.pixel_format), picture.colour)
            yield with_alpha(shown, one.before[1], one.after[1], one.step)
        else:
            yield one.before[1]


def made_between(
    one: tuple[int, Frame],
    other: tuple[int, Frame],
    step: float,
    making: Making,
    engines: Engines,
    place: int,
    record: Record,
    deep: bool = False,
) -> np.ndarray:
    """RGB of the picture between two numbered frames, or of the first where they are unlike."""
    first, second = (to_rgb(frame, deep) for _, frame in (one, other))
    if likeness(one[1], other[1]) < making.guard:
        record.guarded += 1
        return first
    record.made[place] = (one[0], other[0], step)
    return engines.make(making, [Gap(first, second, (step,))])[0][0]


class _Pixels:
    """RGB of the frames last asked for: the second of one gap is the first of the next."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, np.ndarray]] = deque(maxlen=2)

    def of(self, number: int, frame: Frame) -> np.ndarray:
        for kept, pixels in self._kept:
            if kept == number:
                return pixels
        pixels = to_rgb(frame, deep=bits(frame) > 8)
        self._kept.append((number, pixels))
        return pixels


def _placed(
    frames: Iterator[tuple[int, Frame]],
    numbers: np.ndarray,
    steps: np.ndarray,
    making: Making,
    record: Record,
) -> Iterator[_Wanted]:
    """What to show at each place, now that the pixels are seen."""
    runs = _Runs(frames)
    unlike: dict[int, bool] = {}
    for place, (number, step) in enumerate(zip(numbers.tolist(), steps.tolist(), strict=True)):
        before, run, after = runs.around(number)
        inside = number - run.first
        one = (number, run.frames[inside])
        beside = [r.is_held for r in (before, after) if r is not None]
        held = making.cadence and run.is_held and bool(beside) and all(beside)
        if held and after and inside + step > 0:
            one, step = (run.first, run.frames[0]), round((inside + step) / len(run.frames), 6)
        elif step and (after is None or run.goes_on or number < run.end - 1):
            record.still += 1
            step = 0.0
        if not step or after is None:
            yield _Wanted(place, one)
            continue
        other = (after.first, after.frames[0])
        if after.first not in unlike:
            unlike = {after.first: likeness(one[1], other[1]) < making.guard}
        if unlike[after.first]:
            record.guarded += 1
            yield _Wanted(place, one)
        else:
            yield _Wanted(place, one, other, step)


# ------------------------------------------------------------------------------------ likeness


def _luma(frame: Frame) -> np.ndarray:
    """float32 (height, width), 8-bit scale."""
    unit = 1 << (bits(frame) - 8)
    if not pixel_format(frame.format.name).is_rgb:
        return plane_of(frame, 0).astype(np.float32) / unit
    green, blue, red = (plane_of(frame, n).astype(np.float32) for n in range(3))
    result: np.ndarray = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / unit
    return result


def is_equal(one: Frame, other: Frame) -> bool:
    """Whether two frames show the same, but for the noise of an encoder."""
    import cv2

    difference = cv2.absdiff(_luma(one), _luma(other))
    height, width = difference.shape
    size = (max(1, width // _BLOCK), max(1, height // _BLOCK))
    return bool(cv2.resize(difference, size, interpolation=cv2.INTER_AREA).max() < _LEVEL)


def likeness(one: Frame, other: Frame) -> float:
    """Structural similarity of two frames' thumbnails, -1..1 (Wang et al., 2004; 7x7 windows)."""
    import cv2

    a, b = (cv2.resize(_luma(f), _SMALL, interpolation=cv2.INTER_AREA) for f in (one, other))

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (7, 7))

    ma, mb = mean(a), mean(b)
    va, vb, both = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similar = (2 * ma * mb + c1) * (2 * both + c2)
    return float((similar / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())
