"""Small upright pictures of decoded frames.

Every picture asked for comes from the same few planes: each is halved by averaging, over and
over, and brought to the asked size by linear interpolation. What is once halved serves all sizes,
so the first halving, which alone reads the whole frame, is made once. Colour is made from the
small planes. A picture that need not be averaged is read from a few rows of the frame, as OpenCV
would do it after turning the frame into colour, so that its detectors answer as they do there. A
picture never depends on what else is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.video.frame import VideoFrame

from smartcut.cut import VideoStream
from smartcut.media.picture import assumed_matrix, fitted_size, luma_weights
from smartcut.stage import Frames

_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p")

# OpenCV reads every file by BT.601.
_OPENCV_MATRIX = "bt601"

#: What tells pictures of one frame apart: (width, height) before turning, the format, averaged.
Key = tuple[tuple[int, int], str, bool]


class Reducer:
    """Frames of a stream as small pictures in gray or RGB."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._matrix = assumed_matrix(stream.colour, stream.height)
        self._turns = -stream.rotation // 90

    def key(self, wish: Frames) -> Key:
        """The same for wishes that are answered with the same pictures."""
        if isinstance(wish.size, tuple):
            width, height = wish.size
        else:
            shown = self._stream.display_size
            short = wish.size
            target = (short, 1 << 20) if shown[0] <= shown[1] else (1 << 20, short)
            width, height = fitted_size(Fraction(shown[0]), Fraction(shown[1]), target, "pad")
        if self._stream.rotation in (90, 270):
            width, height = height, width
        return (width, height), wish.format, wish.averaged

    def __call__(self, frame: VideoFrame, keys: Sequence[Key]) -> list[np.ndarray]:
        """A picture for each key: uint8, (height, width) or (height, width, 3), read-only."""
        planes = _planes(frame)
        made = [self._made(frame, planes, *key) for key in keys]
        if self._turns:
            made = [np.ascontiguousarray(np.rot90(pixels, self._turns)) for pixels in made]
        return made

    def _made(
        self,
        frame: VideoFrame,
        planes: list[Halved],
        size: tuple[int, int],
        form: str,
        averaged: bool,
    ) -> np.ndarray:
        if not planes:
            target = "gray" if form == "gray" else "rgb24"
            return frame.reformat(width=size[0], height=size[1], format=target).to_ndarray()
        if form == "gray":
            return planes[0].reduced(size, averaged)
        full = frame.format.name.startswith("yuvj") or self._stream.colour.range == "full"
        if averaged:
            return yuv_to_rgb([p.reduced(size) for p in planes], self._matrix, full)
        luma = planes[0].reduced(size, averaged=False)
        return yuv_to_rgb([luma, *(_chroma(p, size) for p in planes[1:])], _OPENCV_MATRIX, full)


def _chroma(plane: Halved, size: tuple[int, int]) -> np.ndarray:
    """Chroma at half the resolution of luma, as the file has it: half the rows are read."""
    import cv2

    half = (max(1, size[0] // 2), max(1, size[1] // 2))
    small = plane.reduced(half, averaged=False)
    return cast(np.ndarray, cv2.resize(small, size, interpolation=cv2.INTER_LINEAR))


def _planes(frame: VideoFrame) -> list[Halved]:
    """The three planes of a planar frame of 8 bits; none of another."""
    return [Halved(_plane(frame, i)) for i in range(3)] if frame.format.name in _PLANAR else []


def _plane(frame: VideoFrame, number: int) -> np.ndarray:
    plane = frame.planes[number]
    raw = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return raw[: plane.height, : plane.width]


class Halved:
    """A picture uint8 (h, w) or (h, w, 3), and its halves, which are made when first needed."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._levels = [pixels]

    def reduced(self, size: tuple[int, int], averaged: bool = True) -> np.ndarray:
        """The picture at (width, height), averaged while it is at least twice as large."""
        import cv2

        levels = self._levels
        k = 0
        while averaged and _is_twice(levels[k], size):
            if k + 1 == len(levels):
                levels.append(self._half(levels[k]))
            k += 1
        if levels[k].shape[1::-1] == size:
            return levels[k] if k else levels[k].copy()
        return cv2.resize(levels[k], size, interpolation=cv2.INTER_LINEAR)

    def _half(self, pixels: np.ndarray) -> np.ndarray:
        import cv2

        h, w = (side // 2 for side in pixels.shape[:2])
        # Half-way between pixels, linear interpolation is the mean of four; OpenCV does it twice
        # as fast as what it calls area.
        return cv2.resize(pixels[: 2 * h, : 2 * w], (w, h), interpolation=cv2.INTER_LINEAR)


def _is_twice(pixels: np.ndarray, size: tuple[int, int]) -> bool:
    return pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]


def yuv_to_rgb(planes: Sequence[np.ndarray], matrix: str, full: bool) -> np.ndarray:
    """uint8 (h, w, 3) of three uint8 planes of one size (ITU-R BT.601, BT.709, BT.2020)."""
    import cv2

    return cast(np.ndarray, cv2.transform(cv2.merge(list(planes)), _rows(matrix, full)))


def _rows(matrix: str, full: bool) -> np.ndarray:
    kr, kb = luma_weights(matrix)
    kg = 1 - kr - kb
    luma, chroma = (1.0, 1.0) if full else (255 / 219, 255 / 224)
    # OpenCV counts in 1/1024: with weights that are whole there, gray stays exactly gray, whose
    # hue would otherwise jump about and look like cuts.
    red, blue = _whole(2 * (1 - kr) * chroma), _whole(2 * (1 - kb) * chroma)
    green_u, green_v = _whole(-kb * blue / kg), _whole(-kr * red / kg)
    offset = 0.0 if full else -16 * luma
    rows: Any = [
        [luma, 0, red, offset - 128 * red],
        [luma, green_u, green_v, offset - 128 * (green_u + green_v)],
        [luma, blue, 0, offset - 128 * blue],
    ]
    return np.array(rows)


def _whole(weight: float) -> float:
    return round(weight * 1024) / 1024
