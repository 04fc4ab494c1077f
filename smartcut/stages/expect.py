"""`expect`: what the film shall be."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import Field, GetJsonSchemaHandler, create_model, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from smartcut.cut import Cut
from smartcut.expectation import EXPECTATIONS, Expectation
from smartcut.registry import loadable
from smartcut.stage import Context, Group, Stage, Step
from smartcut.timebase import format_time


@dataclass(frozen=True, slots=True)
class _OrShort:
    """That an expectation is also written as a value alone, or as `true`."""

    kind: type[Expectation]

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core)
        whole = self.kind.model_json_schema()
        # What names models of its own is Python's alone.
        has_short = self.kind.short and "$defs" not in whole
        short = [whole["properties"][self.kind.short]] if has_short else []
        return {"anyOf": [schema, *short, {"type": "boolean"}]}


class _Expect(Stage):
    """What the stage does, whatever expectations there are."""

    group: ClassVar[Group] = "output"

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: _longer(name, given) for name, given in value.items() if given is not False}

    @model_validator(mode="after")
    def _expects(self) -> _Expect:
        if not self.expectations:
            raise ValueError(
                f"say what is expected; accepted: {', '.join(type(self).model_fields)}"
            )
        return self

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """All that is expected, in the order of the names."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return tuple(one for one in found if isinstance(one, Expectation))

    def apply(self, cut: Cut, context: Context) -> Cut:
        return cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        films = [cut]
        if context.target.is_each:
            films = [cut.with_segments((replace(s, transition=None),)) for s in cut.segments]
        told = (_foreseen(one, films) for one in self.expectations)
        return cut, tuple(step for steps in told for step in steps)


def _foreseen(one: Expectation, films: Sequence[Cut]) -> Iterator[Step]:
    """What the plan says of an expectation of each of these films."""
    wanted = f" ({one.wanted})" if one.wanted else ""
    for number, film in enumerate(films, start=1):
        told = one.foresee(film)
        name = one.name if len(films) == 1 else f"{one.name} of film {number}"
        if told is None:
            yield Step("expect", one.name, "pure", f"checked when the film is written{wanted}")
            return
        if not told.misses:
            yield Step("expect", name, "pure", f"met: {told.measured}{wanted}")
        for miss in told.misses:
            when = "" if miss.start is None else f" at {format_time(miss.start)}"
            yield Step("expect", name, "pure", f"NOT MET{when}: {miss.reason}")


def _longer(name: str, given: Any) -> Any:
    """The parameters of an expectation that was written as a value alone."""
    kind = _KINDS.get(name)
    if kind is None or isinstance(given, (dict, Expectation)):
        return given
    if given is None or given is True:
        return {}
    if not kind.short:
        fields = ", ".join(kind.model_fields) or "none"
        raise ValueError(f"`{name}` takes no value alone; its parameters: {fields}; or `true`")
    return {kind.short: given}


_KINDS = loadable(EXPECTATIONS, Expectation)[0]  # type: ignore[type-abstract]


def _documentation() -> str:
    lines = [
        "Says what the film shall be: checked when it is written, and kept to while choosing.",
        "",
        "It stands anywhere among the stages, or as the key `expect:` beside them. The plan says",
        "what is known before; what was measured in the finished film is in its manifest, and",
        "`smartcut verify` measures it again (docs/expectations.md). An expectation is written",
        "with its parameters, as a value alone where it has one that matters most, or as `true`.",
        "Packages add others.",
        "",
        "```yaml",
        "- expect: {length: 30s ± 0.5s, loudness: -16, no_black: 0.2s, no_word_cut: true}",
        "```",
    ]
    return "\n".join(lines)


def _summary(kind: type[Expectation]) -> str:
    return (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")


def _stage() -> type[_Expect]:
    fields: dict[str, Any] = {
        name: (
            Annotated[kind | None, _OrShort(kind)],
            Field(None, description=_summary(kind)),
        )
        for name, kind in _KINDS.items()
    }
    made: type[_Expect] = create_model(
        "Expect", __base__=_Expect, __module__=__name__, __doc__=_documentation(), **fields
    )
    made.name, made.short = "expect", "own"
    return made


Expect = _stage()
