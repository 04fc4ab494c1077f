"""What every kind of subtitle file is read into, and what was mended while reading."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from smartcut.annotation import Word
from smartcut.errors import PipelineError


@dataclass(frozen=True, slots=True)
class SubtitleCue:
    """One subtitle of a file. Times are seconds on the file's own clock."""

    line: int
    """Where it begins in the file, counted from 1."""
    start: Fraction
    end: Fraction | None
    """None where the file does not say when it ends."""
    lines: tuple[str, ...]
    words: tuple[Word, ...] = ()
    """Where the file knows their times."""
    speaker: str = ""


@dataclass(slots=True)
class Mended:
    """Counts what was mended, by kind, with the line where each came first."""

    path: str
    _counts: Counter[str] = field(default_factory=Counter)
    _first: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, line: int) -> None:
        self._counts[what] += 1
        self._first.setdefault(what, line)

    def notes(self) -> tuple[str, ...]:
        """One sentence for each kind."""
        return tuple(
            f"{self.path}: {what}: {count} cue{'s' if count > 1 else ''}"
            f"{', first' if count > 1 else ''} in line {self._first[what]}"
            for what, count in self._counts.items()
        )


def refused(path: str, line: int, why: str) -> PipelineError:
    """The error for a file that cannot be read as subtitles."""
    return PipelineError(f"{path}, line {line}: {why}")
