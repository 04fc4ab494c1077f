"""Pictures as planes: to and from frames, resampled, through tables, and laid over each other.

Points count pixels from the left top corner of a picture, whose first pixel reaches from 0 to 1.
Chroma samples lie at the left of the pixels that share them and in their middle downwards (as
MPEG-2 and all since have it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame

from smartcut.effect import Image, Size, Space
from smartcut.media.colour import described, resolved
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


# ----------------------------------------------------------------------------------------- parts


def part(image: Image, left: int, top: int, width: int, height: int) -> Image:
    """A part of a picture, without copying; left and top lie on the chroma grid."""
    boxes = [_box(image.space, n, left, top, width, height) for n in range(len(image.planes))]
    planes = tuple(p[box] for p, box in zip(image.planes, boxes, strict=True))
    return Image(planes, image.space, None if image.alpha is None else image.alpha[boxes[0]])


def put(image: Image, size: Size, left: int, top: int) -> Image:
    """A black picture of that size with this one on it, left and top on the chroma grid."""
    planes = []
    for number, (plane, black) in enumerate(zip(image.planes, image.space.black, strict=False)):
        whole = np.full(_shape(image.space, number, size), black, plane.dtype)
        whole[_box(image.space, number, left, top, *image.size)] = plane
        planes.append(whole)
    alpha = image.alpha
    if alpha is not None:
        whole = np.zeros(size[::-1], alpha.dtype)
        whole[top : top + alpha.shape[0], left : left + alpha.shape[1]] = alpha
        alpha = whole
    return Image(tuple(planes), image.space, alpha)


def _down(space: Space, number: int) -> tuple[int, int]:
    return space.down if number else (1, 1)


def _shape(space: Space, number: int, size: Size) -> tuple[int, int]:
    """Rows and columns of a plane; odd sides have a sample more."""
    across, down = _down(space, number)
    return -(-size[1] // down), -(-size[0] // across)


def _box(
    space: Space, number: int, left: int, top: int, width: int, height: int
) -> tuple[slice, slice]:
    across, down = _down(space, number)
    rows, columns = _shape(space, number, (width, height))
    x, y = left // across, top // down
    return np.s_[y : y + rows, x : x + columns]


def plane_box(space: Space, number: int, box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    """Where a part (left, top, width, height) of a picture lies in one of its planes."""
    return _box(space, number, *box)


# -------------------------------------------------------------------------------------- geometry

# Below this scale a pixel is the mean of those it covers, above it lies between its neighbours.
_SHRINKS = 0.7
_NEAR = 1e-6


def resampled(image: Image, matrix: np.ndarray, size: Size, clear: bool = False) -> Image:
    """The picture moved by ``matrix`` (3, 3), points to points, into one of that size.

    What it does not reach is black; with ``clear``, or where the picture has alpha, it is clear.
    A move by whole samples copies no pixel. Colours count as far as they are opaque.
    """
    if image.alpha is not None:
        return _resampled_with_alpha(image, image.alpha, matrix, size)
    covers = _covers(matrix, image.size, size)
    planes = []
    for number, (plane, black) in enumerate(zip(image.planes, image.space.black, strict=False)):
        fill = None if covers else black
        planes.append(_moved(plane, image.space, number, matrix, size, fill))
    alpha = None
    if clear and not covers:
        whole = np.full_like(image.planes[0], (1 << image.space.depth) - 1)
        alpha = _moved(whole, image.space, 0, matrix, size, 0)
    return Image(tuple(planes), image.space, alpha)


def _moved(
    plane: np.ndarray, space: Space, number: int, matrix: np.ndarray, size: Size, fill: int | None
) -> np.ndarray:
    """A plane of a picture moved as the picture is."""
    at = _on_plane(space, number)
    rows, columns = _shape(space, number, size)
    return _warped(plane, at @ matrix @ np.linalg.inv(at), (columns, rows), fill)


def _resampled_with_alpha(image: Image, alpha: np.ndarray, matrix: np.ndarray, size: Size) -> Image:
    space, most = image.space, np.float32((1 << image.space.depth) - 1)
    shares = alpha.astype(np.float32) / most
    fill = None if _covers(matrix, image.size, size) else 0
    planes, moved = [], _moved(shares, space, 0, matrix, size, fill)
    for number, (plane, black) in enumerate(zip(image.planes, space.black, strict=False)):
        own, shown = (chroma_mean(s, space.down) if number else s for s in (shares, moved))
        weighted = (plane.astype(np.float32) - black) * own
        values = _moved(weighted, space, number, matrix, size, fill) / np.maximum(shown, 1 / most)
        planes.append(np.clip(np.rint(values + black), 0, most).astype(plane.dtype))
    return Image(tuple(planes), space, np.rint(moved * most).astype(alpha.dtype))


def _on_plane(space: Space, number: int) -> np.ndarray:
    """From points to the places of samples, the first of which is at (0, 0)."""
    across, down = _down(space, number)
    return np.array([[1 / across, 0, -0.5 / across], [0, 1 / down, -0.5], [0, 0, 1.0]])


def _covers(matrix: np.ndarray, size: Size, target: Size) -> bool:
    """Whether every pixel of the target lies inside the moved picture."""
    width, height = target
    corners = np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1.0]])
    x, y, w = np.linalg.inv(matrix) @ corners
    x, y = x / w, y / w
    inside = (x >= -_NEAR) & (x <= size[0] + _NEAR) & (y >= -_NEAR) & (y <= size[1] + _NEAR)
    return bool(inside.all() and (w > 0).all())


def _warped(plane: np.ndarray, matrix: np.ndarray, size: Size, fill: int | None) -> np.ndarray:
    """A plane moved by a matrix of sample places; ``fill`` None goes on with the edge."""
    import cv2

    shifted = _sliced(plane, matrix, size)
    if shifted is not None:
        return shifted
    plane, matrix = _shrunk(plane, matrix)
    border = cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT
    flat = np.allclose(matrix[2], (0, 0, 1))
    move, how = (cv2.warpAffine, matrix[:2]) if flat else (cv2.warpPerspective, matrix)
    return move(plane, how, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=fill or 0)


def _sliced(plane: np.ndarray, matrix: np.ndarray, size: Size) -> np.ndarray | None:
    """The part of the plane, where the move is by whole samples and leaves nothing uncovered."""
    if not np.allclose(matrix[:2, :2], np.eye(2), atol=1e-9):
        return None
    shift = -matrix[:2, 2]
    x, y = np.rint(shift).astype(int)
    if np.abs(shift - (x, y)).max() > _NEAR or min(x, y) < 0:
        return None
    found = plane[y : y + size[1], x : x + size[0]]
    return found if found.shape == size[::-1] else None


def _shrunk(plane: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The plane averaged down where the move would leave out samples, and the rest of the move."""
    import cv2

    scales = [float(np.hypot(*matrix[:2, i])) for i in range(2)]
    sides = [
        max(1, round(n * min(s, 1.0))) if s < _SHRINKS else n
        for n, s in zip(plane.shape[::-1], scales, strict=True)
    ]
    if tuple(sides) == plane.shape[::-1]:
        return plane, matrix
    small = cv2.resize(plane, sides, interpolation=cv2.INTER_AREA)
    fx, fy = (n / m for n, m in zip(plane.shape[::-1], sides, strict=True))
    grow = np.array([[fx, 0, (fx - 1) / 2], [0, fy, (fy - 1) / 2], [0, 0, 1]])
    return small, matrix @ grow


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


