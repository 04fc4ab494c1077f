"""What was drawn in RGB with opacity, as covers and pictures of a space."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from smartcut.effect import Image, Size, Space
from smartcut.media.covers import Cover, Covering
from smartcut.media.image import plain, samples_in
from smartcut.media.image_parts import chroma_mean, plane_box, plane_shape
from smartcut.media.pixel_formats import pixel_format
from smartcut.source import Colour


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
        box = plane_box(space, number, drawn.left, drawn.top, width, height)
        straight = np.where(share > 0, plane / np.maximum(share, 1e-6), clear.planes[number][box])
        clear.planes[number][box] = np.rint(np.clip(straight, 0, most))
    alpha[plane_box(space, 0, drawn.left, drawn.top, width, height)] = np.rint(
        drawn.shares[0] * most
    )
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
    found = samples_in(colours, space, colour, size[1])
    shown = min(alpha.shape[1], size[0] - left), min(alpha.shape[0], size[1] - top)
    planes, shares = [], []
    for number, samples in enumerate(found):
        rows, columns = plane_shape(space, number, shown)
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
