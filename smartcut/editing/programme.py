"""Edits of what the programme shows, and in which order."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from smartcut.algebra import shown_when
from smartcut.curve import curves_in
from smartcut.cut import Cut, Effect, Segment
from smartcut.editing.finding import Finder, told
from smartcut.editing.items import Item, divided, items_of, parts, with_items
from smartcut.editing.model import (
    DropRange,
    KeepRange,
    MoveSegment,
    ReplaceSegment,
    SegmentMatch,
    SplitSegment,
    TrimSegment,
    Where,
)
from smartcut.editing.refusing import Refused
from smartcut.editing.times import clock, stretch
from smartcut.source import Source
from smartcut.timebase import Range

_NONE = Fraction(0)
# So far, in seconds, edits may reach beyond a source: other tools round to frames.
_SLACK = Fraction(1, 10)


# ------------------------------------------------------------------------------------- dropping


def drop(cut: Cut, finder: Finder, edit: DropRange) -> tuple[Cut, set[str]]:
    """The cut without a range of a source, or without a segment; and the ids of what it trimmed."""
    if edit.segment is not None:
        return _without(cut, *finder.segment(edit.segment)), set()
    assert edit.source is not None
    sources, gone = finder.sources(edit.source), edit.range
    items: list[Item] = []
    trimmed: set[str] = set()
    for item in items_of(cut):
        left = _left(item, gone) if item.segment.source in sources else [item]
        if left != [item]:
            trimmed.update(one.segment.id for one in left)
        items += left
    return with_items(cut, items), trimmed - {""}


def _left(item: Item, gone: Range) -> list[Item]:
    """What an item shows besides a range of its source."""
    segment = item.segment
    hidden = list(shown_when(segment, Range(_NONE, segment.duration), gone))
    if not hidden:
        return [item]
    edges = [_NONE, *(time for one in hidden for time in (one.start, one.end)), segment.duration]
    return parts(item, zip(edges[::2], edges[1::2], strict=True))


def _without(cut: Cut, track: int, number: int) -> Cut:
    """The cut without a segment."""
    if not track:
        return with_items(cut, [i for i in items_of(cut) if i.origin != number])
    segments = cut.tracks[track].segments
    left = replace(cut.tracks[track], segments=(*segments[:number], *segments[number + 1 :]))
    tracks = (*cut.tracks[:track], *((left,) if left.segments else ()), *cut.tracks[track + 1 :])
    return replace(cut, tracks=tracks)


# -------------------------------------------------------------------------------------- keeping


def keep(cut: Cut, finder: Finder, edit: KeepRange) -> tuple[Cut, set[str]]:
    """The cut with all of a range of a source, and the ids of what was made longer."""
    sources = finder.sources(edit.source)
    wanted = within(finder.source(edit.source), edit.start, edit.end)
    items, longer = items_of(cut), set[str]()
    misplaced: Refused | None = None
    for missing in _missing(items, sources, wanted):
        grown = _grown(items, sources, missing)
        if grown is None:
            misplaced = insert(items, cut, finder, _kept(items, finder, edit, missing), edit.after)
        else:
            items, id = grown
            longer.add(id)
    done = with_items(cut, items)
    if misplaced is not None:
        raise Refused(misplaced.kind, misplaced.why, done)
    return done, longer


def _missing(items: list[Item], sources: set[str], wanted: Range) -> list[Range]:
    """The parts of a range that no item shows."""
    shown = sorted(
        seen
        for item in items
        if item.segment.source in sources and (seen := item.segment.range.intersect(wanted))
    )
    missing, at = [], wanted.start
    for seen in shown:
        if seen.start > at:
            missing.append(Range(at, seen.start))
        at = max(at, seen.end)
    return [*missing, Range(at, wanted.end)] if at < wanted.end else missing


def _grown(items: list[Item], sources: set[str], missing: Range) -> tuple[list[Item], str] | None:
    """The items with one that shows what is missing as well; None where none goes on there."""
    for number, item in enumerate(items):
        segment = item.segment
        if segment.source not in sources or segment.warp is not None:
            continue
        early = late = _NONE
        if segment.range.end == missing.start:
            late = missing.duration / segment.speed
        elif segment.range.start == missing.end:
            early = missing.duration / segment.speed
        if early or late:
            whole = replace(
                item,
                segment=segment.lengthened(early, late),
                skipped=item.skipped - early * item.pace,
            )
            return [*items[:number], whole, *items[number + 1 :]], segment.id
    return None


def _kept(items: list[Item], finder: Finder, edit: KeepRange, missing: Range) -> Segment:
    """A segment of what is missing, which looks as others of its source do."""
    source = finder.source(edit.source)
    like = next((i.segment for i in items if i.segment.source == source.id), None)
    return Segment(
        source.id,
        missing,
        effects=steady(like),
        label=edit.label or source.id,
        sound=like.sound if like else "stretched",
    )


def insert(
    items: list[Item], cut: Cut, finder: Finder, new: Segment, after: Where | None
) -> Refused | None:
    """Put a segment among the items: after a moment, or in the order of its source.

    Where that moment is gone it is put in the order of its source, and the answer says so.
    """
    misplaced = None
    if after is None:
        number = by_source_time(items, new)
    else:
        try:
            number = _place(items, cut, finder, after)
        except Refused as refused:
            number = by_source_time(items, new)
            why = f"{refused.why}; it is shown in the order of its source"
            misplaced = Refused(refused.kind, why)
    items.insert(number, Item(new))
    return misplaced


def steady(like: Segment | None) -> tuple[Effect, ...]:
    """The effects of a segment that do not belong to moments of it: another can have them too."""
    effects = like.effects if like else ()
    return tuple(
        replace(e, clock=None)
        for e in effects
        if e.during is None and not any(curves_in(value) for _, value in e.params)
    )


def by_source_time(items: list[Item], new: Segment) -> int:
    """Where a new segment goes among others of its source: after those that begin before it."""
    own = [
        (i.segment.range.start, n) for n, i in enumerate(items) if i.segment.source == new.source
    ]
    before = [one for one in own if one[0] <= new.range.start]
    if before:
        return max(before)[1] + 1
    return min(own)[1] if own else len(items)


def _place(items: list[Item], cut: Cut, finder: Finder, after: Where) -> int:
    """The number that something gets which follows a moment, the beginning or the end."""
    if after == "start":
        return 0
    if after == "end":
        return len(items)
    assert isinstance(after, SegmentMatch)
    try:
        track, number = finder.last_part(after)
    except Refused as refused:
        raise Refused("place", f"there is nothing for it to follow: {refused.why}") from None
    if track:
        raise Refused("place", f"{told(after)} is not in the programme")
    places = [n for n, item in enumerate(items) if item.origin == number]
    return places[-1] + 1 if places else len(items)


def within(source: Source, start: Fraction, end: Fraction) -> Range:
    """A range of a source; raises Refused where the source is not that long."""
    if source.is_drawn or not source.duration:
        return Range(start, end)
    if start >= source.duration or end > source.duration + _SLACK:
        raise Refused(
            "beyond",
            f"{stretch(start, end)} is asked for of {source.id}, which lasts "
            f"{clock(source.duration)}",
        )
    return Range(start, min(end, source.duration))


# ----------------------------------------------------------------- trimming, dividing, and moving


def trim(cut: Cut, finder: Finder, edit: TrimSegment) -> tuple[Cut, set[str]]:
    """The cut with a segment that begins or ends elsewhere in its source."""
    track, number = finder.segment(edit.segment)
    segment = cut.tracks[track].segments[number]
    start = segment.range.start if edit.start is None else edit.start
    end = segment.range.end if edit.end is None else edit.end
    if end <= start:
        raise Refused(
            "unfit",
            f"{told(edit.segment)} now ends at {clock(segment.range.end)}, and would begin at "
            f"{clock(start)}" if edit.end is None else
            f"{told(edit.segment)} now begins at {clock(segment.range.start)}, and would end at "
            f"{clock(end)}",
        )  # fmt: skip
    if segment.source is not None:
        shown = within(cut.source(segment.source), start, end)
        start, end = shown.start, shown.end
    early, late = _growth(segment, start, end, told(edit.segment))
    trimmed = segment.lengthened(early, late)
    if track:
        return with_segment(cut, track, number, _begun(trimmed, early)), {segment.id}
    items = items_of(cut)
    items[number] = Item(trimmed, number, -early)
    return with_items(cut, items), {segment.id}


def _growth(
    segment: Segment, start: Fraction, end: Fraction, called: str
) -> tuple[Fraction, Fraction]:
    """How much longer a segment becomes at its ends so that it shows that; below 0 is shorter."""
    warp = segment.as_warp
    slopes = [piece.slope for piece in warp.pieces]
    if not warp.is_monotonous:
        how = "held" if not any(slopes) else segment.pace
        raise Refused(
            "pace",
            f"{called} is {how}: where it begins and ends in its source cannot be moved; set its "
            "`duration`, or its `warp`",
        )
    first, last = (start, end) if slopes[0] > 0 else (end, start)
    return -warp.time_along(first), warp.time_along(last) - segment.duration


def _begun(segment: Segment, early: Fraction) -> Segment:
    """What lies above the programme: it begins so much earlier, its pictures at their times."""
    if not isinstance(segment.at, Fraction):
        return segment
    return replace(segment, at=max(segment.at - early, _NONE))


def split(cut: Cut, finder: Finder, edit: SplitSegment) -> tuple[Cut, set[str]]:
    """The cut with a segment divided at a source time, or as it is where it is divided there."""
    track, number = _split_where(cut, finder, edit)
    segment = cut.tracks[track].segments[number]
    times = [t for t in segment.as_warp.times_of(edit.at) if 0 < t < segment.duration]
    if not times:
        if not segment.range.duration:
            raise Refused("pace", f"{told(edit.segment)} is held: no time of its source divides it")
        if edit.at not in (segment.range.start, segment.range.end):
            raise Refused("gone", f"{told(edit.segment)} no longer shows {clock(edit.at)}")
        return cut, set()
    if track:
        first, second = divided(Item(segment), times[0])
        later = second.segment
        if isinstance(segment.at, Fraction):
            later = replace(later, at=segment.at + times[0])
        segments = cut.tracks[track].segments
        halves = (*segments[:number], first.segment, later, *segments[number + 1 :])
        return _with_track(cut, track, halves), set()
    items = items_of(cut)
    items[number : number + 1] = divided(items[number], times[0])
    return with_items(cut, items), set()


def _split_where(cut: Cut, finder: Finder, edit: SplitSegment) -> tuple[int, int]:
    """The segment to divide: the one that is meant, or the only one that shows that moment."""
    try:
        return finder.segment(edit.segment)
    except Refused as refused:
        if refused.kind != "gone" or edit.segment.source is None:
            raise
        sources = finder.sources(edit.segment.source)
        those = [
            (track, number)
            for track in finder.tracks(edit.segment.track)
            for number, segment in enumerate(cut.tracks[track].segments)
            if segment.source in sources and segment.range.start < edit.at < segment.range.end
        ]
        if len(those) != 1:
            raise
        return those[0]


def move(cut: Cut, finder: Finder, edit: MoveSegment) -> tuple[Cut, set[str]]:
    """The cut with a segment in another place."""
    track, number = finder.segment(edit.segment)
    if track:
        raise Refused(
            "unfit",
            f"{told(edit.segment)} lies above the programme, which has an order: set `at` there",
        )
    items = items_of(cut)
    moved = items.pop(number)
    if isinstance(edit.after, SegmentMatch) and finder.last_part(edit.after) == (0, number):
        raise Refused("place", f"{told(edit.segment)} cannot follow itself")
    items.insert(_place(items, cut, finder, edit.after), moved)
    return with_items(cut, items), {moved.segment.id}


def replace_with(cut: Cut, finder: Finder, edit: ReplaceSegment) -> tuple[Cut, set[str]]:
    """The cut with something else in a segment's place."""
    track, number = finder.segment(edit.segment)
    segment = cut.tracks[track].segments[number]
    source = finder.source(edit.source)
    new = replace(
        segment,
        source=source.id,
        range=within(source, edit.start, edit.end),
        speed=Fraction(1),
        warp=None,
        effects=steady(segment),
        label=edit.label if edit.label is not None else source.id,
        scores=(),
        chapter=segment.chapter,
        lead=_NONE,
        id="",
    )
    if track:
        return with_segment(cut, track, number, new), {""}
    items = items_of(cut)
    items[number] = Item(new, number)
    return with_items(cut, items), {""}


def with_segment(cut: Cut, track: int, number: int, segment: Segment) -> Cut:
    """The cut with another segment in place of one."""
    segments = cut.tracks[track].segments
    return _with_track(cut, track, (*segments[:number], segment, *segments[number + 1 :]))


def _with_track(cut: Cut, track: int, segments: tuple[Segment, ...]) -> Cut:
    changed = replace(cut.tracks[track], segments=segments)
    return replace(cut, tracks=(*cut.tracks[:track], changed, *cut.tracks[track + 1 :]))
