"""Pictures between two by FFmpeg's ``minterpolate`` filter (motion-compensated, its defaults)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from av.error import BlockingIOError as Waiting
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

# The filter wants room for its blocks; smaller pictures are padded.
_SMALLEST = 32
# The filter takes no RGB; with chroma at full size the way there and back costs 52 dB.
_FORMAT = "yuv444p"


def between(first: np.ndarray, second: np.ndarray, steps: Sequence[Fraction]) -> list[np.ndarray]:
    """The pictures at ``steps``, in their order: RGB uint8 (H, W, 3), as both given ones are.

    The steps lie in [0, 1]. The filter takes them in 1,024ths.
    """
    height, width = first.shape[:2]
    padding = ((0, max(_SMALLEST - height, 0)), (0, max(_SMALLEST - width, 0)), (0, 0))
    ends = (np.pad(first, padding, "edge"), np.pad(second, padding, "edge"))
    found: dict[Fraction, np.ndarray] = {}
    # The finest divisions first: they hold the coarser ones, each pass measures the motion anew.
    for parts in sorted({step.denominator for step in steps}, reverse=True):
        if any(step not in found for step in steps if step.denominator == parts):
            for number, picture in enumerate(_divided(*ends, parts)):
                found[Fraction(number, parts)] = picture[:height, :width]
    return [found[step].copy() for step in steps]


def _divided(first: np.ndarray, second: np.ndarray, parts: int) -> Iterator[np.ndarray]:
    """The pictures from ``first`` to ``second`` in ``parts`` equal steps, both ends included.

    The filter looks at four frames and works between the middle two; it doubles the first itself.
    """
    graph = Graph()
    height, width = first.shape[:2]
    source = graph.add_buffer(
        width=width, height=height, format=VideoFormat(_FORMAT), time_base=Fraction(1)
    )
    # No guard of its own (scd): whoever calls knows where the cuts are.
    made = graph.add("minterpolate", f"fps={parts}:mi_mode=mci:scd=none")
    sink = graph.add("buffersink")
    source.link_to(made)
    made.link_to(sink)
    graph.configure()
    count = 0
    for time, picture in enumerate((first, second, second)):
        frame = VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=_FORMAT, threads=1)
        frame.pts, frame.time_base = time, Fraction(1)
        source.push(frame)
        while count <= parts:
            try:
                out = sink.pull()
            except Waiting:
                break
            assert isinstance(out, VideoFrame)
            yield out.to_ndarray(format="rgb24")
            count += 1
