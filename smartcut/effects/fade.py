"""`fade`: come in from a colour, and go out into it."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from smartcut.colours import ColourParam, rgba
from smartcut.curve import Animated, Curve, Key
from smartcut.effect import PictureEffect, Space, Tone
from smartcut.timebase import Range, TimeParam

_SHORTEST = Fraction(1, 1000)


class Fade(Tone):
    """Lets the picture come in from a colour and go out into it, at both ends of a segment.

    With `from` and `to` it comes in and goes out at these times. Where there is no room for both,
    each gets its share of what there is. Only the frames that are fading are encoded.

    ```yaml
    - fade: {in: 1s, out: 1s}
    ```
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
    name: ClassVar[str] = "fade"

    fade_in: TimeParam = Field(
        Fraction(1), ge=0, alias="in", description="Seconds of coming in; `fade_in` in Python."
    )
    fade_out: TimeParam = Field(
        Fraction(1), ge=0, alias="out", description="Seconds of going out; `fade_out` in Python."
    )
    colour: ColourParam = Field("#000000", description="`#rrggbb`.")

    def within(self, shown: Range) -> PictureEffect:
        room = min(Fraction(1), shown.duration / max(self.fade_in + self.fade_out, _SHORTEST))
        keys = [
            Key(shown.start, 1.0 if self.fade_in else 0.0),
            Key(shown.start + self.fade_in * room, 0.0),
            Key(shown.end - self.fade_out * room, 0.0),
            Key(shown.end, 1.0 if self.fade_out else 0.0),
        ]
        at = {key.at: key for key in sorted(keys, key=lambda key: (key.at, key.value))}
        share = Curve(tuple(at.values()), "segment")
        return _Towards(share=share, colour=self.colour, amount=self.amount, mask=self.mask)


class _Towards(Tone):
    """Mixes pictures with a colour."""

    name: ClassVar[str] = "fade"

    share: Animated
    colour: str

    def is_idle(self) -> bool:
        return self.share == 0

    def tables(self, space: Space) -> np.ndarray:
        from smartcut.media.image import sample_of

        samples = np.arange(1 << space.depth, dtype=np.float64)
        wanted = np.array(sample_of(rgba(self.colour)[:3], space), dtype=np.float64)
        return samples + (wanted[:, None] - samples) * self.share
