"""A finished film as passages of its sources, and what it does with the pauses in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from smartcut.cut import Cut, Segment
from smartcut.learning_style.caption_seen import SeenMoment
from smartcut.learning_style.colour_pairs import StretchColours
from smartcut.source import Source
from smartcut.tightening.ranges import Ranges, common, left, union
from smartcut.timebase import Range

#: Seconds by which what is left out may reach into what is active beside it.
_BITE = Fraction(3, 20)
#: Seconds: a shorter step in source time is none.
_STEP = Fraction(1, 200)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a source that a film leaves out, or plays faster, within a passage."""

    range: Range
    speed: Fraction | None = None
    """None where it is left out."""


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """A stretch of a source that a film shows, but for pauses."""

    source: str
    range: Range
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcePause:
    """A pause within a passage, and what became of it; in seconds of the source."""

    start: float
    """Where what is active before it ends."""
    end: float
    """Where what is active after it begins."""
    frame: float
    """Seconds that a frame of the source lasts; 0 where that does not count."""
    left_out: tuple[float, float] | None = None
    speed: float | None = None

    @property
    def length(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class StudiedFilm:
    """A film, and when there is something to hear in its sources."""

    name: str
    cut: Cut
    active: Mapping[str, Ranges] = field(default_factory=dict)
    colours: tuple[StretchColours, ...] = ()
    """Beside those of the sources; none where its pictures were not compared."""
    moments: tuple[SeenMoment, ...] = ()
    """What lies over its pictures; none where these were not compared."""

    @cached_property
    def passages(self) -> tuple[SourcePassage, ...]:
        """What it shows of recorded sources, in its order."""
        return tuple(_passages(self.cut, self.active))

    @cached_property
    def pauses(self) -> tuple[SourcePause, ...]:
        """The pauses in its passages, those that stay and those that do not."""
        return tuple(
            pause
            for passage in self.passages
            for pause in _pauses(
                passage,
                self.active.get(passage.source, ()),
                _frame(self.cut.source(passage.source)),
            )
        )

    @cached_property
    def shots(self) -> tuple[float, ...]:
        """Seconds of the film that each of its shots lasts: from one cut to the next."""
        lengths: list[Fraction] = []
        last: Segment | None = None
        for segment in self.cut.segments:
            goes_on = last is not None and _goes_on(last, segment)
            lengths[-1:] = [lengths[-1] + segment.duration] if goes_on else [
                *lengths[-1:], segment.duration
            ]  # fmt: skip
            last = segment
        return tuple(map(float, lengths))

    @property
    def coverage(self) -> float:
        """The share of its sources that its passages show, 0..1."""
        used = {passage.source for passage in self.passages}
        whole = sum(self.cut.source(id).duration for id in used)
        shown = sum(
            r.duration
            for id in used
            for r in union(p.range for p in self.passages if p.source == id)
        )
        return float(shown / whole) if whole else 0.0


def _goes_on(one: Segment, other: Segment) -> bool:
    same = (one.source, one.speed, one.warp) == (other.source, other.speed, None)
    return same and abs(other.range.start - one.range.end) < _STEP


def _passages(cut: Cut, active: Mapping[str, Ranges]) -> Iterator[SourcePassage]:
    recorded = {source.id for source in cut.footage}
    found: SourcePassage | None = None
    for segment in cut.segments:
        if segment.source not in recorded or segment.warp is not None:
            continue
        longer = _longer(found, segment, active.get(segment.source, ())) if found else None
        if found is not None and longer is None:
            yield found
        found = longer or SourcePassage(segment.source, segment.range)
    if found is not None:
        yield found


def _longer(passage: SourcePassage, segment: Segment, active: Ranges) -> SourcePassage | None:
    """The passage with a segment that goes on after a pause, or is one that is played faster."""
    start, end = segment.range.start, segment.range.end
    step = start - passage.range.end
    if segment.source != passage.source or step <= -_STEP:
        return None
    more = list(passage.left_out)
    if step >= _STEP:
        gap = Range(passage.range.end, start)
        if not _is_pause(gap, active):
            return None
        more.append(LeftOut(gap))
    if segment.speed > 1 and _is_pause(segment.range, active):
        more.append(LeftOut(segment.range, segment.speed))
    return SourcePassage(passage.source, Range(passage.range.start, end), tuple(more))


def _is_pause(gap: Range, active: Ranges) -> bool:
    """Whether nothing is active in it, but for a little at its ends."""
    inside = [one for one in active if one.overlaps(gap)]
    if any(gap.start <= one.start and one.end <= gap.end for one in inside):
        return False
    return all(part.duration <= _BITE for part in common(inside, (gap,)))


def _pauses(passage: SourcePassage, active: Ranges, frame: float) -> Iterator[SourcePause]:
    """Pauses between two active stretches of a passage; those at its ends are not whole."""
    inside = [one for one in active if one.overlaps(passage.range)]
    if not inside:
        return
    for pause in left(Range(inside[0].start, inside[-1].end), inside):
        gone = [one for one in passage.left_out if one.range.overlaps(pause)]
        start, end = float(pause.start), float(pause.end)
        if not gone:
            yield SourcePause(start, end, frame)
        elif len(gone) == 1:
            one = gone[0]
            taken = float(one.range.start), float(one.range.end)
            speed = None if one.speed is None else float(one.speed)
            yield SourcePause(start, end, frame, taken, speed)


def _frame(source: Source) -> float:
    video = source.video
    return 0.0 if video is None or video.is_vfr or not video.rate else float(1 / video.rate)
