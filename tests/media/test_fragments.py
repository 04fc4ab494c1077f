"""What an init segment says of its track."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from typing import Any

import av
import pytest

from smartcut.media.boxes import find
from smartcut.media.fragments import head_of


def sizes(init: bytes) -> tuple[int, int]:
    """The size in pixels that the track's header has, which browsers show it in."""
    header = find(init, b"moov", b"trak", b"tkhd")
    assert header is not None
    width, height = struct.unpack(">II", init[header.end - 8 : header.end])
    return width >> 16, height >> 16


@pytest.mark.parametrize("sar", [Fraction(1), Fraction(4, 3)])
def test_a_head_that_is_made_before_the_first_packet_has_the_size_of_the_picture(
    sar: Fraction,
) -> None:
    with av.open(io.BytesIO(), "w", format="nut") as container:
        stream: Any = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.sample_aspect_ratio = sar
        stream.codec_context.open()
        init = head_of(stream, Fraction(1, 30), (0, False)).init
    assert sizes(init) == (320, 180)
    track = av.open(io.BytesIO(init)).streams.video[0]
    assert (track.codec_context.width, track.codec_context.height) == (320, 180)
    assert track.sample_aspect_ratio == sar
