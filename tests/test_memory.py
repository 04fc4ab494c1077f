"""Memory while rendering does not grow with the length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smartcut.testing import write_bar_coded

_RENDER = """
import resource, sys
import smartcut as sc
path, end, out = sys.argv[1:]
(sc.open(path) | sc.trim(end=end) | sc.audio(loudness=-16)).render(out, mode="encode")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_peak_memory_is_the_same_for_ten_times_the_length(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    write_bar_coded(path, frames=3600, options={"preset": "ultrafast"})
    peaks = []
    for end in ("12s", "120s"):
        command = [sys.executable, "-c", _RENDER, str(path), end, str(tmp_path / f"{end}.mp4")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] < 1.1 * peaks[0]
