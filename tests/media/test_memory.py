"""Memory while rendering does not grow with the length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import pytest

from smartcut.testing import write_bar_coded

# The peak is read from /proc: ru_maxrss may be that of the process which started this one.
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")

_RENDER = r"""
import re, sys
import smartcut as sc
path, end, out = sys.argv[1:]
(sc.open(path) | sc.trim(end=end) | sc.audio(loudness=-16)).render(out, mode="encode")
print(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1])
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


_CUT = r"""
import re, sys
import smartcut as sc
path, start, mode, out = sys.argv[1:]
(sc.open(path) | sc.trim(start=start + "s", end=str(int(start) + 4) + "s")).render(out, mode=mode)
print(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1])
"""


def _repeated(path: Path, short: Path, times: int) -> None:
    """The packets of a file without reordered frames, again and again."""
    with av.open(str(short)) as source, av.open(str(path), "w") as output:
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream, opaque=True)
        packets = [p for p in source.demux(stream) if p.size]
        length = packets[-1].pts + packets[-1].duration
        for k in range(times):
            for packet in packets:
                again = av.Packet(bytes(packet))
                again.stream, again.time_base = copy, stream.time_base
                again.pts = again.dts = packet.pts + k * length
                again.duration, again.is_keyframe = packet.duration, packet.is_keyframe
                output.mux(again)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "encode"])
def test_peak_memory_hardly_grows_with_the_source(tmp_path: Path, mode: str) -> None:
    """What FFmpeg's tables of an hour take while the file is indexed; then they are gone."""
    short = tmp_path / "short.mp4"
    write_bar_coded(short, frames=60, options={"preset": "ultrafast", "g": "30", "bf": "0"})
    peaks = []
    for minutes in (10, 60):
        path = tmp_path / f"{minutes}.mp4"
        _repeated(path, short, 30 * minutes)
        out = tmp_path / f"{minutes}-out.mp4"
        command = [sys.executable, "-c", _CUT, str(path), str(30 * minutes + 1), mode, str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
    # Where little is encoded, indexing is the peak: one demuxer, and the places of all packets.
    assert peaks[1] - peaks[0] < {"auto": 24, "encode": 14}[mode] * 1024
    assert peaks[1] < 250 * 1024
