"""Calls a tool: at once, or as a job that is waited for a while and then goes on alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

import anyio
import anyio.to_thread

from smartcut.agents.jobs import ToolJob
from smartcut.agents.tool import LongToolParams, ToolAnswer, ToolCall
from smartcut.agents.tools import tool_named
from smartcut.api.events import RunCancelled

Report = Callable[[float, float | None, str], Awaitable[None]]
"""Told of (done, total, what is worked on), seconds of media; done never falls."""

#: Seconds between looks at a job: at first, and at most.
_SOONEST, _LATEST = 0.01, 0.25
#: Seconds between reports.
_REPORTED = 0.5


async def called(
    name: str, arguments: Mapping[str, Any], call: ToolCall, report: Report
) -> ToolAnswer:
    """What a tool answers; raises its errors.

    Where the task that waits is cancelled before a job was told of, so is the job.
    """
    tool = tool_named(name)
    asked = tool.asked(arguments)
    if not isinstance(asked, LongToolParams):
        return await anyio.to_thread.run_sync(partial(tool.does, call, asked))
    id = getattr(asked, "id", None)
    if tool.name == "job" and id is not None:
        return await _followed(call.jobs.get(id), asked.wait, report)
    job = call.jobs.start(call, tool.name, lambda within: tool.does(within, asked))
    try:
        return await _followed(job, asked.wait, report)
    except anyio.get_cancelled_exc_class():
        job.cancel()
        raise


async def _followed(job: ToolJob, wait: float, report: Report) -> ToolAnswer:
    """The job's answer where it ends within ``wait`` seconds; else how far it is."""
    end, pause, told = monotonic() + wait, _SOONEST, monotonic()
    while not job.running.is_done and monotonic() < end:
        await anyio.sleep(min(pause, max(0.0, end - monotonic())))
        pause = min(2 * pause, _LATEST)
        if monotonic() - told >= _REPORTED:
            told = monotonic()
            await report(*job.progress())
    if not job.running.is_done:
        return _going_on(job)
    try:
        return job.answer()
    except RunCancelled:
        return ToolAnswer(job.plain(), f"{job.id} was cancelled; what was finished is kept")


def _going_on(job: ToolJob) -> ToolAnswer:
    plain = {**job.plain(), "notes": job.notes}
    share = f", {100 * plain['share']:.0f} % of what is known" if "share" in plain else ""
    lines = [
        f"{job.id} goes on ({plain.get('doing', '')}{share}): ask `job` with id={job.id}, or end "
        "it with `cancel`",
        *(f"note: {note[:300]}" for note in job.notes),
    ]
    return ToolAnswer(plain, "\n".join(lines))
