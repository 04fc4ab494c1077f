"""All that is to be learned from the sources of a run, side by side.

What hears a source and what sees it know nothing of each other: they are two jobs. Speech is one
thread's work for most of its time, so it goes on beside the pictures of its own source and of
others, and before them where it has all cores (:mod:`smartcut.usable`). Of sound and of pictures as
many sources are in work at once as the run may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from importlib import import_module
from typing import Any

from smartcut.context import Due, LocalContext
from smartcut.stage import Sound, Stage


def look_and_listen(
    due: Iterable[Sequence[Due]], context: LocalContext, stages: Sequence[Stage] = ()
) -> None:
    """Do all analyses that are due; the first error of any ends all, and is raised.

    They come in parts: what is found to be due first is begun while the next part is found. Stages
    that asked for any of them get ready beside, and then what all stages import later is read.
    """
    at_once = context.at_once
    work: list[Future[Any]] = []
    with (
        ThreadPoolExecutor(at_once) as ears,
        ThreadPoolExecutor(at_once) as eyes,
        ThreadPoolExecutor(1) as hands,
    ):
        try:
            for part in due:
                for pool, jobs in zip((ears, eyes), jobs_of(part), strict=True):
                    work += [pool.submit(context.analyse, job[0].source, job) for job in jobs]
                work += [hands.submit(s.prepare, context) for s in stages if _asked_by(s, part)]
            if work:
                late = dict.fromkeys(name for stage in stages for name in stage.imports)
                work += [hands.submit(import_module, name) for name in late]
            for done in as_completed(work):
                done.result()
        except BaseException:
            context.stopping.set()
            for pool in (ears, eyes, hands):
                pool.shutdown(wait=False, cancel_futures=True)
            raise


def _asked_by(stage: Stage, due: Sequence[Due]) -> bool:
    """Whether a source has something for an analysis of the stage that is due."""
    own = stage.analyses()
    return any(d.analysis in own and d.analysis.wants(d.source) is not None for d in due)


def jobs_of(due: Sequence[Due]) -> tuple[list[list[Due]], list[list[Due]]]:
    """(jobs that hear a source, jobs that see one or need neither), the longest sources first."""
    heard, seen = dict[str, list[Due]](), dict[str, list[Due]]()
    for item in due:
        hears = isinstance(item.analysis.wants(item.source), Sound)
        (heard if hears else seen).setdefault(item.source.id, []).append(item)
    return _longest_first(heard), _longest_first(seen)


def _longest_first(jobs: dict[str, list[Due]]) -> list[list[Due]]:
    return sorted(jobs.values(), key=lambda job: -job[0].source.duration)
