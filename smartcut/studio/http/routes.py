"""From a request to the operation that is meant, and from errors to what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from smartcut.errors import PipelineError, SmartcutError
from smartcut.interchange.json import check_numbers
from smartcut.mistakes import mistakes
from smartcut.stage import Stopped
from smartcut.studio.answers import (
    Answer,
    NoSuchThing,
    NotOpenYet,
    PlainAnswer,
    StaleEdit,
    mistakes_of,
)
from smartcut.studio.desk import Desk
from smartcut.studio.operations import Operation, found, methods_of

__all__ = ["answered", "found", "methods_of"]

Route = tuple[Operation, Mapping[str, str]]


def answered(desk: Desk, route: Route, given: Mapping[str, Any]) -> Answer:
    """What the operation answers, errors too."""
    operation, in_path = route
    if overlapping := set(in_path) & set(given):
        return _wrong(400, f"{', '.join(sorted(overlapping))}: given in the path already")
    try:
        check_numbers(given)
        asked = operation.asks.model_validate({**given, **in_path})
    except ValidationError as error:
        told = mistakes(error.errors(), operation.asks)
        return _wrong(400, "; ".join(one.text for one in told))
    except PipelineError as error:
        return _wrong(400, error.message)
    try:
        return operation.call(desk, asked)
    except NotOpenYet as error:
        return _wrong(503, str(error))
    except NoSuchThing as error:
        return _wrong(404, str(error))
    except StaleEdit as error:
        return PlainAnswer({**desk.state(), "error": str(error)}, 409)
    except Stopped:
        return _wrong(422, "stopped")
    except SmartcutError as error:
        return PlainAnswer({"error": str(error), "errors": mistakes_of(error)}, 422)


def _wrong(status: int, text: str) -> Answer:
    return PlainAnswer({"error": text}, status)
