"""Twelve shots, the first 5 s of each, of a long file whose key frames are where x264 puts them.

Highlights at shots, that is: each begins with its shot, at a key frame, and ends where a copy can
end within 0.15 s (`copy_slack`); beside it, as they are without moving the ends. x264 puts a key
frame at most cuts, but at none that follows another key frame within 25 frames.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks import texture
from benchmarks.bench import Bench
from benchmarks.check_frames import checked, spelled
from benchmarks.material import AT_SCENE_CUTS, main_source
from benchmarks.measure import Check, Result, paired, ratio
from benchmarks.rows.cuts import (
    AUTO,
    COPY,
    MOVIEPY,
    NAMESAKE,
    Ranges,
    copying,
    moviepy,
    namesake,
    read_back,
    smartcut_cut,
)

TITLE = "shot-cuts: twelve shots, key frames at scene cuts"
WITHOUT = "smartcut auto, copy_slack 0s"
_RATE = 30


def run(bench: Bench) -> Iterator[Result]:
    """Cut from an empty cache, beside cutting the same ranges otherwise."""
    source = main_source(bench, AT_SCENE_CUTS)
    asked, ranges = (_chosen(bench, source.as_posix(), slack) for slack in ("0", "0.15"))
    names = (AUTO, WITHOUT, MOVIEPY, COPY, NAMESAKE)
    outputs = {name: bench.work(f"shots-{k}.mp4") for k, name in enumerate(names)}
    peers = [
        smartcut_cut(bench, AUTO, "auto", source, ranges, outputs[AUTO]),
        smartcut_cut(bench, WITHOUT, "auto", source, asked, outputs[WITHOUT]),
        moviepy(bench, source, ranges, outputs[MOVIEPY]),
        copying(bench, source, ranges, outputs[COPY]),
        *namesake(bench, source, ranges, outputs[NAMESAKE]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    wrong: int | None = None
    for name, output in outputs.items():
        if not samples.get(name):
            continue
        wanted = asked if name == WITHOUT else ranges
        found = checked(output, wanted)
        remarks[name] = read_back(output, wanted, found)
        if name == AUTO and found is not None:
            wrong = found["wrong"] + found["missing"] + found["repeated"]
    mine = samples[AUTO]
    checks = [
        Check(f"{MOVIEPY} / {AUTO}, CPU", ratio(samples[MOVIEPY], mine, "cpu_s"), ">=", 20),
        Check(f"{AUTO} / {COPY}, CPU", ratio(mine, samples[COPY], "cpu_s"), "<=", 2),
        Check(f"{AUTO} / {COPY}, wall", ratio(mine, samples[COPY]), "<=", 2),
        Check(f"{AUTO}: frames wrong, missing or repeated", wrong, "==", 0),
    ]
    yield Result("shot-cuts", "", samples, remarks, checks)


def _chosen(bench: Bench, source: str, slack: str) -> Ranges:
    """(first, last) frames of shots all over the source."""
    length, count = (60, 4) if bench.quick else (5 * _RATE, 12)
    starts = texture.shots(bench.minutes * 60 * _RATE)[:-1]
    every = spelled([(start, start + length) for start in starts])
    command = [sys.executable, "-m", "benchmarks.peers.shots_to_copy", source, every, slack]
    done = subprocess.run([*command, str(count)], check=True, capture_output=True, text=True)
    parts = (part.split("-") for part in done.stdout.strip().split(","))
    return [(int(first), int(last)) for first, last in parts]
