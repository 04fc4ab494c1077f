"""Progress as calls of a function, or of a bar such as tqdm's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from smartcut.errors import SmartcutError
from smartcut.stage import Progress

ACCEPTED = (
    "a function that is called with (label, done, total), a class of bars such as tqdm.tqdm, or an "
    "object with the methods start, done and note of smartcut.stage.Progress"
)


class Calls:
    """Calls ``function(label, done, total)``: text, and numbers in the same units.

    ``total`` is None where it is not known; for media both are seconds. It is called from several
    threads, with ``done`` 0 when a piece of work begins and ``total`` when it ends. Notes go to
    the result alone.
    """

    def __init__(self, function: Callable[[str, float, float | None], object]) -> None:
        self._function = function
        self._totals: dict[str, float | None] = {}
        self._last: dict[str, float] = {}

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        self._totals[label] = total

        def advance(done: float) -> None:
            self._last[label] = done
            self._function(label, done, total)

        advance(0.0)
        return advance

    def done(self, label: str) -> None:
        total, last = self._totals.pop(label, None), self._last.pop(label, None)
        if total is not None and last != total:
            self._function(label, total, total)

    def note(self, message: str) -> None:
        pass


class TqdmBars:
    """A bar for each piece of work, by a class that is called and works as ``tqdm.tqdm``."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._bars: dict[str, tuple[Any, float | None, Callable[[float], None]]] = {}

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        bar, at = self._kind(total=total, desc=label), 0.0

        def advance(done: float) -> None:
            nonlocal at
            bar.update(done - at)
            at = done

        self._bars[label] = bar, total, advance
        return advance

    def done(self, label: str) -> None:
        if label in self._bars:
            bar, total, advance = self._bars.pop(label)
            if total is not None:
                advance(total)
            bar.close()

    def note(self, message: str) -> None:
        write = getattr(self._kind, "write", None)
        if write is None:
            print(f"note: {message}", file=sys.stderr)
        else:
            write(f"note: {message}")


def as_progress(given: Any) -> Progress | None:
    """What the runners report to; raises SmartcutError for what is none of :data:`ACCEPTED`."""
    if given is None or all(hasattr(given, name) for name in ("start", "done", "note")):
        return cast(Progress | None, given)
    if isinstance(given, type) and hasattr(given, "update") and hasattr(given, "close"):
        return TqdmBars(given)
    if callable(given) and not isinstance(given, type):
        return Calls(given)
    raise SmartcutError(f"progress={given!r} is not accepted; accepted: {ACCEPTED}")
