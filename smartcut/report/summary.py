"""What a run made, in a few lines."""

from __future__ import annotations

from smartcut.algebra import takes, whole
from smartcut.runners.local import Result
from smartcut.timebase import format_time


def summary(result: Result) -> str:
    """The segments with their reasons, the notes, and the files written."""
    cut = result.cut
    shown = [(whole(take), place) for take, place in takes(cut.programme)]
    lines = [f"{len(shown)} segments, {format_time(cut.duration)}"]
    for segment, place in shown:
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
    lines += [f"wrote {path}" for path in result.outputs]
    return "\n".join(lines)
