"""`draw`: anything that a drawer draws, above the picture."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, model_validator

from smartcut.cut import Cut
from smartcut.drawer import Drawer, given_drawer
from smartcut.errors import PipelineError
from smartcut.stage import Context, Stage
from smartcut.stages._drawn import connected_above
from smartcut.timebase import TimeParam


class DrawStage(Stage):
    """Draws a shape, a gradient, a text, or whatever else a drawer draws above the picture.

    Drawers: `colour`, `gradient`, `shape` (box, ellipse, line), `text`, `progress`, `timer`,
    `lower_third`, and those of packages; docs/drawers.md has their parameters. It is connected to
    what the programme shows at `at`: where later stages cut, move or slow that, it goes along.
    Without `at` and `duration` it is there for the whole film. Only the frames that show it are
    encoded. Effects of `track: overlay` work on it, `place` too.

        - draw: {use: shape, params: {form: ellipse, x: 0.2, y: 0.5, colour: "#ff0000"}, at: 2s}

    ```yaml
    - draw: {use: shape, params: {form: ellipse, colour: "#ff0000"}, at: 1s, duration: 2s}
    ```
    """

    name: ClassVar[str] = "draw"

    use: str = Field(description="The drawer.")
    params: dict[str, Any] = Field({}, description="Its parameters.")
    at: TimeParam | None = Field(
        None, description="When it begins, in timeline time; with `of`, in that source's time."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam | None = Field(None, gt=0, description="How long it is shown.")

    @model_validator(mode="after")
    def _can_be_drawn(self) -> DrawStage:
        try:
            _ = self.drawer
        except PipelineError as error:
            raise ValueError(error.message) from error
        return self

    @property
    def drawer(self) -> Drawer:
        """What draws it; raises PipelineError."""
        return given_drawer(self.use, self.params)

    def apply(self, cut: Cut, context: Context) -> Cut:
        return connected_above(cut, self.name, self.use, self.drawer, self)
