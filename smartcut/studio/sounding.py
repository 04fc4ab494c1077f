"""The sound of the rendering that is played, mixed from any time on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from threading import Event, Lock, Thread

import numpy as np

from smartcut.cache import key_of
from smartcut.errors import SmartcutError
from smartcut.media.layouts import nearest_layout
from smartcut.media.sound_fragments import flac_fragments
from smartcut.render.job import Rendering
from smartcut.render.sound.clips import BLOCK
from smartcut.render.sound.codecs import CODECS
from smartcut.render.sound.mixdown import loudness_gain, mixed_from, unmastered
from smartcut.render.sound.output import OutputSound
from smartcut.render.sound.plan import SoundPlan
from smartcut.stage import Context, Stopped
from smartcut.timebase import Range, nearest

_LETTERS = 40
# Of gains in the cache.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Heard:
    """A sound track, and how it is heard for now."""

    plan: SoundPlan
    key: str
    duration: Fraction
    speech: tuple[Range, ...]
    gain: float
    is_exact: bool
    """The gain is that of the file."""


class Sounding:
    """The main sound track of the newest rendering.

    Where it is brought to a loudness, all of it has to be listened to before. Until then it has the
    gain that was measured last; ``on_change`` is called, in another thread, once its own is known.
    """

    def __init__(
        self, context: Context, give_way: Callable[[Event], None], on_change: Callable[[], None]
    ) -> None:
        self._context = context
        self._give_way = give_way
        """Waits, and returns when nothing more urgent is left to do, or the event is set."""
        self._on_change = on_change
        self._lock = Lock()
        self._heard: _Heard | None = None
        self._last_gain = 1.0
        self._closing = Event()
        self._measuring: tuple[str, Event, Thread] | None = None

    @property
    def key(self) -> str | None:
        """What is heard; None for silence."""
        heard = self._heard
        if heard is None:
            return None
        return key_of("sound heard", 1, {"mix": heard.key, "gain": heard.gain})[:_LETTERS]

    @property
    def note(self) -> str | None:
        """How what is heard differs from the film's sound, in words."""
        heard = self._heard
        if heard is None or heard.is_exact:
            return None
        return "the sound is as loud as was measured before; this version is being measured"

    def show(self, rendering: Rendering) -> None:
        """Play the sound of that rendering from now on."""
        heard = self._planned(rendering) if rendering.sounds else None
        with self._lock:
            self._heard = heard
            running = self._measuring
            if running is not None and (heard is None or running[0] != heard.key):
                running[1].set()
                self._measuring = None

    def fragments(self, start: Fraction) -> Iterator[bytes]:
        """See Playback.sound."""
        heard = self._heard
        if heard is None:
            return iter(())
        if not heard.is_exact:
            self._measure(heard)
        plan = heard.plan
        rate = plan.sound.rate
        first = max(0, nearest(start * rate)) // BLOCK * BLOCK
        blocks = mixed_from(plan, heard.duration, heard.speech, first, heard.gain)
        return flac_fragments(self._until_closed(blocks), rate, plan.sound.layout, first)

    def close(self) -> None:
        """End what is under way."""
        self._closing.set()
        with self._lock:
            running, self._measuring = self._measuring, None
        if running is not None:
            running[1].set()
            running[2].join()

    # ---------------------------------------------------------------------------- loudness

    def _planned(self, rendering: Rendering) -> _Heard:
        plan = rendering.sounds[0]
        key = _key(plan, rendering.duration)
        gain: float | None = 1.0
        if plan.passed is None and plan.track.cut.mix.loudness is not None:
            gain = self._context.cache.load(_gain_key(key), lambda kept: isinstance(kept, float))
        if gain is not None:
            self._last_gain = gain if plan.track.cut.mix.loudness is not None else self._last_gain
        layout = nearest_layout(plan.sound.layout, CODECS["flac"].layouts)
        plan = replace(plan, sound=OutputSound("flac", plan.sound.rate, layout, None))
        used = self._last_gain if gain is None else gain
        return _Heard(
            plan, key, rendering.duration, rendering.speech, used, is_exact=gain is not None
        )

    def _measure(self, heard: _Heard) -> None:
        """Have the gain of what is heard found out beside other work."""
        with self._lock:
            if self._closing.is_set() or self._measuring is not None or self._heard is not heard:
                return
            stopping = Event()
            work = Thread(target=self._measured, args=(heard, stopping), daemon=True)
            self._measuring = heard.key, stopping, work
            work.start()

    def _measured(self, heard: _Heard, stopping: Event) -> None:
        def blocks() -> Iterator[np.ndarray]:
            for block in unmastered(heard.plan, heard.duration, heard.speech):
                self._give_way(stopping)
                if stopping.is_set():
                    raise Stopped
                yield block

        try:
            gain = loudness_gain(heard.plan, blocks())
        except Stopped:
            return
        except SmartcutError:
            return  # playing the sound raises the same error, where it is shown
        self._context.cache.store(_gain_key(heard.key), gain)
        with self._lock:
            self._measuring = None
            self._last_gain = gain
            if self._heard is not heard:
                return
            self._heard = replace(heard, gain=gain, is_exact=True)
        self._on_change()

    def _until_closed(self, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        for block in blocks:
            if self._closing.is_set():
                raise Stopped
            yield block


def _key(plan: SoundPlan, duration: Fraction) -> str:
    """Of a mix before its gain."""
    made = plan.key
    if plan.passed is not None:
        source, ranges = plan.passed
        stream = source.audio.index if source.audio else None
        times = [[one.start, one.end] for one in ranges]
        made = key_of("sound passed", 1, {"source": source.digest, "stream": stream, "of": times})
    return key_of("sound played", _VERSION, {"mix": made, "duration": duration})


def _gain_key(key: str) -> str:
    return key_of("loudness gain", _VERSION, {"mix": key})
