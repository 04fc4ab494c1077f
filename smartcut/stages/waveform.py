"""`waveform`: the sound of a film at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.cut import Cut
from smartcut.stage import Context
from smartcut.stages._picture_of import PictureOf
from smartcut.timebase import nearest

if TYPE_CHECKING:
    import numpy as np


class Waveform(PictureOf):
    """Writes a picture of the film's sound: peaks and loudness from its start to its end.

    It is of what would be heard after all stages before it, all channels over each other; nothing
    is encoded. `render: {waveform: true}` writes one beside a film.

    ```yaml
    - waveform: {output: talk.png, width: 1600, height: 240}
    ```
    """

    name: ClassVar[str] = "waveform"

    width: int = Field(1600, ge=16, le=16_384, description="Pixels.")
    height: int = Field(240, ge=16, le=4096, description="Pixels.")

    def drawn(self, cut: Cut, context: Context) -> np.ndarray:
        from smartcut.render.job import RenderJob
        from smartcut.render.overviews import RATE, levels_of, waveform_of
        from smartcut.render.reading import sound_of

        rate, blocks = sound_of(cut, RenderJob(Path("sound.mka")), context, RATE, None)
        total = max(1, nearest(cut.duration * rate))
        return waveform_of(levels_of(blocks, total, self.width), self.height)
