"""The same pictures become the same bits each time, at any width."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from smartcut.cache import file_sha256
from smartcut.media.encode import VideoSettings, encode_video


def moving(width: int, height: int) -> Iterator[tuple[int, VideoFrame]]:
    """Gradients that move, and a square that crosses them: work for B-frames and their trees."""
    y, x = np.mgrid[:height, :width]
    for i in range(40):
        pixels = np.stack([(x + 3 * i) % 256, (2 * y + i) % 256, 0 * x], -1).astype(np.uint8)
        pixels[40:60, 20 + 2 * i : 40 + 2 * i] = 255
        yield i, VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")


@pytest.mark.parametrize(
    ("codec", "width", "height", "threads"),
    [("h264", 160, 90, 1), ("h264", 320, 180, 2), ("hevc", 160, 90, 2)],
)
def test_encoding_again_gives_the_same_bits(
    codec: str, width: int, height: int, threads: int, tmp_path: Path
) -> None:
    settings = VideoSettings(
        codec, width, height, "yuv420p", F(1, 25), F(25), is_constant=True, crf=20, threads=threads
    )
    found = set()
    for _ in range(8 if codec == "h264" else 3):
        encode_video(tmp_path / "a.nut", settings, moving(width, height))
        found.add(file_sha256(tmp_path / "a.nut"))
    assert len(found) == 1
