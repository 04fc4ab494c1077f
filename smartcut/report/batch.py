"""Many jobs as a user sees them: while they run, at the end, and as a plan."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from smartcut.errors import PipelineError
from smartcut.report.progress import Events
from smartcut.report.tables import Row, as_text
from smartcut.runners.batch import BatchView, Tally, result_line, run_jobs
from smartcut.runners.done import basis_of, why_due
from smartcut.runners.jobs import PipelineJob, PipelineText, plan_jobs, read_pipeline
from smartcut.runners.local import opened_cache
from smartcut.runners.table import read_table
from smartcut.runners.worker import JobOutcome, JobSetup, output_of

#: Exit code where some jobs failed.
SOME_FAILED = 3
# A long table is cut short; the results file has every line.
_MOST_ROWS = 50
_LONGEST_CELL = 60


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What the user asked for on the command line."""

    pipeline: Path | PipelineText
    inputs: Sequence[Path] = ()
    output: Path | None = None
    each: bool = False
    table: Path | None = None
    settings: Mapping[str, Any] | None = None

    def jobs(self) -> tuple[PipelineText, list[PipelineJob]]:
        """The pipeline and all jobs; raises PipelineError, before anything has run."""
        pipeline = self.pipeline
        if isinstance(pipeline, Path):
            pipeline = read_pipeline(pipeline, self.settings or {})
        rows = None
        if self.table:
            rows, notes = read_table(self.table, pipeline.spec({}).params)
            pipeline = replace(pipeline, notes=(*pipeline.notes, *notes))
        return pipeline, plan_jobs(pipeline, self.inputs, self.output, each=self.each, rows=rows)


def run_many(
    request: BatchRequest,
    *,
    device: str,
    workers: int | None,
    retries: int | None,
    results: Path | None,
    cache: bool | str,
    allow_net: bool,
    as_json: bool,
    runner: str = "local",
    address: str | None = None,
) -> int:
    """0 when all jobs are done, or 3 where some failed; shows how they go and a table of them."""
    pipeline, jobs = request.jobs()
    setup = JobSetup(pipeline, device, cache, allow_net)
    started = time.monotonic()
    with shown_jobs(len(jobs), as_json) as view:
        kept = KeptView(view, len(jobs))
        for note in pipeline.notes:
            view.said(f"note: {note}")
        try:
            tally = _runner(runner, address)(
                jobs,
                setup,
                kept,
                workers=workers,
                retries=1 if retries is None else retries,
                results=results,
            )
        except KeyboardInterrupt:
            view.said(f"stopped after {kept.ended_jobs} of {len(jobs)}; the next run goes on there")
            raise
    seconds = time.monotonic() - started
    if isinstance(view, JobEvents):
        view.events.emit(
            "result", done=tally.done, skipped=tally.skipped, failed=tally.failed, seconds=seconds
        )
    else:
        print(kept.text(tally, seconds))
    return SOME_FAILED if tally.failed else 0


def _runner(name: str, address: str | None) -> Callable[..., Tally]:
    """What runs the jobs."""
    if name == "ray":
        from smartcut.runners import ray_batch

        return partial(ray_batch.run_jobs, address=address)
    if address:
        raise PipelineError("an address is that of a Ray cluster: add --runner ray")
    return run_jobs


# ----------------------------------------------------------------------------------- the plan


def planned(request: BatchRequest, cache: bool | str = True) -> Iterator[Row]:
    """A row for each job: what would be done, and why; decodes nothing."""
    pipeline, jobs = request.jobs()
    with opened_cache(cache) as known:
        for job in jobs:
            try:
                why = why_due(job, basis_of(job, pipeline.spec(job.params), known), known)
            except OSError as error:
                why = f"its input cannot be read: {error.strerror or error}"
            yield {
                "job": job.number,
                "state": "run" if why else "skip",
                "subject": job.subject,
                "output": str(job.output),
                "why": why or "done before, and nothing has changed",
            }


def plan_text(rows: Sequence[Row]) -> str:
    """The rows in columns, and how many there are of each kind."""
    run = sum(row["state"] == "run" for row in rows)
    shown = [{k: _short(v) for k, v in row.items()} for row in rows]
    return f"{as_text(shown)}\n{len(rows)} jobs: {run} to run, {len(rows) - run} to skip"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 3]}..."


# ------------------------------------------------------------------------------- the summary


