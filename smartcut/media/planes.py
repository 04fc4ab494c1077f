"""Arithmetic on the planes of frames, for planar formats of any depth and subsampling.

Planes are 2-D arrays, uint8 or (more than 8 bits) uint16, in FFmpeg's order: luma and chroma, or
green, blue, red; alpha comes last, and is straight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from av.video.frame import VideoFrame

from smartcut.media.colour import described, luma_weights, resolved
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.transfer_curves import converted, curve
from smartcut.source import Colour

# What captions and titles are painted in.
_SDR = Colour(primaries="bt709", transfer="bt709")
# Channels of RGB in the order of the planes.
_GBR = (1, 2, 0)


def bits(frame: VideoFrame) -> int:
    """Bits of a sample."""
    return max(c.bits for c in frame.format.components)


def plane_of(frame: VideoFrame, number: int) -> np.ndarray:
    """A plane as it lies in the frame: (h, w), uint8 or (more than 8 bits) uint16."""
    plane = frame.planes[number]
    raw = np.frombuffer(memoryview(plane), np.uint16 if bits(frame) > 8 else np.uint8)
    return raw.reshape(-1, plane.line_size // raw.itemsize)[: plane.height, : plane.width]


def to_planes(frame: VideoFrame) -> list[np.ndarray]:
    """Copies of the planes as 2-D arrays, uint8 or (more than 8 bits) uint16."""
    return [plane_of(frame, number).copy() for number in range(len(frame.planes))]


def from_planes(planes: Sequence[np.ndarray], like: VideoFrame) -> VideoFrame:
    """A frame of these planes, with the format and colour of ``like``."""
    frame = VideoFrame(like.width, like.height, like.format.name)
    for number, values in enumerate(planes):
        plane_of(frame, number)[:] = values
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


def in_planes(frame: VideoFrame) -> VideoFrame:
    """The frame in a planar format that keeps all of it; itself where its own is one."""
    name = planar(frame.format.name)
    return frame if name == frame.format.name else frame.reformat(format=name, threads=1)


# ---------------------------------------------------------------------------------- new pictures


def black(width: int, height: int, name: str, colour: Colour | None = None) -> VideoFrame:
    """An opaque black frame in a planar format; ``colour`` says whether black luma is 16 or 0."""
    frame = VideoFrame(width, height, name)
    known, depth = pixel_format(name), bits(frame)
    full = (colour is not None and colour.range == "full") or name.startswith("yuvj")
    dark = 0 if full or known.is_rgb else 16 << (depth - 8)
    neutral = 0 if known.is_rgb else 1 << (depth - 1)
    values = [dark] if known.is_gray else [dark, neutral, neutral]
    if known.has_alpha:
        values.append((1 << depth) - 1)
    for number, value in enumerate(values):
        plane_of(frame, number)[:] = value
    return frame if colour is None else tag(frame, described(resolved(colour, height, name)))


def with_alpha(
    frame: VideoFrame, one: VideoFrame, other: VideoFrame | None = None, share: float = 0.0
) -> VideoFrame:
    """The frame itself, with the alpha of ``one``, or mixed of both; ``share`` is the other's.

    Frames without alpha stay as they are. All have the same size and format.
    """
    if pixel_format(frame.format.name).has_alpha:
        last, alpha = len(frame.planes) - 1, plane_of(one, len(one.planes) - 1)
        if other is not None:
            mixed = alpha * (1 - share) + plane_of(other, last) * share
            alpha = np.rint(mixed).astype(alpha.dtype)
        plane_of(frame, last)[:] = alpha
    return frame


# ------------------------------------------------------------------------------------- drawing


def samples_of(rgb: np.ndarray, name: str, colour: Colour, height: int) -> list[np.ndarray]:
    """float32 (h, w) for each colour plane of a picture in that format, of uint8 RGB in SDR.

    On HDR pictures SDR's white is where BT.2408 wants the white of graphics.
    """
    known = pixel_format(name)
    if curve(colour) != "SDR":
        rgb = converted(rgb / 255, _SDR, colour) * 255
    if known.is_rgb:
        return [rgb[..., i].astype(np.float32) * (((1 << known.depth) - 1) / 255) for i in _GBR]
    colour = resolved(colour, height, name)
    yuv = rgb_to_yuv(rgb, colour.matrix or "", colour.range == "full", known.depth)
    return [yuv[..., i] for i in range(1 if known.is_gray else 3)]


def rgb_to_yuv(rgb: np.ndarray, matrix: str, full: bool, depth: int) -> np.ndarray:
    """float32 (h, w, 3) in samples of ``depth`` bits, of uint8 RGB."""
    kr, kb = luma_weights(matrix)
    r, g, b = (rgb[..., i].astype(np.float32) / 255 for i in range(3))
    luma = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - luma) / (2 * (1 - kb)), (r - luma) / (2 * (1 - kr))
    unit, middle = 1 << (depth - 8), 1 << (depth - 1)
    if full:
        top = (1 << depth) - 1
        return np.stack([luma * top, cb * top + middle, cr * top + middle], axis=-1)
    scaled = [luma * 219 * unit + 16 * unit, cb * 224 * unit + middle, cr * 224 * unit + middle]
    return np.stack(scaled, axis=-1)


# ----------------------------------------------------------------------------------- comparing


def same_pixels(one: VideoFrame, other: VideoFrame) -> bool:
    """Whether two frames have the same size, format and samples, in any pixel format."""
    if (one.width, one.height) != (other.width, other.height):
        return False
    if one.format.name != other.format.name:
        return False
    pairs = zip(to_planes(in_planes(one)), to_planes(in_planes(other)), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)
