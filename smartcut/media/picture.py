"""Geometry and arithmetic on frames, in YUV wherever that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from smartcut.cut import Colour, VideoStream
from smartcut.errors import RenderError

_CODES: dict[str, dict[str, int]] = {
    "primaries": {"bt709": 1, "bt470m": 4, "bt470bg": 5, "smpte170m": 6, "smpte240m": 7, "bt2020": 9, "smpte431": 11, "smpte432": 12},
    "transfer": {"bt709": 1, "gamma22": 4, "gamma28": 5, "smpte170m": 6, "smpte240m": 7, "linear": 8, "iec61966-2-1": 13, "bt2020-10": 14, "bt2020-12": 15, "smpte2084": 16, "arib-std-b67": 18},
    "matrix": {"gbr": 0, "bt709": 1, "fcc": 4, "bt470bg": 5, "smpte170m": 6, "smpte240m": 7, "bt2020nc": 9, "bt2020c": 10},
    "range": {"limited": 1, "full": 2},
}  # fmt: skip
_UNSPECIFIED = 2

#: Red and blue weights of luma (ITU-R BT.601, BT.709, BT.2020).
_WEIGHTS = {"bt709": (0.2126, 0.0722), "bt2020nc": (0.2627, 0.0593), "bt2020c": (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)

FILTER_MATRIX = {"bt709": "bt709", "bt470bg": "bt601", "smpte170m": "bt601", "smpte240m": "smpte240m", "bt2020nc": "bt2020", "bt2020c": "bt2020", "fcc": "fcc"}  # fmt: skip


def luma_weights(matrix: str) -> tuple[float, float]:
    """The shares of red and blue in luma."""
    return _WEIGHTS.get(matrix, _BT601)


def colour_code(kind: str, name: str | None) -> int:
    """FFmpeg's number for a colour property; 2 (0 for the range) where it is not known."""
    return _CODES[kind].get(name or "", 0 if kind == "range" else _UNSPECIFIED)


def assumed_matrix(colour: Colour, height: int) -> str:
    """The matrix as tagged, or what players take for pictures of that height."""
    return colour.matrix or ("bt709" if height >= 720 else "smpte170m")


