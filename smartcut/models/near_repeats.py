"""Which pictures need no look of a network, since it has looked at one that is nearly the same.

Two pictures are compared as 28 by 28 samples, by the structural similarity of small windows (SSIM,
Wang et al. 2004, with its luminance squared) of luma and of two colour differences. A picture is
always compared with the last one that was *looked at*, so that what drifts slowly is looked at
again. Fine noise, which is gone in so few samples, is measured in the whole pictures.
`python -m benchmarks looks` measures what the limits cost; docs/decisions/0020-looks.md says how
they were set.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Effort = Literal["exact", "auto", "low"]

#: From which :func:`difference` on a picture is looked at.
LIMITS: Mapping[Effort, float] = {"exact": 0.0, "auto": 0.004, "low": 0.015}
#: From which root mean square difference of its samples (0 to 255) it is looked at as well: noise
#: this strong is seen by networks, but not in what is compared.
NOISES: Mapping[Effort, float] = {"exact": 0.0, "auto": 4.0, "low": 8.0}
#: What goes on as nearly the same is looked at this often all the same, in seconds.
LONGEST = Fraction(30)
_SIDE = 28
_WINDOW = (3, 3)
# SSIM's two constants are the squares of these shares of the brightest luma: larger than for eyes,
# as networks mind noise and flicker less, and smaller for dark pictures, of which they see all.
_SHARES = (0.04, 0.06)
_DARKEST = 8.0
# Luma, and red and blue less luma (ITU-R BT.601).
_TO_DIFFERENCES = ((0.299, 0.587, 0.114), (0.701, -0.587, -0.114), (-0.299, -0.587, 0.886))


class NearRepeats:
    """Sorts a source's pictures, in the order shown, into new ones and near repeats.

    ``exact`` takes for a repeat only what is the same in every pixel.
    """

    def __init__(self, effort: Effort) -> None:
        self._limit, self._noise = LIMITS[effort], NOISES[effort]
        self._looked_at: np.ndarray | None = None
        self._reduced: np.ndarray | None = None
        self._time = Fraction(0)

    def is_new(self, pixels: np.ndarray, time: Fraction) -> bool:
        """Whether a picture, uint8 (h, w, 3), is to be looked at: later ones are compared with it.

        All pictures of a source have one size.
        """
        import numpy as np

        if self._looked_at is not None and np.array_equal(pixels, self._looked_at):
            return False
        reduced = reduced_for_comparison(pixels) if self._limit else None
        if reduced is not None and self._is_near(pixels, reduced, time):
            return False
        self._looked_at, self._reduced, self._time = pixels.copy(), reduced, time
        return True

    def _is_near(self, pixels: np.ndarray, reduced: np.ndarray, time: Fraction) -> bool:
        import cv2

        before = self._looked_at
        if before is None or self._reduced is None or time - self._time >= LONGEST:
            return False
        if difference(reduced, self._reduced) >= self._limit:
            return False
        return float(cv2.norm(pixels, before)) < self._noise * pixels.size**0.5


def reduced_for_comparison(pixels: np.ndarray) -> np.ndarray:
    """float32 (28, 28, 3): luma and two colour differences of a picture, uint8 RGB."""
    import cv2
    import numpy as np

    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    differences = np.array(_TO_DIFFERENCES, np.float32)
    return np.asarray(cv2.transform(small.astype(np.float32), differences))


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """1 less the mean SSIM of two reduced pictures, of the channel in which they differ most.

    0 for the same, about 1 for pictures that have nothing to do with each other.
    """
    import cv2

    def mean(values: Any) -> Any:
        return cv2.blur(values, _WINDOW)

    peak = max(_DARKEST, min(first[..., 0].max(), second[..., 0].max()))
    c1, c2 = ((share * peak) ** 2 for share in _SHARES)
    m1, m2 = mean(first), mean(second)
    product = m1 * m2
    squares = m1 * m1 + m2 * m2
    covariance = mean(first * second) - product
    variances = mean(first * first + second * second) - squares
    level = (2 * product + c1) / (squares + c1)
    similar = level * level * (2 * covariance + c2) / (variances + c2)
    return float((1 - similar.mean(axis=(0, 1))).max())
