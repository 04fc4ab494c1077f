"""The same on a Ray cluster of two workers here: the driver, a worker or the raylet is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.faults.workplace import Ended, Reference, Trial, Workplace, digests

KINDS = ("driver", "worker", "raylet")
_MARK = "SMARTCUT_FAULTS"
_LONGEST = 120.0
"""Seconds that a run may take, whatever is killed."""
_GRACE = 90.0
"""Seconds after which nothing of a cluster may live whose driver has ended; agents take longest."""


class Run:
    """A run in a process of its own, whose whole family carries a mark."""

    def __init__(self, place: Workplace) -> None:
        self._mark = uuid.uuid4().hex
        self._log = place.folder / "log"
        environment = {**os.environ, **place.environment, _MARK: self._mark}
        del environment["TMPDIR"]  # Ray's sockets have short names
        command = [sys.executable, "-m", "smartcut.cli", *place.arguments]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--runner", "ray", "--jobs", "2"],
                cwd=place.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        self._started = time.monotonic()

    def family(self) -> Iterator[tuple[int, str]]:
        """(process, command line) of everything that the run has started and that lives."""
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == self.process.pid:
                continue
            with suppress(OSError):
                marked = f"{_MARK}={self._mark}".encode() in (folder / "environ").read_bytes()
                zombie = ") Z " in (folder / "stat").read_text()
                if marked and not zombie:
                    said = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    yield int(folder.name), said

    def kill(self, kind: str, chance: random.Random) -> bool:
        """Whether there was such a process to kill."""
        if kind == "driver":
            chosen = [self.process.pid] if self.process.poll() is None else []
        else:
            chosen = [pid for pid, said in self.family() if _is(kind, said)]
        if not chosen:
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(chosen), signal.SIGKILL)
        return True

    def end(self) -> Ended:
        """How the run ended by itself; raises TimeoutExpired where it does not."""
        code = self.process.wait(_LONGEST)
        seconds = time.monotonic() - self._started
        return Ended(code, seconds, 0, "", self._log.read_text(errors="replace"))

    def survivors(self) -> list[str]:
        """What lives on though the run has ended; it is killed."""
        until = time.monotonic() + _GRACE
        while (left := list(self.family())) and time.monotonic() < until:
            time.sleep(0.2)
        for pid, _ in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return [said[:80] for _, said in left]


def _is(kind: str, said: str) -> bool:
    """Whether a command line is that of such a process; a raylet ends with one of its agents."""
    if kind == "raylet":
        return "/raylet/raylet" in said
    return said.startswith("ray::") and "Agent" not in said


def reference(place: Workplace) -> Reference:
    """What an undisturbed run on the cluster makes."""
    place.clear()
    run = Run(place)
    ended = run.end()
    run.survivors()
    if ended.code:
        raise RuntimeError(f"the undisturbed run failed: {ended.text}")
    entries, sources = place.entries(), digests(place.sources)
    return Reference(digests(place.out), entries, sources, ended.seconds, 0, place.folder)


def trial(place: Workplace, kind: str, at: float, whole: Reference, chance: random.Random) -> Trial:
    """Kill one process when the cache has so many files; look; run again; look once more."""
    place.clear()
    found = Trial("files", at, phase=kind, entries=len(whole.entries))
    run = Run(place)
    while run.process.poll() is None and sum(1 for _ in place.cache.rglob("*.sum")) < at:
        time.sleep(0.02)
    with suppress(subprocess.TimeoutExpired):
        run.process.wait(chance.uniform(0, 0.2))
    hit = run.kill(kind, chance)
    found.problems += _ended(run, kind if hit else "nothing")
    if not hit:
        found.phase = f"no {kind} yet or any more"
    found.problems += place.left(whole, {})

    def again() -> Ended:
        run = Run(place)
        ended = run.end()
        found.problems += [f"lives on: {said}" for said in run.survivors()]
        return ended

    place.take_up(found, whole, again)
    return found


def _ended(run: Run, kind: str) -> Iterator[str]:
    """What is wrong with how the run went on without what was killed."""
    try:
        ended = run.end()
    except subprocess.TimeoutExpired:
        run.process.kill()
        yield f"the run hung for {_LONGEST:g} s"
        ended = run.end()
    if kind in ("worker", "nothing") and ended.code:
        yield f"the run failed without one worker: {ended.text[-500:]}"
    # Ray itself ends a driver that has lost its raylet, if it sees it first, and says so.
    if kind == "raylet" and ended.code and "raylet" not in ended.text:
        yield f"the run said nothing of the lost cluster: {ended.text[-500:]}"
    if "Traceback" in ended.text:
        yield f"a traceback: {ended.text[-800:]}"
    yield from (f"lives on: {said}" for said in run.survivors())


def tried(folder: Path, kills: int, seed: int) -> tuple[list[Trial], Reference]:
    """So many kills at random moments, of the driver, a worker and the raylet in turn."""
    place = Workplace(folder)
    place.make()
    whole = reference(place)
    chance = random.Random(seed)
    trials = []
    for i in range(kills):
        at = chance.randrange(1, len(whole.entries))
        trials.append(trial(place, KINDS[i % len(KINDS)], at, whole, chance))
        for problem in trials[-1].problems:
            print(f"{trials[-1].phase} at {at} files: {problem}", flush=True)
    return trials, whole
