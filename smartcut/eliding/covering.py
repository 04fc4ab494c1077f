"""How much of the frame a segment that lies above others covers."""

from __future__ import annotations

import numpy as np

from smartcut.cut import Cut, Segment
from smartcut.effect import Placement, Size, checked
from smartcut.errors import PipelineError

#: The shape of a frame of which nothing is known.
_FRAME = (1600, 900)


def frame_of(cut: Cut) -> Size:
    """The shape of the film's pictures: as of its first source with pictures."""
    shown = {segment.source for segment in cut.segments}
    sizes = (s.video.display_size for s in cut.sources if s.id in shown and s.video)
    return next(sizes, _FRAME)


def covered_share(cut: Cut, segment: Segment, frame: Size) -> float:
    """The share of the frame, 0..1, half-way through a segment; 0 of what is hardly seen."""
    place = _placement(segment)
    if place is None:
        return 1.0
    if float(place.opacity) < 0.5:
        return 0.0
    video = next((s.video for s in cut.sources if s.id == segment.source), None)
    size = video.display_size if video else frame
    matrix = place.matrix(size, frame)
    ends = np.array([(matrix @ (x, y, 1.0))[:2] for x, y in ((0, 0), size)])
    left, top, right, bottom = place.window(frame) or (0, 0, *frame)
    low = np.clip(ends.min(axis=0), (left, top), (right, bottom))
    high = np.clip(ends.max(axis=0), (left, top), (right, bottom))
    return float(np.prod(high - low)) / (frame[0] * frame[1])


def _placement(segment: Segment) -> Placement | None:
    """Where it is put, half-way through it; None for one that fills the frame."""
    for effect in segment.effects:
        try:
            made = checked(effect)
        except PipelineError:
            continue  # of sound, or a plug-in's that is not here
        if isinstance(made, Placement):
            now = made.at(segment.range.middle, segment.duration / 2)
            return now if isinstance(now, Placement) else made
    return None
