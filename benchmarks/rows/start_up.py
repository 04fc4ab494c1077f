"""How long it takes until anything happens."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Peer, Result, paired

TITLE = "start-up: until the first word is printed"


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


def _python(bench: Bench, name: str, code: str) -> Peer:
    log = bench.work(f"{name.replace(' ', '-')}.log")
    return Peer(name, [sys.executable, "-c", code], log)
