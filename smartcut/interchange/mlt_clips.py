"""How MLT plays a piece of a file: which producer, and which of its frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from smartcut.cut import Segment
from smartcut.source import Source
from smartcut.timebase import nearest


@dataclass(frozen=True, slots=True)
class MltClip:
    """A producer, and the frame of it that is played first; all count frames of the timeline."""

    source: str
    is_seen: bool
    is_heard: bool
    speed: Fraction
    """Below 0 it plays backwards from the file's end."""
    first: int
    length: int
    """Frames that the producer has."""
    held: int | None = None
    """The frame that is held throughout."""

    def properties(self, resource: str) -> dict[str, object]:
        """Those of the producer that plays it."""
        found: dict[str, object] = {"length": self.length, "eof": "continue"}
        if self.speed != 1:
            speed = f"{float(self.speed):.12f}".rstrip("0").rstrip(".")
            found |= {"resource": f"{speed}:{resource}", "warp_speed": speed, "warp_pitch": 1}
            found |= {"warp_resource": resource, "mlt_service": "timewarp"}
        else:
            found |= {"resource": resource, "mlt_service": "avformat-novalidate"}
        if not self.is_seen:
            found["video_index"] = -1
        if not self.is_heard:
            found["audio_index"] = -1
        return found


def producer_of(
    segment: Segment, source: Source, rate: Fraction, count: int, is_seen: bool, is_heard: bool
) -> MltClip:
    """The producer of a segment that lasts ``count`` frames of the timeline."""
    is_heard = is_heard and source.audio is not None
    whole = max(nearest(source.duration * rate), 1)
    warp = segment.warp
    speed, held = segment.speed, None
    if warp is None:
        first = nearest(segment.range.start / speed * rate)
    elif slope := warp.pieces[0].slope:
        speed = slope
        first = nearest((source.duration - segment.range.end) / -slope * rate)
    else:
        held = min(nearest(segment.range.start * rate), whole - 1)
        first = max(min(held, whole - count), 0)
        is_heard = False
    length = max(nearest(whole / abs(speed)), first + count)
    return MltClip(source.id, is_seen, is_heard, speed, first, length, held)
