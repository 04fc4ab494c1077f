"""`watermark`: a logo or a name that is always there."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.colours import ColourParam
from smartcut.cut import Cut
from smartcut.drawers.text import Text
from smartcut.render.captions.fonts import FontParam
from smartcut.stage import Context, PathParam, Stage
from smartcut.stages._drawn import connected_above
from smartcut.stages.overlay import OverlayStage
from smartcut.timebase import TimeParam

Corner = Literal[
    "top-left", "top", "top-right", "centre", "bottom-left", "bottom", "bottom-right"
]  # fmt: skip


class Watermark(Stage):
    """Puts a logo or a name over the whole film, half clear, in a corner.

    It lies within what every screen shows (EBU R 95, 5 %). Give a `file` or a `text`. Every frame
    that shows it is encoded; `at` and `duration` bound it.

        - watermark: {file: logo.png}
        - watermark: {text: "© Ada", position: bottom-left}

    ```yaml
    - watermark: {text: Ada Lovelace, position: bottom-right}
    ```
    """

    name: ClassVar[str] = "watermark"

    file: PathParam | None = Field(None, description="An image or a video; its alpha counts.")
    text: str | None = Field(None, min_length=1, description="Or a text.")
    position: Corner = Field("bottom-right", description="Where it lies.")
    margin: float = Field(
        0.05, ge=0, le=0.4, description="Distance from the edges, as a share of the shorter side; "
        "of a text, of each side.",
    )  # fmt: skip
    width: float = Field(0.12, gt=0, le=1, description="Of a file: a share of the frame's width.")
    size: float = Field(
        0.04, gt=0, le=0.5, description="Of a text: height of the letters, a share of the frame's."
    )
    colour: ColourParam = Field("#ffffff", description="Of a text.")
    font: FontParam | None = Field(
        None, description="A font file; without it, Noto Sans of any script."
    )
    opacity: float = Field(0.6, ge=0, le=1, description="0 is invisible.")
    at: TimeParam | None = Field(
        None, description="When it begins, in timeline time; with `of`, in that source's time."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam | None = Field(None, gt=0, description="How long it is shown.")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Watermark:
        if (self.file is None) == (self.text is None):
            raise ValueError("give a `file` or a `text`: one of both")
        return self

    def touches_all(self) -> bool:
        return self.at is None and self.duration is None

    def apply(self, cut: Cut, context: Context) -> Cut:
        if self.file is not None:
            names = ("file", "position", "margin", "width", "opacity", "at", "of", "duration")
            given = {name: getattr(self, name) for name in names}
            return OverlayStage.model_construct(**given, gain=None).apply(cut, context)
        assert self.text is not None
        words = self.position.split("-")
        text = Text(
            text=self.text,
            position="top" if "top" in words else "bottom" if "bottom" in words else "middle",
            align="left" if "left" in words else "right" if "right" in words else "centre",
            margin=self.margin,
            size=self.size,
            colour=self.colour,
            font=self.font,
            outline_width=0.002,
            opacity=self.opacity,
        )
        return connected_above(cut, self.name, "watermark", text, self)
