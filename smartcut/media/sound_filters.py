"""FFmpeg's filters on sound: a sample for a sample, without delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext

from smartcut.media.sound_frames import float_format, to_block, to_frame

Options = Mapping[str, str]


class SoundFilters:
    """A chain of filters that give a sample for each sample at once, as a function of blocks.

    Each is a name and its options, as FFmpeg has them. For one thread; blocks are float32
    (channels, n) of one layout and rate, in order.
    """

    def __init__(self, rate: int, layout: str, chain: Sequence[tuple[str, Options]]) -> None:
        self._rate, self._layout = rate, layout
        self._graph = Graph()
        form = float_format(layout)
        source = self._graph.add_abuffer(
            format=form, sample_rate=rate, layout=layout, time_base=Fraction(1, rate)
        )
        self._filters: list[FilterContext] = [self._graph.add(n, **o) for n, o in chain]
        self._options = [dict(options) for _, options in chain]
        ends: list[Any] = [
            self._graph.add("aformat", f"sample_fmts={form}:channel_layouts={layout}"),
            self._graph.add("abuffersink"),
        ]
        for one, other in pairwise([source, *self._filters, *ends]):
            one.link_to(other)
        self._graph.configure()
        self._at = 0

    def change(self, chain: Sequence[Options]) -> None:
        """Other values of the options, one mapping for each filter, from the next block on."""
        for filter, before, now in zip(self._filters, self._options, chain, strict=True):
            for name, value in now.items():
                if before.get(name) != value:
                    filter.process_command(name, value)
                    before[name] = value

    def __call__(self, block: np.ndarray) -> np.ndarray:
        frame = to_frame(block, self._layout, self._rate)
        frame.pts, frame.time_base = self._at, Fraction(1, self._rate)
        self._at += block.shape[1]
        self._graph.push(frame)
        made: list[np.ndarray] = []
        have = 0
        while have < block.shape[1]:
            made.append(to_block(cast(AudioFrame, self._graph.pull())))
            have += made[-1].shape[1]
        return np.concatenate(made, axis=1) if len(made) > 1 else made[0]
