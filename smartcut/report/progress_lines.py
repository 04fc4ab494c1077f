"""Progress where there is no terminal: a line every so many seconds, for logs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

#: Seconds between two lines about the same work.
EVERY = 10.0


@dataclass(slots=True)
class _Work:
    """What is known of one piece of work: amounts are in the units of ``total``."""

    total: float | None
    done: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def text(self, now: float) -> str:
        """Share, speed and time left, as far as they are known."""
        passed = now - self.started
        if not self.total:
            return f"{self.done:.0f} done, " * (self.done > 0) + f"{spelled(passed)} so far"
        share = min(1.0, self.done / self.total)
        text = f"{100 * share:.0f} % ({self.done:.0f} of {self.total:.0f})"
        if not self.done:
            return f"{text}, {spelled(passed)} so far"
        left = passed * (1 - share) / share
        return f"{text}, {self.done / passed:.3g} a second, about {spelled(left)} left"


class Lines:
    """Notes at once, and every :data:`EVERY` seconds a line for each piece of work, on stderr.

    A context manager: the lines are written by a thread, so that they come also while nothing
    advances, and that thread ends with the block.
    """

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._works: dict[str, _Work] = {}
        self._lock, self._ended = Lock(), Event()
        self._thread = Thread(target=self._report, daemon=True, name="progress")

    def __enter__(self) -> Lines:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        work = _Work(total)
        with self._lock:
            self._works[label] = work

        def advance(done: float) -> None:
            work.done = done

        return advance

    def done(self, label: str) -> None:
        with self._lock:
            self._works.pop(label, None)

    def note(self, message: str) -> None:
        print(f"note: {message}", file=sys.stderr, flush=True)

    def _report(self) -> None:
        while not self._ended.wait(self._every):
            now = time.monotonic()
            with self._lock:
                lines = [f"{label}: {work.text(now)}" for label, work in self._works.items()]
            if lines:
                print("\n".join(lines), file=sys.stderr, flush=True)


def spelled(seconds: float) -> str:
    """A time to wait for, in words: ``40 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
