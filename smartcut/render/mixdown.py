"""The finished sound of a rendering: sources read, mixed and mastered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction

import numpy as np

from smartcut.cut import Source
from smartcut.media.audio import samples
from smartcut.media.stretch import stretched
from smartcut.render.job import Rendering
from smartcut.render.mastering import mastered
from smartcut.render.passing import is_untouched
from smartcut.render.sound import Paces, mix
from smartcut.timebase import nearest


def mixed(
    rendering: Rendering,
) -> AbstractContextManager[tuple[Iterator[np.ndarray], list[str]]]:
    """(blocks, notes) of the whole sound; the context holds a temporary file."""
    sound = rendering.output.sound
    assert sound is not None
    rate, channels = sound.rate, sound.channels

    def read(source: Source, start: Fraction, end: Fraction, paces: Paces) -> Iterator[np.ndarray]:
        blocks = samples(source, rate, channels, start, end)
        if all(speed == 1 for _, speed in paces):
            return blocks
        before = sum((seconds for seconds, _ in paces[:-1]), Fraction(0))
        heard = sum((seconds / speed for seconds, speed in paces[:-1]), Fraction(0))
        heard += (end - start - before) / paces[-1][1]
        return stretched(blocks, paces, rate, nearest(heard * rate))

    cut = rendering.cut
    blocks = mix(
        cut,
        read,
        duration=rendering.duration,
        rate=rate,
        channels=channels,
        speech=rendering.speech,
    )
    if is_untouched(cut):
        return nullcontext((blocks, []))
    return mastered(blocks, cut.mix, rate, channels)
