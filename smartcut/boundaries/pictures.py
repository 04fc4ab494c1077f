"""Small copies of all frames of a source, and what is measured on each as it comes."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WIDTH, HEIGHT = 48, 27
BYTES = WIDTH * HEIGHT * 3
#: Beyond this the thumbnails are kept in a temporary file: about a quarter of an hour.
IN_MEMORY = 100_000_000


class ThumbnailStore:
    """Every frame as RGB of 48 x 27 pixels; in memory at first, then in a temporary file."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, thumbnail: np.ndarray) -> None:
        self._file.write(thumbnail.tobytes())
        self._count += 1

    def read(self, first: int, last: int) -> np.ndarray:
        """Frames first..last-1: uint8 (n, 27, 48, 3)."""
        import numpy as np

        self._file.seek(first * BYTES)
        data = self._file.read((last - first) * BYTES)
        self._file.seek(0, 2)
        return np.frombuffer(data, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)

    def close(self) -> None:
        self._file.close()


class FrameMeasures:
    """For each frame: the step from the frame before, its level and its contrast."""

    def __init__(self) -> None:
        self._steps: list[float] = []
        self._levels: list[float] = []
        self._contrast: list[float] = []
        self._before: np.ndarray | None = None

    def add(self, thumbnail: np.ndarray) -> None:
        import cv2

        step = 0.0
        if self._before is not None:
            step = cv2.norm(thumbnail, self._before, cv2.NORM_L1) / thumbnail.size
        self._steps.append(step)
        self._levels.append(level_of(thumbnail))
        _, spread = cv2.meanStdDev(cv2.cvtColor(thumbnail, cv2.COLOR_RGB2GRAY))
        self._contrast.append(float(spread[0, 0]))
        self._before = thumbnail

    @property
    def newest(self) -> np.ndarray:
        """The picture added last: uint8 (27, 48, 3), not to be changed."""
        assert self._before is not None
        return self._before

    @property
    def steps(self) -> np.ndarray:
        """Mean absolute difference from the frame before, 0..255; 0 for the first."""
        import numpy as np

        return np.asarray(self._steps, np.float64)

    @property
    def levels(self) -> np.ndarray:
        """Mean of the three channels, 0..255."""
        import numpy as np

        return np.asarray(self._levels, np.float64)

    @property
    def contrast(self) -> np.ndarray:
        """Standard deviation of the luma, 0..127.5."""
        import numpy as np

        return np.asarray(self._contrast, np.float64)


def level_of(pixels: np.ndarray) -> float:
    """Mean of the three channels, 0..255."""
    import cv2

    red, green, blue, _ = cv2.sumElems(pixels)
    return float((red + green + blue) / pixels.size)


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """A picture (height, width, 3) stretched to 48 x 27, averaging what is left out."""
    from smartcut.media.reduce import Halved

    return Halved(pixels).reduced((WIDTH, HEIGHT))
