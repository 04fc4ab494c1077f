"""Stages for some segments alone: those of a source, or where a condition holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import Any, ClassVar

from pydantic import Field, field_validator

from smartcut.algebra import shown_when
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.registry import close_to
from smartcut.stage import Analysis, Context, Stage
from smartcut.stages._activity import Activity, analyses_of
from smartcut.stages._frame_edges import frame_edges
from smartcut.stages._tighten_params import ConditionParam
from smartcut.tightening.ranges import Ranges
from smartcut.tightening.where import holds, parse_condition, signals_in
from smartcut.timebase import Range

_NONE = Fraction(0)


class Only(Stage):
    """Has a stage work on some segments of the programme, as if they were all."""

    name: ClassVar[str] = "on"

    source: str | None = Field(None, description="Those of this source, by its file or its name.")
    segments: tuple[int, ...] | None = Field(None, description="Those of these numbers, from 0.")
    where: ConditionParam | None = Field(None, description="The parts where this holds.")
    stage: Any = Field(description="What works on them.")

    @field_validator("segments", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, int) and not isinstance(value, bool) else value

    @property
    def gives(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the stage gives."""
        given: tuple[str, ...] = self.stage.gives
        return given

    def needed(self) -> tuple[tuple[str, ...], ...]:
        words = (("transcript",),) if "words" in self._signals() else ()
        return (*self.stage.needed(), *words)

    def analyses(self) -> tuple[Analysis, ...]:
        return (*self.stage.analyses(), *analyses_of(self._signals()))

    def _signals(self) -> list[str]:
        return [] if self.where is None else list(signals_in(parse_condition(self.where)))

    def apply(self, cut: Cut, context: Context) -> Cut:
        pieces = [
            piece for i, s in enumerate(cut.segments) for piece in self._pieces(cut, i, s, context)
        ]
        if not any(is_chosen for _, is_chosen in pieces):
            raise StageError(
                f"`{self.stage.name}` is for segments that there are not: {self._for()}"
            )
        done = cut.with_segments(())
        for is_chosen, group in groupby(pieces, key=lambda piece: piece[1]):
            run = tuple(segment for segment, _ in group)
            done = self._changed(done, run, context) if is_chosen else _with(done, run)
        return done

    def _for(self) -> str:
        said = (("source", self.source), ("segments", self.segments), ("where", self.where))
        return ", ".join(f"{name} {value}" for name, value in said if value is not None)

    def _pieces(
        self, cut: Cut, number: int, segment: Segment, context: Context
    ) -> Iterator[tuple[Segment, bool]]:
        """The segment, divided where the condition begins and ends to hold, and what is chosen."""
        count = len(cut.segments)
        is_one = self.segments is None or number in {n % count for n in self.segments}
        if not is_one or not self._is_source(cut, segment):
            yield segment, False
        elif self.where is None:
            yield segment, True
        else:
            yield from _divided(segment, self._when(cut, segment, context))

    def _is_source(self, cut: Cut, segment: Segment) -> bool:
        if self.source is None:
            return segment.source is not None
        named = {
            source.id: {source.id, source.path.name, str(source.path)} for source in cut.sources
        }
        if not any(self.source in names for names in named.values()):
            known = [source.path.name or source.id for source in cut.sources]
            raise StageError(f"on(): there is no source {close_to(self.source, known, 'sources')}")
        return segment.source is not None and self.source in named[segment.source]

    def _when(self, cut: Cut, segment: Segment, context: Context) -> Ranges:
        """When the condition holds, in source time, from frame to frame."""
        assert self.where is not None
        source = cut.source(segment.source or "")
        known = Activity(source, cut, context)
        found = holds(parse_condition(self.where), known.measured, source.duration)
        earlier, later = frame_edges(source, context)
        whole = Range(_NONE, source.duration)
        return tuple(
            Range(max(later(r.start), whole.start), min(earlier(r.end), whole.end))
            for r in found
            if later(r.start) < earlier(r.end)
        )

    def _changed(self, done: Cut, run: tuple[Segment, ...], context: Context) -> Cut:
        """The cut so far, and after it what the stage makes of these segments."""
        first = replace(run[0], transition=None)
        used = {segment.source for segment in run}
        alone = replace(
            done,
            sources=tuple(source for source in done.sources if source.id in used),
            tracks=(Track("programme", (first, *run[1:])),),
        )
        made: Cut = self.stage.apply(alone, context)
        known = {source.id for source in done.sources}
        added = tuple(source for source in made.sources if source.id not in known)
        made = replace(made, sources=(*done.sources, *added))
        if made.segments:
            opening = replace(made.segments[0], transition=run[0].transition)
            made = made.with_segments((opening, *made.segments[1:]))
        start = done.duration - (run[0].overlap if run else _NONE)
        beside = tuple(
            replace(t, segments=tuple(
                replace(s, at=s.at + start) if isinstance(s.at, Fraction) else s for s in t.segments
            ))
            for t in made.tracks[1:]
        )  # fmt: skip
        joined = _with(replace(made, tracks=done.tracks), made.segments)
        return replace(joined, tracks=(*joined.tracks, *beside))


def _with(cut: Cut, segments: tuple[Segment, ...]) -> Cut:
    return cut.with_segments((*cut.segments, *segments))


def _divided(segment: Segment, ranges: Ranges) -> Iterator[tuple[Segment, bool]]:
    """The parts of a segment in order, and whether a range of its source is shown in each."""
    lasts, at = segment.duration, _NONE
    whole = Range(_NONE, lasts)
    shown = sorted(when for one in ranges for when in shown_when(segment, whole, one))
    for when in shown:
        for start, end, is_chosen in ((at, when.start, False), (when.start, when.end, True)):
            if start < end:
                part = segment.part(start, end)
                yield (part if start == 0 else replace(part, transition=None)), is_chosen
        at = max(at, when.end)
    if at < lasts:
        part = segment.part(at, lasts)
        yield (part if at == 0 else replace(part, transition=None)), False
