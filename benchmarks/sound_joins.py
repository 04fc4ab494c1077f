"""`python -m benchmarks.sound_joins FILE ...`: what copying AAC packets over a join would cost.

A packet holds 1,024 samples that overlap with those of its neighbours. Behind a packet of another
place the overlap does not cancel, and packets can only lie on one grid, to which cuts at frames do
not keep. Printed are, of joins at random packets, the signal-to-noise ratio of the first packet
behind the join against the source's own sound, the largest difference in the three packets after
it, and by how much sound would be late or early at cuts at random frames.
"""

from __future__ import annotations

import sys
from random import Random
from typing import Any

import av
import numpy as np

_JOINS, _BEFORE, _AFTER = 60, 20, 4
#: Mean square below which a packet counts as silent.
_SILENT = 1e-7


def main() -> None:
    """Print the figures of each file."""
    for path in sys.argv[1:]:
        with av.open(path) as container:
            stream = container.streams.audio[0]
            size, rate = stream.codec_context.frame_size or 1024, stream.codec_context.sample_rate
            header = stream.codec_context.extradata
            packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
            frames = container.streams.video[0].average_rate if container.streams.video else None
        print(f"{path}: {_at_joins(packets, header, size)}")
        if frames:
            print(
                f"  off the grid at {float(frames):g} frames a second: {_off(frames, rate, size)}"
            )


def _at_joins(packets: list[bytes], header: bytes | None, size: int) -> str:
    whole = _decoded(packets, header)
    random, ratios, later = Random(1), list[float](), 0.0
    for _ in range(_JOINS):
        a, b = (random.randrange(_BEFORE, len(packets) - 2 * _BEFORE) for _ in range(2))
        joined = _decoded([*packets[a : a + _BEFORE], *packets[b : b + _AFTER]], header)
        heard = joined[:, _BEFORE * size : (_BEFORE + _AFTER) * size]
        wanted = whole[:, b * size : (b + _AFTER) * size]
        power = float(np.mean(wanted[:, :size] ** 2))
        if power < _SILENT:
            continue
        noise = float(np.mean((heard - wanted)[:, :size] ** 2))
        ratios.append(10 * np.log10(power / noise))
        later = max(later, float(np.abs(heard - wanted)[:, size:].max()))
    low, middle, high = np.percentile(ratios, [10, 50, 90])
    return (
        f"SNR at {len(ratios)} joins {middle:.1f} dB ({low:.1f} to {high:.1f} for 80 %), "
        f"afterwards off by {later:.4f} at most"
    )


def _decoded(packets: list[bytes], header: bytes | None) -> np.ndarray:
    decoder: Any = av.CodecContext.create("aac", "r")
    decoder.extradata = header
    blocks = [f.to_ndarray() for p in packets for f in decoder.decode(av.Packet(p))]
    return np.concatenate(blocks, axis=1)


def _off(frames: Any, rate: int, size: int) -> str:
    random = Random(1)
    shifts = [round(random.randrange(100_000) * rate / frames) % size for _ in range(1000)]
    off = np.array([min(shift, size - shift) for shift in shifts]) / rate * 1000
    return (
        f"{off.mean():.1f} ms on average, {off.max():.1f} at most; "
        f"{np.mean(off < 1):.0%} under 1 ms"
    )


if __name__ == "__main__":
    main()
