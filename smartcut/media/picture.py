"""Frames in other sizes, shapes and formats, and as RGB."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation

from smartcut.media.colour import FILTER_MATRIX, described, frame_colour, resolved
from smartcut.media.orientation import upright_filters
from smartcut.media.planes import plane_of, tag
from smartcut.source import Colour, VideoStream


class Conform:
    """Turns a stream's frames into upright ones of a given size, shape and pixel format.

    ``fit`` pads with black, crops the middle or stretches. A frame that already is as asked is
    given back as it is. All are tagged with ``colour``: what the output is taken for, matrix and
    range included (see :func:`resolved`); without it, the source's. ``woven`` frames stay woven: each of their fields is scaled by itself.
    """

    def __init__(
        self,
        stream: VideoStream,
        width: int,
        height: int,
        pixel_format: str,
        *,
        fit: str = "pad",
        colour: Colour | None = None,
        woven: bool = False,
    ) -> None:
        self._stream = stream
        self._woven = woven
        self._size = (width, height)
        self._format = pixel_format
        self._fit = fit
        self._given = resolved(stream.colour, stream.height, stream.pixel_format)
        self._colour = resolved(colour or self._given, height, pixel_format)
        self._graphs: dict[tuple[int, int, str], Graph] = {}

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of what the frame fills of the picture; bars lie outside."""
        width, height = self._size
        if self._fit != "pad":
            return 0, 0, width, height
        inner = self._inner_size(self._stream.width, self._stream.height)
        left, top = ((whole - part) // 4 * 2 for whole, part in zip(self._size, inner, strict=True))
        return left, self._line() if self._woven else top, *inner

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        if self._fits(frame):
            return tag(frame, described(self._colour))
        key = (frame.width, frame.height, frame.format.name)
        graph = self._graphs.get(key)
        if graph is None:
            graph = self._graphs[key] = self._graph(*key)
        frame.pts = None
        graph.push(frame)
        return tag(cast(VideoFrame, graph.pull()), described(self._colour))

    def _fits(self, frame: VideoFrame) -> bool:
        a, b = self._given, self._colour
        return (
            (frame.width, frame.height) == self._size
            and frame.format.name == self._format
            and self._stream.orientation == (0, False)
            and self._stream.sar == 1
            and (a.matrix, a.range) == (b.matrix, b.range)
        )

    def _graph(self, width: int, height: int, pixel_format: str) -> Graph:
        stream, (out_width, out_height) = self._stream, self._size
        graph = Graph()
        first = graph.add_buffer(
            width=width,
            height=height,
            format=VideoFormat(pixel_format, width, height),
            time_base=Fraction(1, 1000),
        )
        chain: list[Any] = [first]
        chain.extend(graph.add(*turn) for turn in upright_filters(*stream.orientation))
        chain.append(graph.add("scale", self._scale(width, height)))
        # What fills the picture is not padded: the filter takes no odd sizes.
        if self._fit == "pad" and self._inner_size(width, height) != self._size:
            down = f"{self._line()}" if self._woven else "-1"
            chain.append(graph.add("pad", f"{out_width}:{out_height}:-1:{down}:black"))
        elif self._fit == "crop":
            down = f":(iw-ow)/2:{self._line()}" if self._woven else ""
            chain.append(graph.add("crop", f"{out_width}:{out_height}{down}"))
        chain.append(graph.add("setsar", "1"))
        chain.append(graph.add("format", self._format))
        chain.append(graph.add("buffersink"))
        for a, b in pairwise(chain):
            a.link_to(b)
        graph.configure()
        return graph

    def _line(self) -> int:
        """Lines above a woven picture, or cut off it: whole pairs in chroma, too."""
        inner = self._inner_size(self._stream.width, self._stream.height)
        return abs(self._size[1] - inner[1]) // 8 * 4

    def _inner_size(self, width: int, height: int) -> tuple[int, int]:
        """What a coded picture of that size is scaled to."""
        stream = self._stream
        shown_width, shown_height = width * stream.sar, Fraction(height)
        if stream.rotation in (90, 270):
            shown_width, shown_height = shown_height, shown_width
        return fitted_size(shown_width, shown_height, self._size, self._fit)

    def _scale(self, width: int, height: int) -> str:
        size = self._inner_size(width, height)
        a, b = self._given, self._colour
        options = [f"{size[0]}:{size[1]}:flags=bicubic+accurate_rnd+full_chroma_int"]
        if self._woven:
            options.append("interl=1")
        # Told even where they are the same: else it is the filter that decides.
        for side, colour in (("in", a), ("out", b)):
            if colour.matrix != "gbr":
                matrix = FILTER_MATRIX.get(colour.matrix or "", "bt709")
                options.append(f"{side}_color_matrix={matrix}")
            options.append(f"{side}_range={colour.range}")
        return ":".join(options)


def fitted_size(
    width: Fraction, height: Fraction, target: tuple[int, int], fit: str
) -> tuple[int, int]:
    """(width, height) to scale a picture to, before padding or cropping to ``target``.

    Even, except where it fills the target. A shape that is off by a pixel of the picture, as those
    of whole pixels are, fills it too.
    """
    if fit == "stretch":
        return target
    ratios = (target[0] / width, target[1] / height)
    scale = min(ratios) if fit == "pad" else max(ratios)
    sides = []
    for side, goal in ((width, target[0]), (height, target[1])):
        exact = side * scale
        even = 2 * round(exact / 2)
        even = min(even, goal) if fit == "pad" else max(even, goal)
        even = goal if abs(exact - goal) <= max(scale, Fraction(1)) else even
        sides.append(max(2, even))
    return sides[0], sides[1]


# ----------------------------------------------------------------------------------------- RGB


#: Without these, swscale's arithmetic darkens a picture by a level on the way to RGB and back.
EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)


