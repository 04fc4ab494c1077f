"""A track as editing systems see it: clips that abut, and transitions around the cuts between them.

In a :class:`~smartcut.cut.Track` a transition has two segments overlap. Editing systems cut
somewhere within that overlap, and let both clips reach beyond the cut ("handles"). Both say the
same: from one to the other and back nothing is lost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from smartcut.cut import Segment, Transition
from smartcut.errors import PipelineError
from smartcut.source import Source, Value
from smartcut.timebase import Range
from smartcut.warp import Warp, straightened

_NONE = Fraction(0)
#: More clips than this are not read.
MOST_EDITS = 20_000
# Beyond it no time is one: 30 years.
_FARTHEST = 10**9


@dataclass(frozen=True, slots=True)
class Joint:
    """A transition that begins ``before`` seconds before a cut and ends ``after`` seconds on."""

    kind: str
    before: Fraction
    after: Fraction
    params: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A clip from its cut to the next one; what is not said here is as in ``segment``."""

    segment: Segment
    start: Fraction
    """Source time at the cut."""
    duration: Fraction
    """Timeline time from cut to cut."""
    joint: Joint | None = None
    """How it comes in."""
    name: str = ""
    """What errors call it, where its label does not say enough: the file, the line, the clip."""

    @property
    def source(self) -> str | None:
        return self.segment.source

    @property
    def speed(self) -> Fraction:
        return self.segment.speed

    @property
    def end(self) -> Fraction:
        """Source time at the next cut; of what is warped, the latest that it shows."""
        if self.segment.warp is not None:
            return self.start + self.segment.range.duration
        return self.start + self.duration * self.speed

    def after(self, skipped: Fraction) -> Edit:
        """The edit without so much of its beginning."""
        if self.segment.warp is None or not skipped:
            return replace(self, start=self.start + skipped * self.speed)
        by = self.start - self.segment.range.start
        segment = self.segment.part(skipped, self.segment.duration)
        return replace(self, segment=segment, start=segment.range.start + by)

    @property
    def called(self) -> str:
        """What errors call it."""
        return self.name or f"the clip {self.segment.label!r}"


def to_edits(
    segments: Sequence[Segment], before: Callable[[Fraction], Fraction] = lambda overlap: overlap
) -> list[Edit]:
    """The segments as edits; ``before`` says how much of an overlap lies before the cut.

    Raises PipelineError for a cut that cannot be played.
    """
    for segment in segments:
        times = (segment.range.start, segment.range.end, segment.overlap)
        if segment.speed <= 0 or max(map(abs, times)) > _FARTHEST:
            raise PipelineError(f"a segment of {segment.source} has no sensible times or speed")
    joints = [_joint(s.transition, before if i else lambda d: d) for i, s in enumerate(segments)]
    edits = []
    for i, (segment, joint) in enumerate(zip(segments, joints, strict=True)):
        early = joint.before if joint else _NONE
        following = joints[i + 1] if i + 1 < len(joints) else None
        late = following.after if following else _NONE
        start = segment.range.start
        if segment.warp is None:
            start += early * segment.speed
        edits.append(Edit(segment, start, segment.duration - early - late, joint))
    return edits


def playable(edits: list[Edit]) -> list[Edit]:
    """The edits; raises PipelineError where one is shorter than the transitions around it."""
    for edit in edits:
        if edit.duration < 0:
            raise _too_short(edit)
    return edits


def _too_short(edit: Edit) -> PipelineError:
    return PipelineError(f"{edit.called} is shorter than its transitions")


def _joint(transition: Transition | None, before: Callable[[Fraction], Fraction]) -> Joint | None:
    if transition is None:
        return None
    early = before(transition.duration)
    return Joint(transition.kind, early, transition.duration - early, transition.params)


def from_edits(
    edits: Sequence[Edit], sources: Callable[[str], Source | None] | None = None
) -> tuple[Segment, ...]:
    """The segments; with ``sources``, transitions are as long as there is material for them.

    Raises PipelineError where a clip has no length, or lies outside its source.
    """
    edits = [_played(edit, sources) for edit in edits] if sources else list(edits)
    if sources:
        edits = _with_handles(edits, sources)
    segments = []
    for i, edit in enumerate(edits):
        following = edits[i + 1].joint if i + 1 < len(edits) else None
        early = edit.joint.before if edit.joint else _NONE
        late = following.after if following else _NONE
        if edit.segment.warp is not None:
            found = _warped(edit, edit.duration + early + late)
            segments.append(replace(found, transition=_transition(edit.joint)))
            continue
        shown = (edit.start - early * edit.speed, edit.start + (edit.duration + late) * edit.speed)
        if sources and edit.source is None:
            shown = (_NONE, shown[1] - shown[0])  # nothing of it tells where it begins
        if shown[1] < shown[0]:
            raise _too_short(edit)
        segments.append(
            replace(edit.segment, range=Range(*shown), transition=_transition(edit.joint))
        )
    return tuple(segments)


def _warped(edit: Edit, lasts: Fraction) -> Segment:
    """The segment from where the edit begins, for so long; what lasts longer goes on as it ends.

    Its warp begins at the earliest source time that it shows.
    """
    warp = edit.segment.warp
    assert warp is not None
    if lasts <= 0:
        raise _too_short(edit)
    by = edit.start - warp.seen.start
    points = [(t, s + by) for t, s in warp.points]
    if lasts > warp.duration:
        end = points[-1][1] + (lasts - warp.duration) * warp.pieces[-1].slope
        points.append((lasts, max(end, _NONE)))
    return edit.segment.warped(straightened(points).part(_NONE, lasts))


