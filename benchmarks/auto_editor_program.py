"""auto-editor's own program, where CUT_PEERS names a Python that has it; else nothing.

Its last version that is Python is 23.32; later ones fetch a program. `ffmpeg` and `ffprobe` have to
be on the PATH.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measure import Peer
from benchmarks.other_pythons import CUT_PEERS, python_with

AUTO_EDITOR = "auto-editor"


def rendering(bench: Bench, source: Path, output: Path) -> list[Peer]:
    """Silence out of a recording, with all of its defaults."""
    return _run(bench, AUTO_EDITOR, [str(source), "--output", str(output)])


def cutting(bench: Bench, case: str, source: Path, output: Path) -> list[Peer]:
    """Only what it would keep, which :func:`spans` reads."""
    arguments = [str(source), "--export", "json", "--output", str(output)]
    return _run(bench, f"{AUTO_EDITOR}, {case}", arguments)


def spans(path: Path) -> list[tuple[float, float]]:
    """(start, end) in seconds of what its timeline keeps, by its sound."""
    timeline = json.loads(path.read_text())
    up, _, down = timeline["timebase"].partition("/")
    rate = float(up) / float(down or 1)
    return [
        (clip["offset"] / rate, (clip["offset"] + clip["dur"]) / rate) for clip in timeline["a"][0]
    ]


def _run(bench: Bench, name: str, arguments: list[str]) -> list[Peer]:
    python = python_with("auto-editor", CUT_PEERS, ())
    command = [python, "-I", "-m", "auto_editor", *arguments, "--no-open", "--progress", "none"]
    return [bench.other(name, command)] if python else []
