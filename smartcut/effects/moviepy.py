"""`moviepy`: any video effect of MoviePy's; see the stage `effects`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from smartcut.effect import Bench, Pixels, View, Work
from smartcut.errors import StageError


class MoviePy(Pixels):
    """Changes pictures with a video effect of MoviePy's, which works on 8-bit RGB."""

    name: ClassVar[str] = "moviepy"
    any_time: ClassVar[bool] = True

    use: str = Field(description="The effect's class, such as `BlackAndWhite`.")
    params: dict[str, Any] = Field(
        {}, description="The effect's parameters, under MoviePy's names."
    )

    @model_validator(mode="after")
    def _exists(self) -> MoviePy:
        from smartcut.interchange.moviepy import build_effect

        try:
            build_effect(self.use, tuple(self.params.items()))
        except StageError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def label(self) -> str:
        return f"{self.name}.{self.use}"

    def open(self, bench: Bench) -> Work:
        from smartcut.interchange.moviepy import EffectAdapter

        def picture(view: View) -> np.ndarray:
            rgb = view.rgb()
            return rgb if rgb.dtype == np.uint8 else (rgb >> 8).astype(np.uint8)

        adapter = EffectAdapter(
            self.use,
            tuple(self.params.items()),
            lambda time: picture(bench.at(time)),
            bench.duration,
            bench.size,
            bench.rate,
        )
        return lambda view: adapter.frame(view.segment_time)
