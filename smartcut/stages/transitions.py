"""`transitions`: how one segment gives way to the next."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, create_model, model_validator

from smartcut.cut import Cut, Segment, Transition
from smartcut.params import to_pairs
from smartcut.stage import Context, Stage
from smartcut.stages._joins import JoinsParam, joins
from smartcut.stages._of_kinds import Kinds
from smartcut.timebase import TimeParam, nearest
from smartcut.transition import TRANSITIONS, USUAL, EngineParams, TransitionKind

_NONE = "none"
_KINDS = Kinds(TRANSITIONS, TransitionKind, "kind", also=(_NONE,))  # type: ignore[type-abstract]


class _Transitions(Stage):
    """What the stage does, whatever kinds there are."""

    kind: str = Field(USUAL, description="The look of it.")
    duration: TimeParam = Field(
        Fraction(1, 2), gt=0, le=10, description="Seconds that segments overlap."
    )
    at: JoinsParam = Field(
        "all", description="`all`, or the numbers of joins: 1 is where the second segment comes in."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> _Transitions:
        _ = self.joining  # which checks what the kind takes
        return self

    @property
    def joining(self) -> TransitionKind | None:
        """The kind with what was given; None where joins are to be plain cuts.

        Raises ValueError for a kind, or a parameter of it, that there is not.
        """
        own = self.model_fields_set - set(_Transitions.model_fields)
        given = {n: value for n in sorted(own) if (value := getattr(self, n)) is not None}
        if self.kind == _NONE:
            if given:
                raise ValueError(f"`kind: {_NONE}` takes no parameters; given: {', '.join(given)}")
            return None
        return _KINDS.made(self.kind, given)

    def apply(self, cut: Cut, context: Context) -> Cut:
        kind = self.joining
        if kind is not None and kind.makes_frames:
            return self._made(cut, kind, context)
        return cut.with_segments(self._joined(cut.segments, kind))

    def _joined(
        self, segments: tuple[Segment, ...], kind: TransitionKind | None
    ) -> tuple[Segment, ...]:
        those = joins(self.at, len(segments), self.name)
        joined = segments[:1]
        for number, segment in enumerate(segments[1:], 1):
            if number in those:
                segment = self._coming_in(joined[-1], segment, kind)
            joined = (*joined, segment)
        return joined

    def _coming_in(self, before: Segment, segment: Segment, kind: TransitionKind | None) -> Segment:
        if kind is None:
            return replace(segment, transition=None)
        longest = min(before.duration, segment.duration) / 3
        transition = Transition(kind.name, min(self.duration, longest), to_pairs(kind))
        return replace(segment, transition=transition)

    def _made(self, cut: Cut, kind: TransitionKind, context: Context) -> Cut:
        """The cut with an engine chosen for the pictures of its joins."""
        from smartcut.render.engine_choice import making

        joined = self._joined(cut.segments, kind)
        those = [joined[i] for i in joins(self.at, len(joined), self.name)]
        videos = [v for s in joined if s.source and (v := cut.source(s.source).video)]
        pictures = sum(nearest(s.overlap * (videos[0].rate if videos else 0)) for s in those)
        if not pictures:
            return cut.with_segments(joined)

        def choose(engine: Literal["auto", "rife", "flow"]) -> tuple[EngineParams, str]:
            return making(context, videos, pictures, engine=engine)

        kind, why = kind.with_engine(choose)
        cut = cut.with_segments(self._joined(cut.segments, kind))
        return cut.with_note(f"{self.name}: {why}") if why else cut


# ------------------------------------------------------------ the stage, with what all kinds take


def _documentation() -> str:
    lines = [
        "Joins segments by transitions, in which they overlap.",
        "",
        "The cut gets shorter by the overlaps; one is never longer than a third of either segment.",
        "`at` chooses joins; the others stay as they are. The kinds:",
        "",
    ]
    kinds = [*_KINDS.described(), f"- `{_NONE}`: a plain cut.", ""]
    example = ["```yaml", "- transitions: {kind: dissolve, duration: 0.5s, at: [1, 3]}", "```"]
    return "\n".join([*lines, *kinds, *example])


def _stage() -> type[_Transitions]:
    names: list[Any] = _KINDS.names
    kind = Field(
        USUAL,
        description="The look of it: " + ", ".join(names) + ".",
        json_schema_extra={"enum": names},
    )
    made: type[_Transitions] = create_model(
        "Transitions",
        __base__=_Transitions,
        __module__=__name__,
        __doc__=_documentation(),
        kind=(str, kind),
        **_KINDS.fields(),
    )
    made.name = "transitions"
    return made


Transitions = _stage()
