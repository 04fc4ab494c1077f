"""The finished sound of a track: sources read, mixed and mastered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction

import numpy as np

from smartcut.annotation import Data
from smartcut.cut import Cut
from smartcut.media.audio import samples
from smartcut.media.stretch import stretched
from smartcut.render.sound.clips import SoundClip, mix
from smartcut.render.sound.effects import backwards, with_effects
from smartcut.render.sound.mastering import mastered
from smartcut.render.sound.passing import is_untouched
from smartcut.render.sound.plan import SoundPlan
from smartcut.sound_effect import SoundBench
from smartcut.source import Source
from smartcut.timebase import Range, nearest

# Seconds that are decoded at a time to be heard backwards.
_HELD_SECONDS = 10


def mixed(
    plan: SoundPlan, duration: Fraction, speech: Sequence[Range]
) -> AbstractContextManager[tuple[Iterator[np.ndarray], list[str]]]:
    """(blocks, notes) of a whole sound track of ``duration`` seconds, for which ``speech`` ducks.

    The context holds a temporary file.
    """
    rate, layout, channels = plan.sound.rate, plan.sound.layout, plan.sound.channels

    def read(clip: SoundClip) -> Iterator[np.ndarray]:
        def own(first: int, last: int) -> Iterator[np.ndarray]:
            start, end = (Fraction(number, rate) for number in (first, last))
            return samples(clip.source, rate, layout, start, end)

        bench = SoundBench(rate, layout, channels, _known(plan.track.cut, clip.source))
        heard = with_effects(own, clip.effects, clip.times, bench)
        shown = clip.heard(rate)
        first, last = nearest(shown.start * rate), nearest(shown.end * rate)
        most = _HELD_SECONDS * rate
        blocks = backwards(heard, first, last, most) if clip.is_reversed else heard(first, last)
        if all(speed == 1 for _, speed in clip.paces):
            return blocks
        return stretched(blocks, clip.paces, rate, clip.end - clip.start, channels)

    cut, also = plan.track.cut, plan.track.also
    blocks = mix(
        cut, read, duration=duration, rate=rate, channels=channels, speech=speech, also=also
    )
    if is_untouched(cut) and not also:
        return nullcontext((blocks, []))
    return mastered(blocks, cut.mix, rate, layout)


def _known(cut: Cut, source: Source) -> Callable[[str], Data | None]:
    def known(name: str) -> Data | None:
        found = cut.annotation(name, source.id)
        return found.data if found else None

    return known
