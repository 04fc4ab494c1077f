"""The finished sound of a rendering: sources read, mixed and mastered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from smartcut.media.audio import samples
from smartcut.media.stretch import stretched
from smartcut.render.job import Rendering
from smartcut.render.mastering import mastered
from smartcut.render.passing import is_untouched
from smartcut.render.sound import Clip, mix


def mixed(
    rendering: Rendering,
) -> AbstractContextManager[tuple[Iterator[np.ndarray], list[str]]]:
    """(blocks, notes) of the whole sound; the context holds a temporary file."""
    sound = rendering.output.sound
    assert sound is not None
    rate, channels = sound.rate, sound.channels

    def read(clip: Clip) -> Iterator[np.ndarray]:
        blocks = samples(clip.source, rate, channels, clip.time, clip.source_end(rate))
        if all(speed == 1 for _, speed in clip.paces):
            return blocks
        return stretched(blocks, clip.paces, rate, clip.end - clip.start)

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
