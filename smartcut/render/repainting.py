"""Pictures repainted by a network, kept steady from frame to frame.

A network paints each frame anew, and what it paints flickers. So each painted frame is mixed with
those before it, which are moved along the optical flow (Ruder et al., 2016), wherever the source
shows the same there. The outcome depends on a frame and the few before it alone: however a film is
divided, and wherever it is entered, the same frame comes out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# So many frames before one are mixed with it, each with this share of the weight of the next.
REACH = 4
_SHARE = 0.75
# Colours of the source that differ by this much (of 1) count as different.
_SAME = 0.06
# Where less of a picture than this is taken for the same, another shot has begun.
_LEAST = 0.25


@dataclass(slots=True)
class _Past:
    """A frame and what was painted of it, moved to where things are now."""

    source: np.ndarray
    painted: np.ndarray


class Repainter:
    """Repainted pictures by their number, best asked for in order; for one thread.

    ``paint`` takes and gives float32 (height, width, 3) in 0..1. ``fetch`` gives the source's
    picture of a number, uint8 or uint16 (height, width, 3).
    """

    def __init__(
        self,
        paint: Callable[[np.ndarray], np.ndarray],
        fetch: Callable[[int], np.ndarray],
        strength: float = 1.0,
    ) -> None:
        import cv2

        self._paint, self._fetch, self._strength = paint, fetch, strength
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._past: deque[_Past] = deque(maxlen=REACH + 1)
        self._number = -1
        self._rgb: np.ndarray | None = None
        self._places: np.ndarray | None = None

    def at(self, number: int) -> np.ndarray:
        """The picture of that number repainted; of the type that ``fetch`` gives."""
        if number < self._number or number > self._number + REACH:
            self._past.clear()
            self._rgb = None
            self._number = max(number - REACH, 0) - 1
        for following in range(self._number + 1, number + 1):
            self._take(self._fetch(following))
        self._number = number
        assert self._rgb is not None
        most = np.iinfo(self._rgb.dtype).max
        mixed = np.rint(self._mixed() * most).clip(0, most)
        return mixed.astype(self._rgb.dtype)

    def _take(self, rgb: np.ndarray) -> None:
        """The next frame: what was before is moved to it, and it is painted."""
        before, self._rgb = self._rgb, rgb
        if before is not None and np.array_equal(before, rgb):
            latest = self._past[-1]
            self._past.append(_Past(latest.source, latest.painted))
            return
        if before is not None:
            self._move(before, rgb)
        source = rgb.astype(np.float32) / np.iinfo(rgb.dtype).max
        self._past.append(_Past(source, self._paint(source)))

    def _move(self, before: np.ndarray, now: np.ndarray) -> None:
        import cv2

        if self._places is None or self._places.shape[:2] != now.shape[:2]:
            rows, columns = np.mgrid[0 : now.shape[0], 0 : now.shape[1]]
            self._places = np.stack([columns, rows], axis=-1).astype(np.float32)
        flow = self._search.calc(_gray(now), _gray(before), None)
        places = self._places + flow
        for past in self._past:
            past.source, past.painted = (
                cv2.remap(x, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
                for x in (past.source, past.painted)
            )

    def _mixed(self) -> np.ndarray:
        """The latest frame as painted, mixed with the past where the source shows the same."""
        import cv2

        latest = self._past[-1]
        total = np.ones((*latest.source.shape[:2], 1), np.float32)
        change = np.zeros_like(latest.painted)
        for age, past in enumerate(reversed(self._past)):
            if age == 0:
                continue
            apart = np.abs(past.source - latest.source).max(axis=-1)
            same = np.exp(-((cv2.blur(apart, (3, 3)) / _SAME) ** 2))
            if same.mean() < _LEAST:
                break
            weight = (_SHARE**age * same)[..., None]
            change += weight * (past.painted - latest.painted)
            total += weight
        painted = latest.painted + change / total
        mixed: np.ndarray = latest.source + self._strength * (painted - latest.source)
        return mixed


def _gray(rgb: np.ndarray) -> np.ndarray:
    """uint8 (height, width)."""
    import cv2

    small = rgb if rgb.dtype == np.uint8 else (rgb >> 8).astype(np.uint8)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
