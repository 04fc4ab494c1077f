"""Faces in a finished film, and where boxes lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from smartcut.stages.faces import FaceDetection

if TYPE_CHECKING:
    import numpy as np

Box = tuple[float, float, float, float]
"""Left, top, width and height, in shares of the picture."""
#: A box that ends so near the edge, in shares of the picture, reaches it.
_AT_EDGE = 0.004


class FilmFaces(FaceDetection):
    """Faces in a film, seen by one network four times a second."""

    name: ClassVar[str] = "faces"
    detector: str = "blazeface"  # type: ignore[assignment]


def is_inside(box: Box, slack: float) -> bool:
    """Whether no more than ``slack`` of a box's width or height reaches out of the picture."""
    left, top, width, height = box
    across = max(0.0, -left) + max(0.0, left + width - 1)
    down = max(0.0, -top) + max(0.0, top + height - 1)
    return across <= slack * width + _AT_EDGE and down <= slack * height + _AT_EDGE


def covered(box: Box, by: Box) -> float:
    """The share of a box that lies under another one."""
    across = min(box[0] + box[2], by[0] + by[2]) - max(box[0], by[0])
    down = min(box[1] + box[3], by[1] + by[3]) - max(box[1], by[1])
    area = box[2] * box[3]
    return max(across, 0.0) * max(down, 0.0) / area if area > 0 else 0.0


def box_in_shown(box: Box, matrix: np.ndarray) -> Box:
    """A box of a source's picture in the one that is shown; float64 (3, 3) from share to share."""
    import numpy as np

    left, top, width, height = box
    corners = [(x, y, 1.0) for x in (left, left + width) for y in (top, top + height)]
    moved = matrix @ np.array(corners).T
    across, down = moved[0] / moved[2], moved[1] / moved[2]
    x0, y0 = float(across.min()), float(down.min())
    return x0, y0, float(across.max()) - x0, float(down.max()) - y0
