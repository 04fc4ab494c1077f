"""Parameters that a user wrote in YAML, checked: mistakes are told by their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from smartcut.errors import PipelineError
from smartcut.mistakes import fields_of, mistakes
from smartcut.params import Params
from smartcut.spec_text import Places, YamlPath

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

P = TypeVar("P", bound=Params)


def validated(
    kind: type[P],
    values: Any,
    what: str,
    place: YamlPath,
    places: Places,
    folder: Path | None = None,
) -> P:
    """The parameters; raises a group of PipelineErrors that say ``what`` is wrong.

    Scalars that a field refuses are tried again in their other reading.
    """
    context = {"folder": folder}
    try:
        return kind.model_validate(values, context=context)
    except ValidationError as error:
        cause, items = error, error.errors()
    others = _other_readings(items, place, places)
    if others:
        try:
            return kind.model_validate(_exchanged(values, others, place), context=context)
        except ValidationError as error:
            again = error.errors()
        in_vain = _other_readings(again, place, places)
        kept = [i for i in items if (p := _reading_of(i, place, places)) is None or p[0] in in_vain]
        items = _with_words(kept, again, place, places) or again
    raise ExceptionGroup(what, _explained(items, what, kind, place, places)) from cause


def _reading_of(item: ErrorDetails, place: YamlPath, places: Places) -> tuple[YamlPath, Any] | None:
    return places.scalar((*place, *item["loc"]))


def _with_words(
    items: Sequence[ErrorDetails], again: Sequence[ErrorDetails], place: YamlPath, places: Places
) -> list[ErrorDetails]:
    """The mistakes; those with truth values as they are of the words that were typed (``on``)."""

    def where(item: ErrorDetails) -> YamlPath | None:
        return found[0] if (found := _reading_of(item, place, places)) else None

    typed = {where(i) for i in items if isinstance(i["input"], bool)} & {where(i) for i in again}
    typed.discard(None)
    return [i for i in items if where(i) not in typed] + [i for i in again if where(i) in typed]


def _other_readings(
    items: Iterable[ErrorDetails], place: YamlPath, places: Places
) -> dict[YamlPath, Any]:
    """The other readings of the scalars that were refused."""
    return dict(found for item in items if (found := _reading_of(item, place, places)))


def _exchanged(value: Any, others: Mapping[YamlPath, Any], place: YamlPath) -> Any:
    """The value with some scalars in it replaced; ``place`` is its own."""
    if place in others:
        return others[place]
    if isinstance(value, dict):
        return {k: _exchanged(v, others, (*place, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_exchanged(v, others, (*place, i)) for i, v in enumerate(value)]
    return value


def _explained(
    items: Iterable[ErrorDetails], what: str, kind: type[Params], place: YamlPath, places: Places
) -> list[PipelineError]:
    return [
        PipelineError(f"{what}: {one.text}", line=places.line((*place, *one.place)))
        for one in mistakes(items, kind, fields_of(kind))
    ]
