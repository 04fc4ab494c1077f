"""How long work takes on this machine: measured by every run, and kept for what the next expects.

Seconds are a start (a network is loaded) and a pace, fitted to the last pieces of work of the same
kind. Without any, nothing is expected: a guess would be off by a factor of several. Of pieces that
are done side by side each is said to take its part of the time, so that what they take adds up.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple, Protocol

from smartcut.cache import Cache, key_of
from smartcut.usable import usable_cores

_VERSION = 2
#: Pieces of work of a kind that are kept; older ones go.
_KEPT = 16
#: Seconds from which on the user is told how long it will take.
TOLD_FROM = 20.0
#: How many times the smallest work the largest must be, for a start to be told from a pace.
_SPREAD = 3.0

Measured = tuple[float, float]
"""An amount of work, and the seconds that it took."""


class Shown(Protocol):
    """Where work reports to: see :class:`smartcut.stage.Progress`."""

    def start(self, label: str, total: float | None) -> Callable[[float], None]: ...

    def done(self, label: str) -> None: ...

    def note(self, message: str) -> None: ...


class Workplace(Protocol):
    """Where work is done: see :class:`smartcut.stage.Context`."""

    @property
    def cache(self) -> Cache: ...

    @property
    def progress(self) -> Shown: ...


class Work(NamedTuple):
    """A piece of work."""

    kind: str
    """Whatever else decides how long a unit takes: the analysis, the network, the codec."""
    amount: float
    """In units to which the time is proportional, such as megapixels."""


def expected(cache: Cache, work: Work) -> float | None:
    """Seconds that it will take, by what such work took here before; None where there was none."""
    known = _known(cache, work.kind)
    return fitted(known, work.amount) if known else None


def remember(cache: Cache, work: Work, seconds: float) -> None:
    """Keep how long a piece of work took."""
    if work.amount > 0 and seconds > 0:
        known = [*_known(cache, work.kind), (float(work.amount), float(seconds))]
        cache.store(_key(work.kind), [list(one) for one in known[-_KEPT:]])


def fitted(known: Sequence[Measured], amount: float) -> float:
    """Seconds for an amount: a start and a pace with the least relative error, both at least 0.

    Where all known amounts are much alike, the median of their paces.
    """
    amounts = [one for one, _ in known]
    paces = sorted(seconds / one for one, seconds in known)
    if max(amounts) < _SPREAD * min(amounts):
        return paces[len(paces) // 2] * amount
    # Each line of the least squares is divided by its seconds: what counts is the ratio.
    ones = [(1 / seconds, one / seconds) for one, seconds in known]
    ss, sp, pp = (sum(a[i] * a[j] for a in ones) for i, j in ((0, 0), (0, 1), (1, 1)))
    s, p = (sum(a[i] for a in ones) for i in (0, 1))
    determinant = ss * pp - sp * sp
    start, pace = (s * pp - p * sp) / determinant, (ss * p - sp * s) / determinant
    if pace <= 0:
        return s / ss
    return start + pace * amount if start >= 0 else p / pp * amount


@contextmanager
def timed(
    place: Workplace, label: str, total: float | None, work: Work
) -> Iterator[Callable[[float], None]]:
    """A bar of progress for a piece of work, whose time is told before and kept afterwards.

    The block is given the function to call with the amount done, in the units of ``total``. Where
    it raises, nothing is kept.
    """
    advance = place.progress.start(label, total)
    seconds = expected(place.cache, work)
    if seconds is not None and seconds >= TOLD_FROM:
        place.progress.note(f"{label}: {spelled(seconds)}, by earlier runs on this machine")
    before, took = _shared.enter(), 0.0
    try:
        yield advance
    finally:
        took = _shared.leave() - before
    remember(place.cache, work, took)
    place.progress.done(label)


class _SharedClock:
    """A clock that each piece of work under way has its part of: of two, half of each second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way, self._at, self._reached = 0, 0.0, 0.0

    def enter(self) -> float:
        """Begin a piece of work: the seconds so far."""
        return self._turn(1)

    def leave(self) -> float:
        """End a piece of work: the seconds so far."""
        return self._turn(-1)

    def _turn(self, more: int) -> float:
        with self._lock:
            now = time.monotonic()
            if self._under_way:
                self._reached += (now - self._at) / self._under_way
            self._at = now
            self._under_way += more
            return self._reached


_shared = _SharedClock()


def spelled(seconds: float) -> str:
    """A time that is only roughly known: ``about 40 s``, ``about 3 min``, ``about 2.5 h``."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * length:
            count = seconds / length
            return f"about {count:.0f} {unit}" if count >= 3 else f"about {count:.1f} {unit}"
    return f"about {max(1, round(seconds))} s"


def _known(cache: Cache, kind: str) -> list[Measured]:
    return [(float(amount), float(took)) for amount, took in cache.load(_key(kind), _fits) or ()]


def _fits(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, list) and len(one) == 2 and all(isinstance(n, float) and n > 0 for n in one)
        for one in value
    )


def _key(kind: str) -> str:
    machine = {"machine": socket.gethostname(), "cores": usable_cores()}
    return key_of("throughput", _VERSION, {"kind": kind, **machine})
