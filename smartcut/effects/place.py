"""`place`: put the picture somewhere in the frame."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from smartcut.curve import Animated
from smartcut.effect import Placement, Size

Name = Literal[
    "top-left", "top", "top-right",
    "left", "centre", "right",
    "bottom-left", "bottom", "bottom-right",
]  # fmt: skip


def _named(given: Any) -> Any:
    """American spelling, and the two words in any order."""
    if not isinstance(given, str):
        return given
    words = given.lower().replace("center", "centre").replace("_", "-").split("-")
    order = ("top", "bottom", "left", "right", "centre")
    if not set(words) <= set(order):
        return given
    known = sorted(words, key=order.index)
    kept = [w for w in known if w != "centre"] or known
    return "-".join(kept)


Position = Annotated[Name | tuple[Animated, Animated], BeforeValidator(_named)]


class Place(Placement):
    """Puts the picture somewhere in the frame: a logo in a corner, a picture in picture.

    Without `width` and `height` it is as large as fits inside the margins.

    ```yaml
    - place: {position: bottom-right, width: 0.3, margin: 0.05}
    ```
    """

    name: ClassVar[str] = "place"

    position: Position = Field(
        "centre",
        description="`top-right` and the like, or [x, y]: its middle, in shares of the frame.",
    )
    margin: float = Field(
        0.0, ge=0, lt=0.5, description="Distance from the edges, as a share of the shorter side."
    )
    width: Animated | None = Field(None, gt=0, description="Share of the frame's width.")
    height: Animated | None = Field(None, gt=0, description="Share of the frame's height.")

    def matrix(self, size: Size, canvas: Size) -> np.ndarray:
        room = self.margin * min(canvas)
        x, y = self._scales(size, canvas, room)
        shown = np.array([x * size[0], y * size[1]])
        corner = self._corner(shown, np.array(canvas, dtype=float), room)
        return np.array([[x, 0, corner[0]], [0, y, corner[1]], [0, 0, 1.0]])

    def _scales(self, size: Size, canvas: Size, room: float) -> tuple[float, float]:
        asked = [
            None if share is None else share * whole / own
            for share, whole, own in zip((self.width, self.height), canvas, size, strict=True)
        ]
        given = [scale for scale in asked if scale is not None]
        if len(given) == 2:
            return given[0], given[1]
        if given:
            return given[0], given[0]
        fitting = min((w - 2 * room) / own for w, own in zip(canvas, size, strict=True))
        return fitting, fitting

    def _corner(self, shown: np.ndarray, canvas: np.ndarray, room: float) -> np.ndarray:
        """The left top corner, on a whole pixel where the place has a name."""
        if not isinstance(self.position, str):
            middle: np.ndarray = np.array(self.position, dtype=float) * canvas
            return middle - shown / 2
        x = {"left": 0.0, "right": 1.0}
        y = {"top": 0.0, "bottom": 1.0}
        words = self.position.split("-")
        share = np.array([next((t[w] for w in words if w in t), 0.5) for t in (x, y)])
        corner: np.ndarray = np.rint(room + (canvas - shown - 2 * room) * share)
        return corner
