"""Runs many jobs in processes of their own; what fails is tried again, and stops no other.

Each worker has its share of the cores and takes one job at a time, so that with ten thousand
jobs no more than the running ones are in memory. A worker that dies (out of memory, a crash in a
decoder, a kill) fails its job alone, and another takes its place.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Protocol

from smartcut.errors import PipelineError, SmartcutError
from smartcut.files import reason
from smartcut.runners.jobs import PipelineJob
from smartcut.runners.worker import JobOutcome, JobSetup, output_of, work
from smartcut.spec import files_of
from smartcut.usable import usable_cores

# A worker is replaced after so many jobs: whatever its libraries leak is given back.
_MOST_JOBS_OF_A_WORKER = 200
_RESULTS = (".jsonl", ".ndjson", ".json")
_GRACE = 10.0
"""Seconds that a worker has to clean up when all is stopped."""


class BatchView(Protocol):
    """Gets the events of the jobs."""

    def started(self, job: PipelineJob) -> None:
        """A worker has taken the job."""

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None:
        """The job is so far with what ``label`` names."""

    def noted(self, job: PipelineJob, text: str) -> None:
        """Something about the job is worth knowing."""

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None:
        """The job failed, and will be tried again."""

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        """The job is done, skipped or failed for good."""


@dataclass(slots=True)
class Tally:
    """How many jobs ended how."""

    done: int = 0
    skipped: int = 0
    failed: int = 0


class _Worker:
    """A process that runs jobs on some cores; started when there is a first job for it."""

    def __init__(self, cores: tuple[int, ...], setup: JobSetup) -> None:
        self._cores, self._setup = cores, setup
        self.process: Any = None
        self.connection: Connection | None = None
        self.job: PipelineJob | None = None
        self.since = 0.0
        self._jobs = 0

    def take(self, job: PipelineJob) -> None:
        if self._jobs >= _MOST_JOBS_OF_A_WORKER:
            self.dismiss()
        if self.connection is None:
            self._start()
        assert self.connection is not None
        self.job, self.since = job, time.monotonic()
        self._jobs += 1
        with suppress(OSError):  # one that died meanwhile is noticed when it is heard
            self.connection.send(job)

    def _start(self) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs, self._setup, self._cores))
        with _no_interrupts():
            self.process.start()
        theirs.close()
        self._jobs = 0

    def dismiss(self) -> None:
        """Let it end, when it has nothing to do."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.send(None)
            self.bury()

    def bury(self) -> int | None:
        """The exit code of a process that ends; another one can be started after it."""
        assert self.connection is not None
        self.connection.close()
        self.process.join()
        code: int | None = self.process.exitcode
        self.connection = self.process = None
        return code


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile never gets it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def shares(workers: int) -> list[tuple[int, ...]]:
    """The cores of each worker: all are dealt out; with more workers than cores, some share."""
    if hasattr(os, "sched_getaffinity"):
        cores = sorted(os.sched_getaffinity(0))
    else:
        cores = list(range(os.cpu_count() or 1))
    if workers >= len(cores):
        return [(cores[i % len(cores)],) for i in range(workers)]
    return [tuple(cores[i::workers]) for i in range(workers)]


def default_workers() -> int:
    """One worker for each core that may be used."""
    return usable_cores()


def run_jobs(
    jobs: Sequence[PipelineJob],
    setup: JobSetup,
    view: BatchView,
    *,
    workers: int | None = None,
    retries: int = 1,
    results: Path | None = None,
) -> Tally:
    """Run all jobs, so many at once; failed ones again at the end, ``retries`` times.

    ``results`` gets a line of JSON for each job as it ends. An interruption stops all workers,
    which leave nothing half-written, and goes on to the caller.
    """
    count = min(workers or default_workers(), len(jobs))
    with _Results(results) as lines:
        return _Batch(jobs, setup, view, retries, lines).run(shares(count))


