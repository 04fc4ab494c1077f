"""`mute`: silence."""

from __future__ import annotations

from typing import ClassVar

from smartcut.sound_effect import SoundBench, SoundEffect, SoundWork


class Mute(SoundEffect):
    """Silences the sound, as a whole or from one time of the source to another.

    ```yaml
    - mute: {from: 12.4s, to: 12.9s}
    ```
    """

    name: ClassVar[str] = "mute"

    def open(self, bench: SoundBench) -> SoundWork:
        import numpy as np

        return lambda block: np.zeros_like(block.values)