class KeptView:
    """Forwards events, and keeps the few rows that the end shows."""

    def __init__(self, view: BatchView, total: int) -> None:
        self._view, self._all = view, total <= _MOST_ROWS
        self._rows: list[Row] = []
        self._left_out = 0
        self.ended_jobs = 0

    def started(self, job: PipelineJob) -> None:
        self._view.started(job)

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None:
        self._view.progressed(job, label, fraction)

    def noted(self, job: PipelineJob, text: str) -> None:
        self._view.noted(job, text)

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None:
        self._view.retried(job, outcome)

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        self._view.ended(job, outcome, attempts)
        self.ended_jobs += 1
        if not self._all and (outcome.status != "failed" or len(self._rows) >= _MOST_ROWS):
            self._left_out += 1
            return
        failed = outcome.status == "failed"
        self._rows.append(
            {
                "job": job.number,
                "status": outcome.status,
                "seconds": f"{outcome.seconds:.1f}",
                "subject": _short(job.subject),
                "output": _short(outcome.error) if failed else str(output_of(outcome)),
            }
        )

    def text(self, tally: Tally, seconds: float) -> str:
        """A table of the jobs (of many, those that failed), and the counts."""
        lines = [as_text(sorted(self._rows, key=lambda row: row["job"]))] if self._rows else []
        if self._left_out and self._rows:
            lines.append(f"and {self._left_out} more: --results FILE.jsonl lists all")
        counts = f"{tally.done} done, {tally.skipped} skipped, {tally.failed} failed"
        return "\n".join([*lines, f"{counts} in {seconds:.1f} s"])


# --------------------------------------------------------------------------- while they run


class ShownView(BatchView, Protocol):
    """A view that also says what is about no job."""

    def said(self, text: str) -> None:
        """Tell the user."""


class BatchLines:
    """A line on standard error for each job that ends, and for what goes wrong."""

    def __init__(self, total: int) -> None:
        self._total, self._ended = total, 0

    def started(self, job: PipelineJob) -> None:
        pass

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None:
        pass

    def noted(self, job: PipelineJob, text: str) -> None:
        self.said(f"note: {job.subject}: {text}")

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None:
        self.said(f"failed, to be tried again: {job.subject}: {outcome.error}")

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        self._ended += 1
        if outcome.status == "skipped":
            return  # the summary counts them
        said = outcome.error if outcome.status == "failed" else f"{output_of(outcome)}"
        self.said(f"[{self._ended}/{self._total}] {outcome.status} {job.subject}: {said}")

    def said(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class JobEvents:
    """JSON objects, one a line, on standard output."""

    def __init__(self) -> None:
        self.events = Events()

    def started(self, job: PipelineJob) -> None:
        self.events.emit("start", job=job.number, subject=job.subject)

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None:
        self.events.emit("progress", job=job.number, label=label, fraction=fraction)

    def noted(self, job: PipelineJob, text: str) -> None:
        self.events.emit("note", job=job.number, message=text)

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None:
        self.events.emit("retry", job=job.number, error=outcome.error)

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        self.events.emit("job", **result_line(job, outcome, attempts))

    def said(self, text: str) -> None:
        self.events.emit("note", message=text)


class JobBars:
    """A line for each running job, and one for all of them, on a terminal's standard error."""

    def __init__(self, bars: Any, total: int) -> None:
        self._bars = bars
        self._tasks: dict[int, Any] = {}
        self._all = bars.add_task("all", total=total)
        self._failed = 0

    def started(self, job: PipelineJob) -> None:
        self._tasks[job.number] = self._bars.add_task(_short(job.subject), total=1.0)

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None:
        said = f"{_short(job.subject)}: {_short(label.split(': ')[-1])}"
        self._bars.update(self._tasks[job.number], description=said, completed=fraction or 0.0)

    def noted(self, job: PipelineJob, text: str) -> None:
        self.said(f"note: {job.subject}: {text}")

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None:
        self._bars.remove_task(self._tasks.pop(job.number))
        self.said(f"failed, to be tried again: {job.subject}: {outcome.error}")

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        self._bars.remove_task(self._tasks.pop(job.number))
        self._bars.advance(self._all)
        if outcome.status == "failed":
            self._failed += 1
            self._bars.update(self._all, description=f"all, {self._failed} failed")
            self.said(f"failed: {job.subject}: {outcome.error}")

    def said(self, text: str) -> None:
        self._bars.console.print(text, highlight=False, markup=False)


@contextmanager
def shown_jobs(total: int, as_json: bool) -> Iterator[ShownView]:
    """Events with ``as_json``, bars where standard error is a terminal, else plain lines."""
    if as_json:
        yield JobEvents()
    elif not sys.stderr.isatty():
        yield BatchLines(total)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        plain = TextColumn("{task.description}", markup=False)
        columns = (plain, BarColumn(), TaskProgressColumn(), Remaining())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield JobBars(bars, total)
