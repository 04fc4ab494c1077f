"""The finished sound of a track: sources read, mixed and mastered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction

import numpy as np

from smartcut.media.audio import backwards, samples
from smartcut.media.stretch import stretched
from smartcut.render.sound.clips import SoundClip, mix
from smartcut.render.sound.mastering import mastered
from smartcut.render.sound.passing import is_untouched
from smartcut.render.sound.plan import SoundPlan
from smartcut.timebase import Range


def mixed(
    plan: SoundPlan, duration: Fraction, speech: Sequence[Range]
) -> AbstractContextManager[tuple[Iterator[np.ndarray], list[str]]]:
    """(blocks, notes) of a whole sound track of ``duration`` seconds, for which ``speech`` ducks.

    The context holds a temporary file.
    """
    rate, layout, channels = plan.sound.rate, plan.sound.layout, plan.sound.channels

    def read(clip: SoundClip) -> Iterator[np.ndarray]:
        heard = clip.heard(rate)
        read = backwards if clip.is_reversed else samples
        blocks = read(clip.source, rate, layout, heard.start, heard.end)
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