def chroma_mean(values: np.ndarray, down: tuple[int, int]) -> np.ndarray:
    """The mean of the pixels that share each chroma sample; odd sides are mirrored."""
    import cv2

    across, below = down
    if (across, below) == (1, 1):
        return values
    height, width = values.shape
    values = np.pad(values, ((0, -height % below), (0, -width % across)), mode="edge")
    rows, columns = values.shape[0] // below, values.shape[1] // across
    result: np.ndarray = cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA)
    return result


def chroma_spread(values: np.ndarray, image: Image) -> np.ndarray:
    """Values of the chroma samples of a picture, for its pixels: between them where they share."""
    import cv2

    width, height = image.size
    if values.shape == (height, width):
        return values
    back = np.linalg.inv(_on_plane(image.space, 1)) if max(image.space.down) > 1 else np.eye(3)
    back = _on_plane(image.space, 0) @ back
    flags = cv2.INTER_LINEAR
    return cv2.warpAffine(
        values, back[:2], (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )


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
    known = _of_space(space, colour or Colour())
    found = samples_of(np.array([[rgb]], np.uint8), space.pixel_format, known, 0)
    found = [found[i] for i in _GBR] if space.is_rgb else found
    return tuple(int(np.rint(values).item()) for values in found)


def plain(size: Size, space: Space, samples: tuple[int, ...]) -> Image:
    """An opaque picture of one colour."""
    kind = np.uint16 if space.depth > 8 else np.uint8
    shapes = [_shape(space, number, size) for number in range(len(samples))]
    planes = tuple(np.full(s, v, kind) for s, v in zip(shapes, samples, strict=True))
    return Image(planes, space)


def flattened(image: Image) -> Image:
    """The picture over black, opaque."""
    if image.alpha is None:
        return image
    return over(plain(image.size, image.space, image.space.black[: len(image.planes)]), image)


def same(one: Image, other: Image) -> bool:
    """Whether all samples of two pictures are equal."""
    pairs = [*zip(one.planes, other.planes, strict=True)]
    if one.alpha is not None and other.alpha is not None:
        pairs.append((one.alpha, other.alpha))
    opaque = (one.alpha is None) == (other.alpha is None)
    return opaque and all(np.array_equal(a, b) for a, b in pairs)


# ---------------------------------------------------------------------------------------- layers


def faded(image: Image, opacity: float) -> Image:
    """The picture with so much of its opacity, 0..1."""
    import cv2

    if opacity >= 1:
        return image
    most = (1 << image.space.depth) - 1
    alpha = image.alpha if image.alpha is not None else np.full_like(image.planes[0], most)
    return replace(image, alpha=cv2.multiply(alpha, 1.0, scale=opacity))


def over(base: Image, top: Image, left: int = 0, above: int = 0) -> Image:
    """``top`` laid over ``base``, its corner at (left, above) on the chroma grid, inside it.

    Where it is opaque it comes out as it is, and where it is clear the base does.
    """
    return laid(base, Covering(cover(top), left, above))


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture ready to be laid over others: weighted by its opacity, and what it lets through."""

    planes: tuple[np.ndarray, ...]
    through: tuple[np.ndarray, ...] | None
    """For each plane, how much of what is below is seen; None for nothing."""
    alpha: np.ndarray | None
    space: Space


class Covering(NamedTuple):
    """A cover, and where its corner lies: on the chroma grid, inside what it is laid over."""

    cover: Cover
    left: int
    above: int


def cover(top: Image) -> Cover:
    import cv2

    if top.alpha is None:
        return Cover(top.planes, None, None, top.space)
    most = (1 << top.space.depth) - 1
    planes, through = [], []
    for number, plane in enumerate(top.planes):
        share = chroma_mean(top.alpha, top.space.down) if number else top.alpha
        planes.append(cv2.multiply(plane, share, scale=1 / most))
        through.append(cv2.subtract(np.full_like(share, most), share))
    return Cover(tuple(planes), tuple(through), top.alpha, top.space)


def laid(base: Image, *tops: Covering) -> Image:
    """Covers laid over ``base``, one after the other; see :func:`over`."""
    if not tops:
        return base
    if base.alpha is not None:
        for top in tops:
            assert base.alpha is not None
            base = _laid_with_alpha(base, base.alpha, *top)
        return base
    planes = tuple(plane.copy() for plane in base.planes)
    for top in tops:
        _lay(planes, base.space, *top)
    return Image(planes, base.space)


def _lay(planes: Sequence[np.ndarray], space: Space, top: Cover, left: int, above: int) -> None:
    """Lay a cover over planes, in place."""
    import cv2

    most = (1 << space.depth) - 1
    height, width = top.planes[0].shape
    for number, plane in enumerate(planes):
        inner = plane[_box(space, number, left, above, width, height)]
        if top.through is None:
            inner[...] = top.planes[number]
        else:
            seen = cv2.multiply(inner, top.through[number], scale=1 / most)
            inner[...] = cv2.add(seen, top.planes[number])


def _laid_with_alpha(base: Image, alpha: np.ndarray, top: Cover, left: int, above: int) -> Image:
    """The same over a picture that is clear in places: there the cover's colours count alone."""
    most = np.float32((1 << base.space.depth) - 1)
    height, width = top.planes[0].shape
    opaque = np.full((height, width), most, np.float32)
    own = opaque if top.alpha is None else top.alpha.astype(np.float32)
    box = _box(base.space, 0, left, above, width, height)
    below = alpha[box].astype(np.float32) * (1 - own / most)
    planes = []
    for number, plane in enumerate(base.planes):
        over, under = (chroma_mean(s, base.space.down) if number else s for s in (own, below))
        result, inner = plane.copy(), _box(base.space, number, left, above, width, height)
        mixed = plane[inner] * under + top.planes[number] * most
        result[inner] = np.rint(np.clip(mixed / np.maximum(over + under, 1), 0, most))
        planes.append(result)
    whole = alpha.copy()
    whole[box] = np.rint(own + below)
    return Image(tuple(planes), base.space, whole)


# ----------------------------------------------------------------------------------------- drawn


@dataclass(frozen=True, slots=True)
class _Weighted:
    """What is drawn in a space, its corner on the chroma grid: float32, colours by opacity."""

    planes: tuple[np.ndarray, ...]
    shares: tuple[np.ndarray, ...]
    """Opacity in 0..1, of each plane's size."""
    left: int
    top: int


def painted_cover(
    rgba: np.ndarray, x: int, y: int, size: Size, space: Space, colour: Colour
) -> Covering | None:
    """What was drawn, ready to be laid over frames of that size, and where its corner lies there.

    ``rgba`` is uint8, or float32 in 0..1, sRGB with straight alpha. None for nothing.
    """
    import cv2

    drawn = _weighted(rgba, x, y, size, space, colour)
    if drawn is None:
        return None
    most, kind = (1 << space.depth) - 1, np.uint16 if space.depth > 8 else np.uint8
    planes = tuple(np.rint(np.clip(p, 0, most)).astype(kind) for p in drawn.planes)
    seen = tuple(np.rint(share * most).astype(kind) for share in drawn.shares)
    through = tuple(cv2.subtract(np.full_like(share, most), share) for share in seen)
    return Covering(Cover(planes, through, seen[0], space), drawn.left, drawn.top)


def painted_image(
    rgba: np.ndarray, x: int, y: int, size: Size, space: Space, colour: Colour
) -> Image:
    """A clear picture of that size with what was drawn on it; see :func:`painted_cover`."""
    most, kind = (1 << space.depth) - 1, np.uint16 if space.depth > 8 else np.uint8
    count = 1 if pixel_format(space.pixel_format).is_gray else 3
    clear = plain(size, space, space.black[:count])
    alpha = np.zeros(size[::-1], kind)
    drawn = _weighted(rgba, x, y, size, space, colour)
    if drawn is None:
        return replace(clear, alpha=alpha)
    height, width = drawn.shares[0].shape
    for number, (plane, share) in enumerate(zip(drawn.planes, drawn.shares, strict=True)):
        box = _box(space, number, drawn.left, drawn.top, width, height)
        straight = np.where(share > 0, plane / np.maximum(share, 1e-6), clear.planes[number][box])
        clear.planes[number][box] = np.rint(np.clip(straight, 0, most))
    alpha[_box(space, 0, drawn.left, drawn.top, width, height)] = np.rint(drawn.shares[0] * most)
    return replace(clear, alpha=alpha)


def _weighted(
    rgba: np.ndarray, x: int, y: int, size: Size, space: Space, colour: Colour
) -> _Weighted | None:
    rgba, left, top = _on_grid(rgba, x, y, size, space.down)
    if rgba.size == 0:
        return None
    scale = 255 if rgba.dtype == np.uint8 else 1
    alpha = rgba[..., 3].astype(np.float32) / scale
    colours = rgba[..., :3] if scale == 255 else rgba[..., :3] * np.float32(255)
    found = samples_of(colours, space.pixel_format, _of_space(space, colour), size[1])
    found = [found[i] for i in _GBR] if space.is_rgb else found
    shown = min(alpha.shape[1], size[0] - left), min(alpha.shape[0], size[1] - top)
    planes, shares = [], []
    for number, samples in enumerate(found):
        rows, columns = _shape(space, number, shown)
        weighted, share = samples * alpha, alpha
        if number:
            weighted, share = (chroma_mean(v, space.down) for v in (weighted, alpha))
        planes.append(weighted[:rows, :columns])
        shares.append(share[:rows, :columns])
    return _Weighted(tuple(planes), tuple(shares), left, top)


def _on_grid(
    rgba: np.ndarray, x: int, y: int, size: Size, down: tuple[int, int]
) -> tuple[np.ndarray, int, int]:
    """The part inside the frame, widened to the chroma grid.

    It is widened with clear pixels, and by repetition past the frame's own edges.
    """
    rgba = rgba[max(0, -y) : max(0, size[1] - y), max(0, -x) : max(0, size[0] - x)]
    x, y = max(x, 0), max(y, 0)
    if rgba.size == 0:
        return rgba, x, y
    for axis, (at, step, whole) in enumerate(((y, down[1], size[1]), (x, down[0], size[0]))):
        before, end = at % step, at + rgba.shape[axis]
        widths = [(0, 0)] * 3
        widths[axis] = (0, -end % step)
        rgba = np.pad(rgba, widths, mode="edge" if end == whole else "constant")
        widths[axis] = (before, 0)
        rgba = np.pad(rgba, widths)
    return rgba, x - x % down[0], y - y % down[1]
