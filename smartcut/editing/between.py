"""The edits that make one cut of another: what an editor did, in the language of corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from smartcut.algebra import identified
from smartcut.cut import Cut, Segment
from smartcut.editing.changes import changes, same, spec_of, track_changes
from smartcut.editing.finding import match_of, track_names
from smartcut.editing.likeness import Pairs, is_backwards, named_as, pairs, rank, spread
from smartcut.editing.model import BaseSegment, Edits, HandEdit
from smartcut.editing.stepping import Stepping
from smartcut.editing.times import written
from smartcut.timebase import Range

Plain = dict[str, Any]


def edits_between(base: Cut, edited: Cut) -> Edits:
    """The edits that :func:`apply_edits` makes ``edited`` of ``base`` with, as far as both can say.

    What tracks show, and how, is compared; how the sound is mixed and how captions look is not,
    for those are of the pipeline.
    """
    base, edited = identified(base), named_as(edited, base)
    if any(s.source is None for c in (base, edited) for t in c.tracks[1:] for s in t.segments):
        base, edited = spread(base, force=True), spread(edited, force=True)
    steps = Stepping(base, edited.sources)
    _programme(steps, base, edited)
    _above(steps, base, edited)
    return Edits(
        sources=_digests(steps.edits, base, edited),
        base=tuple(map(BaseSegment.of, base.segments)) if steps.edits else (),
        edits=tuple(steps.edits),
    )


def _digests(edits: Sequence[HandEdit], *cuts: Cut) -> dict[str, str]:
    """The digests of what edits speak of, by which it is known under another name."""
    named = {name for edit in edits for name in _sources_in(edit.to_plain())}
    return {
        source.id: source.digest
        for cut in cuts
        for source in cut.sources
        if source.id in named and source.digest and not source.is_drawn
    }


def _sources_in(plain: Any) -> list[str]:
    if isinstance(plain, dict):
        own = [plain[k] for k in ("source", "of") if isinstance(plain.get(k), str)]
        return own + [name for value in plain.values() for name in _sources_in(value)]
    if isinstance(plain, list):
        return [name for value in plain for name in _sources_in(value)]
    return []


# --------------------------------------------------------------------------------- the programme


def _programme(steps: Stepping, base: Cut, edited: Cut) -> None:
    """Make the programme what it is to be; every id in ``ids`` is one of ``edited``'s segments."""
    found = pairs(base.segments, edited.segments)
    ids: dict[int, str] = {}
    for number, segment in enumerate(base.segments):
        _divide(steps, segment, found.children(number), found, edited, ids)
    _replace_or_drop(steps, base, edited, found, ids)
    for number in sorted(ids):
        _shape(steps, ids[number], edited.segments[number])
    _order(steps, edited, found, ids)
    for number in sorted(ids):
        _finish(steps, ids, number, edited)
    for number in sorted(ids):  # transitions last: they are made to fit when others change
        _set(steps, ids[number], edited.segments[number])


def _divide(
    steps: Stepping,
    whole: Segment,
    children: list[int],
    found: Pairs,
    edited: Cut,
    ids: dict[int, str],
) -> None:
    """Divide a segment where its parts begin, and name them."""
    segments = edited.segments
    parts = sorted(children, key=lambda n: rank(whole, segments[n]))
    if len(parts) > 1 and not whole.as_warp.is_monotonous:
        keep = next((n for n in parts if n in found.of), parts[0])
        ids[keep] = whole.id  # the others are added again
        return
    here = whole.id
    for last, number in zip([None, *parts], parts, strict=False):
        if last is not None:
            here = _cut_off(steps, here, whole, segments[last].range, segments[number].range)
        if here:
            ids[number] = here


def _cut_off(steps: Stepping, here: str, whole: Segment, before: Range, after: Range) -> str:
    """The id of what shows a range after another one, of a segment that is divided there."""
    known = steps.ids()
    is_back = is_backwards(whole)
    ended, begins = (before.start, after.end) if is_back else (before.end, after.start)
    if ended != begins and steps.try_drop(whole, here, Range(*sorted((ended, begins)))):
        return steps.new(known) or ""
    match = steps.match(here)
    if match is None or not steps.do("split", {"segment": match, "at": begins}):
        return ""
    return steps.new(known) or ""


def _replace_or_drop(
    steps: Stepping, base: Cut, edited: Cut, found: Pairs, ids: dict[int, str]
) -> None:
    """Put something in the place of segments that are gone, or take them out."""
    added = set(found.added)
    for number in found.dropped:
        before = found.children(number - 1) if number else [-1]
        place = before[-1] + 1 if before else None
        id = base.segments[number].id
        match = steps.match(id)
        if place in added and match is not None and edited.segments[place].source is not None:
            new = edited.segments[place]
            said = {"source": new.source, "start": new.range.start, "end": new.range.end}
            known = steps.ids()
            if new.range.duration and steps.do("replace", {"segment": match, **said}):
                added.discard(place)
                ids[place] = steps.new(known) or id
                continue
        if match is not None:
            steps.do("drop", {"segment": match})


