"""`transitions`: how one segment gives way to the next."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any, Literal, Union

from pydantic import BeforeValidator, Field, ValidationError, create_model, model_validator

from smartcut.cut import Cut, Segment, Transition
from smartcut.errors import PipelineError, StageError
from smartcut.params import reason, to_pairs
from smartcut.registry import close_to
from smartcut.stage import Context, Stage
from smartcut.timebase import TimeParam, nearest
from smartcut.transition import (
    USUAL,
    Engine,
    TransitionKind,
    find_transition,
    loadable_transitions,
    transition_modules,
)

_NONE = "none"


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


#: Joins in the parameters of a stage; that of the first two segments is 1.
AtParam = Annotated[Literal["all"] | tuple[int, ...], BeforeValidator(_as_tuple)]


class _Transitions(Stage):
    """What the stage does, whatever kinds there are."""

    kind: str = Field(USUAL, description="The look of it.")
    duration: TimeParam = Field(
        Fraction(1, 2), gt=0, le=10, description="Seconds that segments overlap."
    )
    at: AtParam = Field(
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
        if self.kind not in transition_modules():
            known = [*transition_modules(), _NONE]
            raise ValueError(f"unknown transition {close_to(self.kind, known)}")
        try:
            kind = find_transition(self.kind)
        except PipelineError as error:
            raise ValueError(str(error)) from error
        for name in given:
            if name not in given_by_user(kind):
                raise ValueError(_not_of(kind, name))
        try:
            return kind.model_validate(given)
        except ValidationError as error:
            raise ValueError(reason(error, kind, kind.decided)) from error

    def apply(self, cut: Cut, context: Context) -> Cut:
        kind = self.joining
        if kind is not None and kind.makes_frames:
            return self._made(cut, kind, context)
        return cut.with_segments(self._joined(cut.segments, kind))

    def _joined(
        self, segments: tuple[Segment, ...], kind: TransitionKind | None
    ) -> tuple[Segment, ...]:
        those = self._chosen(len(segments))
        joined = segments[:1]
        for number, segment in enumerate(segments[1:], 1):
            if number in those:
                segment = self._coming_in(joined[-1], segment, kind)
            joined = (*joined, segment)
        return joined

    def _chosen(self, segments: int) -> frozenset[int]:
        """The numbers of the joins meant, which are those of the segments that come in."""
        if self.at == "all":
            return frozenset(range(1, segments))
        for number in self.at:
            if not 1 <= number < segments:
                accepted = f"accepted: 1..{segments - 1}" if segments > 1 else "it has no join"
                raise StageError(
                    f"`{self.name}`: there is no join {number} in a cut of {segments} segment"
                    f"{'' if segments == 1 else 's'}; {accepted}"
                )
        return frozenset(self.at)

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
        those = [joined[i] for i in self._chosen(len(joined))]
        videos = [v for s in joined if s.source and (v := cut.source(s.source).video)]
        pictures = sum(nearest(s.overlap * (videos[0].rate if videos else 0)) for s in those)
        if not pictures:
            return cut.with_segments(joined)

        def choose(engine: Literal["auto", "rife", "flow"]) -> tuple[Engine, str]:
            return making(context, videos, pictures, engine=engine)

        kind, why = kind.with_engine(choose)
        cut = cut.with_segments(self._joined(cut.segments, kind))
        return cut.with_note(f"{self.name}: {why}") if why else cut


def given_by_user(kind: type[TransitionKind]) -> list[str]:
    """The parameters of a kind that a user may give."""
    return [name for name in kind.model_fields if name not in kind.decided]


def _not_of(kind: type[TransitionKind], name: str) -> str:
    others = [k.name for k in loadable_transitions().values() if name in given_by_user(k)]
    own = given_by_user(kind)
    takes = f"{kind.name} takes {', '.join(own)}" if own else f"{kind.name} takes none"
    return f"`{name}` goes with `kind: {' | '.join(others)}`; {takes}"


# ------------------------------------------------------------ the stage, with what all kinds take


def _parameters(kinds: Mapping[str, type[TransitionKind]]) -> Iterator[tuple[str, Any]]:
    """A field for each parameter that any kind takes; left out where none is given."""
    taken: dict[str, list[type[TransitionKind]]] = {}
    for kind in kinds.values():
        for name in given_by_user(kind):
            taken.setdefault(name, []).append(kind)
    for name, those in taken.items():
        fields = [kind.model_fields[name] for kind in those]
        types = [field.rebuild_annotation() for field in fields]
        wanted = " | ".join(kind.name for kind in those)
        said = " / ".join(dict.fromkeys(_said(field) for field in fields))
        default = Field(None, description=f"With `kind: {wanted}`: {said}")
        yield name, (Union[(*types, None)], default)


def _said(field: Any) -> str:
    description = (field.description or "").rstrip(".")
    return f"{description} (default: {field.get_default()})."


def _documentation(kinds: Mapping[str, type[TransitionKind]]) -> str:
    lines = [
        "Joins segments by transitions, in which they overlap.",
        "",
        "The cut gets shorter by the overlaps; one is never longer than a third of either segment.",
        "`at` chooses joins; the others stay as they are. The kinds:",
        "",
    ]
    for name, kind in kinds.items():
        lines.append(f"- `{name}`: {' '.join((inspect.getdoc(kind) or '').split())}")
    return "\n".join([*lines, f"- `{_NONE}`: a plain cut."])


def _stage() -> type[_Transitions]:
    kinds = loadable_transitions()
    names: list[Any] = [*transition_modules(), _NONE]
    kind = Field(
        USUAL,
        description="The look of it: " + ", ".join(names) + ".",
        json_schema_extra={"enum": names},
    )
    made: type[_Transitions] = create_model(
        "Transitions",
        __base__=_Transitions,
        __module__=__name__,
        __doc__=_documentation(kinds),
        kind=(str, kind),
        **dict(_parameters(kinds)),
    )
    made.name = "transitions"
    return made


Transitions = _stage()
