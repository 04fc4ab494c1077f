"""Pictures as planes: to and from frames and RGB, through tables, mixed, and of one colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from av.video.frame import VideoFrame

from smartcut.effect import Image, Size, Space
from smartcut.media.colour import described, resolved
from smartcut.media.image_parts import chroma_mean, plane_shape
from smartcut.media.picture import from_rgb, to_rgb
from smartcut.media.pixel_formats import pixel_format
from smartcut.media.planes import bits, plane_of, samples_of, tag
from smartcut.source import Colour

# The order in which FFmpeg's planar RGB keeps its planes.
_GBR = (2, 0, 1)

SampleValues = tuple[int, ...]
"""One of each plane."""


def space_of(name: str, colour: Colour, height: int) -> Space:
    """The space of pictures of that planar pixel format and colour."""
    known, colour = pixel_format(name), resolved(colour, height, name)
    return Space(
        pixel_format=name,
        depth=known.depth,
        down=known.step,
        matrix=colour.matrix or "",
        is_full=colour.range == "full",
        is_rgb=known.is_rgb,
    )


def of_frame(frame: VideoFrame, space: Space) -> Image:
    """The picture in a frame, without copying; it lives as long as the frame does."""
    planes = [plane_of(frame, n) for n in range(len(frame.planes))]
    for plane in planes:
        plane.flags.writeable = False
    alpha = planes.pop() if pixel_format(space.pixel_format).has_alpha else None
    if space.is_rgb:
        planes = [planes[i] for i in _GBR]
    return Image(tuple(planes), space, alpha)


def to_frame(image: Image, colour: Colour) -> VideoFrame:
    """A frame of its own in the picture's format; one without alpha is opaque."""
    width, height = image.size
    frame = VideoFrame(width, height, image.space.pixel_format)
    planes = list(image.planes)
    if image.space.is_rgb:
        planes = [planes[_GBR.index(i)] for i in range(3)]
    if len(frame.planes) > len(planes):
        full = np.full_like(image.planes[0], (1 << image.space.depth) - 1)
        planes.append(image.alpha if image.alpha is not None else full)
    for number, plane in enumerate(planes):
        plane_of(frame, number)[:] = plane
    return tag(frame, described(_of_space(image.space, colour)))


def _of_space(space: Space, colour: Colour) -> Colour:
    """The colour with the matrix and the range of that space, whatever the picture's height."""
    return replace(colour, matrix=space.matrix, range="full" if space.is_full else "limited")


def rgb_of(image: Image, colour: Colour) -> np.ndarray:
    """RGB (height, width, 3), full range: uint8, or uint16 above 8 bits."""
    frame = to_frame(image, colour)
    return to_rgb(frame, deep=bits(frame) > 8)


def of_rgb(rgb: np.ndarray, space: Space, colour: Colour) -> Image:
    """The picture of uint8 or uint16 RGB (height, width, 3)."""
    return of_frame(from_rgb(rgb, space.pixel_format, _of_space(space, colour)), space)


def in_space(image: Image, space: Space) -> Image:
    """The picture in a space of fewer bits, or the same picture with or without alpha."""
    less = image.space.depth - space.depth
    if less == 0:
        return replace(image, space=space)
    kind = np.uint8 if space.depth == 8 else np.uint16
    planes = tuple((plane >> less).astype(kind) for plane in image.planes)
    alpha = None if image.alpha is None else (image.alpha >> less).astype(kind)
    return Image(planes, space, alpha)


# ------------------------------------------------------------------------------------------ tone


def toned(image: Image, tables: np.ndarray) -> Image:
    """The picture through a table for each plane, (planes, 2 ** depth) of its own type."""
    import cv2

    if image.space.depth > 8:
        planes = tuple(table[plane] for table, plane in zip(tables, image.planes, strict=False))
    else:
        planes = tuple(cv2.LUT(p, t) for p, t in zip(image.planes, tables, strict=False))
    return Image(planes, image.space, image.alpha)


def as_tables(values: np.ndarray, space: Space) -> np.ndarray:
    """Tables of numbers rounded to samples."""
    kind = np.uint16 if space.depth > 8 else np.uint8
    return np.clip(np.rint(values), 0, (1 << space.depth) - 1).astype(kind)


