"""`progress_bar`: a bar that grows as the film goes on."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from smartcut.colours import ColourParam
from smartcut.cut import Cut
from smartcut.drawers.progress import ProgressDrawer
from smartcut.stage import Context, Stage
from smartcut.stages._drawn import connected_above
from smartcut.timebase import TimeParam


class ProgressBar(Stage):
    """Draws a bar along an edge that grows from nothing to the whole width.

    Without `at` and `duration` it grows with the whole film, however later stages cut it. Every
    frame that shows it is encoded.

        - progress_bar: {position: bottom, colour: "#ff3b30"}

    ```yaml
    - progress_bar: {position: bottom, colour: "#ffcc00"}
    ```
    """

    name: ClassVar[str] = "progress_bar"

    position: Literal["bottom", "top"] = Field("bottom", description="At which edge it lies.")
    thickness: float = Field(0.012, gt=0, le=1, description="A share of the frame's height.")
    margin: float = Field(
        0.0, ge=0, lt=0.5, description="Distance from the edges, as a share of the shorter side; "
        "0.05 keeps it within what every screen shows.",
    )  # fmt: skip
    colour: ColourParam = Field("#ffd54a", description="Of what is over.")
    background: ColourParam = Field("#00000060", description="Of what is to come.")
    at: TimeParam | None = Field(
        None, description="When it begins, in timeline time; with `of`, in that source's time."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam | None = Field(None, gt=0, description="How long it takes to fill.")

    def touches_all(self) -> bool:
        return True

    def apply(self, cut: Cut, context: Context) -> Cut:
        names = ("position", "thickness", "margin", "colour", "background")
        bar = ProgressDrawer(**{name: getattr(self, name) for name in names})
        return connected_above(cut, self.name, "progress bar", bar, self)
