"""`moviepy`: any video effect of MoviePy's; see the stage `effects`."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, model_validator

from smartcut.effect import Bench, Pixels, Work
from smartcut.errors import StageError


class MoviePy(Pixels):
    """Changes pictures with a video effect of MoviePy's, which works on RGB.

    More than 8 bits are kept by those that compute in NumPy; what draws by Pillow (`Resize`,
    `Rotate`, `HeadBlur`, `Painting`, and what lays pictures over each other) rounds to 8.

    ```yaml
    - moviepy: {use: InvertColors}
    ```
    """

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

        adapter = EffectAdapter(
            self.use,
            tuple(self.params.items()),
            lambda time: bench.at(time).rgb(),
            bench.duration,
            bench.size,
            bench.rate,
        )
        return lambda view: adapter.frame(view.segment_time)
