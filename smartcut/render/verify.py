"""Checks a file after it was written: everything planned is there, in order, in time."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from smartcut.errors import RenderError
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.render.job import Rendering

# Matroska's clock; MP4's is finer.
_CLOCK = Fraction(1, 1000)


def verify(rendering: Rendering) -> None:
    """Raise RenderError unless the file has the frames, times and sound that were planned.

    Reads packets only; the written file is left in place for a look.
    """
    output = rendering.output
    written = probe(output.path)
    if output.picture is not None:
        if written.video is None:
            raise RenderError(f"{output.path}: the picture is missing from the written file")
        index = video_index(written)
        planned = np.concatenate([s.stretch.pts for s in rendering.spans])
        if len(index) != len(planned):
            raise RenderError(f"{output.path} has {len(index)} frames; {len(planned)} were planned")
        times = planned * float(output.picture.timebase)
        off = float(np.max(np.abs(index.seconds - index.seconds[0] - times)))
        if off > float(_CLOCK):
            raise RenderError(f"{output.path}: a frame is {off * 1000:.1f} ms off its time")
    if output.sound is not None:
        if written.audio is None:
            raise RenderError(f"{output.path}: the sound is missing from the written file")
        apart = abs(written.audio.start - (written.video.start if written.video else 0))
        if apart > 2 * _CLOCK:
            raise RenderError(
                f"{output.path}: sound and picture start {float(apart) * 1000:.1f} ms apart"
            )
