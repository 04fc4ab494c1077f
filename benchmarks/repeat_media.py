"""The packets of a file again and again, or only the first of them: OUT SOURCE SECONDS.

Pictures and sound go on without a gap, so that every minute is the same work. The source has to
begin with a key frame at 0 and to refer to no picture across its end.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
from av.packet import Packet


def write(path: Path, source: Path, seconds: int) -> None:
    """Write ``seconds`` of the source, from its start again whenever it ends."""
    partial = path.with_name(f"partial-{path.name}")
    options = {"movflags": "+faststart"}
    with av.open(str(source)) as template, av.open(str(partial), "w", options=options) as output:
        streams = template.streams.video[0], template.streams.audio[0]
        length = streams[0].duration * Fraction(streams[0].time_base)
        targets = [output.add_stream_from_template(s, opaque=True) for s in streams]
        feeds = [
            _pictures(source, targets[0], length, seconds),
            _sound(source, targets[1], length, seconds),
        ]
        for _, packet in heapq.merge(*feeds, key=lambda item: item[0]):
            output.mux(packet)
    partial.rename(path)


Timed = Iterator[tuple[float, Packet]]
"""Packets with their decoding times in seconds, in order."""


def _pictures(source: Path, target: Any, length: Fraction, seconds: int) -> Timed:
    """What is shown before the end."""
    for k in range(ceil(seconds / length)):
        for packet, unit in _packets(source, "video"):
            shift, end = round(k * length / unit), round(seconds / unit)
            if packet.pts + shift < end:
                dts = packet.dts + shift
                yield float(dts * unit), _placed(packet, packet.pts + shift, dts, target)


def _sound(source: Path, target: Any, length: Fraction, seconds: int) -> Timed:
    """Packets on one even grid; a repeat begins with the one nearest to its pictures' start."""
    at: int | None = None
    step = 0
    for k in range(ceil(seconds / length)):
        for packet, unit in _packets(source, "audio"):
            shift, end = round(k * length / unit), round(seconds / unit)
            if at is None:
                at, step = int(packet.pts), packet.duration
            if packet.pts + shift < at - step // 2 or packet.pts * unit >= length:
                continue
            if at >= end:
                return
            yield float(at * unit), _placed(packet, at, at, target)
            at += step


def _packets(source: Path, kind: str) -> Iterator[tuple[Any, Fraction]]:
    """(packet, tick in seconds) of the stream of that kind."""
    with av.open(str(source)) as container:
        stream = getattr(container.streams, kind)[0]
        unit = Fraction(stream.time_base)
        yield from ((p, unit) for p in container.demux(stream) if p.size)


def _placed(packet: Any, pts: int, dts: int, target: Any) -> Packet:
    made = Packet(bytes(packet))
    made.stream, made.time_base = target, packet.time_base
    made.pts, made.dts, made.duration = pts, dts, packet.duration
    made.is_keyframe = packet.is_keyframe
    return made


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
