"""One decode for many analyses.

:func:`listen` feeds every listener what it asked for from a single pass over the pictures and a
single pass over the sound. Pictures are reduced straight from the luma and chroma planes to each
asked size, once for all listeners that ask for the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.video.frame import VideoFrame

from smartcut.cut import Source, VideoStream
from smartcut.media.audio import resampled
from smartcut.media.decode import FrameReader, frames
from smartcut.media.index import VideoIndex
from smartcut.media.picture import assumed_matrix, fitted_size, luma_weights
from smartcut.stage import Frames, Listener, Picture, Samples, Sound

Wish = tuple[Frames | Sound, Listener]

# Seeking pays when it leaves out at least this share of the frames.
_WORTH = 0.6

_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p")


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through a source: ``frames`` are to be decoded of ``total``."""

    kind: str
    """``pictures`` or ``sound``."""
    sparse: bool
    frames: int
    total: int
    reason: str


def passes(wishes: Sequence[Frames | Sound], index: VideoIndex | None) -> list[Pass]:
    """How the wishes would be served, and why; decodes nothing."""
    found = []
    pictures = [w for w in wishes if isinstance(w, Frames)]
    if pictures and index is not None:
        found.append(_picture_pass(pictures, index))
    sound = [w for w in wishes if isinstance(w, Sound)]
    if sound:
        found.append(Pass("sound", False, 0, 0, f"sound once, for {_listeners(len(sound))}"))
    return found


def _listeners(count: int) -> str:
    return "one analysis" if count == 1 else f"{count} analyses"


def _picture_pass(wishes: Sequence[Frames], index: VideoIndex) -> Pass:
    total, who = len(index), _listeners(len(wishes))
    if any(w.every == "frame" for w in wishes):
        return Pass("pictures", False, total, total, f"every frame, once, for {who}")
    needed = sorted({n for w in wishes for n, _ in wanted_frames(w, index)})
    cost, at = 0, -1
    for number in needed:
        start = max(index.start_before(number), at)
        cost += number - start + 1
        at = number
    if cost < _WORTH * total:
        reason = f"{len(needed)} frames by key frames for {who}: {cost} of {total} frames decoded"
        return Pass("pictures", True, cost, total, reason)
    reason = f"every frame, once, for {who}: key frames are too far apart to skip between them"
    return Pass("pictures", False, total, total, reason)