_SPACES = {
    "bt709": Colorspace.ITU709,
    "bt2020nc": Colorspace.BT2020,
    "bt2020c": Colorspace.BT2020,
    "smpte240m": Colorspace.SMPTE240M,
    "fcc": Colorspace.FCC,
}


def _space(colour: Colour) -> Colorspace:
    """What PyAV calls a matrix."""
    return _SPACES.get(colour.matrix or "", Colorspace.ITU601)


def to_rgb(frame: VideoFrame, deep: bool = False) -> np.ndarray:
    """uint8 or (``deep``) uint16 (height, width, 3), by the frame's own matrix and range."""
    colour = resolved(frame_colour(frame), frame.height, frame.format.name)
    import cv2

    # Interleaving is left to OpenCV: the same bytes in a third of the time. Left to itself, swscale
    # starts threads for each frame, and how they divide it can be seen in the last bit.
    converted = frame.reformat(
        format="gbrp16le" if deep else "gbrp",
        src_colorspace=_space(colour),
        src_color_range="JPEG" if colour.range == "full" else "MPEG",
        dst_color_range="JPEG",
        interpolation=EXACT,
        threads=1,
    )
    green, blue, red = (plane_of(converted, number) for number in range(3))
    interleaved: np.ndarray = cv2.merge([red, green, blue])
    return interleaved


def from_rgb(rgb: np.ndarray, pixel_format: str, colour: Colour) -> VideoFrame:
    """A frame in ``pixel_format`` of uint8 or uint16 (height, width, 3), tagged."""
    frame = (
        _deep_frame(rgb)
        if rgb.dtype == np.uint16
        else VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    )
    colour = resolved(colour, rgb.shape[0], pixel_format)
    converted = frame.reformat(
        format=pixel_format,
        dst_colorspace=_space(colour),
        src_color_range="JPEG",
        dst_color_range="JPEG" if colour.range == "full" else "MPEG",
        interpolation=EXACT,
        threads=1,
    )
    return tag(converted, described(colour))


def _deep_frame(rgb: np.ndarray) -> VideoFrame:
    """uint16 RGB in planes, which are converted faster."""
    frame = VideoFrame(rgb.shape[1], rgb.shape[0], "gbrp16le")
    for number, channel in enumerate((1, 2, 0)):
        plane_of(frame, number)[:] = rgb[..., channel]
    return frame
