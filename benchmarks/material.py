"""The inputs: made once into the media folder, and kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench import Bench

GOPS = (60, 250)
#: In place of a distance between key frames: x264's own choice, at scene cuts.
AT_SCENE_CUTS = 0


def main_source(bench: Bench, gop: int = 60) -> Path:
    """The long source (ten minutes; one where quick) with key frames that far apart."""
    path = _named(bench, bench.minutes, gop)
    if not path.exists():
        _make(bench, GOPS if gop in GOPS else (gop,))
    return path


def of_length(bench: Bench, minutes: int) -> Path:
    """A source of that many minutes at GOP 60: the long one cut short, or repeated, by packets."""
    path = _named(bench, minutes, 60)
    if path.exists():
        return path
    source = main_source(bench)
    bench.say(f"making {minutes} min of the same packets")
    command = [sys.executable, "-m", "benchmarks.repeat_media"]
    subprocess.run([*command, str(path), str(source), str(60 * minutes)], check=True)
    return path


def _named(bench: Bench, minutes: int, gop: int) -> Path:
    return bench.media / f"{minutes}min-{f'gop{gop}' if gop else 'scene-cuts'}.mp4"


def _make(bench: Bench, gops: Sequence[int]) -> None:
    """Make the long source at these GOP lengths, side by side."""
    bench.media.mkdir(parents=True, exist_ok=True)
    bench.say(f"making {bench.minutes} min of 1080p (once; some minutes)")
    makers = []
    for gop in gops:
        path = _named(bench, bench.minutes, gop)
        if not path.exists():
            arguments = [str(path), str(60 * bench.minutes), str(gop)]
            command = [sys.executable, "-m", "benchmarks.make_media", *arguments]
            makers.append(subprocess.Popen(command))
    for maker in makers:
        if maker.wait():
            raise RuntimeError(f"the material could not be made: {maker.args!r} failed")
