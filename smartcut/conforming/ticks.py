"""Places in long work at which it may be ended, or tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

Tick = Callable[[], None]
"""Called several times a second while work goes on; what it raises ends the work."""


# Seconds between two reports.
_PACE = 0.2


def untold() -> None:
    """A tick of work that nobody follows."""


class Paced:
    """Reports how far work is, however often it ticks: some times a second."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report, self._last = report, monotonic()
        self.done = 0.0
        """In the units of the work."""

    def __call__(self, done: float | None = None) -> None:
        """A tick; ``done`` is how far the work is by now, where that is another."""
        self.done = self.done if done is None else done
        if monotonic() - self._last >= _PACE:
            self._last = monotonic()
            self._report(self.done)
