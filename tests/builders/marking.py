"""An analysis that counts frames, marks in a folder what happens to it, and fails as asked."""

from __future__ import annotations

import os
import signal
import time
from fractions import Fraction as F
from pathlib import Path
from typing import Any, ClassVar

from smartcut import errors
from smartcut.annotation import Data, Signal
from smartcut.cut import Cut
from smartcut.runners.jobs import PipelineJob
from smartcut.runners.worker import JobOutcome
from smartcut.source import Source
from smartcut.spec import Input, StageLine
from smartcut.stage import Analysis, AnalysisStage, Context, Frames


def inputs(paths: Any) -> tuple[Input, ...]:
    return tuple(Input(path=path) for path in paths)


class Marking(AnalysisStage):
    """Counts frames, in files that tell how often; ``does`` says what else happens."""

    name: ClassVar[str] = "marking"
    gives: ClassVar[tuple[str, ...]] = ("marking",)

    folder: Path
    does: str = ""
    only: str = ""

    def analyses(self) -> tuple[Analysis, ...]:
        return (Marks(folder=self.folder, does=self.does, only=self.only),)


class Marks(Analysis):
    name: ClassVar[str] = "marking"
    version: ClassVar[int] = 1

    folder: Path
    does: str = ""
    only: str = ""

    def wants(self, source: Source) -> Frames:
        return Frames((16, 9), "gray", "frame")

    def listener(self, source: Source, context: Context) -> Marker:
        return Marker(self, source, context)


class Marker:
    def __init__(self, params: Marks, source: Source, context: Context) -> None:
        self.does = params.does if params.only in ("", source.id) else ""
        self.folder, self.source, self.context = params.folder, source, context
        self.count = 0
        self.mark("started")

    def mark(self, word: str) -> None:
        (self.folder / f"{word}-{self.source.id}-{time.monotonic_ns()}").touch()

    def feed(self, item: Any) -> None:
        self.count += 1
        if self.count == 2 and self.does:
            getattr(self, self.does)()
        if self.does == "dawdle":
            self.mark("fed")
            time.sleep(0.05)

    def dawdle(self) -> None:
        pass

    def notes(self) -> None:
        self.context.progress.note(f"{self.source.id} is worth a note")

    def refuses(self) -> None:
        raise errors.SourceError(f"{self.source.path}: the second frame is odd")

    def lacks(self) -> None:
        raise errors.MissingExtra("left-pad", "pads", "padding")

    def errs(self) -> None:
        raise errors.PipelineError("no such thing", path="reel.yaml", line=7)

    def crashes(self) -> None:
        raise ZeroDivisionError("a mistake in a stage")

    def dies(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def dies_once(self) -> None:
        if not list(self.folder.glob("died-*")):
            self.mark("died")
            self.dies()

    def finish(self) -> Data:
        return Signal(F(1), (0,), ("frames",), ((float(self.count),),), "frames")


def marking(folder: Path, does: str = "", only: str = "") -> tuple[StageLine, ...]:
    return (StageLine(Marking(folder=folder, does=does, only=only)),)


def count(folder: Path, word: str) -> int:
    return len(list(folder.glob(f"{word}-*")))


def frames_counted(cut: Cut) -> dict[str, float]:
    return {a.source: a.data.values[0][0] for a in cut.annotations}  # type: ignore[union-attr]


class Seen:
    """A view that keeps how jobs ended."""

    def __init__(self) -> None:
        self.ends: dict[str, tuple[str, int]] = {}
        self.errors: list[str] = []

    def started(self, job: PipelineJob) -> None: ...

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None: ...

    def noted(self, job: PipelineJob, text: str) -> None: ...

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None: ...

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        self.ends[job.output.name] = (outcome.status, attempts)
        self.errors += [outcome.error] if outcome.error else []
