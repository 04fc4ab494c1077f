"""Flashes that can harm viewers with photosensitive epilepsy, as ITU-R BT.1702-3 defines them.

Recommendation ITU-R BT.1702-3, Annex 1: a potentially harmful flash is a pair of opposing changes
in luminance (an increase followed by a decrease, or the reverse) of 20 cd/m² or more, where the
darker picture is below 160 cd/m². A sequence of flashes is not permitted where the area of flashes
that occur concurrently is more than a quarter of the screen, and there are more than three flashes
within any one-second period. A transition to or from a saturated red counts whatever its luminance.

Luminance is that of a reference display of 200 cd/m² (ITU-R BT.2035) with the transfer function of
ITU-R BT.1886. Saturated red is R / (R + G + B) >= 0.8 of linear components, and the change of
(R - G - B) x 320 is more than 20 (Harding and Binnie 2002, as WCAG 2.2 has it).

Regular patterns, which the Recommendation restricts too, are not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

#: cd/m² of the display's white, of a change that counts, and below which the darker picture is.
WHITE, CHANGE, DARK = 200.0, 20.0, 160.0
#: A share of the screen, and opposing changes within a second: above both it is harmful.
AREA, MOST_CHANGES = 0.25, 6
_RED_SHARE, _RED_SCALE, _RED_CHANGE = 0.8, 320.0, 20.0
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
#: BT.1886 of each 8-bit value.
_LINEAR = ((np.arange(256) / 255) ** 2.4).astype(np.float32)


class OpposingChanges:
    """Follows the values of pixels, and tells which have just changed by enough, and which way.

    A pixel rises where it is that much above the lowest value since it last fell, and the reverse:
    however many pictures a change takes, it counts once.
    """

    def __init__(self, change: float, dark: float) -> None:
        self._change, self._dark = change, dark
        self._low = self._high = np.zeros(0)
        self._way = np.zeros(0, np.int8)

    def feed(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(pixels that rise, pixels that fall) with this picture: bool, of the values' shape."""
        if self._way.shape != values.shape:
            self._low, self._high = values.copy(), values.copy()
            self._way = np.zeros(values.shape, np.int8)
        np.minimum(self._low, values, out=self._low)
        np.maximum(self._high, values, out=self._high)
        rises = (values - self._low >= self._change) & (self._low < self._dark) & (self._way <= 0)
        falls = (self._high - values >= self._change) & (values < self._dark) & (self._way >= 0)
        falls &= ~rises
        changed = rises | falls
        self._low[changed] = values[changed]
        self._high[changed] = values[changed]
        self._way[rises], self._way[falls] = 1, -1
        # What has risen waits for a fall from its highest, and the reverse.
        np.copyto(self._low, values, where=self._way == 1)
        np.copyto(self._high, values, where=self._way == -1)
        return rises, falls


class FlashWatch:
    """Shares of the picture that flash, picture by picture."""

    def __init__(self) -> None:
        self._light = OpposingChanges(CHANGE, DARK)
        self._red = OpposingChanges(_RED_CHANGE, np.inf)

    def feed(self, rgb: np.ndarray) -> tuple[float, float, float, float]:
        """Shares of the area that grow brighter, darker, red, and lose red. ``rgb`` is uint8."""
        linear = _LINEAR[rgb]
        light = self._light.feed(WHITE * (linear @ _LUMINANCE))
        red = linear[..., 0]
        others = linear[..., 1] + linear[..., 2]
        is_red = red >= _RED_SHARE * (red + others)
        level = np.where(is_red, np.maximum(red - others, 0) * _RED_SCALE, 0).astype(np.float32)
        reds = self._red.feed(level)
        up, down, more, less = (float(part.mean()) for part in (*light, *reds))
        return up, down, more, less


def harmful(
    times: Sequence[Fraction], up: Sequence[float], down: Sequence[float]
) -> Iterator[tuple[Fraction, Fraction, int]]:
    """(start, end, opposing changes) of each stretch in which there are too many of them.

    ``up`` and ``down`` are shares of the screen that change with each picture.
    """
    changes: list[tuple[Fraction, int]] = []
    for time, rises, falls in zip(times, up, down, strict=True):
        way = (rises > AREA) - (falls > AREA)
        if way and (not changes or changes[-1][1] != way):
            changes.append((time, way))
    open_: list[Fraction] | None = None
    for number in range(MOST_CHANGES, len(changes)):
        first, last = changes[number - MOST_CHANGES][0], changes[number][0]
        if last - first > 1:
            continue
        if open_ and first <= open_[-1]:
            open_.append(last)
            continue
        if open_:
            yield open_[0], open_[-1], _count(changes, open_)
        open_ = [first, last]
    if open_:
        yield open_[0], open_[-1], _count(changes, open_)


def _count(changes: Sequence[tuple[Fraction, int]], within: Sequence[Fraction]) -> int:
    return sum(within[0] <= time <= within[-1] for time, _ in changes)
