"""`effects`: change the pictures of segments with an effect of MoviePy's."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field

from smartcut.cut import Cut, Effect, Segment
from smartcut.errors import StageError
from smartcut.source import Scalar
from smartcut.stage import Context, Stage
from smartcut.stages._chosen import OnParam, chosen

if TYPE_CHECKING:
    import numpy as np

_TRIAL_RATE = Fraction(25)


class Effects(Stage):
    """Changes the pictures of segments with any video effect of MoviePy.

    `use` names the effect, `with` (in Python `params`) gives its parameters, `on` chooses the
    segments. A result of another size is fitted into the picture again. `moviepy.MultiplySpeed`
    changes the segment's own speed, sound included; other effects that change how long a segment
    lasts are refused.

    ```yaml
    - effects: {use: MirrorX, on: first}
    ```
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    name: ClassVar[str] = "effects"

    use: str = Field(description="The effect, such as `moviepy.BlackAndWhite`.")
    params: dict[str, Scalar | tuple[Scalar, ...]] = Field(
        {}, alias="with", description="The effect's parameters, under MoviePy's names."
    )
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )

    @property
    def effect(self) -> Effect:
        """The effect as a part of the cut; the prefix may be left out."""
        from smartcut.interchange.moviepy_effects import as_effect

        return as_effect(self.use.removeprefix("moviepy."), sorted(self.params.items()))

    def apply(self, cut: Cut, context: Context) -> Cut:
        those = chosen(self.on, len(cut.segments), self.name)
        segments = tuple(
            self._changed(segment, _size(cut, segment)) if i in those else segment
            for i, segment in enumerate(cut.segments)
        )
        return cut.with_segments(segments)

    def _changed(self, segment: Segment, size: tuple[int, int]) -> Segment:
        """The segment with the effect, which is tried on a black picture."""
        from smartcut.interchange.moviepy import EffectAdapter
        from smartcut.interchange.moviepy_effects import used

        def black(time: Fraction) -> np.ndarray:
            import numpy as np

            return np.zeros((size[1], size[0], 3), np.uint8)

        effect = self.effect
        use, params = used(effect)
        trial = EffectAdapter(use, params, black, segment.duration, size, _TRIAL_RATE)
        trial.frame(Fraction(0))
        if use == "MultiplySpeed":
            speed = (segment.duration / trial.duration).limit_denominator(1_000_000)
            return replace(segment, speed=segment.speed * speed)
        if trial.duration != segment.duration:
            raise StageError(
                f"moviepy.{use} makes a segment of {float(segment.duration):g} s last "
                f"{float(trial.duration):g} s, which an effect of a segment cannot do; "
                "effects must keep the duration (moviepy.MultiplySpeed alone may change it)"
            )
        return replace(segment, effects=(*segment.effects, effect))


def _size(cut: Cut, segment: Segment) -> tuple[int, int]:
    """Width and height of the segment's pictures."""
    video = cut.source(segment.source).video if segment.source is not None else None
    return video.display_size if video else (1280, 720)
