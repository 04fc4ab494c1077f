"""`python -m benchmarks.ray`: analysis of eight files by two Ray workers, beside one.

With `--pictures` the files are looked at by the embedded scorer of `relevance`, twice a second; its
network is loaded within the turn, with what it imports.

Both turns do the same work into an empty cache, on a cluster that is running already. A worker
has one core of its own, so that one worker never computes on two. Beside the clock the processor
time of all workers is given: divided by the clock it is how many cores the machine granted, which
on a busy one bounds the ratio whatever the runner does. Turns alternate, and the best of each
counts.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread
from typing import Any

PIPELINE = """stages:
  - shots: {detector: adaptive}
  - motion
  - sharpness
  - loudness
"""
_FILES = 8
PICTURES = Fraction(2)
"""A second, for the network to look at."""


@dataclass(slots=True)
class Figures:
    """What was measured, in seconds."""

    files: int
    seconds_each: int
    cores: int
    load_before: float
    clock: dict[int, list[float]] = field(default_factory=lambda: {1: [], 2: []})
    """By the number of workers."""
    processor: dict[int, list[float]] = field(default_factory=lambda: {1: [], 2: []})
    """Of all of the workers' processes together."""
    same: bool = False
    """Whether the annotations were equal to the last bit."""
    load_after: float = 0.0

    @property
    def ratio(self) -> float:
        """How much faster two workers are, by the clock."""
        return min(self.clock[1]) / min(self.clock[2])

    @property
    def cores_used(self) -> dict[int, float]:
        """Processor time over clock, of the fastest turn: what the machine granted."""
        return {
            n: self.processor[n][self.clock[n].index(min(self.clock[n]))] / min(self.clock[n])
            for n in self.clock
        }


def measure(folder: Path, seconds: int, turns: int, pictures: bool = False) -> Figures:
    """Run each turn with one worker and with two; the files are made in the folder."""
    films = _films(folder, seconds)
    found = Figures(_FILES, seconds, len(os.sched_getaffinity(0)), os.getloadavg()[0])
    made: list[str] = []
    for turn in range(turns):
        for workers in (1, 2) if turn % 2 == 0 else (2, 1):
            clock, processor, annotations = _turn(films, folder, workers, pictures)
            found.clock[workers].append(clock)
            found.processor[workers].append(processor)
            made.append(annotations)
            print(
                f"{workers} workers: {clock:.1f} s, of the processor {processor:.1f} s", flush=True
            )
    found.same = len(set(made)) == 1
    found.load_after = os.getloadavg()[0]
    return found


def _films(folder: Path, seconds: int) -> list[Path]:
    """Equal films that differ in a box at the end, which players skip: none is known by another."""
    from smartcut.testing import write_bar_coded

    write_bar_coded(folder / "film.mp4", frames=30 * seconds, gop=60, size=(640, 360))
    whole = (folder / "film.mp4").read_bytes()
    films = [folder / f"film{i}.mp4" for i in range(_FILES)]
    for i, film in enumerate(films):
        film.write_bytes(whole + struct.pack(">I4sI", 12, b"free", i))
    return films


def _turn(
    films: list[Path], folder: Path, workers: int, pictures: bool
) -> tuple[float, float, str]:
    """(clock, processor time, annotations) of one run into an empty cache."""
    import ray

    from smartcut.cache import canonical
    from smartcut.interchange.json import to_plain
    from smartcut.runners import ray as on_ray
    from smartcut.runners.cluster import start
    from smartcut.runners.local import Options
    from smartcut.spec import Input

    start(None, workers)
    try:
        steps = _steps(pictures)
        warm = [film.with_name(f"warm-{film.name}") for film in films[:2]]
        for film, source in zip(warm, films, strict=False):
            if not film.exists():
                os.link(source, film)
        with tempfile.TemporaryDirectory(dir=folder) as first:
            os.environ["SMARTCUT_CACHE"] = first  # workers start, and import what they need
            first_steps = _steps(False) if pictures else steps  # a network belongs to its run
            on_ray.run(first_steps, [Input(path=film) for film in warm], None, Options())
        with tempfile.TemporaryDirectory(dir=folder) as cache:
            os.environ["SMARTCUT_CACHE"] = cache
            watch, began = _Watch(), time.monotonic()
            result = on_ray.run(steps, [Input(path=film) for film in films], None, Options())
            clock, processor = time.monotonic() - began, watch.seconds()
        return clock, processor, canonical(to_plain(result.cut))
    finally:
        ray.shutdown()


def _steps(pictures: bool) -> tuple[Any, ...]:
    from smartcut.library.looking import AnalysisSet
    from smartcut.spec import StageLine
    from smartcut.spec_reading import parse_spec
    from smartcut.stages._picture_vectors import PictureFeatures

    if pictures:
        asked = PictureFeatures(scorer="embedded", rate=PICTURES, effort="exact")
        return (StageLine(AnalysisSet(asked=(asked,))),)
    return parse_spec(PIPELINE).steps


class _Watch:
    """Reads the processor time of all workers that this process started, while there are any."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._over = Event()
        self._thread = Thread(target=self._read, daemon=True)
        self._look()
        self._before = sum(self._seen.values())
        self._thread.start()

    def seconds(self) -> float:
        """Used since the watch began, by workers that ended as well; ends it."""
        self._over.set()
        self._thread.join()
        self._look()
        return (sum(self._seen.values()) - self._before) / os.sysconf("SC_CLK_TCK")

    def _read(self) -> None:
        while not self._over.wait(0.2):
            self._look()

    def _look(self) -> None:
        for pid, one in _below(os.getpid()).items():
            if one["name"].startswith("ray::") and not _serves(one["name"]):
                self._seen[pid] = max(self._seen.get(pid, 0), sum(one["times"]))


def _serves(name: str) -> bool:
    """Whether that process is one of Ray's own."""
    return name.startswith(("ray::Dashboard", "ray::RuntimeEnv"))


def _below(root: int) -> dict[int, dict[str, Any]]:
    """All processes that the process ``root`` started, and those that they did."""
    found: dict[int, dict[str, Any]] = {}
    table: dict[int, dict[str, Any]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :]
        fields = rest.split()
        times = [int(fields[11]), int(fields[12])]
        table[int(folder.name)] = {"parent": int(fields[1]), "name": name, "times": times}
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        children = [pid for pid, one in table.items() if one["parent"] == parent]
        found |= {pid: table[pid] for pid in children}
        waiting += children
    return found


def main(arguments: list[str] | None = None) -> int:
    """0 where two workers are at least 1.7 times as fast as one, 1 where they are not.

    With networks, which take the better part of a short turn to load, it is enough that all turns
    say the same.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ray", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of each file")
    parser.add_argument("--turns", type=int, default=2, help="with each number of workers")
    parser.add_argument("--pictures", action="store_true", help="ask a network about them")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), asked.seconds, asked.turns, asked.pictures)
    plain = asdict(found) | {"ratio": found.ratio, "cores_used": found.cores_used}
    text = json.dumps(plain, indent=2)
    if asked.json:
        asked.json.write_text(text + "\n")
    print(text)
    return 0 if found.same and (asked.pictures or found.ratio >= 1.7) else 1


if __name__ == "__main__":
    sys.exit(main())
