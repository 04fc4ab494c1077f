"""Peak memory of a render from sources of several lengths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.material import of_length
from benchmarks.measure import Check, Peer, Result, paired, ratio

TITLE = "memory: peak while rendering"
_LIMIT_MB = 600


def run(bench: Bench) -> Iterator[Result]:
    """20 s out of the middle in both modes, then all but the first second, copied."""
    lengths = (1, 2, 6) if bench.quick else (1, 10, 60)
    sources = {minutes: of_length(bench, minutes) for minutes in lengths}
    for case, mode, part in (
        ("20 s, mode auto", "auto", "middle"),
        ("20 s, mode encode", "encode", "middle"),
        ("all but the first second, mode auto", "auto", "rest"),
    ):
        turns = bench.runs if part == "middle" else 1  # the rest of an hour is long
        peers = {n: _render(bench, n, mode, part, source) for n, source in sources.items()}
        samples, remarks = paired(list(peers.values()), turns, bench.say)
        longest, middle = (samples[peers[n].name] for n in (lengths[2], lengths[1]))
        peaks = [x.peak_mb for some in samples.values() for x in some]
        grown = f"peak, {lengths[2]} / {lengths[1]} minutes"
        checks = [
            Check(grown, ratio(longest, middle, "peak_mb"), "<=", 1.1),
            Check("largest peak, MB", max(peaks) if peaks else None, "<=", _LIMIT_MB),
        ]
        yield Result("memory", case, samples, remarks, checks)


def _render(bench: Bench, minutes: int, mode: str, part: str, source: Path) -> Peer:
    start = 30 * minutes + 1
    kept = f"{{start: {start}s, end: {start + 20}s}}" if part == "middle" else "{start: 1s}"
    settings = f"{{mode: {mode}}}" if mode == "auto" else f"{{mode: {mode}, preset: ultrafast}}"
    text = f"stages:\n  - trim: {kept}\n  - render: {settings}\n"
    pipeline = bench.pipeline(f"trim-{mode}-{part}-{minutes}", text)
    output = str(bench.work(f"trim-{mode}.mp4"))
    arguments = ["run", str(pipeline), str(source), "-o", output]
    return bench.smartcut(f"smartcut, {minutes} min source", arguments)
