"""`filmstrip`: the pictures of a film at a glance."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.cut import Cut
from smartcut.stage import Context
from smartcut.stages._picture_of import PictureOf

if TYPE_CHECKING:
    import numpy as np


class Filmstrip(PictureOf):
    """Writes pictures of the film at equal distances, side by side.

    They are what would be seen after all stages before it, with titles, effects and captions;
    nothing else is rendered. `render: {filmstrip: true}` writes one beside a film.

    ```yaml
    - filmstrip: {output: film.png, count: 12, height: 120}
    ```
    """

    name: ClassVar[str] = "filmstrip"

    count: int = Field(12, ge=1, le=100, description="How many pictures.")
    height: int = Field(120, ge=16, le=2160, description="Of each, in pixels.")

    def drawn(self, cut: Cut, context: Context) -> np.ndarray:
        import cv2
        import numpy as np

        from smartcut.render.job import RenderJob
        from smartcut.render.still import pictures_at

        step = cut.duration / self.count
        times = [step * (k + Fraction(1, 2)) for k in range(self.count)]
        tiles = []
        for picture in pictures_at(cut, RenderJob(Path("film.mkv")), context, times):
            rows, columns = picture.shape[:2]
            size = max(1, round(columns * self.height / rows)), self.height
            how = cv2.INTER_AREA if self.height < rows else cv2.INTER_CUBIC
            tiles.append(cv2.resize(picture, size, interpolation=how))
        return np.concatenate(tiles, axis=1)
