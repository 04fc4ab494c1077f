"""What is told of progress, collected."""

from __future__ import annotations

from collections.abc import Callable


class Notes:
    """A progress that keeps its notes, and nothing else."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        return lambda done: None

    def done(self, label: str) -> None:
        pass

    def note(self, message: str) -> None:
        self.notes.append(message)
