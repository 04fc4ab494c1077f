"""MPEG-4 in AVI as DivX wrote it: two pictures in a packet, and pictures that are not coded."""

from __future__ import annotations

import re
from fractions import Fraction as F
from itertools import takewhile
from pathlib import Path
from typing import Any

import av
import pytest
from av.packet import Packet
from av.video.frame import VideoFrame

import smartcut as sc
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.mpeg4 import is_packed
from smartcut.media.probe import probe
from smartcut.testing import number_in, picture, read_bar_codes

RATE, SIZE, FRAMES = 25, (160, 96), 60
MARK = b"DivX503b1393p"


def encoded(b_frames: int) -> list[tuple[bytes, int, bool]]:
    """(bytes, number, whether it is a key frame) of pictures in the order of decoding."""
    encoder: Any = av.CodecContext.create("mpeg4", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuv420p"
    encoder.time_base, encoder.framerate = F(1, RATE), F(RATE)
    encoder.max_b_frames, encoder.gop_size, encoder.bit_rate = b_frames, 12, 900_000
    encoder.thread_count = 1
    packets = []
    for number in range(FRAMES):
        frame = VideoFrame.from_ndarray(picture(number, *SIZE), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [(bytes(p), p.pts, p.is_keyframe) for p in packets]


def not_coded(number: int) -> bytes:
    """A picture that repeats the one before it (ISO/IEC 14496-2, 6.2.5)."""
    text = "01" + "0" + "1" + f"{number % RATE:05b}" + "1" + "0" + "0"
    text += "1" * (-len(text) % 8)
    return b"\x00\x00\x01\xb6" + int(text, 2).to_bytes(len(text) // 8, "big")


def packed(b_frames: int) -> list[tuple[bytes, bool]]:
    """Packets for AVI: each B-picture is one place earlier than where it is decoded."""
    pictures, found = encoded(b_frames), []
    while pictures:
        data, number, is_key = pictures.pop(0)
        before = [*takewhile(lambda p: p[1] < number, pictures)]  # noqa: B023
        del pictures[: len(before)]
        parts = [data, *(b for b, _, _ in before)]
        if before:
            parts = [parts[0] + parts[1], *parts[2:], not_coded(number)]
        found += [(part, is_key and not k) for k, part in enumerate(parts)]
    return found


def write(path: Path, packets: list[tuple[bytes, bool]], mark: bool = True) -> Path:
    with av.open(str(path), "w") as output:
        size = {"width": SIZE[0], "height": SIZE[1]}
        stream = output.add_mux_stream("mpeg4", rate=RATE, time_base=F(1, RATE), **size)
        for number, (data, is_key) in enumerate(packets):
            packet = Packet(re.sub(rb"Lavc[0-9.]+", MARK, data) if mark else data)
            packet.pts = packet.dts = number
            packet.time_base, packet.duration = F(1, RATE), 1
            packet.is_keyframe, packet.stream = is_key, stream
            output.mux(packet)
    return path


@pytest.mark.parametrize("b_frames", [1, 2])
def test_packed_pictures_are_told_apart(b_frames: int, tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", packed(b_frames))
    with av.open(str(path)) as container:
        assert is_packed(container.streams.video[0])
    source = probe(path)
    index = video_index(source)
    assert (len(index), index.rate, index.is_vfr, index.is_counted) == (FRAMES, RATE, False, False)
    for first in (0, 11, 23, 47, 58):
        found = [n for n, _ in frames(source, index, first, first + 2)]
        shown = [
            number_in(f.reformat(format="gray").to_ndarray())
            for _, f in frames(source, index, first, first + 2)
        ]
        assert found == shown == [first, first + 1]
    (sc.open(path) | sc.trim(ranges=["17f-53f"])).render(tmp_path / "out.mp4")
    assert read_bar_codes(tmp_path / "out.mp4")[0] == list(range(17, 53))


def test_a_picture_that_is_not_coded_is_no_frame_but_time(tmp_path: Path) -> None:
    packets = [(data, is_key) for data, _, is_key in encoded(0)]
    packets.insert(20, (not_coded(20), False))
    path = write(tmp_path / "a.avi", packets, mark=False)
    index = video_index(probe(path))
    assert (len(index), index.rate, index.is_vfr) == (FRAMES, RATE, True)
    assert [index.time_of(n) * RATE for n in (19, 20)] == [19, 21]
    sc.open(path).render(tmp_path / "out.mp4", fps=RATE)
    expected = [*range(20), 19, *range(20, FRAMES)]
    assert read_bar_codes(tmp_path / "out.mp4")[0] == expected