class _Batch:
    """The state of a run of many jobs."""

    def __init__(
        self,
        jobs: Sequence[PipelineJob],
        setup: JobSetup,
        view: BatchView,
        retries: int,
        results: _Results,
    ) -> None:
        self._setup, self._view, self._retries, self._results = setup, view, retries, results
        self._fresh = iter(jobs)
        self._again: deque[PipelineJob] = deque()
        self._failures: dict[int, int] = {}
        self._tally = Tally()

    def run(self, shares: Sequence[tuple[int, ...]]) -> Tally:
        crew = [_Worker(cores, self._setup) for cores in shares]
        try:
            while True:
                for worker in crew:
                    if worker.job is None:
                        self._serve(worker)
                busy = [w for w in crew if w.job is not None and w.connection is not None]
                if not busy:
                    return self._tally
                ready = wait([w.connection for w in busy if w.connection])
                for worker in busy:
                    if worker.connection in ready:
                        self._hear(worker)
        except BaseException:
            _stop(crew)
            raise

    def _serve(self, worker: _Worker) -> None:
        """Give a worker its next job, or let it go: others redo what has to be redone."""
        job = next(self._fresh, None) or (self._again.popleft() if self._again else None)
        if job is None:
            worker.dismiss()
        else:
            self._view.started(job)
            worker.take(job)

    def _hear(self, worker: _Worker) -> None:
        job, connection = worker.job, worker.connection
        assert job is not None
        assert connection is not None
        try:
            message = connection.recv()
        except (EOFError, OSError):
            worker.job = None
            error = f"the worker process {_end_of(worker.bury())}"
            self._end(job, JobOutcome("failed", time.monotonic() - worker.since, error=error))
            return
        if isinstance(message, JobOutcome):
            worker.job = None
            self._end(job, message)
        elif message[0] == "progress":
            self._view.progressed(job, *message[1:])
        else:
            self._view.noted(job, message[1])

    # ------------------------------------------------------------------------ what comes out

    def _end(self, job: PipelineJob, outcome: JobOutcome) -> None:
        failures = self._failures.pop(job.number, 0)
        if outcome.status == "failed" and failures < self._retries:
            self._failures[job.number] = failures + 1
            self._again.append(job)
            self._view.retried(job, outcome)
            return
        counts = self._tally
        setattr(counts, outcome.status, getattr(counts, outcome.status) + 1)
        self._results.add(job, outcome, failures + 1)
        self._view.ended(job, outcome, failures + 1)


def _stop(crew: Sequence[_Worker]) -> None:
    """End all workers: asked first, so that they remove what is half-written."""
    running = [worker.process for worker in crew if worker.process is not None]
    try:
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
    finally:
        for process in running:
            process.kill()


def _end_of(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return f"was ended by {name}{hint}"
    return f"ended with exit code {code}"


# ------------------------------------------------------------------------------------- results


class _Results:
    """A file of JSON Lines; each line is written at once, so that none is ever half there."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._file = path, -1

    def __enter__(self) -> _Results:
        if self._path is not None:
            if self._path.suffix.lower() not in _RESULTS:
                accepted = ", ".join(_RESULTS)
                raise PipelineError(f"the results file {self._path}: accepted are {accepted}")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
                size = os.fstat(self._file).st_size
                if size and os.pread(self._file, 1, size - 1) != b"\n":
                    os.write(self._file, b"\n")  # a line that a full disk cut short
            except OSError as error:
                raise PipelineError(
                    f"the results file {self._path} cannot be written: {reason(error, self._path)}"
                ) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            os.close(self._file)

    def add(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        if self._file < 0:
            return
        line = json.dumps(result_line(job, outcome, attempts), ensure_ascii=False, default=str)
        data = (line + "\n").encode("utf-8", "backslashreplace")
        try:
            if os.write(self._file, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            why = reason(error, self._path)
            raise SmartcutError(
                f"the results file {self._path} cannot be written: {why}"
            ) from error


def result_line(job: PipelineJob, outcome: JobOutcome, attempts: int) -> dict[str, Any]:
    """What the results file says of a job."""
    return {
        "job": job.number,
        "status": outcome.status,
        "inputs": [str(item.path) for item in files_of(job.inputs)],
        "input_sha256": list(outcome.inputs),
        "digest": outcome.basis,
        "params": dict(job.params),
        "output": str(output_of(outcome) or job.output),
        "files": [{k: f[k] for k in ("path", "size", "sha256")} for f in outcome.files],
        "seconds": round(outcome.seconds, 3),
        "attempts": attempts,
        "error": outcome.error or None,
    }
