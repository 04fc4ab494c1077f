"""Which part of a source's picture a film shows, as a window over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class PictureWindow:
    """The part of a source's picture that fills the film's, in shares of the source's.

    It may lie beyond the picture: the film then has bars there.
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0
    mirrored: bool = False
    """The film shows it with left and right swapped."""

    @property
    def is_whole(self) -> bool:
        return (self.left, self.top, self.right, self.bottom) == (0, 0, 1, 1)

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def to_source(self, size: tuple[int, int], film: tuple[int, int]) -> np.ndarray:
        """float64 (2, 3): places in a film's picture of the size ``film`` to those in a source's.

        Sizes are (width, height); places are of the middles of pixels, as OpenCV counts them.
        """
        x, y = self.width * size[0] / film[0], self.height * size[1] / film[1]
        left, top = self.left * size[0], self.top * size[1]
        if self.mirrored:
            x, left = -x, self.right * size[0]
        return np.array([[x, 0, left - 0.5 + x / 2], [0, y, top - 0.5 + y / 2]])

    def is_near(self, other: PictureWindow, by: float) -> bool:
        """Whether all edges lie within that share of the picture."""
        mine = np.array([self.left, self.top, self.right, self.bottom])
        those = np.array([other.left, other.top, other.right, other.bottom])
        return self.mirrored == other.mirrored and bool(np.abs(mine - those).max() <= by)


WHOLE = PictureWindow()


def between(one: PictureWindow, other: PictureWindow, share: float) -> PictureWindow:
    """The window on the way from one, at share 0, to the other, at 1.

    The picture seen through it is enlarged and shifted evenly, as by a zoom with two keys.
    """

    def side(first: float, size: float, to: float, to_size: float) -> tuple[float, float]:
        scale = 1 / size + share * (1 / to_size - 1 / size)
        start = first / size + share * (to / to_size - first / size)
        return start / scale, (start + 1) / scale

    left, right = side(one.left, one.width, other.left, other.width)
    top, bottom = side(one.top, one.height, other.top, other.height)
    return PictureWindow(left, top, right, bottom, one.mirrored)


def fitted(film: tuple[int, int], source: tuple[int, int]) -> tuple[PictureWindow, ...]:
    """How a source of one shape is usually brought into a film of another.

    Stretched, or cut at two sides, or with bars at two sides; sizes are (width, height).
    """
    ratio = (film[0] / film[1]) / (source[0] / source[1])
    if abs(ratio - 1) < 0.01:
        return (WHOLE,)
    if ratio < 1:  # the film is narrower
        inner, outer = ratio / 2, 1 / ratio / 2
        return (
            PictureWindow(0.5 - inner, 0.0, 0.5 + inner, 1.0),
            PictureWindow(0.0, 0.5 - outer, 1.0, 0.5 + outer),
            WHOLE,
        )
    inner, outer = 1 / ratio / 2, ratio / 2
    return (
        PictureWindow(0.0, 0.5 - inner, 1.0, 0.5 + inner),
        PictureWindow(0.5 - outer, 0.0, 0.5 + outer, 1.0),
        WHOLE,
    )