def _shape(steps: Stepping, id: str, wanted: Segment) -> None:
    """Have a segment pass through the source as it is to: its pace, then its ends."""
    now, match = steps.segment(id), steps.match(id)
    if now is None or match is None:
        return
    if now.warp is None and wanted.warp is None:
        if now.speed != wanted.speed:
            steps.do(
                "set",
                {"segment": match, "speed": wanted.speed, "was": {"speed": written(now.speed)}},
            )
    elif now.warp is None or wanted.warp is None or not now.warp.is_like(wanted.warp):
        steps.do("set", {"segment": match, "warp": [list(p) for p in wanted.as_warp.points]})
    now, match = steps.segment(id), steps.match(id)
    if now is None or match is None:
        return
    if (now.range, now.duration) == (wanted.range, wanted.duration):
        return
    if wanted.source is None or not now.range.duration or not wanted.range.duration:
        steps.do("set", {"segment": match, "duration": wanted.duration})
        return
    ends: Plain = {}
    if now.range.start != wanted.range.start:
        ends["start"] = wanted.range.start
    if now.range.end != wanted.range.end:
        ends["end"] = wanted.range.end
    steps.do("trim", {"segment": match, **ends})


def _order(steps: Stepping, edited: Cut, found: Pairs, ids: dict[int, str]) -> None:
    """Move what is in another order, and add what is new, each after the one before it."""
    for number, segment in enumerate(edited.segments):
        after: Any = "start" if not number else steps.match(ids.get(number - 1, ""))
        if after is None:
            continue
        here = ids.get(number)
        if here is None:
            known = steps.ids()
            if steps.do("add", {"segment": {**spec_of(segment), "after": after}}):
                ids[number] = steps.new(known) or ""
        elif number not in found.in_order and not steps.follows(here, ids.get(number - 1)):
            match = steps.match(here)
            if match is not None:
                steps.do("move", {"segment": match, "after": after})


def _finish(steps: Stepping, ids: dict[int, str], number: int, edited: Cut) -> None:
    """Set what is different, and where that cannot be said, put the whole segment there."""
    wanted, now = edited.segments[number], steps.segment(ids[number])
    if now is not None:
        _set(steps, ids[number], replace(wanted, transition=now.transition))
        now = steps.segment(ids[number])
    if now is not None and same(now, replace(wanted, transition=now.transition)):
        return
    after: Any = "start" if not number else steps.match(ids.get(number - 1, ""))
    match, known = steps.match(ids[number]), steps.ids()
    if after is not None and match is not None and steps.do("drop", {"segment": match}):
        steps.do("add", {"segment": {**spec_of(wanted), "after": after}})
        ids[number] = steps.new(known) or ids[number]


def _set(steps: Stepping, id: str, wanted: Segment) -> None:
    now, match = steps.segment(id), steps.match(id)
    if now is None or match is None:
        return
    said, was = changes(now, wanted)
    if said:
        steps.do("set", {"segment": match, **said, **({"was": was} if was else {})})


# --------------------------------------------------------------------------------- what is above


def _above(steps: Stepping, base: Cut, edited: Cut) -> None:
    """Make the other tracks what they are to be."""
    wanted = dict(zip(track_names(edited), edited.tracks, strict=True))
    known = track_names(base)
    for number in range(len(base.tracks) - 1, 0, -1):
        if known[number] not in wanted:
            for _ in range(len(base.tracks[number].segments)):
                steps.do("drop", {"segment": match_of(steps.cut, number, 0)})
    for name, track in list(wanted.items())[1:]:
        there = steps.track(name)
        before = there.segments if there else ()
        found = pairs(before, track.segments)
        ids = {new: before[old].id for new, old in found.of.items()}
        for old in range(len(before)):
            if old not in found.of.values() and (match := steps.match(before[old].id)) is not None:
                steps.do("drop", {"segment": match})
        for new, segment in enumerate(track.segments):
            if new in ids:
                _place(steps, ids[new], segment, edited)
                continue
            recipe = edited.source(segment.source).made if segment.source else None
            drawn = segment.source is not None and edited.source(segment.source).is_drawn
            spec = spec_of(segment, recipe if drawn else None)
            steps.do("add", {"segment": {**spec, "track": name, "kind": track.kind}})
        now = steps.track(name)
        if now is not None and (said := track_changes(now, replace(track, segments=()))):
            steps.do("set", {"track": name, **said})


def _place(steps: Stepping, id: str, wanted: Segment, edited: Cut) -> None:
    """Make a segment above the programme what it is to be."""
    _shape(steps, id, wanted)
    _set(steps, id, wanted)
    steps.set_drawing(id, wanted, edited)
    steps.set_at(id, wanted, edited)
