"""Pictures at work: planes of numbers, and what the numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Size = tuple[int, int]
"""Width and height in pixels."""
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


@dataclass(frozen=True, slots=True)
class Space:
    """What the numbers of a picture mean."""

    pixel_format: str
    """FFmpeg's name, of a planar format."""
    depth: int
    """Bits of a sample."""
    down: tuple[int, int]
    """Pixels across and down that share a chroma sample, which lies left and in the middle."""
    matrix: str
    """FFmpeg's name of the matrix between RGB and YUV."""
    is_full: bool
    is_rgb: bool = False

    @property
    def black(self) -> tuple[int, ...]:
        """The sample of each plane that is black."""
        top = 1 << self.depth
        if self.is_rgb:
            return (0, 0, 0)
        return (0 if self.is_full else 16 * top // 256, top // 2, top // 2)


@dataclass(frozen=True, slots=True)
class Image:
    """One picture: planes (height, width) of uint8, or of uint16 with more than 8 bits.

    Y, U and V, or R, G and B, as the space says; ``alpha`` has the size and range of the first
    plane, and is None where all is opaque. Arrays are read-only unless you made them.
    """

    planes: tuple[np.ndarray, ...]
    space: Space
    alpha: np.ndarray | None = None

    @property
    def size(self) -> Size:
        height, width = self.planes[0].shape
        return width, height
