"""What was done by hand to the segments of a cut, as one word each."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from smartcut.cut import Cut, Segment


def edited(automatic: Cut, cut: Cut) -> dict[str, str]:
    """``added``, ``replaced``, ``trimmed``, ``set`` or ``moved``, by the id of the segment.

    Segments that are as the automatic cut has them are not in it. Of several, the first holds.
    """
    before = {s.id: s for track in automatic.tracks for s in track.segments}
    found: dict[str, str] = {}
    for segment in (s for track in cut.tracks for s in track.segments):
        if (mark := _mark(before.get(segment.id), segment)) is not None:
            found[segment.id] = mark
    for id in _moved([s.id for s in automatic.segments], [s.id for s in cut.segments]):
        found.setdefault(id, "moved")
    return found


def _mark(before: Segment | None, now: Segment) -> str | None:
    if before is None:
        return "added"
    if before.source != now.source:
        return "replaced"
    if before.range != now.range:
        return "trimmed" if before.range.overlaps(now.range) else "replaced"
    same = replace(now, at=before.at, transition=before.transition) == before
    return None if same and before.transition == now.transition else "set"


def _moved(before: list[str], now: list[str]) -> set[str]:
    """The ids that are not in a longest run of those that keep their order."""
    place = {id: i for i, id in enumerate(before)}
    both = [id for id in now if id in place]
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for i, id in enumerate(both):
        k = bisect_left(tails, place[id])
        previous.append(ends[k - 1] if k else -1)
        tails[k : k + 1] = [place[id]]
        ends[k : k + 1] = [i]
    kept, i = set[str](), ends[-1] if ends else -1
    while i >= 0:
        kept.add(both[i])
        i = previous[i]
    return set(both) - kept
