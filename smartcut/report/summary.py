"""What a run made, in a few lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from smartcut.algebra import resolved
from smartcut.cut import Cut, Segment
from smartcut.runners.local import Result
from smartcut.timebase import format_time


def summary(result: Result) -> str:
    """The segments with their reasons and effects, what lies above, the notes, and the files."""
    cut = result.cut
    lines = [f"{len(cut.segments)} segments, {format_time(cut.duration)}"]
    for segment, place in cut.programme.placed():
        score = dict(segment.scores).get("score")
        parts = [
            f"  {format_time(place.start)}",
            f"{segment.source or 'gap'} {float(segment.range.start):.2f}"
            f"-{float(segment.range.end):.2f} s",
            segment.pace,
            f"{score:.2f}" if score is not None else "",
            segment.label if segment.label != segment.source else "",
            _effects(segment),
        ]
        lines.append("  ".join(part for part in parts if part))
    lines += _above(cut)
    lines += [f"note: {note}" for note in result.notes]
    lines += [f"wrote {line}" for line in _written(result.outputs)]
    if result.verifications:
        from smartcut.report.verdicts import verdicts_text

        lines += [verdicts_text(found) for found in result.verifications]
    return "\n".join(lines)


def _effects(segment: Segment) -> str:
    """The names of a segment's effects."""
    names = ", ".join(dict.fromkeys(effect.label for effect in segment.effects))
    return f"effects: {names}" if names else ""


def _above(cut: Cut) -> Iterator[str]:
    """What lies above the programme, bottom to top, and when: where the film shows it."""
    for track in resolved(cut).overlays:
        for segment, place in track.placed():
            if segment.source is None:
                continue
            source = cut.source(segment.source)
            kind = source.made.kind if source.is_drawn and source.made else track.role
            label = segment.label if segment.label != segment.source else ""
            when = f"{format_time(place.start)} to {format_time(place.end)}"
            parts = [f"  {when}", f"above: {kind}", label or segment.source, _effects(segment)]
            yield "  ".join(part for part in parts if part)


def _written(outputs: Sequence[Path]) -> Iterator[str]:
    """The files; of numbered ones in a row the first and the last."""
    for _, files in groupby(outputs, key=lambda path: re.sub(r"\d+", "#", str(path))):
        first, *others = files
        yield f"{first} to {others[-1].name}, {len(others) + 1} files" if others else str(first)
