"""Packets from many places of a long file: read from where they lie, or through the demuxer."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.material import of_length
from benchmarks.measure import Check, Result, paired, ratio

TITLE = "packets: eight readers of one file"


def run(bench: Bench) -> Iterator[Result]:
    """Ten packets from each of 400 key frames; the file's index is in the cache."""
    minutes = 2 if bench.quick else 60
    arguments = [str(of_length(bench, minutes)), str(bench.work("packets-cache"))]
    ours = bench.python("by place", "read_packets", ["place", *arguments])
    peer = bench.python("by PyAV's demuxer", "read_packets", ["demuxer", *arguments])
    paired([ours], 1, bench.say)
    samples, remarks = paired([ours, peer], bench.runs, bench.say)
    one, other = samples[ours.name], samples[peer.name]
    checks = [
        Check("memory, demuxer / by place", ratio(other, one, "peak_mb"), ">=", 1.0),
        Check("processor time, demuxer / by place", ratio(other, one, "cpu_s"), ">=", 1.0),
    ]
    yield Result("packets", f"{minutes} minutes", samples, remarks, checks)
