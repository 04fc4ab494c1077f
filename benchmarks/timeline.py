"""What ran when in a command, and how many cores it had and wanted meanwhile.

A core is wanted by each thread that runs or waits for a turn: where a machine has other work, what
a command has of the cores says little. How long it would have taken alone is worked out from both:
its processor time, so much faster where several threads want a core. That is a little too short,
as threads that wait for a core are wanting it for longer than they would run.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import CommandFailed, Peer, Sample

# Seconds between two looks at the threads.
_EVERY = 0.02
# A process's clock is named by its number, its bits inverted, and how it counts (see the system's
# posix-timers.h): by what the scheduler gave it.
_BY_SCHEDULER = 2
# Where no thread wanted a core and less than this share of one was had, time itself was waited for.
_IDLE = 0.1


@dataclass(frozen=True, slots=True)
class Moment:
    """A look at a process: ``at`` seconds of the monotonic clock."""

    at: float
    cpu_s: float
    """Processor time so far."""
    wanted: int
    """Threads that run or wait for a core."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that a command said it was doing, in seconds of the monotonic clock."""

    label: str
    start: float
    end: float


def watched(peer: Peer) -> tuple[list[Moment], Sample]:
    """Run a command and look at its threads; raises CommandFailed. Of Linux alone."""
    if peer.before:
        peer.before()
    moments: list[Moment] = []
    with peer.log.open("wb") as log:
        environment = {**os.environ, **peer.environment}
        began = time.monotonic()
        process = subprocess.Popen(list(peer.command), stdout=log, stderr=log, env=environment)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            with suppress(OSError):  # it has ended just now
                moments.append(_look(process.pid))
            time.sleep(_EVERY)
    ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailed(f"{peer.name}: its output is in {peer.log}")
    cpu = usage.ru_utime + usage.ru_stime
    edges = (Moment(began, 0.0, 1), Moment(ended, cpu, 0))
    return [edges[0], *moments, edges[1]], Sample(ended - began, cpu, usage.ru_maxrss / 1024)


def _look(pid: int) -> Moment:
    at, wanted = time.monotonic(), 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found = (task / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        wanted += found[0] in "RD"
    return Moment(at, time.clock_gettime((~pid << 3) | _BY_SCHEDULER), wanted)


def stretches(events: Path, began: float, ended: float) -> list[Stretch]:
    """What a file of events tells, in the order in which it began; what has no end ends last.

    Each line is JSON: ``at``, ``label``, and whether that ``begins`` then.
    """
    found: list[Stretch] = []
    open_: dict[str, float] = {}
    first = ended
    for line in events.read_text().splitlines():
        event = json.loads(line)
        first = min(first, event["at"])
        if event["begins"]:
            open_[event["label"]] = event["at"]
        elif (start := open_.pop(event["label"], None)) is not None:
            found.append(Stretch(event["label"], start, event["at"]))
    found += [Stretch(label, start, ended) for label, start in open_.items()]
    return sorted([Stretch("start", began, first), *found], key=lambda one: one.start)


def had(moments: Sequence[Moment], start: float, end: float) -> float:
    """Processor seconds that were had from ``start`` to ``end``."""
    return _reached(moments, end) - _reached(moments, start)


def _reached(moments: Sequence[Moment], at: float) -> float:
    for before, after in pairwise(moments):
        if before.at <= at <= after.at:
            share = (at - before.at) / max(after.at - before.at, 1e-9)
            return before.cpu_s + share * max(0.0, after.cpu_s - before.cpu_s)
    return moments[-1].cpu_s


def alone(moments: Sequence[Moment], start: float, end: float, cores: int) -> float:
    """Seconds that this would have taken with nothing else on the machine."""
    total = 0.0
    for one, after in pairwise(moments):
        first, last = max(one.at, start), min(after.at, end)
        if last <= first:
            continue
        used = had((one, after), first, last)
        is_idle = not one.wanted and used < (last - first) * _IDLE
        total += last - first if is_idle else used / min(max(one.wanted, 1), cores)
    return total


def wanted(moments: Iterable[Moment], start: float, end: float, cores: int) -> float:
    """Core seconds that were had or waited for, of at most so many cores."""
    total = 0.0
    for one, after in pairwise(moments):
        lasts = min(after.at, end) - max(one.at, start)
        total += max(0.0, lasts) * min(one.wanted, cores)
    return total
