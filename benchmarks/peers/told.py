"""EVENTS ARGUMENTS...: smartcut's command line, with a line in EVENTS for what begins and ends."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the command with what it tells of its progress, and of networks, written down."""
    events, *arguments = sys.argv[1:]
    with Path(events).open("w", buffering=1) as out:

        def tell(label: str, begins: bool) -> None:
            event = {"at": time.monotonic(), "label": label, "begins": begins}
            out.write(json.dumps(event) + "\n")

        _listen(tell)
        sys.argv = ["smartcut", *arguments]
        from smartcut.cli import main as run

        run()


def _listen(tell: Callable[[str, bool], None]) -> None:
    from smartcut.models import pool
    from smartcut.report.progress_lines import Lines

    start, done, loading = Lines.start, Lines.done, pool.loading

    def started(self: Lines, label: str, total: float | None) -> Callable[[float], None]:
        tell(label, True)
        return start(self, label, total)

    def ended(self: Lines, label: str) -> None:
        tell(label, False)
        done(self, label)

    def loaded(asked: Any, *given: Any) -> Future[Any]:
        label = f"load {asked.name.partition(':')[0]}"
        tell(label, True)
        future = loading(asked, *given)
        future.add_done_callback(lambda _: tell(label, False))
        return future

    Lines.start, Lines.done, pool.loading = started, ended, loaded  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
