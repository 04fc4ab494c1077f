"""The language of corrections: what an edit may say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.cut import Segment
from smartcut.editing.times import EditNumber, EditTime, SignedEditTime
from smartcut.params import Params
from smartcut.timebase import Range

#: Of the form of edits; a later one is refused.
EDITS_VERSION = 1


class _Stretch(Params):
    """A range of a source, in its own time."""

    source: str = Field(description="Its name, its file, or the beginning of its digest.")
    start: EditTime
    end: EditTime

    @model_validator(mode="after")
    def _in_order(self) -> _Stretch:
        if self.end <= self.start:
            raise ValueError(f"`end` ({self.end} s) does not come after `start` ({self.start} s)")
        return self


class SegmentMatch(Params):
    """What a segment showed when it was edited: how it is found again."""

    source: str | None = Field(None, description="Its source; none for a gap.")
    start: SignedEditTime = Field(description="Source time where it began.")
    end: SignedEditTime = Field(
        description="Source time where it ended; as `start` where it is held."
    )
    id: str | None = Field(None, description="What it was called in its cut.")
    track: str | None = Field(
        None, description="The track that it is on, such as `titles`; without it, the programme."
    )
    text: str | None = Field(None, description="What it said, where it is a text.")

    @model_validator(mode="after")
    def _in_order(self) -> SegmentMatch:
        if self.end < self.start:
            raise ValueError(f"`end` ({self.end} s) comes before `start` ({self.start} s)")
        return self


Where = SegmentMatch | Literal["start", "end"]


class DropRange(Params):
    """Leave out a range of a source wherever the programme shows it; or one segment."""

    source: str | None = Field(None, description="Its name, its file, or its digest.")
    start: EditTime | None = None
    end: EditTime | None = None
    segment: SegmentMatch | None = Field(None, description="One segment, in place of a range.")
    why: str = Field("", description="For people: such as the words that are struck.")

    @model_validator(mode="after")
    def _is_one(self) -> DropRange:
        given = [n for n in ("source", "start", "end") if getattr(self, n) is not None]
        if (self.segment is None) == (len(given) < 3) or (self.segment and given):
            raise ValueError("give `source`, `start` and `end`, or `segment` alone")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"`end` ({self.end} s) does not come after `start` ({self.start} s)")
        return self

    @property
    def range(self) -> Range:
        """The range that is left out, where no segment is said."""
        assert self.start is not None
        assert self.end is not None
        return Range(self.start, self.end)


class KeepRange(_Stretch):
    """Show a range of a source in any case: what is missing of it is added."""

    after: Where | None = Field(
        None, description="What it follows where none of it is shown; without it, by source time."
    )
    label: str | None = None
    why: str = ""


class TrimSegment(Params):
    """Have a segment begin or end elsewhere in its source."""

    segment: SegmentMatch
    start: EditTime | None = Field(None, description="Source time of its new beginning.")
    end: EditTime | None = Field(None, description="Source time of its new end.")
    why: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> TrimSegment:
        if self.start is None and self.end is None:
            raise ValueError("give `start`, `end` or both")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"`end` ({self.end} s) does not come after `start` ({self.start} s)")
        return self


class SplitSegment(Params):
    """Divide a segment in two at a source time."""

    segment: SegmentMatch
    at: EditTime = Field(description="Source time of the first frame of its second half.")
    why: str = ""


class MoveSegment(Params):
    """Have a segment follow another one, or come first or last."""

    segment: SegmentMatch
    after: Where
    why: str = ""


class ReplaceSegment(_Stretch):
    """Show something else in a segment's place."""

    segment: SegmentMatch
    label: str | None = None
    why: str = ""


class ComingIn(Params):
    """A transition: how a segment comes in."""

    kind: str = Field(description="As of the stage `transitions`.")
    duration: EditTime = Field(gt=0, description="Seconds that both are to be seen.")
    params: Mapping[str, Any] = Field({}, description="What its kind takes.")


class Look(Params):
    """What `set` and `add: {segment: ...}` say of a segment besides what it shows."""

    label: str | None = None
    speed: EditNumber | None = Field(None, gt=0, le=1000, description="2 is twice as fast.")
    gain: float | None = Field(None, ge=-120, le=40, description="dB of its own sound.")
    sound: Literal["stretched", "kept", "muted"] | None = Field(
        None, description="What becomes of it at another speed."
    )
    transition: ComingIn | None = Field(None, description="How it comes in; none for a plain cut.")
    chapter: str | None = None
    lead: EditNumber | None = Field(
        None, description="Seconds that it is heard before it is seen; below 0, after it."
    )
    at: EditTime | Literal["throughout"] | None = Field(
        None, description="Above the programme: its beginning in the cut, or in `of`'s time."
    )
    of: str | None = Field(None, description="The source that it is connected to.")
    duration: EditTime | None = Field(
        None, gt=0, description="Seconds of what is held, drawn, or a gap."
    )
    x: float | None = Field(None, description="Its middle, in shares of the frame's width.")
    y: float | None = Field(None, description="Its middle, in shares of the frame's height.")
    width: float | None = Field(None, gt=0, description="Share of the frame's width.")
    height: float | None = Field(None, gt=0, description="Share of the frame's height.")
    opacity: float | None = Field(None, ge=0, le=1, description="0 is invisible.")
    text: str | None = Field(None, description="What a title says.")
    drawing: Mapping[str, Any] | None = Field(
        None, description="Parameters of what draws it, such as `size` and `colour`."
    )
    effects: Mapping[str, Mapping[str, Any] | None] | Sequence[Mapping[str, Any]] | None = Field(
        None,
        description="By name, parameters to change, or none to take it off; a list, as in a cut's "
        "JSON, replaces them all.",
    )
    warp: Sequence[tuple[EditTime, EditTime]] | None = Field(
        None, description="(segment time, source time) points, where no speed says how time passes."
    )
    between: Mapping[str, Any] | None = Field(
        None, description="As in a cut's JSON: how pictures between frames are made."
    )


