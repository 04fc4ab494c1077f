"""`clean`: speech made clear."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from smartcut.cut import Cut
from smartcut.sound_effect import SoundEffect
from smartcut.stage import Analysis, Context, Group, Stage
from smartcut.stages._chosen import OnParam
from smartcut.stages._of_effects import SoundTrackParam, with_sound_effects


class Clean(Stage):
    """Cleans up speech: less noise, rumble and hiss, and an even level.

    It is `denoise_sound`, `high_pass`, `de_ess` and `compressor`, one after the other, with
    settings that go together; use these themselves for others. `light` is safe for all; `strong`
    is for bad rooms and microphones, where it is heard to have worked.

    ```yaml
    - clean: light
    ```
    """

    name: ClassVar[str] = "clean"
    group: ClassVar[Group] = "sound"
    short: ClassVar[str] = "strength"

    strength: Literal["light", "strong"] = Field(
        "light", description="Noise 12 or 18 dB softer, and a soft or a firm hand on the level."
    )
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    track: SoundTrackParam = Field("programme", description="Whose sound; see `gain`.")

    @property
    def effects(self) -> tuple[SoundEffect, ...]:
        """What it puts on segments, in order."""
        from smartcut.effects.compressor import Compressor
        from smartcut.effects.de_ess import DeEss
        from smartcut.effects.denoise_sound import DenoiseSound
        from smartcut.effects.high_pass import HighPass

        if self.strength == "light":
            return (
                DenoiseSound(reduction=12.0),
                HighPass(frequency=70.0),
                DeEss(reduction=4.0),
                Compressor(threshold=-22.0, ratio=2.0, makeup=2.0),
            )
        return (
            DenoiseSound(reduction=18.0),
            HighPass(frequency=90.0, slope=24),
            DeEss(reduction=8.0),
            Compressor(threshold=-26.0, ratio=3.5, makeup=5.0),
        )

    def analyses(self) -> tuple[Analysis, ...]:
        return tuple(analysis for effect in self.effects for analysis in effect.analyses())

    def apply(self, cut: Cut, context: Context) -> Cut:
        return with_sound_effects(
            cut, context, self.name, self.effects, on=self.on, which=self.track
        )
