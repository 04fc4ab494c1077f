"""Where a rendered file's beeps are: prints JSON of how far they are from where they should be.

FILE RANGES, as check_frames takes them. Sound is laid where its time stamps say, so that what is
missing between two packets is missing here too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.check_frames import spelled
from smartcut.media.barcode import beep

_RATE, _FPS = 48_000, 30
_REACH = _RATE // 10
#: The correlation with the beep, of 1, from which it is heard.
_HEARD = 0.6


def expected(ranges: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """(second of the source, sample of the output) of each beep of ``length`` that is kept whole.

    Ranges are frames, half-open.
    """
    found, at = [], 0
    per_frame = _RATE // _FPS
    for first, last in ranges:
        begin, end = first * per_frame, last * per_frame
        seconds = range(-(-begin // _RATE), (end - length) // _RATE + 1)
        found += [(second, at + second * _RATE - begin) for second in seconds]
        at += end - begin
    return found


def offsets(samples: np.ndarray, wanted: Sequence[tuple[int, int]]) -> list[float | None]:
    """Seconds by which each beep is late; None of those not heard within 0.1 s."""
    return [_offset(samples, beep(second), place) for second, place in wanted]


def _offset(samples: np.ndarray, tone: np.ndarray, place: int) -> float | None:
    low = max(0, place - _REACH)
    part = samples[low : place + _REACH + len(tone)]
    if len(part) < len(tone):
        return None
    likeness = np.correlate(part, tone, "valid")
    energy = np.convolve(part * part, np.ones(len(tone), np.float32), "valid")
    at = int(np.argmax(likeness))
    alike = likeness[at] / np.sqrt(max(1e-9, float(energy[at]) * float(tone @ tone)))
    return (low + at - place) / _RATE if alike >= _HEARD else None


def read(path: Path) -> np.ndarray:
    """float32 mono samples at 48 kHz; the first is that of the first picture's time."""
    import av

    parts: list[tuple[int, np.ndarray]] = []
    with av.open(str(path)) as container:
        picture: Any = container.streams.video[0]
        zero = float((picture.start_time or 0) * picture.time_base)
        for frame in container.decode(audio=0):
            resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
            at, frame.pts = round((float(frame.time or 0) - zero) * _RATE), None
            made = [*resampler.resample(frame), *resampler.resample(None)]
            parts.append((at, np.concatenate([one.to_ndarray()[0] for one in made])))
    laid = np.zeros(max(at + len(values) for at, values in parts), np.float32)
    for at, values in parts:
        values = values[max(0, -at) :]
        laid[max(0, at) : max(0, at) + len(values)] = values
    return laid


def described(path: Path, ranges: Sequence[tuple[int, int]]) -> str:
    """What this program says of the file, in words."""
    command = [sys.executable, "-m", "benchmarks.check_sound", str(path), spelled(ranges)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return "its sound cannot be read"
    found = json.loads(done.stdout)
    if found["lost"]:
        return f"{found['lost']} of {found['beeps']} beeps not within 0.1 s of their place"
    return f"sound off by {found['off_ms']:.1f} ms at most"


def main(path: Path, ranges: str) -> None:
    pairs = [part.split("-") for part in ranges.split(",")]
    wanted = expected([(int(a), int(b)) for a, b in pairs], len(beep(0)))
    off = offsets(read(path), wanted)
    heard = [abs(x) for x in off if x is not None]
    lost = len(off) - len(heard)
    print(json.dumps({"beeps": len(off), "lost": lost, "off_ms": 1000 * max(heard, default=0)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
