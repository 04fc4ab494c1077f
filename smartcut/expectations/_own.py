"""Functions of the user's own, and the film as they see it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.errors import PipelineError
from smartcut.expectation import FinishedFilm, Miss
from smartcut.timebase import parse_time

if TYPE_CHECKING:
    import numpy as np

# By their keys: functions are no data, which a pipeline holds.
_FUNCTIONS: dict[str, Callable[..., Any]] = {}


def remembered(function: Callable[..., Any], key: str | None) -> str:
    """The key under which :func:`find_function` gives the function."""
    found = key or uuid.uuid4().hex
    _FUNCTIONS[found] = function
    return found


def find_function(key: str) -> Callable[..., Any] | None:
    return _FUNCTIONS.get(key)


@dataclass(frozen=True)
class FilmView:
    """A finished film, as functions of the user's own see it."""

    _film: FinishedFilm

    @property
    def path(self) -> Path:
        return self._film.source.path

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self._film.source.duration)

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the picture."""
        video = self._film.source.video
        return None if video is None else video.display_size

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the manifest beside it says; empty without one."""
        return self._film.record

    def frame(self, time: Any) -> np.ndarray:
        """RGB, uint8 (height, width, 3), of what is shown at a time."""
        from smartcut.expectations._frames import pictures_at

        return next(pictures_at(self._film, [parse_time(time)]))


def called_with(function: Callable[..., Any], view: FilmView, called: str) -> list[Miss]:
    """What a function has against a film; raises PipelineError for an answer that is none."""
    try:
        answer = function(view)
    except AssertionError as error:
        return [Miss(str(error) or f"{called}() asserts what is not so")]
    return [*_misses(answer, called)]


def _misses(answer: Any, called: str) -> Iterator[Miss]:
    # Comparisons of arrays give NumPy's own truth values.
    if answer is None or type(answer).__name__ in ("bool", "bool_"):
        if answer is not None and not answer:
            yield Miss(f"{called}() says no")
    elif isinstance(answer, str):
        yield Miss(answer)
    elif isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], str):
        yield Miss(answer[1], parse_time(answer[0]))
    elif isinstance(answer, list):
        for one in answer:
            yield from _misses(one, called)
    else:
        raise PipelineError(
            f"{called}() of `expect` must return None, True, False, a reason, or a list of reasons "
            f"or (time, reason); it returned {answer!r}"
        )