class SetValues(Look):
    """Set something of a segment, or of a track of sound."""

    segment: SegmentMatch | None = None
    track: str | None = Field(None, description="A track, in place of a segment: such as `music`.")
    fade_in: EditTime | None = Field(None, description="Seconds, of a track.")
    fade_out: EditTime | None = Field(None, description="Seconds, of a track.")
    ducking: Mapping[str, Any] | None = Field(
        None, description="Of a track: how it goes down under speech; none for not at all."
    )
    was: Mapping[str, Any] | None = Field(
        None, description="What it was when it was edited: set where it still is so."
    )
    why: str = ""

    #: What can be set of a track.
    of_tracks: ClassVar[tuple[str, ...]] = ("gain", "fade_in", "fade_out", "ducking")
    #: What is no value to set.
    addresses: ClassVar[tuple[str, ...]] = ("segment", "track", "was", "why")

    @model_validator(mode="after")
    def _is_one(self) -> SetValues:
        if (self.segment is None) == (self.track is None):
            raise ValueError("give `segment`, or `track` alone")
        names = self.given
        if not names:
            raise ValueError(f"give something to set: {', '.join(Look.model_fields)}")
        only = set(names) - set(self.of_tracks)
        if self.track is not None and only:
            raise ValueError(
                f"of a track there can be set {', '.join(self.of_tracks)}, not {min(only)}"
            )
        if self.segment is not None and (only := set(names) - set(Look.model_fields)):
            raise ValueError(f"`{min(only)}` is set of a `track`, not of a segment")
        return self

    @property
    def given(self) -> list[str]:
        """The names of what is to be set, in the order of the fields."""
        fields = type(self).model_fields
        return [n for n in fields if n in self.model_fields_set and n not in self.addresses]


class PlacedSegment(Look, _Stretch):
    """A segment to add, with all that can be said of it."""

    end: EditTime
    after: Where | None = None
    track: str | None = Field(None, description="Without it, the programme.")
    kind: Literal["picture", "sound"] | None = Field(None, description="Of a track that is new.")
    id: str | None = None
    scores: Mapping[str, float] | None = None
    recipe: Mapping[str, Any] | None = Field(
        None, description="Of what is drawn, as in a cut's JSON."
    )

    @model_validator(mode="after")
    def _in_order(self) -> PlacedSegment:
        if self.end < self.start or (self.end == self.start and self.warp is None):
            raise ValueError(
                f"`end` ({self.end} s) does not come after `start` ({self.start} s); what is held "
                "has a `warp`"
            )
        return self


class HandEdit(Params):
    """One correction: an object with one key."""

    drop: DropRange | None = None
    keep: KeepRange | None = None
    trim: TrimSegment | None = None
    split: SplitSegment | None = None
    move: MoveSegment | None = None
    replace: ReplaceSegment | None = None
    set: SetValues | None = None
    add: Mapping[str, Any] | None = Field(
        None,
        description="A stage that places something (`title: {text: ...}`), or a `segment`; with "
        "`at` and `of` beside it, connected to that time of a source.",
    )

    @model_validator(mode="after")
    def _is_one(self) -> HandEdit:
        if len(given := self.model_fields_set) != 1 or getattr(self, self.kind) is None:
            said = f"; given: {', '.join(sorted(given))}" if given else ""
            raise ValueError(f"an edit has one key of {', '.join(type(self).model_fields)}{said}")
        return self

    @property
    def kind(self) -> str:
        """Its key."""
        return next(iter(self.model_fields_set))

    @property
    def what(self) -> Any:
        """What stands behind the key."""
        return getattr(self, self.kind)

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it."""
        plain: dict[str, Any] = self.model_dump(mode="json", exclude_unset=True)
        return plain


class BaseSegment(Params):
    """A segment of the programme that was edited."""

    id: str = ""
    source: str | None = None
    start: SignedEditTime
    end: SignedEditTime

    @classmethod
    def of(cls, segment: Segment) -> BaseSegment:
        return cls(
            id=segment.id, source=segment.source, start=segment.range.start, end=segment.range.end
        )


class Edits(Params):
    """A list of corrections, and what they were made on."""

    version: int = Field(EDITS_VERSION, ge=1)
    sources: Mapping[str, str] = Field(
        {}, description="The digest of each source, by which it is known under another name."
    )
    base: tuple[BaseSegment, ...] = Field((), description="The programme that was edited.")
    edits: tuple[HandEdit, ...] = ()

    @model_validator(mode="after")
    def _is_known(self) -> Edits:
        if self.version > EDITS_VERSION:
            raise ValueError(
                f"these edits are of version {self.version}, and this smartcut reads version "
                f"{EDITS_VERSION}; install a newer one"
            )
        return self

    def __len__(self) -> int:
        return len(self.edits)

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it."""
        found: dict[str, Any] = {"version": self.version}
        if self.sources:
            found["sources"] = dict(self.sources)
        if self.base:
            found["base"] = [row.model_dump(mode="json", exclude_unset=True) for row in self.base]
        return {**found, "edits": [edit.to_plain() for edit in self.edits]}
