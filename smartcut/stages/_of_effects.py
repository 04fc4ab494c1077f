"""The stage of each effect: its parameters, and which segments it is for, and when."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, create_model, model_validator

from smartcut.cut import Cut, Effect, Segment
from smartcut.effect import PictureEffect, Placement, find_effect, to_effect
from smartcut.errors import StageError
from smartcut.once import once
from smartcut.stage import Context, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.timebase import Range, TimeParam


class EffectStage(Stage):
    """Puts an effect on segments."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: ClassVar[type[PictureEffect]]

    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    track: Literal["programme", "overlay", "titles"] | Annotated[int, Field(ge=0)] = Field(
        "programme",
        description="Whose segments `on` counts: `overlay` is all above the programme but the "
        "titles, bottom to top; a number is one picture track, 0 the programme.",
    )
    start: TimeParam | None = Field(
        None, alias="from", description="When it begins, in source time; `start` in Python."
    )
    end: TimeParam | None = Field(
        None, alias="to", description="When it ends, in source time; `end` in Python."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> EffectStage:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"`to` ({self.end} s) does not come after `from` ({self.start} s)")
        _ = self.effect  # which checks what its fields say together
        return self

    @property
    def effect(self) -> PictureEffect:
        """The effect, with what was given."""
        own = self.model_fields_set & set(self.kind.model_fields)
        given = {n: getattr(self, n) for n in own}
        return self.kind.model_validate(given, by_name=True)

    def apply(self, cut: Cut, context: Context) -> Cut:
        places = [(t, i) for t in self._tracks(cut) for i in range(len(cut.tracks[t].segments))]
        those = {places[number] for number in chosen(self.on, len(places), self.name)}
        tracks = tuple(
            replace(track, segments=tuple(
                self._with_effect(s) if (t, i) in those and _has_picture(cut, s) else s
                for i, s in enumerate(track.segments)
            ))
            for t, track in enumerate(cut.tracks)
        )  # fmt: skip
        if tracks == cut.tracks:
            where = "" if self.start is None and self.end is None else " at that time"
            raise StageError(
                f"`{self.name}` changes nothing: no segment of those chosen shows a picture{where}"
            )
        return replace(cut, tracks=tracks)

    def _tracks(self, cut: Cut) -> list[int]:
        """The places of the tracks meant."""
        pictures = [i for i, t in enumerate(cut.tracks) if i == 0 or t.kind == "picture"]
        if self.track == "programme":
            return pictures[:1]
        if isinstance(self.track, int):
            above = pictures[self.track :][:1]
        else:
            wants = self.track == "titles"
            above = [i for i in pictures[1:] if (cut.tracks[i].role == "titles") == wants]
        if not above:
            raise StageError(
                f"`{self.name}`: there is no track {self.track!r}; the cut has {len(pictures)} "
                f"picture track{'s' * (len(pictures) != 1)}, from 0, the programme; put it after "
                "the stage that lays it there"
            )
        return above

    def _with_effect(self, segment: Segment) -> Segment:
        during = None
        if self.start is not None or self.end is not None:
            first = segment.range.start if self.start is None else self.start
            last = segment.range.end if self.end is None else self.end
            if last <= first or not Range(first, last).overlaps(segment.range):
                return segment
            during = Range(first, last)
        return with_effect(segment, self.effect, during)


def with_effect(segment: Segment, effect: PictureEffect, during: Range | None = None) -> Segment:
    """The segment with one more effect, before what places the picture in the frame."""
    effects, added = segment.effects, to_effect(effect, during)
    places = [] if _places(added) else [i for i, e in enumerate(effects) if _places(e)]
    first = min(places, default=len(effects))
    return replace(segment, effects=(*effects[:first], added, *effects[first:]))


def _places(effect: Effect) -> bool:
    return issubclass(find_effect(effect.name), Placement)


def _has_picture(cut: Cut, segment: Segment) -> bool:
    source = cut.source(segment.source) if segment.source is not None else None
    return source is not None and (source.video is not None or source.is_drawn)


@once
def derived(name: str) -> type[Stage]:
    """The stage of an effect."""
    kind = find_effect(name)
    fields: dict[str, Any] = {n: (f.rebuild_annotation(), f) for n, f in kind.model_fields.items()}
    made = create_model(
        kind.__name__,
        __base__=EffectStage,
        __module__=kind.__module__,
        __doc__=inspect.getdoc(kind),
        **fields,
    )
    made.kind, made.name = kind, name
    return made
