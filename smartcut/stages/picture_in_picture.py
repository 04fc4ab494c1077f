"""`picture_in_picture`: a smaller video in a corner."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.cut import Cut
from smartcut.effects.place import Position
from smartcut.stage import Context, PathParam, Stage
from smartcut.stages.overlay import OverlayStage
from smartcut.timebase import TimeParam


class PictureInPicture(Stage):
    """Shows a smaller video or image in a corner, within what every screen shows (EBU R 95, 5 %).

    It is an `overlay`: connected to what the programme shows at `at`, with its own sound. Effects
    of `track: overlay` work on it.

        - picture_in_picture: {file: webcam.mp4, position: bottom-right}

    ```yaml
    - picture_in_picture: {file: webcam.mp4, position: bottom-left, width: 0.25}
    ```
    """

    name: ClassVar[str] = "picture_in_picture"

    file: PathParam = Field(description="A video or an image; its alpha channel counts.")
    position: Position = Field(
        "bottom-right",
        description="One of nine places, or [x, y]: its middle in shares of the frame.",
    )
    width: float = Field(0.3, gt=0, le=1, description="Share of the frame's width.")
    margin: float = Field(
        0.05, ge=0, lt=0.5, description="Distance from the edges, as a share of the shorter side."
    )
    at: TimeParam | None = Field(
        None, description="When it begins, in timeline time; with `of`, in that source's time."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam | None = Field(None, gt=0, description="How long it is shown.")
    start: TimeParam = Field(Fraction(0), description="Where in the file it begins.")
    opacity: float = Field(1.0, ge=0, le=1, description="0 is invisible.")
    fade: TimeParam = Field(Fraction(0), description="Seconds of coming in, and of going.")
    gain: float | None = Field(
        0.0, ge=-60, le=20, description="dB of a video's own sound; none leaves it out."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return OverlayStage.model_construct(**given).apply(cut, context)
