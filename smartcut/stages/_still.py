"""In place of the render at the end of a pipeline: one picture of what it would write."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import PrivateAttr

from smartcut.cut import Cut
from smartcut.stage import Context
from smartcut.stages.render import Render

if TYPE_CHECKING:
    import numpy as np


class StillStage(Render):
    """Keeps the picture of one time of the film, and writes nothing."""

    time: Fraction
    """In timeline time."""
    film: Path
    """What the film would be called, which decides its container."""
    _pictures: list[np.ndarray] = PrivateAttr(default_factory=list)

    @classmethod
    def of(cls, render: Render, time: Fraction, film: Path) -> StillStage:
        """The picture that such a render shows at that time."""
        given = {name: getattr(render, name) for name in render.model_fields_set}
        return cls.model_construct(**given, time=time, film=film)

    @property
    def picture(self) -> np.ndarray:
        """RGB, uint8 (height, width, 3), once it has been applied."""
        return self._pictures[-1]

    def writes(self, context: Context) -> tuple[Path, ...]:
        return ()

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.render.still import shown_at

        self._pictures.append(shown_at(cut, self.job(self.film, context), context, self.time))
        return cut