def wanted_frames(wish: Frames, index: VideoIndex) -> Iterator[tuple[int, Fraction]]:
    """(frame number, time to report) of every picture that the wish is to get, in order."""
    if wish.every == "frame":
        yield from ((n, index.time_of(n)) for n in range(len(index)))
    elif wish.every == "key":
        yield from ((int(n), index.time_of(int(n))) for n in np.flatnonzero(index.is_start))
    else:
        first = max(0, int(-(-index.time_of(0) * wish.every // 1)))
        k = first
        while (time := k / wish.every) < index.end:
            yield index.frame_at(time), time
            k += 1


def listen(
    source: Source,
    wishes: Sequence[Wish],
    index: VideoIndex | None,
    on_progress: Callable[[Fraction], None] | None = None,
) -> None:
    """Feed every listener to the end of the source; what a listener raises comes through."""
    advance = on_progress or (lambda time: None)
    pictures = [(w, x) for w, x in wishes if isinstance(w, Frames)]
    sounds = [(w, x) for w, x in wishes if isinstance(w, Sound)]
    with ThreadPoolExecutor(1) as pool, _one_opencv_thread():
        hearing = pool.submit(_hear, source, sounds) if sounds and source.audio else None
        if pictures and index is not None:
            _see(source, pictures, index, advance)
        if hearing is not None:
            hearing.result()


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """On pictures this small, OpenCV's threads cost more than they save, and decoding has them."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


# ------------------------------------------------------------------------------------ pictures


def _see(
    source: Source,
    wishes: list[tuple[Frames, Listener]],
    index: VideoIndex,
    advance: Callable[[Fraction], None],
) -> None:
    assert source.video is not None
    plan = _picture_pass([w for w, _ in wishes], index)
    # frame number -> [(wish's place, picture's number, time)]
    due: dict[int, list[tuple[int, int, Fraction]]] = defaultdict(list)
    for place, (wish, _) in enumerate(wishes):
        for k, (number, time) in enumerate(wanted_frames(wish, index)):
            due[number].append((place, k, time))
    decoded: Iterator[tuple[int, VideoFrame]]
    if plan.sparse:
        reader = FrameReader(source, index)
        decoded = ((n, reader.frame(n)) for n in sorted(due))
    else:
        decoded = frames(source, index, 0, len(index))
    reduce = Reducer(source.video)
    for number, frame in decoded:
        asked = due.get(number)
        if not asked:
            continue
        made: dict[tuple[Any, str], np.ndarray] = {}
        for place, k, time in asked:
            wish, listener = wishes[place]
            key = (wish.size, wish.format)
            if key not in made:
                made[key] = reduce(frame, wish)
            listener.feed(Picture(time, k, made[key]))
        if number % 30 == 0:
            advance(index.time_of(number))


class Reducer:
    """Frames of a stream as small upright pictures in gray or RGB.

    Planes are halved by averaging until less than twice the asked size, which is nearly free and
    shared by all sizes, and brought to it by linear interpolation.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._frame: VideoFrame | None = None
        self._halved: list[list[np.ndarray]] = []

    def __call__(self, frame: VideoFrame, wish: Frames) -> np.ndarray:
        width, height = self._size(wish)
        if self._stream.rotation in (90, 270):
            width, height = height, width
        if frame.format.name in _PLANAR:
            if frame is not self._frame:
                self._frame, self._halved = frame, [[_plane(frame, i)] for i in range(3)]
            count = 1 if wish.format == "gray" else 3
            small = [self._reduced(i, width, height) for i in range(count)]
            pixels = small[0] if count == 1 else self._rgb(frame, small)
        else:
            target = "gray" if wish.format == "gray" else "rgb24"
            pixels = frame.reformat(width=width, height=height, format=target).to_ndarray()
        turns = -self._stream.rotation // 90
        return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels

    def _reduced(self, plane: int, width: int, height: int) -> np.ndarray:
        import cv2

        levels = self._halved[plane]
        k = 0
        while levels[k].shape[1] >= 2 * width and levels[k].shape[0] >= 2 * height:
            if k + 1 == len(levels):
                h, w = (side // 2 for side in levels[k].shape)
                even = levels[k][: 2 * h, : 2 * w]
                levels.append(cv2.resize(even, (w, h), interpolation=cv2.INTER_AREA))
            k += 1
        return cv2.resize(levels[k], (width, height), interpolation=cv2.INTER_LINEAR)

    def _size(self, wish: Frames) -> tuple[int, int]:
        if isinstance(wish.size, tuple):
            return wish.size
        width, height = self._stream.display_size
        short = wish.size
        target = (short, 1 << 20) if width <= height else (1 << 20, short)
        return fitted_size(Fraction(width), Fraction(height), target, "pad")

    def _rgb(self, frame: VideoFrame, planes: list[np.ndarray]) -> np.ndarray:
        matrix = assumed_matrix(self._stream.colour, self._stream.height)
        full = frame.format.name.startswith("yuvj") or self._stream.colour.range == "full"
        return yuv_to_rgb(planes, matrix, full)


def _plane(frame: VideoFrame, number: int) -> np.ndarray:
    plane = frame.planes[number]
    raw = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return raw[: plane.height, : plane.width]


def yuv_to_rgb(planes: Sequence[np.ndarray], matrix: str, full: bool) -> np.ndarray:
    """uint8 (h, w, 3) of three uint8 planes of one size (ITU-R BT.601, BT.709, BT.2020)."""
    import cv2

    kr, kb = luma_weights(matrix)
    kg = 1 - kr - kb
    luma, chroma = (1.0, 1.0) if full else (255 / 219, 255 / 224)
    # OpenCV counts in 1/1024: with weights that are whole there, gray stays exactly gray, whose
    # hue would otherwise jump about and look like cuts.
    red, blue = _whole(2 * (1 - kr) * chroma), _whole(2 * (1 - kb) * chroma)
    green_u, green_v = _whole(-kb * blue / kg), _whole(-kr * red / kg)
    offset = 0.0 if full else -16 * luma
    rows = np.array(
        [
            [luma, 0, red, offset - 128 * red],
            [luma, green_u, green_v, offset - 128 * (green_u + green_v)],
            [luma, blue, 0, offset - 128 * blue],
        ]
    )
    return cast(np.ndarray, cv2.transform(cv2.merge(list(planes)), rows))


def _whole(weight: float) -> float:
    return round(weight * 1024) / 1024


# --------------------------------------------------------------------------------------- sound


def _hear(source: Source, wishes: list[tuple[Sound, Listener]]) -> None:
    """Each rate and number of channels is decoded for once; there are at most two of them."""
    kinds: dict[tuple[int, int], list[Listener]] = defaultdict(list)
    for wish, listener in wishes:
        kinds[wish.rate, wish.channels].append(listener)
    for (rate, channels), listeners in kinds.items():
        for start, values in resampled(source, rate, channels):
            for listener in listeners:
                listener.feed(Samples(start, values))
