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
from functools import lru_cache
from typing import Any, cast

import numpy as np
from av.video.frame import VideoFrame

from smartcut.media.colour import described, luma_weights, resolved
from smartcut.media.orientation import upright
from smartcut.media.picture import fitted_size, to_rgb
from smartcut.media.planes import plane_of, tag
from smartcut.source import VideoStream
from smartcut.stage import Frames

_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p")

# OpenCV reads a file by the matrix it is tagged with, and by this one where there is no tag.
_OPENCV_MATRIX = "smpte170m"

#: What tells pictures of one frame apart: (width, height) before turning, the format, averaged.
PictureKey = tuple[tuple[int, int], str, bool]


class Reducer:
    """Frames of a stream as small pictures in gray or RGB."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._colour = resolved(stream.colour, stream.height, stream.pixel_format)
        self._opencv_matrix = stream.colour.matrix or _OPENCV_MATRIX

    def key(self, wish: Frames) -> PictureKey:
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

    def __call__(self, frame: VideoFrame, keys: Sequence[PictureKey]) -> list[np.ndarray]:
        """A picture for each key: uint8, (height, width) or (height, width, 3), read-only."""
        planes = _planes(frame)
        made = [self._made(frame, planes, *key) for key in keys]
        if self._stream.orientation != (0, False):
            made = [upright(pixels, *self._stream.orientation) for pixels in made]
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
            small = frame.reformat(width=size[0], height=size[1], threads=1)
            if form == "gray":
                return small.reformat(format="gray", threads=1).to_ndarray()
            return to_rgb(tag(small, described(self._colour)))
        if form == "gray":
            return planes[0].reduced(size, averaged)
        full = frame.format.name.startswith("yuvj") or self._colour.range == "full"
        if averaged:
            return yuv_to_rgb([p.reduced(size) for p in planes], self._colour.matrix or "", full)
        luma = planes[0].reduced(size, averaged=False)
        shown = frame.width, frame.height
        blue, red = (_chroma(p.pixels, shown, size) for p in planes[1:])
        return _as_opencv(luma, blue, red, _tables(self._opencv_matrix, full))


def _chroma(plane: np.ndarray, shown: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Chroma where luma is read, as if every sample had first been repeated to luma's size.

    So does swscale, which turns frames into colour for OpenCV.
    """
    import cv2

    if plane.shape[1::-1] == shown:
        return cast(np.ndarray, cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))
    maps = _places(plane.shape[1::-1], shown, size)
    return cast(np.ndarray, cv2.remap(plane, *maps, cv2.INTER_LINEAR))


@lru_cache(maxsize=16)
def _places(
    have: tuple[int, int], shown: tuple[int, int], size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Where to read a plane of the size ``have``, for OpenCV's remap."""
    import cv2

    x, y = (_along(h, s, n) for h, s, n in zip(have, shown, size, strict=True))
    across, down = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    first, second = cv2.convertMaps(across, down, cv2.CV_16SC2)
    return cast(np.ndarray, first), cast(np.ndarray, second)


def _as_opencv(
    luma: np.ndarray, blue: np.ndarray, red: np.ndarray, tables: tuple[np.ndarray, ...]
) -> np.ndarray:
    """uint8 (h, w, 3) with every term rounded down, as swscale's fast conversion does.

    Hues of nearly gray pictures change with each step of rounding, and scores of cuts with them.
    """
    import cv2

    of_luma, red_v, green_u, green_v, blue_u = tables
    gray = cv2.LUT(luma, of_luma)
    green = cv2.add(cv2.LUT(blue, green_u), cv2.LUT(red, green_v))
    planes = [
        cv2.add(gray, shift, dtype=cv2.CV_8U)
        for shift in (cv2.LUT(red, red_v), green, cv2.LUT(blue, blue_u))
    ]
    return cast(np.ndarray, cv2.merge(planes))


@lru_cache(maxsize=16)
def _tables(matrix: str, full: bool) -> tuple[np.ndarray, ...]:
    """int16 (256,): what luma adds to all, V to red, U to green, V to green, and U to blue."""
    rows, black = _weights(matrix, full), 0 if full else 16
    weights = (rows[0][0], rows[0][2], rows[1][1], rows[1][2], rows[2][1])
    terms = zip(weights, (black, 128, 128, 128, 128), strict=True)
    # swscale multiplies eight times the sample by a weight in 1/8192, and drops 16 bits.
    return tuple(
        ((np.arange(256) - zero) * 8 * round(weight * 8192) >> 16).astype(np.int16)
        for weight, zero in terms
    )


def _along(have: int, shown: int, size: int) -> np.ndarray:
    """Where ``size`` even places among ``shown`` samples lie among ``have``, of two each."""
    at = (np.arange(size) + 0.5) * (shown / size) - 0.5
    before = np.floor(at)
    factor = -(-shown // have)
    first, second = before // factor, (before + 1) // factor
    return np.clip(np.where(first == second, first, first + at - before), 0, have - 1)


def _planes(frame: VideoFrame) -> list[Halved]:
    """The three planes of a frame of 8 bits; none of one in another format."""
    if frame.format.name in _PLANAR:
        return [Halved(plane_of(frame, i)) for i in range(3)]
    if frame.format.name == "nv12":
        return [Halved(plane_of(frame, 0)), *map(Halved, _chroma_apart(frame))]
    return []


def _chroma_apart(frame: VideoFrame) -> Sequence[np.ndarray]:
    """The two planes of chroma, which lie in one, sample by sample."""
    import cv2

    plane = frame.planes[1]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    pairs = rows[: plane.height, : 2 * plane.width].reshape(plane.height, plane.width, 2)
    return cv2.split(pairs)


class Halved:
    """A picture uint8 (h, w) or (h, w, 3), and its halves, which are made when first needed."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._levels = [pixels]

    @property
    def pixels(self) -> np.ndarray:
        return self._levels[0]

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


def _weights(matrix: str, full: bool) -> list[list[float]]:
    """What of Y, U and V makes red, green and blue."""
    kr, kb = luma_weights(matrix)
    kg = 1 - kr - kb
    luma, chroma = (1.0, 1.0) if full else (255 / 219, 255 / 224)
    red, blue = 2 * (1 - kr) * chroma, 2 * (1 - kb) * chroma
    return [[luma, 0, red], [luma, -kb * blue / kg, -kr * red / kg], [luma, blue, 0]]


def _rows(matrix: str, full: bool) -> np.ndarray:
    (luma, _, red), (_, green_u, green_v), (_, blue, _) = _weights(matrix, full)
    # OpenCV counts in 1/1024: with weights that are whole there, gray stays exactly gray, whose
    # hue would otherwise jump about and look like cuts.
    red, green_u, green_v, blue = (_whole(weight) for weight in (red, green_u, green_v, blue))
    offset = 0.0 if full else -16 * luma
    rows: Any = [
        [luma, 0, red, offset - 128 * red],
        [luma, green_u, green_v, offset - 128 * (green_u + green_v)],
        [luma, blue, 0, offset - 128 * blue],
    ]
    return np.array(rows)


def _whole(weight: float) -> float:
    return round(weight * 1024) / 1024
