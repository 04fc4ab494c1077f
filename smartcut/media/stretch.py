"""Sound played faster or slower with its pitch kept, by FFmpeg's atempo (WSOLA)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil, log2

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as Empty
from av.error import EOFError as Ended
from av.filter import Graph

from smartcut.timebase import nearest


def stretched(
    blocks: Iterable[np.ndarray], paces: Sequence[tuple[Fraction, Fraction]], rate: int, count: int
) -> Iterator[np.ndarray]:
    """Exactly ``count`` samples of the blocks (channels, n), played faster or slower.

    ``paces`` holds (seconds of the blocks, speed), one after the other; the last goes on.
    """
    tempo: _Tempo | None = None
    made, channels = 0, 2
    for speed, block in _by_pace(blocks, paces, rate):
        channels = block.shape[0]
        tempo = tempo or _Tempo([speed for _, speed in paces], rate, channels)
        for values in tempo.push(speed, block):
            values = values[:, : count - made]
            made += values.shape[1]
            yield values
    for values in tempo.rest() if tempo else ():
        values = values[:, : count - made]
        made += values.shape[1]
        yield values
    if made < count:
        yield np.zeros((channels, count - made), dtype=np.float32)


def _by_pace(
    blocks: Iterable[np.ndarray], paces: Sequence[tuple[Fraction, Fraction]], rate: int
) -> Iterator[tuple[Fraction, np.ndarray]]:
    """The blocks, divided where the speed changes."""
    ends = [nearest(t * rate) for t in accumulate(seconds for seconds, _ in paces[:-1])]
    at = 0
    for block in blocks:
        while block.shape[1]:
            place = bisect_right(ends, at)
            size = ends[place] - at if place < len(ends) else block.shape[1]
            yield paces[place][1], block[:, :size]
            at += min(size, block.shape[1])
            block = block[:, size:]


class _Tempo:
    """Filters in a row that share the change of speed: each does best within 0.5 and 2."""

    def __init__(self, speeds: Sequence[Fraction], rate: int, channels: int) -> None:
        furthest = max(abs(log2(float(speed))) for speed in speeds)
        self._rate, self._layout = rate, "mono" if channels == 1 else "stereo"
        self._graph = Graph()
        chain = [self._graph.add_abuffer(sample_rate=rate, format="fltp", layout=self._layout)]
        self._filters = [
            self._graph.add("atempo", "1") for _ in range(max(1, ceil(furthest - 1e-9)))
        ]
        chain += [*self._filters, self._graph.add("aformat", "sample_fmts=fltp")]
        chain.append(self._graph.add("abuffersink"))
        for a, b in pairwise(chain):
            a.link_to(b)
        self._graph.configure()
        self._speed = Fraction(1)

    def push(self, speed: Fraction, block: np.ndarray) -> Iterator[np.ndarray]:
        if speed != self._speed:
            factor = float(speed) ** (1 / len(self._filters))
            for each in self._filters:
                each.process_command("tempo", f"{factor:.9f}")
            self._speed = speed
        values = np.ascontiguousarray(block)
        frame = AudioFrame.from_ndarray(values, format="fltp", layout=self._layout)
        frame.sample_rate = self._rate
        self._graph.push(frame)
        yield from _pulled(self._graph)

    def rest(self) -> Iterator[np.ndarray]:
        self._graph.push(None)
        yield from _pulled(self._graph)


def _pulled(graph: Graph) -> Iterator[np.ndarray]:
    while True:
        try:
            yield graph.pull().to_ndarray()
        except (Empty, Ended):
            return
