"""Parameters that users give, and how a cut keeps them: as pairs of names and plain values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from smartcut.accepted import is_number
from smartcut.mistakes import mistakes
from smartcut.source import Value


class Params(BaseModel):
    """Parameters from a user: unknown keys are refused, values never change."""

    # A class is ready for values when the first comes: most of those imported never see one.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """Python takes True for 1; a user who writes ``yes`` for a number has made a mistake."""
        field = cls.model_fields.get(info.field_name or "")
        if isinstance(value, bool) and field is not None and is_number(field.annotation):
            raise PydanticCustomError("bool_for_number", "a truth value is no number")
        return value


class RegisteredKind(Params):
    """One of a registry, which a parameter of a stage names; its fields are parameters too."""

    name: ClassVar[str]
    """Its module's, and what users write."""
    decided: ClassVar[tuple[str, ...]] = ()
    """Fields that it fills in itself, and no user."""

    @classmethod
    def given_by_user(cls) -> list[str]:
        """The parameters that a user may give."""
        return [name for name in cls.model_fields if name not in cls.decided]


P = TypeVar("P", bound=Params)
Pairs = tuple[tuple[str, Value], ...]


def of_pairs(kind: type[P], params: Pairs) -> P:
    """The parameters kept in a cut, checked; raises ValueError that says what is accepted."""
    try:
        return kind.model_validate({name: _nested(value) for name, value in params})
    except ValidationError as error:
        raise ValueError(reason(error, kind)) from error


def to_pairs(params: Params) -> Pairs:
    """What was given, in the order of the fields."""
    given = [(n, getattr(params, n)) for n in type(params).model_fields]
    return tuple((n, _flat(v)) for n, v in given if n in params.model_fields_set)


def reason(error: ValidationError, kind: type[Params], hidden: Sequence[str] = ()) -> str:
    """What is wrong with parameters in one sentence; ``hidden`` ones are not named as accepted."""
    known = [n for n in kind.model_fields if n not in hidden]
    return mistakes(error.errors(), kind, known, "parameter")[0].text


def _nested(value: Value) -> Any:
    """Pairs of names and values as a mapping."""
    if not isinstance(value, tuple):
        return value
    pairs = [v for v in value if isinstance(v, tuple) and len(v) == 2 and isinstance(v[0], str)]
    if value and len(pairs) == len(value):
        return {name: _nested(item) for name, item in pairs}
    return tuple(_nested(item) for item in value)


def _flat(value: Any) -> Value:
    if isinstance(value, Params):
        return to_pairs(value)
    if isinstance(value, (list, tuple)):
        return tuple(_flat(item) for item in value)
    if isinstance(value, dict):
        return tuple((str(key), _flat(item)) for key, item in value.items())
    if isinstance(value, (Path, Fraction)):
        return str(value)
    result: Value = value
    return result