# ---------------------------------------------------------------------------------------- mixing


def mixed(one: Image, other: Image, share: float | np.ndarray) -> Image:
    """``other`` over ``one`` by a share in 0..1: one for all, or float32 (height, width).

    Where their alpha differs it is mixed too, and colours count as far as they are opaque.
    """
    import cv2

    if one.alpha is not other.alpha:
        return _mixed_with_alpha(one, other, share)
    planes = []
    for number, (a, b) in enumerate(zip(one.planes, other.planes, strict=True)):
        if isinstance(share, np.ndarray):
            part = chroma_mean(share, one.space.down) if number else share
            values = a + (b.astype(np.float32) - a) * part
            planes.append(np.rint(values).astype(a.dtype))
        else:
            planes.append(cv2.addWeighted(a, 1 - share, b, share, 0))
    return Image(tuple(planes), one.space, one.alpha)


def _mixed_with_alpha(one: Image, other: Image, share: float | np.ndarray) -> Image:
    most = np.float32((1 << one.space.depth) - 1)
    ones = np.ones(one.planes[0].shape, np.float32)
    mine, theirs = (ones if i.alpha is None else i.alpha / most for i in (one, other))
    shares = ((1 - share) * mine, share * theirs)
    alpha, planes = shares[0] + shares[1], []
    for number, (a, b) in enumerate(zip(one.planes, other.planes, strict=True)):
        left, right = (chroma_mean(s, one.space.down) if number else s for s in shares)
        clear = left + right < 1 / most
        part = np.where(clear, 0, right / np.where(clear, 1, left + right))
        planes.append(np.rint(a + (b.astype(np.float32) - a) * part).astype(a.dtype))
    return Image(tuple(planes), one.space, np.rint(alpha * most).astype(one.planes[0].dtype))


def chroma_of(image: Image) -> np.ndarray:
    """float32 (2, rows, columns): blue and red less luma in -0.5..0.5, for each chroma sample."""
    space, planes = image.space, [p.astype(np.float32) for p in image.planes]
    if space.is_rgb:
        red, green, blue = (plane / ((1 << space.depth) - 1) for plane in planes)
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return np.stack([(blue - luma) / 1.8556, (red - luma) / 1.5748])
    top = 1 << space.depth
    reach = top - 1 if space.is_full else top * 224 / 256
    return np.stack([(plane - top / 2) / reach for plane in planes[1:3]])


# --------------------------------------------------------------------------------------- colours


def sample_of(
    rgb: tuple[int, int, int], space: Space, colour: Colour | None = None
) -> SampleValues:
    """The sample of each plane that has a colour of 8 bits as on a screen.

    ``colour`` says of which curve pictures are; without it, of SDR's.
    """
    found = samples_in(np.array([[rgb]], np.uint8), space, colour or Colour(), 0)
    return tuple(int(np.rint(values).item()) for values in found)


def samples_in(rgb: np.ndarray, space: Space, colour: Colour, height: int) -> list[np.ndarray]:
    """The samples of each plane, unrounded, of uint8 RGB; see :func:`samples_of`."""
    found = samples_of(rgb, space.pixel_format, _of_space(space, colour), height)
    return [found[i] for i in _GBR] if space.is_rgb else found


def plain(size: Size, space: Space, samples: tuple[int, ...]) -> Image:
    """An opaque picture of one colour."""
    kind = np.uint16 if space.depth > 8 else np.uint8
    shapes = [plane_shape(space, number, size) for number in range(len(samples))]
    planes = tuple(np.full(s, v, kind) for s, v in zip(shapes, samples, strict=True))
    return Image(planes, space)


def same(one: Image, other: Image) -> bool:
    """Whether all samples of two pictures are equal."""
    pairs = [*zip(one.planes, other.planes, strict=True)]
    if one.alpha is not None and other.alpha is not None:
        pairs.append((one.alpha, other.alpha))
    opaque = (one.alpha is None) == (other.alpha is None)
    return opaque and all(np.array_equal(a, b) for a, b in pairs)
