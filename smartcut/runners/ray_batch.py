"""Many jobs on a Ray cluster: each is one task on one core, wherever there is room.

What is tried again, recorded and shown is the same as in :mod:`smartcut.runners.batch`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import cast

from smartcut.context import LocalContext, Stored
from smartcut.errors import SmartcutError, StageError
from smartcut.runners import tasks
from smartcut.runners.batch import BatchView, Tally, _Batch, _Results, default_workers
from smartcut.runners.cluster import Cluster, Needs, connected
from smartcut.runners.jobs import PipelineJob
from smartcut.runners.local import opened_cache
from smartcut.runners.ray import GPU_SHARE, There
from smartcut.runners.worker import JobOutcome, JobSetup, Relay, run_job
from smartcut.stage import RowNetwork

# What a job takes while it analyses and encodes, in bytes; its inputs are not probed yet.
_MEMORY = 1500 << 20


@dataclass(frozen=True, slots=True)
class JobAnswer(tasks.TaskAnswer):
    """How a job ended."""

    outcome: JobOutcome | None = None


def do_job(setup: tasks.WorkerSetup, batch: JobSetup, job: PipelineJob) -> tasks.TaskAnswer:
    """Do one job of a batch on this node; what goes wrong in it is its outcome."""
    ended: list[JobOutcome] = []

    def work(context: LocalContext) -> None:
        os.environ["SMARTCUT_CACHE"] = str(setup.cache)  # also for copies of what is at a URL
        # Progress would have to cross the network; the notes go back with the answer.
        ended.append(run_job(job, batch, setup.cores, cast(Relay, context.progress)))

    answer = tasks.done(setup, work)
    return JobAnswer(answer.failure, answer.notes, ended[0] if ended else None)


def run_jobs(
    jobs: Sequence[PipelineJob],
    setup: JobSetup,
    view: BatchView,
    *,
    workers: int | None = None,
    retries: int = 1,
    results: Path | None = None,
    address: str | None = None,
) -> Tally:
    """Run all jobs on the cluster at ``address``, or on one here with ``workers`` cores.

    As :func:`smartcut.runners.batch.run_jobs`; a job whose node was lost is done again at once.
    """
    place = setup.cache or True  # tasks know by a shared cache that they see the same files
    with (
        _Results(results) as lines,
        opened_cache(place) as cache,
        connected(
            cache,
            address=address,
            workers=workers or default_workers(),
            device=setup.device,
            allow_net=setup.allow_net,
        ) as cluster,
    ):
        known = There(cache, cluster.device, setup.allow_net)
        return _RayBatch(jobs, setup, view, retries, lines).run_on(cluster, known)


class _RayBatch(_Batch):
    """The state of a run of many jobs, of which so many are out as the cluster has cores."""

    def run_on(self, cluster: Cluster, known: Stored) -> Tally:
        stopping = Event()
        out: dict[Future[JobAnswer], PipelineJob] = {}
        with ThreadPoolExecutor(cluster.cores) as pool:
            try:
                while True:
                    while len(out) < cluster.cores and (job := self._next()):
                        self._view.started(job)
                        out[pool.submit(self._answer, job, cluster, known, stopping)] = job
                    if not out:
                        return self._tally
                    for future in wait(out, return_when=FIRST_COMPLETED).done:
                        self._hear_of(out.pop(future), future.result())
            except BaseException:
                stopping.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _next(self) -> PipelineJob | None:
        return next(self._fresh, None) or (self._again.popleft() if self._again else None)

    def _hear_of(self, job: PipelineJob, answer: JobAnswer) -> None:
        if answer.failure:
            raise answer.failure.error()  # of the node, not of the job
        for note in answer.notes:
            self._view.noted(job, note)
        assert answer.outcome is not None
        self._end(job, answer.outcome)

    def _answer(
        self, job: PipelineJob, cluster: Cluster, known: Stored, stopping: Event
    ) -> JobAnswer:
        began = time.monotonic()
        gpu = GPU_SHARE if cluster.device != "cpu" else 0.0
        needs = Needs(1, _MEMORY, gpu, self._asks(job, known))
        try:
            answer = cluster.do(
                do_job, self._setup, job, needs=needs, stopping=stopping, subject=job.subject
            )
        except StageError as error:  # its workers died
            seconds = time.monotonic() - began
            return JobAnswer(outcome=JobOutcome("failed", seconds, error=str(error)))
        assert isinstance(answer, JobAnswer)
        return answer

    def _asks(self, job: PipelineJob, known: Stored) -> tuple[RowNetwork, ...]:
        """The networks that a job's analyses send rows to."""
        try:
            steps = self._setup.pipeline.spec(job.params).steps
            analyses = [a for step in steps for a in step.stage.analyses()]
            return tuple(dict.fromkeys(n for a in analyses if (n := a.asks(known))))
        except SmartcutError:
            return ()  # the job itself will say what is wrong
