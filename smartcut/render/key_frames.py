"""Key frames at regular places, where segments of a stream begin."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from smartcut.render.output import OutputPicture
from smartcut.timebase import nearest

#: Seconds of a segment.
SEGMENT = 4


def with_segments(picture: OutputPicture) -> OutputPicture:
    """The picture with a key frame where each segment begins, the same in every size."""
    frames = str(nearest(SEGMENT * (picture.rate or Fraction(30))))
    fixed = (("g", frames), ("keyint_min", frames), ("sc_threshold", "0"), ("flags", "+cgop"))
    return replace(picture, options=(*picture.options, *fixed))
