"""Reads the bar codes of a rendered file: prints JSON of how its frames agree with those wanted.

FILE RANGES, the ranges as 10-160,300-450 in frames, half-open. Runs as a process of its own, so
that the process that measures stays small.
"""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any


def compare(wanted: Sequence[int], found: Sequence[int | None]) -> dict[str, int]:
    """How many frames are right, wrong, missing, repeated.

    ``wanted`` are distinct numbers in order, ``found`` those read (None: unreadable). ``right`` is
    the longest run of wanted frames in the wanted order; the rest of ``wanted`` is ``missing``.
    ``repeated`` are shown again, ``wrong`` all others: of another place, out of order, unreadable.
    """
    place = {number: k for k, number in enumerate(wanted)}
    places = [place[n] for n in found if n is not None and n in place]
    right = _longest_rising(places)
    repeated = len(places) - len(set(places))
    wrong = len(found) - right - repeated
    return {
        "frames": len(found),
        "right": right,
        "wrong": wrong,
        "missing": len(wanted) - right,
        "repeated": repeated,
    }


def _longest_rising(places: Sequence[int]) -> int:
    """Length of the longest strictly rising subsequence (patience sorting)."""
    ends: list[int] = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
    return len(ends)


def irregular_steps(times: Sequence[Fraction], step: Fraction) -> int:
    """How many frames are not shown for exactly ``step``, within half a millisecond."""
    return sum(abs(b - a - step) > Fraction(1, 2000) for a, b in pairwise(times))


def read(path: Path) -> tuple[list[int | None], list[Fraction]]:
    """(numbers, times) of all frames in the order shown; None where one cannot be read."""
    import av
    import numpy as np

    from smartcut.testing import number_in

    numbers: list[int | None] = []
    times: list[Fraction] = []
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            plane: Any = frame.planes[0]
            luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : frame.width]
            try:
                numbers.append(number_in(luma[: frame.height]))
            except ValueError:
                numbers.append(None)
            times.append((frame.pts or 0) * Fraction(frame.time_base or 1))
    return numbers, times


def spelled(ranges: Sequence[tuple[int, int]]) -> str:
    """Ranges as this program takes them."""
    return ",".join(f"{first}-{last}" for first, last in ranges)


def checked(path: Path, ranges: Sequence[tuple[int, int]]) -> dict[str, int] | None:
    """What this program says of the file; None where it cannot be read at all."""
    command = [sys.executable, "-m", "benchmarks.check_frames", str(path), spelled(ranges)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def described(found: dict[str, int] | None) -> str:
    """The comparison in words."""
    if found is None:
        return "cannot be read"
    faults = [f"{found[name]} {name}" for name in ("wrong", "missing", "repeated") if found[name]]
    if found["irregular"]:
        faults.append(f"{found['irregular']} irregular steps")
    return f"{found['frames']} frames, " + (", ".join(faults) or "all right")


def main(path: Path, ranges: str) -> None:
    wanted: list[int] = []
    for part in ranges.split(","):
        first, last = part.split("-")
        wanted.extend(range(int(first), int(last)))
    numbers, times = read(path)
    found = compare(wanted, numbers)
    found["irregular"] = irregular_steps(times, Fraction(1, 30))
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
