"""Work that requests follow: one for each key, ended with its last follower, urgent ones first."""

from __future__ import annotations

import gc
import weakref
from threading import Event, Thread

import pytest

from smartcut.stage import Stopped
from smartcut.studio.flights import Flight, Flights


class Work:
    """Emits parts as it is allowed to, and notes how it ended."""

    def __init__(self, parts: int = 3) -> None:
        self.go = [Event() for _ in range(parts)]
        self.begun, self.ended = Event(), Event()
        self.how = ""
        self.times = 0

    def __call__(self, flight: Flight) -> None:
        self.begun.set()
        self.times += 1
        self.how = "stopped"
        try:
            for number, go in enumerate(self.go):
                while not go.wait(0.01):
                    flight.check()
                flight.check()
                flight.emit(b"%d" % number)
            self.how = "done"
        finally:
            self.ended.set()

    def allow(self, count: int) -> None:
        for go in self.go[:count]:
            go.set()


def test_many_follow_one_and_each_gets_every_part() -> None:
    flights, work = Flights(2), Work()
    one, other = flights.follow("a", work), flights.follow("a", work)
    work.allow(1)
    assert next(one) == b"0"
    assert next(other) == b"0"
    work.allow(3)
    assert list(one) == [b"1", b"2"]
    assert list(other) == [b"1", b"2"]
    assert (work.times, work.how) == (1, "done")
    assert len(flights) == 0


def test_it_ends_with_the_last_follower_and_begins_anew_for_the_next() -> None:
    flights, work = Flights(2), Work()
    one, other = flights.follow("a", work), flights.follow("a", work)
    work.allow(1)
    next(one), next(other)
    one.close()  # type: ignore[attr-defined]
    assert not work.ended.wait(0.1)
    other.close()  # type: ignore[attr-defined]
    assert work.ended.wait(5)
    assert work.how == "stopped"
    again = flights.follow("a", work)
    work.allow(3)
    assert list(again) == [b"0", b"1", b"2"]
    assert work.times == 2


def test_nothing_begins_before_it_is_asked_for() -> None:
    flights, work = Flights(2), Work()
    parts = flights.follow("a", work)
    assert not work.begun.wait(0.05)
    parts.close()  # type: ignore[attr-defined]
    assert not work.begun.is_set()


def test_urgent_work_holds_up_the_other_work_until_it_is_done() -> None:
    flights, patient, urgent = Flights(2), Work(), Work()
    slow, quick = flights.follow("slow", patient), flights.follow("quick", urgent, urgent=True)
    patient.allow(1)
    assert next(slow) == b"0"
    urgent.allow(1)
    assert next(quick) == b"0"
    patient.allow(3)
    got: list[bytes] = []
    reader = Thread(target=lambda: got.extend(slow))
    reader.start()
    assert not patient.ended.wait(0.2)
    urgent.allow(3)
    assert list(quick) == [b"1", b"2"]
    reader.join(5)
    assert got == [b"1", b"2"]


def test_no_more_than_so_many_work_at_once() -> None:
    flights, works = Flights(1), [Work(), Work()]
    first, second = (flights.follow(str(i), work) for i, work in enumerate(works))
    works[0].allow(1)
    assert next(first) == b"0"
    got: list[bytes] = []
    reader = Thread(target=lambda: got.extend(second))
    reader.start()
    works[1].allow(3)
    assert not works[1].begun.wait(0.2)
    works[0].allow(3)
    assert list(first) == [b"1", b"2"]
    reader.join(5)
    assert got == [b"0", b"1", b"2"]


def test_every_follower_gets_the_error_and_closing_ends_all() -> None:
    def broken(flight: Flight) -> None:
        flight.emit(b"0")
        raise ValueError("no")

    flights, work = Flights(2), Work()
    with pytest.raises(ValueError, match="no"):
        list(flights.follow("a", broken))
    parts = flights.follow("b", work)
    work.allow(1)
    next(parts)
    flights.close()
    assert work.how == "stopped"
    with pytest.raises(Stopped):
        list(parts)
    with pytest.raises(Stopped):
        next(flights.follow("c", work))


def test_what_cancelled_work_held_is_free_at_once() -> None:
    """Decoders and encoders hold many pictures: they cannot wait until cycles are collected."""

    class Decoder:
        pass

    held: list[weakref.ref[Decoder]] = []

    def work(flight: Flight) -> None:
        decoder = Decoder()
        held.append(weakref.ref(decoder))
        while True:
            flight.emit(b"0")
            flight.check()

    flights = Flights(1)
    gc.disable()
    try:
        follower = flights.follow("a", work)
        next(follower)
        follower.close()
        flights.close()
        assert held[0]() is None
    finally:
        gc.enable()
