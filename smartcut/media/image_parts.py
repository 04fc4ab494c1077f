"""Parts of pictures, and where they lie in each plane."""

from __future__ import annotations

import numpy as np

from smartcut.effect import Image, Size, Space


def part(image: Image, left: int, top: int, width: int, height: int) -> Image:
    """A part of a picture, without copying; left and top lie on the chroma grid."""
    boxes = [plane_box(image.space, n, left, top, width, height) for n in range(len(image.planes))]
    planes = tuple(p[box] for p, box in zip(image.planes, boxes, strict=True))
    return Image(planes, image.space, None if image.alpha is None else image.alpha[boxes[0]])


def put(image: Image, size: Size, left: int, top: int) -> Image:
    """A black picture of that size with this one on it, left and top on the chroma grid."""
    planes = []
    for number, (plane, black) in enumerate(zip(image.planes, image.space.black, strict=False)):
        whole = np.full(plane_shape(image.space, number, size), black, plane.dtype)
        whole[plane_box(image.space, number, left, top, *image.size)] = plane
        planes.append(whole)
    alpha = image.alpha
    if alpha is not None:
        whole = np.zeros(size[::-1], alpha.dtype)
        whole[top : top + alpha.shape[0], left : left + alpha.shape[1]] = alpha
        alpha = whole
    return Image(tuple(planes), image.space, alpha)


def plane_step(space: Space, number: int) -> tuple[int, int]:
    """Pixels across and down for each sample of a plane."""
    return space.down if number else (1, 1)


def plane_shape(space: Space, number: int, size: Size) -> tuple[int, int]:
    """Rows and columns of a plane; odd sides have a sample more."""
    across, down = plane_step(space, number)
    return -(-size[1] // down), -(-size[0] // across)


def plane_box(
    space: Space, number: int, left: int, top: int, width: int, height: int
) -> tuple[slice, slice]:
    """Where a part of a picture lies in one of its planes."""
    across, down = plane_step(space, number)
    rows, columns = plane_shape(space, number, (width, height))
    x, y = left // across, top // down
    return np.s_[y : y + rows, x : x + columns]


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
