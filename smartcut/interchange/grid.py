"""Tracks on a timeline's frames, as formats have them that count whole frames.

Where a clip begins and ends is rounded from the exact time, each end by itself, so that what
follows on does so and nothing drifts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from smartcut.cut import Cut, Segment
from smartcut.errors import PipelineError
from smartcut.interchange.edits import Edit, playable, to_edits
from smartcut.source import Source
from smartcut.timebase import nearest

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class GridClip:
    """A clip from its cut to the next one, in frames of the timeline."""

    edit: Edit
    first: int
    end: int
    """One past the last."""

    @property
    def frames(self) -> int:
        return self.end - self.first


def halved(rate: Fraction) -> Callable[[Fraction], Fraction]:
    """How much of an overlap lies before the cut: half of it, in whole frames."""
    return lambda overlap: Fraction(int(overlap * rate / 2)) / rate


def on_grid(segments: Sequence[Segment], rate: Fraction) -> Iterator[GridClip]:
    """The clips of a track, gaps among them; what is shorter than half a frame has no place.

    Raises PipelineError for a track that cannot be played.
    """
    at = _NONE
    for edit in playable(to_edits(segments, halved(rate))):
        first, end = nearest(at * rate), nearest((at + edit.duration) * rate)
        at += edit.duration
        if end > first:
            yield GridClip(edit, first, end)


def source_named(cut: Cut, id: str | None) -> Source:
    """The source of that id; raises PipelineError where the cut has none."""
    found = next((source for source in cut.sources if source.id == id), None)
    if found is None:
        raise PipelineError(f"the cut shows {id!r}, which is none of its sources")
    return found


def shown_source(cut: Cut) -> Source:
    """The only source that a cut shows; see :attr:`Holds.several`."""
    return source_named(cut, next(e for e in to_edits(cut.segments) if e.source is not None).source)


def on_frame(source: Source, time: Fraction) -> Fraction:
    """The time, or that of the source's frame within 0.1 ms of it."""
    video = source.video
    if video is None or video.is_vfr:
        return time
    frame = video.start + nearest((time - video.start) * video.rate) / video.rate
    return frame if abs(frame - time) <= Fraction(1, 10_000) else time
