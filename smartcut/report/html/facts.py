"""What a report is made of: a timeline, what is known of it, and what is not known, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cut import Cut
from smartcut.report.inspect import Inspection
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class WrittenSpan:
    """A stretch of the output, and how its pictures came into the file."""

    range: Range
    """In timeline time."""
    frames: int
    how: str
    """``copy`` or ``encode``."""
    reason: str


@dataclass(frozen=True, slots=True)
class WrittenSound:
    """A sound track of the output, and how it came into the file."""

    name: str
    codec: str
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class GeneratedPart:
    """Pictures or sound that nobody recorded."""

    range: Range
    """In timeline time."""
    media: str
    """``picture`` or ``sound``."""
    kind: str
    engine: str
    source_type: str = ""
    params: str = ""


@dataclass(frozen=True, slots=True)
class WrittenVerdict:
    """Whether a film was as expected when it was written."""

    name: str
    state: str
    wanted: str
    measured: str
    misses: tuple[tuple[Fraction | None, str], ...] = ()
    """(time, reason) of each miss."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a manifest says of a file that was written."""

    output: str
    """Name of the file."""
    version: str
    """Of smartcut."""
    picture: str = ""
    """Size, rate and codec, in words."""
    spans: tuple[WrittenSpan, ...] = ()
    sounds: tuple[WrittenSound, ...] = ()
    generated: tuple[GeneratedPart, ...] = ()
    verdicts: tuple[WrittenVerdict, ...] = ()
    """Of what was expected, as the film was when it was written."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a report would have, and does not."""

    what: str
    why: str
    """And how to have it."""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything that a report shows."""

    name: str
    cut: Cut
    """Resolved; of a film that was written, the timeline that its manifest tells."""
    writing: Writing | None = None
    """None where nothing says how, or whether, a film was written."""
    inspection: Inspection | None = None
    """None where there is no file."""
    models: tuple[Mapping[str, Any], ...] = ()
    pipeline: str | None = None
    """As YAML."""
    options: tuple[tuple[str, str], ...] = ()
    present: frozenset[str] = frozenset()
    """Ids of the sources whose files are there."""
    notes: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    pictures: Mapping[int, bytes] = field(default_factory=dict)
    """JPEG, by the number of the programme's segment."""
    previews: Mapping[int, bytes] = field(default_factory=dict)
    """MP4, by the number of the programme's segment."""

    @property
    def film(self) -> Path | None:
        """The file, where there is one."""
        return self.inspection.source.path if self.inspection else None
