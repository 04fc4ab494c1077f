"""`python -m benchmarks.batch`: many files through one pipeline, beside one file at a time.

Measured: the throughput of `smartcut run --each` against files x single-file time / cores, by
the clock and in processor time (which does not count what else the machine is doing); memory of
the whole process tree, at the beginning and at the end; and how long a second run takes, which
has nothing to do. The single file is run in a process of its own on one core; its time with the
start of that process taken off is given too, as the batch starts few processes; and its time while
another one runs on each other core, which is what cores that share a unit have to offer.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

PIPELINE = """stages:
  - shots: {detector: adaptive}
  - motion
  - highlights: {duration: 4s}
  - render: {resolution: 180p}
"""
_RATE = 25


@dataclass(slots=True)
class Figures:
    """What was measured; times in seconds, memory in megabytes."""

    files: int
    seconds_each: int
    cores: int
    load_before: float
    single_clock: float = 0.0
    single_processor: float = 0.0
    single_warm: float = 0.0
    """A file in a process that is running already, on one core."""
    single_beside: float = 0.0
    """A file in a process of its own on one core, beside one on each other core."""
    batch_clock: float = 0.0
    batch_processor: float = 0.0
    second_clock: float = 0.0
    parent_early: float = 0.0
    parent_peak: float = 0.0
    tree_early: float = 0.0
    """Peak of all processes together until a quarter of the files was done."""
    tree_peak: float = 0.0
    skipped: int = 0
    load_after: float = 0.0
    ratios: dict[str, float] = field(default_factory=dict)


def measure(folder: Path, files: int, seconds: int, repeats: int = 3) -> Figures:
    """The figures of so many files of so many seconds, made in ``folder``."""
    cores = len(os.sched_getaffinity(0))
    figures = Figures(files, seconds, cores, os.getloadavg()[0])
    sources = _make(folder, files, seconds)
    singles = [_single(folder, sources[i], i) for i in range(min(repeats, files))]
    figures.single_clock = statistics.median(clock for clock, _ in singles)
    figures.single_processor = statistics.median(used for _, used in singles)
    figures.single_beside = _beside(folder, sources[: cores * repeats], cores)
    figures.single_warm = _warm(folder, min(2 * repeats, files))
    _batch(folder, figures)
    figures.second_clock, figures.skipped = _second(folder)
    figures.load_after = os.getloadavg()[0]
    work = figures.files / figures.cores
    figures.ratios = {
        "clock": work * figures.single_clock / figures.batch_clock,
        "clock, single files beside each other": work * figures.single_beside / figures.batch_clock,
        "clock, single file warm": work * figures.single_warm / figures.batch_clock,
        "processor": figures.files * figures.single_processor / figures.batch_processor,
    }
    return figures


def _make(folder: Path, files: int, seconds: int) -> list[Path]:
    """Files of equal pictures and other digests: each ends in a box of its own that is ignored."""
    from smartcut.testing import write_bar_coded

    shutil.rmtree(folder, ignore_errors=True)
    library = folder / "library"
    library.mkdir(parents=True)
    (folder / "p.yaml").write_text(PIPELINE)
    first = folder / "first.mp4"
    write_bar_coded(first, frames=seconds * _RATE, rate=Fraction(_RATE), size=(640, 360))
    content = first.read_bytes()
    paths = [library / f"file-{i:05}.mp4" for i in range(files)]
    for i, path in enumerate(paths):
        path.write_bytes(content + (16).to_bytes(4, "big") + b"free" + i.to_bytes(8, "big"))
    return paths


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "smartcut.cli", *map(str, arguments)]


def _environment(folder: Path, cache: str) -> dict[str, str]:
    # One thread for one core, as a worker of a batch has it.
    return {**os.environ, "SMARTCUT_CACHE": str(folder / cache), "OMP_NUM_THREADS": "1"}


def _one_core(which: int = 0) -> None:
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[which]})


def _single(folder: Path, source: Path, number: int, core: int = 0) -> tuple[float, float]:
    """(clock, processor time) of one file in a process of its own, on one core."""
    before, began = _children(), time.monotonic()
    subprocess.run(
        _command("run", "p.yaml", source.relative_to(folder), "-o", f"one/{core}-{number}.mp4"),
        cwd=folder,
        env=_environment(folder, f"cache-one-{core}-{number}"),
        preexec_fn=partial(_one_core, core),
        check=True,
        capture_output=True,
    )
    return time.monotonic() - began, _children() - before


def _beside(folder: Path, sources: list[Path], cores: int) -> float:
    """Median seconds of one file in a process of its own, as many at once as there are cores."""
    shutil.rmtree(folder / "one", ignore_errors=True)

    def on(core: int) -> list[float]:
        return [_single(folder, s, i, core)[0] for i, s in enumerate(sources[core::cores], 100)]

    with ThreadPoolExecutor(cores) as pool:
        return statistics.median(t for times in pool.map(on, range(cores)) for t in times)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _warm(folder: Path, files: int) -> float:
    """Median seconds of a file in one worker on one core, but the first."""
    subprocess.run(
        _command(
            "run",
            "p.yaml",
            f"library/file-0000[0-{min(files, 10) - 1}].mp4",
            "--each",
            "-o",
            "warm/{stem}.mp4",
            "--jobs",
            1,
            "--results",
            "warm/results.jsonl",
        ),
        cwd=folder,
        env=_environment(folder, "cache-warm"),
        preexec_fn=_one_core,
        check=True,
        capture_output=True,
    )
    lines = (folder / "warm" / "results.jsonl").read_text().splitlines()
    return statistics.median([json.loads(line)["seconds"] for line in lines][1:] or [0.0])


def _many(folder: Path) -> list[str]:
    return _command(
        "run",
        "p.yaml",
        "library/*.mp4",
        "--each",
        "-o",
        "out/{stem}.mp4",
        "--results",
        "results.jsonl",
        "--json",
    )


def _batch(folder: Path, figures: Figures) -> None:
    before, began = _children(), time.monotonic()
    with (
        (folder / "events.jsonl").open("w") as events,
        subprocess.Popen(
            _many(folder), cwd=folder, env=_environment(folder, "cache"), stdout=events
        ) as run,
    ):
        watch = _Watch(run.pid, folder / "results.jsonl")
        watch.start()
        code = run.wait()
        figures.batch_clock = time.monotonic() - began
        watch.join()
    if code:
        raise SystemExit(f"the batch ended with exit code {code}")
    figures.batch_processor = _children() - before
    figures.parent_early, figures.parent_peak = watch.peak_parent(figures.files)
    figures.tree_early, figures.tree_peak = watch.peak_tree(figures.files)


def _second(folder: Path) -> tuple[float, int]:
    began = time.monotonic()
    done = subprocess.run(
        _many(folder),
        cwd=folder,
        env=_environment(folder, "cache"),
        check=True,
        capture_output=True,
    )
    seconds = time.monotonic() - began
    return seconds, int(json.loads(done.stdout.splitlines()[-1])["skipped"])


class _Watch(threading.Thread):
    """Notes (files done, memory of the parent, memory of all) a few times a second."""

    def __init__(self, pid: int, results: Path) -> None:
        super().__init__()
        self._pid, self._results = pid, results
        self._samples: list[tuple[int, float, float]] = []

    def run(self) -> None:
        while parent := _resident(self._pid):
            tree = parent + sum(map(_resident, _descendants(self._pid)))
            done = self._results.read_bytes().count(b"\n") if self._results.exists() else 0
            self._samples.append((done, parent, tree))
            time.sleep(0.3)

    def peak_parent(self, files: int) -> tuple[float, float]:
        return self._peaks(1, files)

    def peak_tree(self, files: int) -> tuple[float, float]:
        return self._peaks(2, files)

    def _peaks(self, column: int, files: int) -> tuple[float, float]:
        """(until a quarter was done, over all)"""
        early = [s[column] for s in self._samples if s[0] <= files / 4]
        return max(early, default=0.0), max((s[column] for s in self._samples), default=0.0)


def _resident(pid: int) -> float:
    """Megabytes; 0 for a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = next((line for line in text.splitlines() if line.startswith("VmRSS")), None)
    return int(found.split()[1]) / 1000 if found else 0.0


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [d for child in map(int, children) for d in (child, *_descendants(child))]


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60, help="length of each file")
    parser.add_argument("--repeats", type=int, default=3, help="single runs; their median counts")
    out = Path(__file__).parents[1] / "out" / "bench" / "batch"
    parser.add_argument("--folder", type=Path, default=out, help="is emptied first")
    asked = parser.parse_args()
    figures = measure(asked.folder.resolve(), asked.files, asked.seconds, asked.repeats)
    print(json.dumps(asdict(figures), indent=2))


if __name__ == "__main__":
    main()
