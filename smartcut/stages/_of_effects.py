"""The stage of each effect: its parameters, and which segments it is for, and when."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, create_model, model_validator

from smartcut.cut import Cut, Effect, Segment
from smartcut.effect import AnyEffect, Placement, find_effect, to_effect
from smartcut.errors import StageError
from smartcut.once import once
from smartcut.sound_effect import SoundEffect
from smartcut.stage import Analysis, Context, Group, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.timebase import Range, TimeParam

#: Tracks with sound: by their role, or counted from 0, the programme.
SoundTrackParam = (
    Literal["programme", "music", "voice", "sound", "overlay"] | Annotated[int, Field(ge=0)]
)


class EffectStage(Stage):
    """Puts an effect on segments."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: ClassVar[type[AnyEffect]]

    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    track: Any = "programme"
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
    def effect(self) -> AnyEffect:
        """The effect, with what was given."""
        own = self.model_fields_set & set(self.kind.model_fields)
        given = {n: getattr(self, n) for n in own}
        return self.kind.model_validate(given, by_name=True)

    def analyses(self) -> tuple[Analysis, ...]:
        return self.effect.analyses()

    def apply(self, cut: Cut, context: Context) -> Cut:
        changed = self._changed(cut, context)
        if changed.tracks == cut.tracks:
            where = "" if self.start is None and self.end is None else " at that time"
            raise StageError(
                f"`{self.name}` changes nothing: no segment of those chosen {self._lacks}{where}"
            )
        return changed

    _lacks: ClassVar[str]
    """What segments that cannot be changed do not do."""

    @abstractmethod
    def _changed(self, cut: Cut, context: Context) -> Cut:
        """The cut with the effect where it is for."""

    def _with_effect(self, segment: Segment) -> Segment:
        during = None
        if self.start is not None or self.end is not None:
            first = segment.range.start if self.start is None else self.start
            last = segment.range.end if self.end is None else self.end
            if last <= first or not Range(first, last).overlaps(segment.range):
                return segment
            during = Range(first, last)
        return with_effect(segment, self.effect, during)


class PictureEffectStage(EffectStage):
    """Puts an effect on pictures."""

    track: Literal["programme", "overlay", "titles"] | Annotated[int, Field(ge=0)] = Field(
        "programme",
        description="Whose segments `on` counts: `overlay` is all above the programme but the "
        "titles, bottom to top; a number is one picture track, 0 the programme.",
    )
    _lacks: ClassVar[str] = "shows a picture"

    def touches_all(self) -> bool:
        return (
            self.track == "programme"
            and self.on == "all"
            and (self.start, self.end) == (None, None)
        )

    def _changed(self, cut: Cut, context: Context) -> Cut:
        return _on_segments(
            cut, self.name, self._tracks(cut), self.on, _has_picture, self._with_effect
        )

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


class SoundEffectStage(EffectStage):
    """Puts an effect on sound."""

    group: ClassVar[Group] = "sound"

    track: SoundTrackParam = Field(
        "programme",
        description="Whose segments `on` counts: the programme's own sound, that of `music`, "
        "`voice`, `sound` (see `sounds`) or `overlay`; a number is one track with sound, 0 the "
        "programme.",
    )
    _lacks: ClassVar[str] = "has sound"

    def _changed(self, cut: Cut, context: Context) -> Cut:
        return _with_knowledge(
            _on_segments(
                cut, self.name, _sound_tracks(cut, self.track, self.name), self.on, _has_sound,
                self._with_effect,
            ),
            cut, self.analyses(), context,
        )  # fmt: skip


def with_sound_effects(
    cut: Cut,
    context: Context,
    stage: str,
    effects: Sequence[SoundEffect],
    on: str | tuple[int, ...] = "all",
    which: str | int = "programme",
) -> Cut:
    """The cut with effects on the sound of segments; raises StageError where none has any."""

    def changed(segment: Segment) -> Segment:
        added = tuple(to_effect(effect) for effect in effects)
        return replace(segment, effects=(*segment.effects, *added))

    places = _sound_tracks(cut, which, stage)
    after = _on_segments(cut, stage, places, on, _has_sound, changed)
    if after == cut:
        raise StageError(f"`{stage}` changes nothing: no segment of those chosen has sound")
    analyses = tuple(analysis for effect in effects for analysis in effect.analyses())
    return _with_knowledge(after, cut, analyses, context)


def _sound_tracks(cut: Cut, which: str | int, stage: str) -> list[int]:
    """The places of the tracks with sound that are meant."""
    sounding = [i for i, t in enumerate(cut.tracks) if i == 0 or t.kind == "sound"]
    if which == "programme":
        return sounding[:1]
    if isinstance(which, int):
        found = sounding[which:][:1]
    else:
        found = [i for i in sounding[1:] if cut.tracks[i].role == which]
    if not found:
        there = ", ".join(f"{n}: {cut.tracks[i].role}" for n, i in enumerate(sounding))
        raise StageError(
            f"`{stage}`: there is no sound track {which!r}; the cut has {there or 'none'}; put it "
            "after the stage that adds the track"
        )
    return found


def _on_segments(
    cut: Cut,
    stage: str,
    tracks: Sequence[int],
    on: str | tuple[int, ...],
    fits: Callable[[Cut, Segment], bool],
    change: Callable[[Segment], Segment],
) -> Cut:
    """The cut with those segments of these tracks changed that are chosen, and fit."""
    places = [(t, i) for t in tracks for i in range(len(cut.tracks[t].segments))]
    those = {places[number] for number in chosen(on, len(places), stage)}
    changed = tuple(
        replace(track, segments=tuple(
            change(s) if (t, i) in those and fits(cut, s) else s
            for i, s in enumerate(track.segments)
        ))
        for t, track in enumerate(cut.tracks)
    )  # fmt: skip
    return replace(cut, tracks=changed)


def _with_knowledge(cut: Cut, before: Cut, analyses: Sequence[Analysis], context: Context) -> Cut:
    """The cut with what effects must know of the sources whose segments they came to."""
    old = [t.segments for t in before.tracks]
    new = [t.segments for t in cut.tracks]
    changed = {
        s.source
        for one, other in zip(old, new, strict=True)
        for was, s in zip(one, other, strict=True)
        if s != was and s.source
    }
    for analysis in analyses:
        for source in cut.sources:
            if source.id in changed:
                cut = cut.with_annotation(context.result(analysis, source))
    return cut


def with_effect(segment: Segment, effect: AnyEffect, during: Range | None = None) -> Segment:
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


def _has_sound(cut: Cut, segment: Segment) -> bool:
    return segment.source is not None and cut.source(segment.source).audio is not None


@once
def derived(name: str) -> type[Stage]:
    """The stage of an effect."""
    return stage_of(find_effect(name), name)


def stage_of(kind: type[AnyEffect], name: str) -> type[Stage]:
    """The stage that puts an effect of that class on segments."""
    is_sound = issubclass(kind, SoundEffect)
    base: type[EffectStage] = SoundEffectStage if is_sound else PictureEffectStage
    fields: dict[str, Any] = {n: (f.rebuild_annotation(), f) for n, f in kind.model_fields.items()}
    made = create_model(
        kind.__name__,
        __base__=base,
        __module__=kind.__module__,
        __doc__=inspect.getdoc(kind),
        **fields,
    )
    made.kind, made.name = kind, name
    return made
