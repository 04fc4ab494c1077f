"""How long it takes until anything happens, and what a cut takes besides its media."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import median

from benchmarks.bench import Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Peer, Result, paired

TITLE = "start-up: until the first word is printed"
CUT, COPY = "smartcut cut, copied", "ffmpeg -c copy"
LIBRARIES = "import typer, pydantic, numpy, av"


def run(bench: Bench) -> Iterator[Result]:
    """Many turns, since each is short; nothing is to hold."""
    peers = [
        bench.smartcut("smartcut --help", ["--help"], cold=False),
        _python(bench, "import smartcut", "import smartcut"),
        _python(bench, "import moviepy", "import moviepy"),
        _python(bench, "python -c pass", "pass"),
    ]
    paired(peers, 1, bench.say)  # so that all bytecode is written
    samples, remarks = paired(peers, bench.runs if bench.quick else 5 * bench.runs, bench.say)
    yield Result("start-up", "", samples, remarks)
    yield _cut(bench)


def _cut(bench: Bench) -> Result:
    """Ten seconds from a key frame on, copied, out of a source that was indexed before."""
    source = main_source(bench)
    output = bench.work("cut.mp4")
    mine = bench.smartcut(CUT, ["cut", str(source), "10-20", "-o", str(output)], cold=False)
    copied = ["-ss", "10", "-i", str(source), "-t", "10", "-c", "copy"]
    copy = bench.ffmpeg(COPY, [*copied, str(bench.work("copied.mp4"))])
    libraries = _python(bench, LIBRARIES, f"{LIBRARIES}; pydantic.TypeAdapter(int)")
    peers = [mine, copy, libraries]
    paired(peers, 1, bench.say)
    samples, remarks = paired(peers, bench.runs if bench.quick else 5 * bench.runs, bench.say)
    turns = zip(samples[CUT], samples[COPY], strict=False)
    besides = [one.cpu_s - bare.cpu_s for one, bare in turns]
    figure = median(besides) if besides else None
    check = Check(f"{CUT} - {COPY}, CPU seconds", figure, "<=", 0.4)
    return Result("start-up", "a cut of an indexed file", samples, remarks, [check])


def _python(bench: Bench, name: str, code: str) -> Peer:
    log = bench.work(f"{name.replace(' ', '-')}.log")
    return Peer(name, [sys.executable, "-c", code], log)
