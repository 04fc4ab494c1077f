"""A cut, and what it is made of, to and from JSON; fractions are exact (``"30000/1001"``)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json, to_jsonable_python

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.once import once

T = TypeVar("T")


@once
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_plain(value: Any) -> Any:
    """Lists, dicts, strings and numbers that :func:`from_plain` turns back into ``value``."""
    return to_jsonable_python(value, fallback=_exact)


def _exact(value: Any) -> str:
    """A fraction as text; what else JSON has no form for is a mistake of the program."""
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold: {value!r}")


def from_plain(kind: type[T], plain: Any) -> T:
    """The value of that kind; raises PipelineError where ``plain`` does not describe one."""
    try:
        value: T = _adapter(kind).validate_python(plain)
        return value
    except ValidationError as error:
        name = getattr(kind, "__name__", str(kind))
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PipelineError(
            f"not a valid {name}: {first['msg']} at {where or 'the top'}"
        ) from error


def tells(kind: Any) -> Callable[[Any], bool]:
    """Whether a plain value describes one of that kind; for what was kept, and may be damaged."""

    def fits(plain: Any) -> bool:
        try:
            _adapter(kind).validate_python(plain)
        except ValidationError:
            return False
        return True

    return fits


def cut_to_json(cut: Cut, indent: int | None = 2) -> str:
    return to_json(cut, indent=indent, inf_nan_mode="null", fallback=_exact).decode()


# As a Fraction such a number would be written out, digit by digit. Whole values alone are meant:
# digests may hold the like.
_VAST = re.compile(r"[+-]?[\d_]*\.?[\d_]*[eE][+-]?[\d_]{4,}")


def check_numbers(plain: Any) -> None:
    """Raise PipelineError for a text, within plain data, that is a number of a vast exponent."""
    pending = [plain]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if _VAST.fullmatch(value.strip()):
                raise PipelineError("a number in it has too large an exponent")
        elif isinstance(value, (list, tuple)):
            pending.extend(value)
        elif isinstance(value, dict):
            pending.extend(value.values())


def cut_from_json(text: str | bytes) -> Cut:
    """The cut; raises PipelineError where the text does not describe one."""
    from smartcut.interchange.upgrades import upgraded

    try:
        plain = json.loads(text)
        check_numbers(plain)
        cut: Cut = _adapter(Cut).validate_python(upgraded(plain))
        return cut
    except ValidationError as error:
        raise PipelineError(f"not a cut: {error.errors()[0]['msg']}") from error
    except RecursionError as error:
        raise PipelineError("not a cut: it is nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise PipelineError(f"not a cut: {error}") from error
    except PipelineError as error:
        raise PipelineError(f"not a cut: {error.message}") from error
