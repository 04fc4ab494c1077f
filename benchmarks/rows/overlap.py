"""What runs at the same time in the whole job, and how many of the cores that keeps busy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.films.material import films, random_clip
from benchmarks.measure import Check, Result, Sample
from benchmarks.rows.whole_job import smartcut_of
from benchmarks.timeline import alone, had, stretches, wanted, watched
from smartcut.usable import usable_cores

TITLE = "overlap: what the whole job does when"
_ALL = "all"


def run(bench: Bench) -> Iterator[Result]:
    """A talk and action; nothing where there is no voice to make the films with."""
    from smartcut.errors import MissingExtra, ModelError

    for kind in ("talk", "action"):
        own = replace(bench, part=f"overlap-{kind}")
        seconds = 16 if bench.quick else 102
        try:
            sources, clip = films(own, kind, seconds), random_clip(own)
        except (ModelError, MissingExtra) as error:
            print(f"overlap: {error}", file=sys.stderr)
            return
        yield _timeline(own, f"{kind}, {seconds} s of video", sources, clip)


def _timeline(bench: Bench, case: str, sources: list[Path], clip: Path) -> Result:
    """A line for each thing done: how long, and the processor time of all meanwhile."""
    events = bench.work("events.jsonl")
    job = smartcut_of(bench, "smartcut", sources, clip)
    told = bench.python("told", "told", [str(events), *job.command[1:]])
    bench.say(case)
    moments, whole = watched(replace(told, environment=job.environment, before=job.before))
    began, ended, cores = moments[0].at, moments[-1].at, usable_cores()
    samples, remarks = {_ALL: [whole]}, dict[str, str]()
    for one in stretches(events, began, ended):
        lasts = one.end - one.start
        used, asked = (had(moments, one.start, one.end), wanted(moments, one.start, one.end, cores))
        samples[one.label] = [Sample(lasts, used, whole.peak_mb)]
        shares = [seconds / max(lasts * cores, 1e-9) for seconds in (used, asked)]
        by_itself = alone(moments, one.start, one.end, cores)
        remarks[one.label] = (
            f"from {one.start - began:.1f} s; cores busy {shares[0]:.2f}, wanted {shares[1]:.2f}; "
            f"alone {by_itself:.1f} s, {used / max(by_itself * cores, 1e-9):.2f}"
        )
    by_itself = alone(moments, began, ended, cores)
    remarks[_ALL] = f"alone {by_itself:.1f} s"
    checks = [
        Check("cores busy", whole.cpu_s / (whole.wall_s * cores), ">=", 0.9),
        Check("cores busy, had it run alone", whole.cpu_s / (by_itself * cores), ">=", 0.9),
    ]
    return Result("overlap", case, samples, remarks, checks)