def _transition(joint: Joint | None) -> Transition | None:
    if joint is None:
        return None
    return Transition(joint.kind, joint.before + joint.after, joint.params)


def _played(edit: Edit, sources: Callable[[str], Source | None]) -> Edit:
    """The edit within its source: what is a frame or two too long is shortened."""
    source = sources(edit.source) if edit.source else None
    if edit.duration < 0:
        raise _too_short(edit)
    if source is None or source.is_drawn:
        return edit
    slack = Fraction(1, 10)
    end = edit.end
    if edit.start < -slack or end > source.duration + slack or edit.start >= source.duration:
        raise PipelineError(
            f"{edit.called} shows {float(edit.start):.3f} to {float(end):.3f} s "
            f"of {source.path}, which lasts {float(source.duration):.3f} s"
        )
    start, end = max(edit.start, _NONE), min(end, source.duration)
    if edit.segment.warp is not None:
        return replace(edit, start=start)
    if (start, end) == (edit.start, edit.start + edit.duration * edit.speed):
        return edit
    return replace(edit, start=start, duration=(end - start) / edit.speed)


def _with_handles(edits: list[Edit], sources: Callable[[str], Source | None]) -> list[Edit]:
    """The edits with each transition shortened to what its two clips have beyond the cut."""
    result: list[Edit] = []
    for edit in edits:
        joint = edit.joint
        if joint is not None and not result:
            joint = None  # there is nothing that it could come from
        elif joint is not None:
            before, after = joint.before, joint.after
            if edit.source is not None and edit.segment.warp is None:
                before = min(before, edit.start / edit.speed)
            last = result[-1]
            source = sources(last.source) if last.source else None
            if source is not None and not source.is_drawn and last.segment.warp is None:
                left = source.duration - last.start - last.duration * last.speed
                after = min(after, left / last.speed)
            # Not beyond the other ends: what is left of both is shown by itself.
            taken = last.joint.after if last.joint else _NONE
            before = max(min(before, last.duration - taken), _NONE)
            after = max(min(after, edit.duration), _NONE)
            joint = replace(joint, before=before, after=after) if before + after else None
        result.append(replace(edit, joint=joint))
    return result


# ----------------------------------------------------------------------------- cutting up edits


def taken(
    edits: Sequence[Edit], place: Range, starts: Sequence[Fraction] | None = None
) -> list[Edit]:
    """What is played in a range of their time; raises PipelineError where it ends in a transition.

    ``starts`` are those of the edits, where they are known.
    """
    starts = positions(edits) if starts is None else starts
    result: list[Edit] = []
    at = place.start
    first = max(bisect_right(starts, place.start) - 1, 0)
    for number in range(first, len(edits)):
        edit, begin = edits[number], starts[number]
        _refuse_within(edit, begin, place)
        if begin >= place.end:
            break
        shown = Range(begin, begin + edit.duration).intersect(place)
        if shown is not None:
            skipped = shown.start - begin if edit.source is not None else _NONE
            joint = edit.joint if begin > place.start else None
            edit = edit.after(skipped)
            result.append(replace(edit, duration=shown.duration, joint=joint))
            at = shown.end
    if at < place.end:
        result.append(gap(place.end - at))
    return result


def _refuse_within(edit: Edit, begin: Fraction, place: Range) -> None:
    if edit.joint is None:
        return
    start, end = begin - edit.joint.before, begin + edit.joint.after
    if any(start < t < end and t != begin for t in (place.start, place.end)):
        raise PipelineError(
            f"a cut of another track or nesting falls into the transition to {edit.called}; "
            "flatten the timeline in the editor it comes from"
        )


def positions(edits: Sequence[Edit]) -> list[Fraction]:
    """Where each begins, in their time."""
    return list(accumulate((edit.duration for edit in edits[:-1]), initial=_NONE)) if edits else []


def gap(duration: Fraction) -> Edit:
    """Black and silence."""
    return Edit(Segment(None, Range(_NONE, _NONE)), _NONE, duration)


def total(edits: Sequence[Edit]) -> Fraction:
    """Seconds of the timeline."""
    return sum((edit.duration for edit in edits), _NONE)


def over(below: Sequence[Edit], above: Sequence[Edit]) -> list[Edit]:
    """Two layers as one: what lies above hides what is below, but for its gaps."""
    result: list[Edit] = []
    at, starts = _NONE, positions(below)
    for edit in above:
        end = at + edit.duration
        if edit.source is not None or edit.duration == 0:
            result.append(edit)
        else:
            revealed = taken(below, Range(at, end), starts)
            if revealed and edit.joint is not None:
                revealed[0] = replace(revealed[0], joint=edit.joint)
            result.extend(revealed)
        at = end
    rest = total(below)
    if rest > at:
        result.extend(taken(below, Range(at, rest), starts))
    return result


def retimed(edits: Sequence[Edit], speed: Fraction) -> list[Edit]:
    """The edits played ``speed`` times as fast."""
    result = []
    for edit in edits:
        segment = edit.segment
        if edit.source is not None and segment.duration:
            segment = segment.retimed(Warp.steady(Fraction(0), segment.duration, speed))
        elif edit.source is not None:
            segment = replace(segment, speed=segment.speed * speed)
        joint = edit.joint and replace(
            edit.joint, before=edit.joint.before / speed, after=edit.joint.after / speed
        )
        result.append(replace(edit, segment=segment, duration=edit.duration / speed, joint=joint))
    return result
