"""Pictures moved, turned and scaled, and chroma brought to the places of luma.

Points count pixels from the left top corner of a picture, whose first pixel reaches from 0 to 1.
Chroma samples lie at the left of the pixels that share them and in their middle downwards (as
MPEG-2 and all since have it).
"""

from __future__ import annotations

import numpy as np

from smartcut.effect import Image, Size, Space
from smartcut.media.image_parts import chroma_mean, plane_shape, plane_step

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
    rows, columns = plane_shape(space, number, size)
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
    across, down = plane_step(space, number)
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
