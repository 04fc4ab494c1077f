"""Sound played faster or slower with its pitch kept, by FFmpeg's atempo (WSOLA)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as Empty
from av.error import EOFError as Ended
from av.filter import Graph


def stretched(
    blocks: Iterable[np.ndarray], speed: Fraction, rate: int, count: int
) -> Iterator[np.ndarray]:
    """Exactly ``count`` samples of the blocks (channels, n) played ``speed`` times as fast."""
    graph: Graph | None = None
    made, channels = 0, 2
    for block in blocks:
        channels = block.shape[0]
        layout = "mono" if channels == 1 else "stereo"
        graph = graph or _graph(speed, rate, layout)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
        frame.sample_rate = rate
        graph.push(frame)
        for values in _pulled(graph):
            values = values[:, : count - made]
            made += values.shape[1]
            yield values
    if graph is not None:
        graph.push(None)
        for values in _pulled(graph):
            values = values[:, : count - made]
            made += values.shape[1]
            yield values
    if made < count:
        yield np.zeros((channels, count - made), dtype=np.float32)


def _graph(speed: Fraction, rate: int, layout: str) -> Graph:
    graph = Graph()
    chain = [graph.add_abuffer(sample_rate=rate, format="fltp", layout=layout)]
    for factor in _factors(float(speed)):
        chain.append(graph.add("atempo", f"{factor:.9f}"))
    chain.append(graph.add("aformat", "sample_fmts=fltp"))
    chain.append(graph.add("abuffersink"))
    for a, b in pairwise(chain):
        a.link_to(b)
    graph.configure()
    return graph


def _factors(speed: float) -> Iterator[float]:
    """Factors within 0.5 and 2, which atempo does well, whose product is ``speed``."""
    while speed < 0.5:
        yield 0.5
        speed /= 0.5
    while speed > 2:
        yield 2.0
        speed /= 2
    yield speed


def _pulled(graph: Graph) -> Iterator[np.ndarray]:
    while True:
        try:
            yield graph.pull().to_ndarray()
        except (Empty, Ended):
            return
