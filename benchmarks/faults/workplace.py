"""A small pipeline with everything in it, the folder it works in, and runs of it that are ended."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

_ROOT = Path(__file__).parents[2]

PIPELINE = """
stages:
  - shots: {detector: adaptive}
  - said
  - motion
  - trim: {ranges: [0.4s - 1.7s, 2s - 2.9s]}
  - audio: {loudness: -16}
  - subtitles: {sidecar: [srt, ass]}
  - render: {thumbnail: true, contact_sheet: true, chapters: true}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    code: int
    seconds: float
    events: int
    last: str
    """The last event: what was done to which file."""
    text: str
    """All that it printed."""

    @property
    def error(self) -> str:
        """Its message, without "error: "."""
        lines = [x for x in self.text.splitlines() if x.startswith("error: ")]
        return lines[-1].removeprefix("error: ") if lines else ""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a run makes that nobody disturbs."""

    outputs: Mapping[str, str]
    """Names and digests."""
    entries: Mapping[str, str]
    sources: Mapping[str, str]
    seconds: float
    events: int
    folder: Path


@dataclass(slots=True)
class Trial:
    """A run that was ended, and the one after it."""

    how: str
    """"event" or "time"."""
    at: float
    phase: str = ""
    known: int = 0
    """Whole entries of the cache that the ended run left."""
    kept: int = 0
    """Those of them that the next run did not write again."""
    entries: int = 0
    """That an undisturbed run leaves."""
    seconds: float = 0.0
    """Of the next run."""
    problems: list[str] = field(default_factory=list)


class Workplace:
    """A folder with two sources, a pipeline, a cache and outputs; and a process that runs it."""

    def __init__(self, folder: Path, *, wrapper: tuple[str, ...] = ()) -> None:
        """``wrapper`` is a command that runs the process, in a namespace of its own."""
        self.folder = folder
        self.sources, self.out = folder / "sources", folder / "out"
        self.cache, self.temporary = folder / "cache", folder / "tmp"
        self.pipeline = folder / "reel.yaml"
        self._wrapper = wrapper
        self._process: subprocess.Popen[str] | None = None

    # ------------------------------------------------------------------------------ the folder

    def make(self) -> None:
        """Write the sources, the pipeline, and a package that brings the stage `said`."""
        from smartcut.testing import write_bar_coded

        for place in (self.sources, self.out, self.cache, self.temporary):
            place.mkdir(parents=True)
        for name, frames, gop in (("one", 100, 25), ("two", 90, 30)):
            path = self.sources / f"{name}.mp4"
            write_bar_coded(path, frames=frames, gop=gop, size=(192, 108))
        self.pipeline.write_text(PIPELINE)
        package = self.folder / "plugin"
        (package / "said_stages").mkdir(parents=True)
        (package / "said_stages" / "__init__.py").touch()
        shutil.copy(Path(__file__).with_name("said.py"), package / "said_stages")
        about = package / "said_stages-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: said_stages\nVersion: 1\n")
        (about / "entry_points.txt").write_text("[smartcut.stages]\nsaid = said_stages\n")

    def clear(self, *, outputs: bool = True) -> None:
        """No cache and no outputs, as before a first run."""
        for place in (self.cache, self.temporary, *([self.out] if outputs else ())):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()

    def seen(self, path: Path) -> Path:
        """The path as the runs see it, who may have mounted something there."""
        if not self._wrapper or self._process is None:
            return path
        return Path(f"/proc/{self._process.pid}/root{path}")

    @property
    def environment(self) -> dict[str, str]:
        """For every run here."""
        path = [str(self.folder / "plugin"), str(_ROOT)]
        return {
            "SMARTCUT_CACHE": str(self.cache),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": os.pathsep.join(path),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    @property
    def arguments(self) -> list[str]:
        """Of the run; paths are absolute."""
        inputs = sorted(str(p) for p in self.sources.iterdir())
        return ["run", str(self.pipeline), *inputs, "-o", str(self.out / "reel.mp4")]

    # ------------------------------------------------------------------------------------ runs

    def __enter__(self) -> Self:
        command = [*self._wrapper, sys.executable, "-m", "benchmarks.faults.zygote"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
            env={**os.environ, **self.environment},
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def order(self, **order: Any) -> Any:
        """The zygote's answer."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def run(self, **order: Any) -> Ended:
        """One run; see the zygote for what can be ordered."""
        return self.runs(order)[0]

    def runs(self, *orders: Mapping[str, Any]) -> list[Ended]:
        """Runs at once."""
        logs = [self.folder / f"log-{i}" for i in range(len(orders))]
        for log in logs:
            log.unlink(missing_ok=True)
            log.touch()
        asked = {"folder": str(self.folder), "arguments": self.arguments}
        answers = self.order(
            runs=[{**asked, "log": str(log), **o} for log, o in zip(logs, orders, strict=True)]
        )
        return [
            Ended(**answer, text=log.read_text(errors="replace"))
            for log, answer in zip(logs, answers, strict=True)
        ]

    def reference(self) -> Reference:
        """What an undisturbed run makes; after it, the zygote has imported what that needed."""
        learnt = self.folder / "modules"
        for order in ({"learn": str(learnt)}, {}):
            self.clear()
            ended = self.run(**order)
            if ended.code:
                raise RuntimeError(f"the undisturbed run failed: {ended.text}")
        sources = digests(self.sources)
        made = digests(self.seen(self.out))
        return Reference(made, self.entries(), sources, ended.seconds, ended.events, self.folder)

    def entries(self) -> dict[str, str]:
        """The whole entries of the cache, and their digests."""
        found = {}
        cache = self.seen(self.cache)
        for path in cache.rglob("*"):
            note = path.with_name(path.name + ".sum")
            if path.name.startswith(".") or path.suffix == ".sum" or not path.is_file():
                continue
            if note.is_file() and note.read_text().split()[:1] == [digest(path)]:
                found[str(path.relative_to(cache))] = digest(path)
        return found

    def inodes(self, names: Mapping[str, str]) -> dict[str, int]:
        """Which file each entry is; one that was written again is another."""
        files = {n: self.seen(self.cache) / n for n in names}
        return {n: file.stat().st_ino for n, file in files.items() if file.exists()}

    # ---------------------------------------------------------------------------------- trials

    def trial(self, how: str, at: float, whole: Reference, old: bool = False) -> Trial:
        """End a run, look at what is left, run it again, and look once more.

        With ``old``, an earlier output is there, of other digests.
        """
        self.clear()
        trial = Trial(how, at, entries=len(whole.entries))
        before = self._older(whole) if old else {}
        ended = self.run(**({"kill_at": int(at)} if how == "event" else {"kill_after": at}))
        trial.phase = self.phase(ended, whole)
        trial.problems += self.left(whole, before)
        self.take_up(trial, whole, self.run)
        return trial

    def take_up(self, trial: Trial, whole: Reference, again: Callable[[], Ended]) -> None:
        """Run it once more, and note what of the cache was made again, and what is wrong."""
        known = {n: d for n, d in self.entries().items() if n in whole.entries}
        inodes = self.inodes(known)
        ended = again()
        trial.seconds, trial.known = ended.seconds, len(known)
        trial.kept = sum(self.inodes(known).get(n) == i for n, i in inodes.items())
        if ended.code:
            trial.problems.append(f"the next run failed: {ended.text[-500:]}")
        trial.problems += self.finished(whole)

    def _older(self, whole: Reference) -> dict[str, str]:
        for name in whole.outputs:
            (self.out / name).write_text(f"the older {name}\n")
        return digests(self.seen(self.out))

    def left(self, whole: Reference, before: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the sources and final names after a kill."""
        if digests(self.sources) != whole.sources:
            yield "a source was changed"
        found = {n: d for n, d in digests(self.seen(self.out)).items() if not n.startswith(".")}
        for name, value in found.items():
            if value not in (whole.outputs.get(name), before.get(name)):
                yield f"{name} is neither the old one nor the new one"
        if missing := before.keys() - found.keys():
            yield f"older outputs are gone: {sorted(missing)}"

    def finished(self, whole: Reference) -> Iterator[str]:
        """What is wrong with what the next run made."""
        if digests(self.sources) != whole.sources:
            yield "a source was changed by the next run"
        found = digests(self.seen(self.out))
        if extra := found.keys() - whole.outputs.keys():
            yield f"left over: {sorted(extra)}"
        hidden = [p for p in self.seen(self.cache).rglob(".tmp-*") if p.is_file()]
        if left := [*hidden, *self.temporary.iterdir()]:
            yield f"temporary files left: {[p.name for p in left]}"
        for name, value in whole.outputs.items():
            if found.get(name) != value:
                yield f"{name} differs from the undisturbed run's"

    def phase(self, ended: Ended, whole: Reference) -> str:
        """In a word, how far the run had come, by what it left."""
        if ended.code == 0:
            return "ended before"
        out = digests(self.seen(self.out))
        new = {name for name, value in whole.outputs.items() if out.get(name) == value}
        if "reel.manifest.json" in new:
            return "ending"
        if "reel.mp4" in new:
            return "writing beside"
        if any(name.startswith(".") and name.endswith(".part.mp4") for name in out):
            return "joining"
        kinds = {p.name.removesuffix(".sum")[-4:] for p in self.seen(self.cache).rglob("*.*")}
        if ".nut" in kinds:
            return "encoding"
        return "looking" if self.entries() else "starting"


def points(whole: Reference, kills: int, seed: int = 0) -> list[tuple[str, float]]:
    """When to kill: half at events, evenly from the first to the last, half at random times."""
    chance = random.Random(seed)
    at_events = kills - kills // 2
    step = max(1, whole.events - 1) / max(1, at_events - 1)
    found = [("event", float(round(i * step))) for i in range(at_events)]
    found += [("time", chance.uniform(0, whole.seconds)) for _ in range(kills // 2)]
    return found


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    return sha256(path.read_bytes()).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Of all files in the folder, hidden ones too."""
    return {p.name: digest(p) for p in sorted(folder.iterdir()) if p.is_file()}
