"""What a run made, in a few lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from smartcut.runners.local import Result
from smartcut.timebase import format_time


def summary(result: Result) -> str:
    """The segments with their reasons, the notes, and the files written."""
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
        ]
        lines.append("  ".join(part for part in parts if part))
    lines += [f"note: {note}" for note in result.notes]
    lines += [f"wrote {line}" for line in _written(result.outputs)]
    return "\n".join(lines)


def _written(outputs: Sequence[Path]) -> Iterator[str]:
    """The files; of numbered ones in a row the first and the last."""
    for _, files in groupby(outputs, key=lambda path: re.sub(r"\d+", "#", str(path))):
        first, *others = files
        yield f"{first} to {others[-1].name}, {len(others) + 1} files" if others else str(first)
