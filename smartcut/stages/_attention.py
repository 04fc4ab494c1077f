"""Where in the pictures something moves, and where the eye goes: maps over time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from smartcut.annotation import Features
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, Picture

if TYPE_CHECKING:
    import numpy as np

#: Pictures are looked at so small: width, height; and so many of them become one row.
SIZE = (128, 72)
RATE = Fraction(4)
#: Columns and rows of a map. A row of the features holds motion, then saliency.
COLUMNS, ROWS = 32, 18
#: Differences up to this, of 255, are noise.
_NOISE = 6.0
#: The camera has moved where this share of the pixels changes...
_CAMERA = 0.4
#: ... and the correlation of both pictures has a peak so high, 0..1.
_SURE = 0.2
#: Size at which saliency is worked out, as X. Hou and L. Zhang do.
_SALIENT = (64, 36)


class AttentionAnalysis(Analysis):
    """Four times a second, a map of what moves besides the camera, and one of what stands out.

    Motion is the mean difference of luma (0..255) from one frame to the next in each of 32 x 18
    cells, after the camera's shift is taken off. What stands out is the spectral residual (X. Hou
    and L. Zhang, "Saliency detection: a spectral residual approach", CVPR 2007); it adds up to 1.
    """

    name: ClassVar[str] = "attention"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Frames | None:
        return Frames(SIZE, "gray", "frame") if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return AttentionListener(context)

    def empty(self, source: Source) -> Features:
        return Features(1 / RATE, (), 0, "")


class AttentionListener:
    """Takes every frame, small and gray."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._before: np.ndarray | None = None
        self._moved: list[np.ndarray] = []
        self._salient: np.ndarray | None = None
        self._slot = 0
        self._pts: list[int] = []
        self._rows: list[np.ndarray] = []

    def feed(self, item: Picture) -> None:
        import numpy as np

        slot = int(item.time * RATE)
        if slot != self._slot or self._salient is None:
            self._close()
            self._slot = slot
            self._salient = spectral_residual(item.pixels)
        gray = item.pixels.astype(np.float32)
        if self._before is not None:
            self._moved.append(motion_between(self._before, gray))
        self._before = gray

    def _close(self) -> None:
        """Make a row of what was seen since the last one."""
        import numpy as np

        if self._salient is None:
            return
        none = np.zeros((ROWS, COLUMNS), np.float32)
        # A cut, or a flash, is one frame of many: the median of the cells does not see it.
        moved = np.median(np.stack(self._moved), axis=0) if self._moved else none
        self._pts.append(self._slot)
        self._rows.append(np.concatenate([moved.ravel(), self._salient.ravel()]))
        self._moved, self._salient = [], None

    def finish(self) -> Features:
        import numpy as np

        self._close()
        if not self._rows:
            return Features(1 / RATE, (), 0, "")
        rows = np.stack(self._rows).astype(np.float32)
        key = self._context.cache.store_array(rows)
        return Features(1 / RATE, tuple(self._pts), rows.shape[1], key)


def motion_between(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """float32 (ROWS, COLUMNS): mean difference, less noise and the camera's shift."""
    import cv2
    import numpy as np

    changed = cv2.absdiff(before, after)
    if (changed > _NOISE).mean() > _CAMERA:
        changed = cv2.absdiff(_shifted(before, after), after)
    return cv2.resize(
        np.maximum(changed - _NOISE, 0), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA
    )


def _shifted(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The picture before, moved as the camera has moved since."""
    import cv2
    import numpy as np

    size = (before.shape[1], before.shape[0])
    window = cv2.createHanningWindow(size, cv2.CV_32F)
    (across, down), sure = cv2.phaseCorrelate(before, after, window)
    if sure < _SURE:
        return before
    move = np.array([[1, 0, across], [0, 1, down]], np.float32)
    return cv2.warpAffine(before, move, size, borderMode=cv2.BORDER_REPLICATE)


def spectral_residual(gray: np.ndarray) -> np.ndarray:
    """float32 (ROWS, COLUMNS), adding up to 1: what stands out in a picture (height, width)."""
    import cv2
    import numpy as np

    small = cv2.resize(gray.astype(np.float32), _SALIENT, interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(small)
    size = np.log(np.abs(spectrum) + 1e-6)
    residual = size - cv2.blur(size, (3, 3), borderType=cv2.BORDER_REPLICATE)
    salient = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    salient = cv2.GaussianBlur(salient.astype(np.float32), (0, 0), 2.5)
    cells = cv2.resize(salient, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    total = float(cells.sum())
    return cells / total if total > 0 else np.full_like(cells, 1 / cells.size)
