"""One picture of a whole film, written without rendering it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.stage import Context, Group, Stage, Step

if TYPE_CHECKING:
    import numpy as np

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


class PictureOf(Stage):
    """What the stages that write such a picture have in common."""

    group: ClassVar[Group] = "output"

    output: str | None = Field(
        None, description="The file to write, a .png, .jpg or .webp; without it, what `-o` says."
    )

    @field_validator("output")
    @classmethod
    def _is_a_picture(cls, value: str | None) -> str | None:
        if value is not None and Path(value).suffix.lower() not in _SUFFIXES:
            raise ValueError(f"{value!r} is no picture; accepted: {', '.join(_SUFFIXES)}")
        return value

    def drawn(self, cut: Cut, context: Context) -> np.ndarray:
        """uint8 RGB (height, width, 3)."""
        raise NotImplementedError

    def writes(self, context: Context) -> tuple[Path, ...]:
        asked = Path(self.output) if self.output else context.output
        return (asked,) if asked and asked.suffix.lower() in _SUFFIXES else ()

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.render.overviews import write_image

        path = self._path(context)
        write_image(path, self.drawn(cut, context))
        context.outputs.append(path)
        return cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        return cut, (Step(self.name, str(self._path(context)), "run", "one picture of the film"),)

    def _path(self, context: Context) -> Path:
        paths = self.writes(context)
        if not paths:
            raise PipelineError(
                f"`{self.name}` does not know what to write: give `output`, or -o OUT.png "
                f"({', '.join(_SUFFIXES)})"
            )
        return paths[0]
