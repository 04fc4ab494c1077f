"""Reframing: all that it has to see and to plan, beside decoding and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.bench import Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Result, paired

TITLE = "reframe"
REFRAME, BARE = "smartcut, reframe without render", "bare decode"
_PIPELINE = """stages:
  - reframe: {aspect: "9:16"}
"""


def run(bench: Bench) -> Iterator[Result]:
    """Processor time for each second of 1080p, besides decoding it."""
    source, pipeline = main_source(bench), bench.pipeline("reframe", _PIPELINE)
    peers = [
        bench.smartcut(REFRAME, ["run", str(pipeline), str(source)]),
        bench.python(BARE, "bare_decode", [str(source)]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    turns = zip(samples[REFRAME], samples[BARE], strict=False)
    extra = [(one.cpu_s - bare.cpu_s) / (60 * bench.minutes) for one, bare in turns]
    figure = median(extra) if extra else None
    text = f"{REFRAME} - {BARE}, CPU seconds a second of video"
    checks = [Check(text, figure, "<=", 0.15)]
    yield Result("reframe", "", samples, remarks, checks)
