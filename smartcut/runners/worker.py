"""A process that runs one job after the other, so that a crash takes one job with it alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

from smartcut.errors import SmartcutError, StageError
from smartcut.expectation import failed_names
from smartcut.files import only_writer
from smartcut.models.pool import held
from smartcut.runners import local
from smartcut.runners.done import Made, basis_of, keep, made_before, made_file, why_due
from smartcut.runners.jobs import PipelineJob, PipelineText
from smartcut.spec import Spec

Status = Literal["done", "skipped", "failed"]
_LONGEST_ERROR = 2000
_PAUSE = 0.2
"""Seconds between two reports of how far a job is."""


@dataclass(frozen=True, slots=True)
class JobSetup:
    """How jobs are run."""

    pipeline: PipelineText
    device: str = "auto"
    cache: bool | str = True
    """Whether results are kept, and done work is known from before; or where, such as a URL."""
    allow_net: bool = False


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended; small, whatever was made."""

    status: Status
    seconds: float = 0.0
    files: tuple[Made, ...] = ()
    inputs: tuple[str, ...] = ()
    """sha256 of each input, as far as they could be read."""
    basis: str = ""
    """Digest of everything that the output depends on."""
    error: str = ""
    notes: tuple[str, ...] = ()


def work(connection: Connection, setup: JobSetup, cores: tuple[int, ...]) -> None:
    """Answer each job that comes with an outcome, until None comes; on these cores alone."""
    _obey()
    _take(cores)
    try:
        with held():  # one video's networks are the next one's
            while (job := connection.recv()) is not None:
                connection.send(run_job(job, setup, len(cores), Relay(connection)))
    except (KeyboardInterrupt, EOFError, BrokenPipeError, ConnectionResetError):
        sys.exit(130)


def run_job(job: PipelineJob, setup: JobSetup, cores: int, relay: Relay) -> JobOutcome:
    """Do the job, or find it done; an error is an outcome."""
    started = time.monotonic()
    inputs: list[str] = []
    status: Status = "failed"
    files: list[Made] = []
    notes: tuple[str, ...] = ()
    basis, message = "", ""
    try:
        spec = setup.pipeline.spec(job.params)
        if not setup.cache:
            status, (files, notes) = "done", _made(job, spec, setup, cores, relay)
        else:
            with local.opened_cache(setup.cache) as cache:
                known = basis_of(job, spec, cache)
                inputs, basis = known.inputs, known.digest
                if why_due(job, known, cache) is not None:
                    with only_writer(job.output):
                        if why_due(job, known, cache) is not None:  # not by another run just now
                            files, notes = _made(job, spec, setup, cores, relay)
                            keep(job, known, files, cache)
                            status = "done"
                if status != "done":
                    status, files = "skipped", made_before(job, cache)
    except Exception as error:
        message = _explained(error)
    seconds = time.monotonic() - started
    return JobOutcome(status, seconds, tuple(files), tuple(inputs), basis, message, notes)


def _made(
    job: PipelineJob, spec: Spec, setup: JobSetup, cores: int, relay: Relay
) -> tuple[list[Made], tuple[str, ...]]:
    options = local.Options(setup.device, cores, setup.cache, setup.allow_net, relay)
    result = local.run(spec.steps, job.inputs, job.output, options)
    if not result.outputs:
        raise StageError(f"the pipeline wrote nothing for {job.output}")
    if not result.is_met:
        told = "; ".join(failed_names(result.verifications))
        raise StageError(f"written, but not as expected: {told} (`smartcut verify` says more)")
    return [made_file(path) for path in result.outputs], result.notes


def _explained(error: Exception) -> str:
    if isinstance(error, (SmartcutError, OSError)):
        return str(error)[:_LONGEST_ERROR]
    return f"unexpected {type(error).__name__}: {error}"[:_LONGEST_ERROR]


# -------------------------------------------------------------------------------------- process


class Relay:
    """Tells the parent how far the job is: ("progress", label, fraction) and ("note", text)."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._lock = connection, threading.Lock()
        self._last = 0.0

    def _send(self, *message: Any) -> None:
        with self._lock:
            self._connection.send(message)

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        self._send("progress", label, 0.0)

        def advance(done: float) -> None:
            now = time.monotonic()
            if now - self._last >= _PAUSE:
                self._last = now
                self._send("progress", label, min(1.0, done / total) if total else None)

        return advance

    def done(self, label: str) -> None:
        self._send("progress", label, 1.0)

    def note(self, message: str) -> None:
        self._send("note", message)


def _obey() -> None:
    """End cleanly on SIGTERM or with the parent; Ctrl-C is the parent's to handle."""

    def stop(number: int, frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "pthread_sigmask"):  # held back by the parent while it started this
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _take(cores: tuple[int, ...]) -> None:
    """Keep to these cores; FFmpeg, ncnn and smartcut itself count those that they may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(len(cores)))


def output_of(outcome: JobOutcome) -> Path | None:
    """The main file that a job wrote."""
    return Path(outcome.files[0]["path"]) if outcome.files else None
