"""The schema of pipelines, made ahead by a process of its own.

It takes every stage to be imported, for most of a second: in the server itself that would hold up
pictures that somebody waits for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from threading import Lock
from typing import Any

from smartcut.spec_schema import json_schema


class SchemaAhead:
    """Begins at once; who asks too early waits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, Any] | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "smartcut", "schema"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __call__(self) -> dict[str, Any]:
        """The schema; made here where the other process failed, so that its error is told."""
        with self._lock:
            if self._known is None:
                text, _ = self._process.communicate()
                self._known = json.loads(text) if self._process.returncode == 0 else json_schema()
            return self._known

    def close(self) -> None:
        """End the process, if it still runs."""
        self._process.kill()
        with self._lock:
            if self._known is None:
                self._process.communicate()
