"""`crop`: take away the edges of the picture, or the black bars that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_validator

from smartcut.annotation import Signal
from smartcut.cut import Cut, Segment
from smartcut.effects.crop import Crop
from smartcut.stage import Analysis, Context
from smartcut.stages._bars import BarDetection, Edges, bars_of_segment, without_bars
from smartcut.stages._chosen import chosen
from smartcut.stages._of_effects import EffectStage, derived
from smartcut.stages.faces import usual_shots, with_shots

if TYPE_CHECKING:
    _Derived = EffectStage
else:
    _Derived = derived(Crop.name)


class CropStage(_Derived):
    """Takes away the edges of the picture, or its black bars; what is left fills the output.

    `crop: auto` finds the bars: what is black in all pictures of the shots that a segment shows,
    alike on both sides. A dark scene has none of its own: those of the rest of its source count.
    Edges lie on whole pixels. Where a crop lasts for a part of a segment, or changes, what is left
    is scaled to the picture's size, with bars where it has another shape.

    ```yaml
    - crop: auto
    - crop: {left: 10%, right: 10%}
    ```
    """

    name: ClassVar[str] = "crop"
    short: ClassVar[str] = "auto"

    auto: bool = Field(
        False, description="Take away black bars; `crop: auto` and `crop: {auto: true}` are one."
    )

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("auto") == "auto":
            return {**given, "auto": True}
        return given

    @model_validator(mode="after")
    def _is_one_of_both(self) -> CropStage:
        given = self.model_fields_set - {"auto", "on"}
        if self.auto and given:
            raise ValueError(
                f"`auto` finds the edges itself, for whole segments of the programme; leave out "
                f"{', '.join(f'`{name}`' for name in sorted(given))}"
            )
        return self

    def analyses(self) -> tuple[Analysis, ...]:
        return (usual_shots(), BarDetection()) if self.auto else ()

    def apply(self, cut: Cut, context: Context) -> Cut:
        if not self.auto:
            return super().apply(cut, context)
        those = chosen(self.on, len(cut.segments), self.name)
        segments = list(cut.segments)
        found: dict[str, set[Edges | None]] = {}
        for i in sorted(those):
            id = segments[i].source
            if id is None or cut.source(id).video is None:
                continue
            edges = self._bars(with_shots(cut, cut.source(id), context), segments[i], context)
            found.setdefault(id, set()).add(edges)
            segments[i] = without_bars(segments[i], edges)
        cut = cut.with_segments(tuple(segments))
        for id, edges_of in found.items():
            cut = cut.with_note(f"crop: {id}: {_in_words(edges_of)}")
        return cut

    def _bars(self, cut: Cut, segment: Segment, context: Context) -> Edges | None:
        bars = context.result(BarDetection(), cut.source(segment.source or "")).data
        assert isinstance(bars, Signal)
        return bars_of_segment(cut, segment, bars)


def _in_words(found: set[Edges | None]) -> str:
    names = ("left", "top", "right", "bottom")
    told = []
    for edges in sorted((e for e in found if e), reverse=True):
        told.append(", ".join(f"{n} {px}px" for n, px in zip(names, edges, strict=True) if px))
    if None in found:
        told.append("no black bars" if not told else "none in other segments")
    return "; ".join(told)
