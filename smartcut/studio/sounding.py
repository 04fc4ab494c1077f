"""The sound of the rendering that is played, mixed from any time on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from threading import Event, Lock

import numpy as np

from smartcut.cache import key_of
from smartcut.media.layouts import nearest_layout
from smartcut.media.sound_fragments import flac_fragments
from smartcut.render.job import Rendering
from smartcut.render.sound.clips import BLOCK
from smartcut.render.sound.codecs import CODECS
from smartcut.render.sound.mixdown import mixed_from
from smartcut.render.sound.output import OutputSound
from smartcut.render.sound.plan import SoundPlan
from smartcut.stage import Context, Stopped
from smartcut.timebase import nearest


class Sounding:
    """The main sound track of the newest rendering."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._rendering: Rendering | None = None
        self._stopping = Event()

    @property
    def key(self) -> str | None:
        rendering = self._rendering
        return None if rendering is None or not rendering.sounds else _key(rendering)

    @property
    def note(self) -> str | None:
        return None

    def show(self, rendering: Rendering) -> None:
        self._rendering = rendering

    def fragments(self, start: Fraction) -> Iterator[bytes]:
        rendering = self._rendering
        if rendering is None or not rendering.sounds:
            return
        plan = _played(rendering.sounds[0])
        rate = plan.sound.rate
        first = nearest(start * rate) // BLOCK * BLOCK
        blocks = mixed_from(plan, rendering.duration, rendering.speech, first, 1.0)
        yield from flac_fragments(self._heard(blocks), rate, plan.sound.layout, first)

    def close(self) -> None:
        self._stopping.set()

    def _heard(self, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        for block in blocks:
            if self._stopping.is_set():
                raise Stopped
            yield block


def _played(plan: SoundPlan) -> SoundPlan:
    """The plan for a mix that FLAC holds, of what is passed through too."""
    layout = nearest_layout(plan.sound.layout, CODECS["flac"].layouts)
    return replace(plan, sound=OutputSound("flac", plan.sound.rate, layout, None))


def _key(rendering: Rendering) -> str:
    plan = rendering.sounds[0]
    made = plan.key
    if plan.passed is not None:
        source, ranges = plan.passed
        stream = source.audio.index if source.audio else None
        made = key_of("sound passed", 1, {"source": source.digest, "stream": stream,
                      "ranges": [[r.start, r.end] for r in ranges]})  # fmt: skip
    return key_of("sound heard", 1, {"mix": made, "duration": rendering.duration})[:40]
