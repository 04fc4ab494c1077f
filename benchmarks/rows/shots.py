"""Shots: smartcut's adaptive detector, PySceneDetect's own command, and nothing but decoding."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Peer, Result, Sample, paired, ratio

TITLE = "shots: adaptive detector"
MINE, OPENCV, PYAV, BARE = (
    "smartcut shots",
    "scenedetect (OpenCV)",
    "scenedetect (PyAV)",
    "bare decode",
)


def run(bench: Bench) -> Iterator[Result]:
    """The whole source, from an empty cache; the cuts found are compared frame by frame."""
    source = main_source(bench)
    command = ["shots", str(source), "--detector", "adaptive", "--format", "json"]
    mine = bench.smartcut(MINE, command)
    peers = [
        mine,
        _scenedetect(bench, OPENCV, "opencv", source),
        _scenedetect(bench, PYAV, "pyav", source),
        bench.python(BARE, "bare_decode", [str(source)]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    found: dict[str, list[int]] = {}
    if samples[MINE]:
        found[MINE] = _cuts_of_smartcut(mine.log)
    for name, backend in ((OPENCV, "opencv"), (PYAV, "pyav")):
        if samples[name]:
            found[name] = _cuts_of_scenedetect(_folder(bench, backend))
    remarks |= {name: _remark(cuts, found.get(OPENCV)) for name, cuts in found.items()}
    yield Result("shots", "", samples, remarks, _checks(samples, found))


def _checks(samples: Mapping[str, list[Sample]], found: Mapping[str, list[int]]) -> list[Check]:
    differing = None
    if MINE in found and OPENCV in found:
        differing = differences(found[MINE], found[OPENCV])
    return [
        Check("cuts that differ from PySceneDetect's", differing, "==", 0),
        Check(f"{MINE} / {BARE}, wall", ratio(samples[MINE], samples[BARE]), "<=", 1.1),
    ]


def differences(one: Sequence[int], other: Sequence[int]) -> int:
    """How many cuts only one of them has."""
    return len(set(one) ^ set(other))


def _remark(cuts: list[int], others: list[int] | None) -> str:
    if others is None or cuts is others:
        return f"{len(cuts)} cuts"
    differing = differences(cuts, others)
    return f"{len(cuts)} cuts, " + ("the same" if not differing else f"{differing} differ")


def _scenedetect(bench: Bench, name: str, backend: str, source: Path) -> Peer:
    arguments = ["-q", "-i", str(source), "-b", backend, "-o", str(_folder(bench, backend))]
    return bench.program(name, "scenedetect", [*arguments, "detect-adaptive", "list-scenes"])


def _folder(bench: Bench, backend: str) -> Path:
    return bench.work(f"scenes-{backend}/x").parent


def _cuts_of_scenedetect(folder: Path) -> list[int]:
    """The first frames, from 0, of all shots but the first."""
    (path,) = folder.glob("*-Scenes.csv")
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    top = next(k for k, line in enumerate(lines) if "Start Frame" in line)
    column = lines[top].index("Start Frame")
    return [int(line[column]) - 1 for line in lines[top + 2 :]]


def _cuts_of_smartcut(log: Path) -> list[int]:
    """The first frames, from 0, of all shots but the first."""
    text = log.read_text()
    rows = json.loads(text[text.index("[") : text.rindex("]") + 1])
    return [row["start_frame"] for row in rows[1:]]