class Conform:
    """Turns a stream's frames into upright ones of a given size, shape and pixel format.

    ``fit`` pads with black, crops the middle or stretches. A frame that already is as asked is
    given back as it is.
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
    ) -> None:
        self._stream = stream
        self._size = (width, height)
        self._format = pixel_format
        self._fit = fit
        self._colour = colour or stream.colour
        self._graphs: dict[tuple[int, int, str], Graph] = {}

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of what the frame fills of the picture; bars lie outside."""
        width, height = self._size
        if self._fit != "pad":
            return 0, 0, width, height
        inner = self._inner_size(self._stream.width, self._stream.height)
        left, top = ((whole - part) // 4 * 2 for whole, part in zip(self._size, inner, strict=True))
        return left, top, *inner

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        if self._fits(frame):
            return frame
        key = (frame.width, frame.height, frame.format.name)
        graph = self._graphs.get(key)
        if graph is None:
            graph = self._graphs[key] = self._graph(*key)
        frame.pts = None
        graph.push(frame)
        return cast(VideoFrame, graph.pull())

    def _fits(self, frame: VideoFrame) -> bool:
        same_colour = self._same_matrix()
        return (
            (frame.width, frame.height) == self._size
            and frame.format.name == self._format
            and self._stream.rotation == 0
            and self._stream.sar == 1
            and same_colour
        )

    def _same_matrix(self) -> bool:
        a, b = self._stream.colour, self._colour
        matrix = assumed_matrix(a, self._stream.height) == assumed_matrix(b, self._size[1])
        return matrix and (a.range or "limited") == (b.range or "limited")

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
        turns = {90: ["clock"], 180: ["clock", "clock"], 270: ["cclock"]}
        chain.extend(graph.add("transpose", turn) for turn in turns.get(stream.rotation, ()))
        chain.append(graph.add("scale", self._scale(width, height)))
        if self._fit == "pad":
            chain.append(graph.add("pad", f"{out_width}:{out_height}:-1:-1:black"))
        elif self._fit == "crop":
            chain.append(graph.add("crop", f"{out_width}:{out_height}"))
        chain.append(graph.add("setsar", "1"))
        chain.append(graph.add("format", self._format))
        chain.append(graph.add("buffersink"))
        for a, b in pairwise(chain):
            a.link_to(b)
        graph.configure()
        return graph

    def _inner_size(self, width: int, height: int) -> tuple[int, int]:
        """What a coded picture of that size is scaled to."""
        stream = self._stream
        shown_width, shown_height = width * stream.sar, Fraction(height)
        if stream.rotation in (90, 270):
            shown_width, shown_height = shown_height, shown_width
        return fitted_size(shown_width, shown_height, self._size, self._fit)

    def _scale(self, width: int, height: int) -> str:
        stream = self._stream
        size = self._inner_size(width, height)
        a, b = stream.colour, self._colour
        options = [f"{size[0]}:{size[1]}:flags=bicubic+accurate_rnd+full_chroma_int"]
        if not self._same_matrix():
            source = FILTER_MATRIX.get(assumed_matrix(a, stream.height), "bt709")
            target = FILTER_MATRIX.get(assumed_matrix(b, self._size[1]), "bt709")
            options.append(f"in_color_matrix={source}:out_color_matrix={target}")
            options.append(f"in_range={a.range or 'limited'}:out_range={b.range or 'limited'}")
        return ":".join(options)


def fitted_size(
    width: Fraction, height: Fraction, target: tuple[int, int], fit: str
) -> tuple[int, int]:
    """Even (width, height) to scale a picture to, before padding or cropping to ``target``."""
    if fit == "stretch":
        return target
    ratios = (target[0] / width, target[1] / height)
    scale = min(ratios) if fit == "pad" else max(ratios)
    sides = []
    for side, goal in ((width, target[0]), (height, target[1])):
        exact = side * scale
        even = 2 * round(exact / 2)
        even = min(even, goal) if fit == "pad" else max(even, goal)
        sides.append(max(2, even))
    return sides[0], sides[1]


# -------------------------------------------------------------------------------------- planes


def bits(frame: VideoFrame) -> int:
    """Bits of a sample."""
    return max(c.bits for c in frame.format.components)


def plane_of(frame: VideoFrame, number: int) -> np.ndarray:
    """A plane as it lies in the frame: (h, w), uint8 or (10 bit and more) uint16."""
    plane = frame.planes[number]
    raw = np.frombuffer(memoryview(plane), np.uint16 if bits(frame) > 8 else np.uint8)
    return raw.reshape(-1, plane.line_size // raw.itemsize)[: plane.height, : plane.width]


def to_planes(frame: VideoFrame) -> list[np.ndarray]:
    """Copies of the planes as 2-D arrays, uint8 or (10 bit and more) uint16."""
    return [plane_of(frame, number).copy() for number in range(len(frame.planes))]


def from_planes(planes: Sequence[np.ndarray], like: VideoFrame) -> VideoFrame:
    """A frame of these planes, with the format and colour of ``like``."""
    frame = VideoFrame(like.width, like.height, like.format.name)
    for plane, values in zip(frame.planes, planes, strict=True):
        raw = np.frombuffer(memoryview(plane), values.dtype)
        stride = plane.line_size // values.itemsize
        raw.reshape(-1, stride)[: plane.height, : plane.width] = values
    tag(frame, colour_codes(like))
    return frame


def colour_codes(frame: VideoFrame) -> tuple[int, int, int, int]:
    return (
        int(frame.color_primaries),
        int(frame.color_trc),
        int(frame.colorspace),
        int(frame.color_range),
    )


def tag(frame: VideoFrame, codes: tuple[int, int, int, int]) -> VideoFrame:
    frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = codes
    return frame


def black(width: int, height: int, pixel_format: str, colour: Colour | None = None) -> VideoFrame:
    """A black frame; ``colour`` says whether black is 16 or 0."""
    frame = VideoFrame(width, height, pixel_format)
    depth = bits(frame)
    full = colour is not None and colour.range == "full"
    for i, plane in enumerate(frame.planes):
        value = (0 if full else 16 << (depth - 8)) if i == 0 else 128 << (depth - 8)
        np.frombuffer(memoryview(plane), np.uint16 if depth > 8 else np.uint8)[:] = value
    return frame


def blend(a: VideoFrame, b: VideoFrame, share: float) -> VideoFrame:
    """A frame mixed of two of the same size and format; ``share`` (0..1) is that of ``b``."""
    import cv2

    mixed = [
        cv2.addWeighted(x, 1 - share, y, share, 0)
        for x, y in zip(to_planes(a), to_planes(b), strict=True)
    ]
    return from_planes(mixed, b)


def overlay(frame: VideoFrame, rgba: np.ndarray, x: int, y: int) -> VideoFrame:
    """A new frame with ``rgba`` (uint8, straight alpha) drawn on it at (x, y).

    Only the box is converted; chroma is the average of the box's pixels that share it.
    """
    if frame.format.name not in ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"):
        raise RenderError(f"captions cannot be drawn on {frame.format.name}; use yuv420p")
    planes = to_planes(frame)
    depth = 10 if "10" in frame.format.name else 8
    down_x = planes[0].shape[1] // planes[1].shape[1]
    down_y = planes[0].shape[0] // planes[1].shape[0]
    rgba, x, y = _aligned(rgba, x, y, planes[0].shape, down_x, down_y)
    if rgba.size == 0:
        return frame
    alpha = rgba[..., 3].astype(np.float32) / 255
    matrix = assumed_matrix(_frame_colour(frame), frame.height)
    yuv = _rgb_to_yuv(rgba[..., :3], matrix, int(frame.color_range) == 2) * (1 << (depth - 8))
    for i, plane in enumerate(planes):
        sx, sy = (down_x, down_y) if i else (1, 1)
        share = _shrunk(alpha, sx, sy)
        colour = _shrunk(yuv[..., i] * alpha, sx, sy)
        box = plane[y // sy : y // sy + share.shape[0], x // sx : x // sx + share.shape[1]]
        box[:] = np.clip(box * (1 - share) + colour + 0.5, 0, (1 << depth) - 1)
    return from_planes(planes, frame)


def _aligned(
    rgba: np.ndarray, x: int, y: int, shape: tuple[int, ...], down_x: int, down_y: int
) -> tuple[np.ndarray, int, int]:
    """The part inside the picture, widened with clear pixels to the chroma grid."""
    rgba = rgba[max(0, -y) : shape[0] - y, max(0, -x) : shape[1] - x]
    x, y = max(x, 0), max(y, 0)
    left, top = x % down_x, y % down_y
    right = -(left + rgba.shape[1]) % down_x
    bottom = -(top + rgba.shape[0]) % down_y
    if left or top or right or bottom:
        rgba = np.pad(rgba, ((top, bottom), (left, right), (0, 0)))
    return rgba, x - left, y - top


def _shrunk(values: np.ndarray, sx: int, sy: int) -> np.ndarray:
    if sx == sy == 1:
        return values
    h, w = values.shape[0] // sy, values.shape[1] // sx
    return values.reshape(h, sy, w, sx).mean(axis=(1, 3))


def _frame_colour(frame: VideoFrame) -> Colour:
    names = {code: name for name, code in _CODES["matrix"].items()}
    return Colour(matrix=names.get(int(frame.colorspace)))


def _rgb_to_yuv(rgb: np.ndarray, matrix: str, full: bool) -> np.ndarray:
    """float32 (h, w, 3), 8-bit scale."""
    kr, kb = luma_weights(matrix)
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    luma = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - luma) / (2 * (1 - kb)), (r - luma) / (2 * (1 - kr))
    if full:
        return np.stack([luma, cb + 128, cr + 128], axis=-1)
    return np.stack([luma * 219 / 255 + 16, cb * 224 / 255 + 128, cr * 224 / 255 + 128], axis=-1)


# ----------------------------------------------------------------------------------------- RGB


# Without these, swscale's arithmetic darkens a picture by a level on the way to RGB and back.
_EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)


def _space(matrix: str) -> str:
    return {"bt709": "ITU709", "bt2020nc": "DEFAULT"}.get(matrix, "ITU601")


def to_rgb(frame: VideoFrame, deep: bool = False) -> np.ndarray:
    """uint8 or (``deep``) uint16 (height, width, 3), by the frame's own matrix and range."""
    matrix = assumed_matrix(_frame_colour(frame), frame.height)
    full = int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
    converted = frame.reformat(
        format="rgb48le" if deep else "rgb24",
        src_colorspace=_space(matrix),
        src_color_range="JPEG" if full else "MPEG",
        dst_color_range="JPEG",
        interpolation=_EXACT,
    )
    return converted.to_ndarray()


def from_rgb(rgb: np.ndarray, pixel_format: str, colour: Colour) -> VideoFrame:
    """A frame in ``pixel_format`` of uint8 or uint16 (height, width, 3)."""
    kind = "rgb48le" if rgb.dtype == np.uint16 else "rgb24"
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format=kind)
    matrix = assumed_matrix(colour, rgb.shape[0])
    converted = frame.reformat(
        format=pixel_format,
        dst_colorspace=_space(matrix),
        src_color_range="JPEG",
        dst_color_range="JPEG" if colour.range == "full" else "MPEG",
        interpolation=_EXACT,
    )
    kinds = ("primaries", "transfer", "matrix", "range")
    codes = [colour_code(k, getattr(colour, k)) for k in kinds]
    return tag(converted, (codes[0], codes[1], codes[2], codes[3]))


def same_pixels(one: VideoFrame, other: VideoFrame) -> bool:
    """Whether two frames have the same size, format and samples."""
    if (one.width, one.height) != (other.width, other.height):
        return False
    if one.format.name != other.format.name:
        return False
    return bool(np.array_equal(one.to_ndarray(), other.to_ndarray()))
