"""Where somebody speaks, and in which windows the voice is looked at; pure.

Times are samples at 16 kHz. What comes out does not depend on how the sound is divided when fed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

RATE: Final = 16_000
#: Samples for which a probability of speech stands.
STEP: Final = 512
WINDOW, HOP = 25_600, 6_400
#: A voice begins at the first of these probabilities and goes on down to the second.
_BEGINS, _ENDS = 0.5, 0.35
#: Steps of silence up to which a stretch of speech goes on, and those that it lasts at least.
_SILENCE, _SHORTEST = 6, 4
#: Steps after which a stretch is ended all the same.
_LONGEST = 30 * RATE // STEP


@dataclass(slots=True)
class Stretches:
    """Takes probabilities of speech, one after the other, and gives stretches that have ended."""

    _at: int = 0
    _start: int | None = None
    _last: int = 0
    """The step after the last one in which somebody spoke."""

    @property
    def needed_from(self) -> int:
        """The first sample that a stretch may still need."""
        return (self._at if self._start is None else self._start) * STEP

    def feed(self, probabilities: Iterable[float]) -> Iterator[tuple[int, int]]:
        """(first, end) samples of the stretches that end with these."""
        for chance in probabilities:
            speaks = chance >= (_ENDS if self._last == self._at and self._at else _BEGINS)
            if speaks:
                self._start = self._at if self._start is None else self._start
                self._last = self._at + 1
            self._at += 1
            if self._start is None:
                continue
            is_over = self._at - self._last > _SILENCE
            if is_over or self._at - self._start >= _LONGEST:
                yield from self.finish()

    def finish(self) -> Iterator[tuple[int, int]]:
        """The stretch that goes on, if there is one."""
        start, self._start = self._start, None
        if start is not None and self._last - start >= _SHORTEST:
            yield start * STEP, self._last * STEP


def windows_of(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Windows of 1.6 s over a stretch, at most 0.4 s apart and evenly; of a short one, all."""
    room = end - first - WINDOW
    if room <= 0:
        yield first, end
        return
    steps = -(-room // HOP)
    for i in range(steps + 1):
        start = first + room * i // steps
        yield start, start + WINDOW
