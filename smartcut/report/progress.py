"""How long work shows itself: bars on a terminal, JSON events for programs, or lines in a log."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from smartcut.report.progress_lines import Lines
from smartcut.stage import Progress


class Bars:
    """Progress bars on a terminal's standard error."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        task = self._tasks[label] = self._bars.add_task(label, total=total)
        return lambda done: self._bars.update(task, completed=done)

    def done(self, label: str) -> None:
        task = self._tasks.pop(label, None)
        if task is not None:
            self._bars.remove_task(task)

    def note(self, message: str) -> None:
        self._bars.console.print(f"note: {message}", highlight=False, markup=False)


class Events:
    """One JSON object a line on standard output; at most one a second for each bar."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, int] = {}

    def emit(self, event: str, **fields: Any) -> None:
        with self._lock:
            print(json.dumps({"event": event, **fields}), flush=True)

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        self.emit("start", label=label, total=total)

        def advance(done: float) -> None:
            percent = int(100 * done / total) if total else int(done)
            if self._last.get(label) != percent:
                self._last[label] = percent
                self.emit("progress", label=label, done=done, total=total)

        return advance

    def done(self, label: str) -> None:
        self.emit("done", label=label)

    def note(self, message: str) -> None:
        self.emit("note", message=message)


@contextmanager
def shown_progress(as_json: bool) -> Iterator[Progress]:
    """Bars where standard error is a terminal, events with ``as_json``, else lines at times."""
    if as_json:
        yield Events()
    elif not sys.stderr.isatty():
        with Lines() as lines:
            yield lines
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Remaining())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield Bars(bars)
