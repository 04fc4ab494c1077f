"""Work that any number of requests follow while it is done, and that ends with the last of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Condition, Event, Lock, Thread
from time import monotonic

from smartcut.media.container import give_back
from smartcut.stage import Stopped

# How often waiting work looks whether it was cancelled, in seconds.
_SOON = 0.05
# Memory is given back to the system at most so often, in seconds: all of it is gone through.
_SELDOM = 1.0


class Flight:
    """Work in a thread of its own, whose parts are kept until it has ended."""

    def __init__(self, work: Callable[[Flight], None], urgent: bool, traffic: Condition) -> None:
        self.stopping = Event()
        self.is_done = False
        self.followers = 0
        self.urgent = urgent
        self._work, self._changed = work, traffic
        self._parts: list[bytes] = []
        self._error: BaseException | None = None
        self.hold: Callable[[], bool] = lambda: False
        """Whether it has to wait for others now."""
        self._thread = Thread(target=self._run, name="smartcut-flight", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def emit(self, part: bytes) -> None:
        """Hand on what was made."""
        if part:
            with self._changed:
                self._parts.append(part)
                self._changed.notify_all()

    def check(self) -> None:
        """Wait as long as others are more urgent; raises Stopped once nobody follows any more."""
        with self._changed:
            while not self.stopping.is_set() and self.hold():
                self._changed.wait(_SOON)
        if self.stopping.is_set():
            raise Stopped

    def stop(self) -> None:
        self.stopping.set()

    def join(self) -> None:
        if self._thread.ident is not None:
            self._thread.join()

    def parts(self) -> Iterator[bytes]:
        """Every part, those made before among them; raises the error that ended the work."""
        number = 0
        while True:
            with self._changed:
                while number >= len(self._parts) and not self.is_done:
                    self._changed.wait()
                if number >= len(self._parts):
                    if self._error is not None:
                        raise self._error
                    return
                part = self._parts[number]
            number += 1
            yield part

    def _run(self) -> None:
        try:
            self.check()
            self._work(self)
        except BaseException as error:
            # Where it was raised holds decoders and encoders, and this flight itself.
            self._error = error.with_traceback(None)
        with self._changed:
            self.is_done = True
            self.hold = lambda: False
            self._changed.notify_all()
        _tidy.soon()


class _Tidying:
    """Gives back what ended work has freed, but for one thread at a time and not too often."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0.0

    def soon(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                if monotonic() - self._last > _SELDOM:
                    give_back()
                    self._last = monotonic()
            finally:
                self._lock.release()


_tidy = _Tidying()


class Flights:
    """The flights under way, by what they make: one for each, at most ``most`` that can wait.

    Urgent ones go ahead at once, and hold up the others as long as they last.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._traffic = Condition()
        self._flights: dict[str, Flight] = {}
        self._ending: list[Flight] = []
        self._is_closed = False

    def follow(
        self, key: str, work: Callable[[Flight], None], urgent: bool = False
    ) -> Iterator[bytes]:
        """The parts of the work, which begins with the first that is asked for.

        Closing the iterator stops the work where nobody else follows it.
        """
        flight = self._boarded(key, work, urgent)
        try:
            yield from flight.parts()
        finally:
            with self._traffic:
                flight.followers -= 1
                if not flight.followers:
                    flight.stop()
                    if self._flights.get(key) is flight:
                        del self._flights[key]
                    self._ending = [one for one in (*self._ending, flight) if not one.is_done]
                self._traffic.notify_all()

    def give_way(self, stopping: Event) -> None:
        """Wait as long as any urgent flight is under way, or until the event is set."""
        with self._traffic:
            while not stopping.is_set() and self._is_urgent():
                self._traffic.wait(_SOON)

    def _is_urgent(self) -> bool:
        return any(one.urgent and not one.is_done for one in self._flights.values())

    def __len__(self) -> int:
        """So many are under way."""
        with self._traffic:
            return sum(not flight.is_done for flight in self._flights.values())

    def close(self) -> None:
        """Stop all of them; returns when they have ended."""
        with self._traffic:
            self._is_closed = True
            flights = [*self._flights.values(), *self._ending]
            self._flights.clear()
            for flight in flights:
                flight.stop()
            self._traffic.notify_all()
        for flight in flights:
            flight.join()

    def _boarded(self, key: str, work: Callable[[Flight], None], urgent: bool) -> Flight:
        with self._traffic:
            if self._is_closed:
                raise Stopped
            flight = self._flights.get(key)
            if flight is None or flight.is_done or flight.stopping.is_set():
                flight = self._flights[key] = Flight(work, urgent, self._traffic)
                flight.hold = lambda: self._holds(flight)
                flight.start()
            flight.followers += 1
            return flight

    def _holds(self, flight: Flight) -> bool:
        """Whether a flight waits: for urgent ones, and for those that began before it."""
        if flight.urgent:
            return False
        if self._is_urgent():
            return True
        others = [one for one in self._flights.values() if not (one.is_done or one.urgent)]
        return flight in others[self._most :]
