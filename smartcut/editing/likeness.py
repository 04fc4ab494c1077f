"""Two cuts beside each other: the same sources by the same names, and what became of segments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from smartcut.algebra import resolved
from smartcut.annotation import Annotation
from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.editing.drawn import said_by
from smartcut.editing.finding import alike, said_alike
from smartcut.source import Source, unused
from smartcut.timebase import Range

_HALF = Fraction(1, 2)


# --------------------------------------------------------------------------------------- sources


def named_as(cut: Cut, base: Cut) -> Cut:
    """The cut with the names of another one's sources, where they are the same.

    They are where their bytes, or else their files, are; drawings where they draw the same, or
    have the same name and say about the same.
    """
    names: dict[str, str] = {}
    for known in (_same_bytes, _same_file, _same_name):
        for source in cut.sources:
            if source.id in names:
                continue
            left = [one for one in base.sources if one.id not in names.values()]
            found = next((one for one in left if known(source, one)), None)
            if found is not None:
                names[source.id] = found.id
    taken = {source.id for source in base.sources} | set(names.values())
    for source in cut.sources:
        if source.id not in names:
            names[source.id] = unused(source.id, taken)
            taken.add(names[source.id])
    return renamed(cut, names)


def _same_bytes(source: Source, other: Source) -> bool:
    return bool(source.digest) and source.digest == other.digest


def _same_file(source: Source, other: Source) -> bool:
    if source.made is not None or other.made is not None:
        return False
    return source.path == other.path or (source.id == other.id and _stem(source) == _stem(other))


def _stem(source: Source) -> str:
    return source.path.stem


def _same_name(source: Source, other: Source) -> bool:
    if source.is_drawn != other.is_drawn or source.id != other.id:
        return False
    return said_alike(said_by(source), said_by(other)) >= _HALF


def renamed(cut: Cut, names: dict[str, str]) -> Cut:
    """The cut with other names of its sources."""
    if all(old == new for old, new in names.items()):
        return cut

    def segment(one: Segment) -> Segment:
        at = one.at
        if isinstance(at, Anchor):
            at = replace(at, source=names.get(at.source, at.source))
        return replace(one, source=names.get(one.source or "", one.source), at=at)

    def annotation(one: Annotation) -> Annotation:
        return replace(one, source=names.get(one.source, one.source))

    return replace(
        cut,
        sources=tuple(replace(s, id=names.get(s.id, s.id)) for s in cut.sources),
        tracks=tuple(replace(t, segments=tuple(map(segment, t.segments))) for t in cut.tracks),
        annotations=tuple(map(annotation, cut.annotations)),
    )


# ---------------------------------------------------------------------------------------- tracks


def spread(cut: Cut, force: bool = False) -> Cut:
    """The cut with tracks above the programme that say by gaps when something begins, without them.

    With ``force`` also where it is connected, or throughout: everything has a time of the timeline.
    """
    placed = resolved(cut)
    tracks = tuple(
        _without_gaps(now) if force or any(s.source is None for s in track.segments) else track
        for track, now in zip(cut.tracks[1:], placed.tracks[1:], strict=True)
    )
    return replace(cut, tracks=(cut.programme, *tracks)) if cut.tracks else cut


def _without_gaps(track: Track) -> Track:
    return replace(
        track,
        segments=tuple(
            replace(segment, at=place.start)
            for segment, place in track.placed()
            if segment.source is not None
        ),
    )


# -------------------------------------------------------------------------------------- segments


@dataclass(frozen=True)
class Pairs:
    """What became of the segments of a track."""

    of: dict[int, int]
    """The segment of before for each of after that comes from one."""
    parts: dict[int, int]
    """The same for what was divided off one."""
    before: int
    after: int
    in_order: frozenset[int] = field(default=frozenset())
    """The most of after that come from before and are in the same order."""

    def origin(self, number: int) -> int | None:
        """The segment of before that one of after comes from, or is a part of."""
        return self.of.get(number, self.parts.get(number))

    @property
    def dropped(self) -> list[int]:
        """Those of before that nothing is left of."""
        left = {*self.of.values(), *self.parts.values()}
        return [n for n in range(self.before) if n not in left]

    @property
    def added(self) -> list[int]:
        """Those of after that come from none."""
        return [n for n in range(self.after) if self.origin(n) is None]

    def children(self, number: int) -> list[int]:
        """Those of after that come from one of before, in their order."""
        return [n for n in range(self.after) if self.origin(n) == number]


def pairs(before: Sequence[Segment], after: Sequence[Segment]) -> Pairs:
    """What became of segments; both tracks name the same sources the same.

    By id first, then by what they show; of several that show the same, by their order.
    """
    of: dict[int, int] = {}
    taken: set[int] = set()
    for _, old, new in sorted(_candidates(before, after), key=lambda one: one[0], reverse=True):
        if old not in taken and new not in of:
            of[new] = old
            taken.add(old)
    parts = _parts(before, after, of)
    return Pairs(of, parts, len(before), len(after), frozenset(_in_order(before, after, of, parts)))


def _candidates(
    before: Sequence[Segment], after: Sequence[Segment]
) -> Iterator[tuple[tuple[float, ...], int, int]]:
    """(how well they fit, before, after) of all segments that may be the same."""
    by_source: dict[str | None, list[tuple[Fraction, int]]] = {}
    for number, segment in enumerate(before):
        by_source.setdefault(segment.source, []).append((segment.range.start, number))
    longest: dict[str | None, Fraction] = {}
    for source, those in by_source.items():
        those.sort()
        longest[source] = max(before[n].range.duration for _, n in those)
    for new, segment in enumerate(after):
        those = by_source.get(segment.source, [])
        first = bisect_left(those, (segment.range.start - longest.get(segment.source, 0) - 1, -1))
        for start, old in those[first:]:
            if start > segment.range.end + 1:
                break
            if (rating := _rating(before[old], segment, old, new)) is not None:
                yield rating, old, new


def _rating(one: Segment, other: Segment, old: int, new: int) -> tuple[float, ...] | None:
    is_named = bool(one.id) and one.id == other.id
    share = alike(one, other.range, True)
    if not share and not (is_named and one.range.overlaps(other.range)):
        return None
    same = one == other
    return is_named and bool(share), same, one.range == other.range, share, -abs(old - new)


def _parts(
    before: Sequence[Segment], after: Sequence[Segment], of: dict[int, int]
) -> dict[int, int]:
    """What was divided off a segment: it shows what that one did, and what no other part shows."""
    shown: dict[int, list[Range]] = {}
    for new, old in of.items():
        shown.setdefault(old, []).append(after[new].range)
    found: dict[int, int] = {}
    for new, segment in enumerate(after):
        if new in of or segment.source is None or not segment.range.duration:
            continue
        for old, whole in enumerate(before):
            inside = whole.range.intersect(segment.range)
            if whole.source != segment.source or inside != segment.range or old not in shown:
                continue
            if not any(part.overlaps(segment.range) for part in shown[old]):
                found[new] = old
                shown[old].append(segment.range)
                break
    return found


def _in_order(
    before: Sequence[Segment],
    after: Sequence[Segment],
    of: dict[int, int],
    parts: dict[int, int],
) -> set[int]:
    """Those of after that are in the longest run of segments in their old order."""
    known = {**parts, **of}
    those = sorted(known)
    ranks = [(known[n], rank(before[known[n]], after[n])) for n in those]
    return {those[n] for n in _rising(ranks)}


def is_backwards(segment: Segment) -> bool:
    """Whether it ends at an earlier time of its source than it begins at."""
    warp = segment.warp
    return warp is not None and warp.points[-1][1] < warp.points[0][1]


def rank(whole: Segment, part: Segment) -> Fraction:
    """Where a part lies in a segment, in the order in which that one shows it."""
    return -part.range.end if is_backwards(whole) else part.range.start


def _rising(values: Sequence[tuple[int, Fraction]]) -> list[int]:
    """The numbers of a longest run of values that rise."""
    tails: list[int] = []
    before: list[int | None] = [None] * len(values)
    for number, value in enumerate(values):
        place = bisect_left(tails, value, key=lambda n: values[n])
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    run, last = [], tails[-1] if tails else None
    while last is not None:
        run.append(last)
        last = before[last]
    return run[::-1]
