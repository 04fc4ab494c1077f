"""Sound of a film and its sources, decoded in long stretches that are kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

#: Samples a second that are compared.
RATE = 16_000
# Samples of a stretch, and stretches that are kept: about an hour, 120 MB.
_STRETCH, _KEPT = 30 * RATE, 128

Read = Callable[[str | None, int, int], np.ndarray]
"""float32 mono at :data:`RATE` of a source (None: the film): samples from one to before another."""


@dataclass(slots=True)
class KeptSound:
    """Any stretches of sound, however they overlap, with little decoded twice."""

    read: Read
    _kept: OrderedDict[tuple[str | None, int], np.ndarray] = field(default_factory=OrderedDict)

    def __call__(self, source: str | None, start: float, end: float) -> np.ndarray:
        """float32 from one second to another; silence before 0."""
        first, last = round(start * RATE), round(end * RATE)
        pieces: list[np.ndarray] = [np.zeros(max(0, min(last, 0) - first), np.float32)]
        at = max(first, 0)
        while at < last:
            number = at // _STRETCH
            begin = number * _STRETCH
            stop = min(last, begin + _STRETCH)
            values = self._stretch(source, number)[at - begin : stop - begin]
            pieces.append(values.astype(np.float32) / 32767)
            at = stop
        return np.concatenate(pieces)

    def _stretch(self, source: str | None, number: int) -> np.ndarray:
        key = source, number
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        values = self.read(source, number * _STRETCH, (number + 1) * _STRETCH)
        kept = np.rint(np.clip(values, -1, 1) * 32767).astype(np.int16)
        self._kept[key] = kept
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept
