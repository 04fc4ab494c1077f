"""From what is active to what is kept: margins, no short cut, no short clip, no word divided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from smartcut.tightening.ranges import Ranges, common, left, padded, union
from smartcut.timebase import Range

#: What is kept on each side of a word at the least, in seconds: recognisers place them this well.
WORD_MARGIN = Fraction(1, 20)
# What moving edges leaves of a gap and of a clip at the least, in seconds.
_LEAST = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class TightenRule:
    """In seconds. Negative margins leave out the edges of what is active."""

    before: Fraction
    after: Fraction
    min_cut: Fraction
    min_clip: Fraction


def kept(
    active: Sequence[Range], within: Range, rule: TightenRule, whole: Sequence[Range]
) -> Ranges:
    """What stays of ``within``: what is active and its margins, and ``whole`` in any case.

    No gap between two of them, nor at either end, is shorter than ``min_cut``; nothing shorter
    than ``min_clip`` stays, but what is in ``whole``.
    """
    room = (within,)
    clips = common(padded(common(active, room), rule.before, rule.after), room)
    clips = union(clips, common(whole, room))
    gaps = [gap for gap in left(within, clips) if gap.duration >= rule.min_cut]
    return tuple(
        clip
        for clip in left(within, gaps)
        if clip.duration >= rule.min_clip or common((clip,), whole)
    )


def clear_of_words(cuts: Sequence[Range], words: Sequence[Range]) -> Ranges:
    """The cuts less what they would take of a word that they do not take whole."""
    found: list[Range] = []
    for cut in cuts:
        start, end = cut.start, cut.end
        for word in words:
            if word.start < cut.start < word.end:
                start = max(start, word.end)
            if word.start < cut.end < word.end:
                end = min(end, word.start)
        if start < end:
            found.append(Range(start, end))
    return union(found)


def outwards(
    ranges: Sequence[Range],
    within: Range,
    floor: Callable[[Fraction], Fraction],
    ceil: Callable[[Fraction], Fraction],
) -> Ranges:
    """The ranges made longer to where frames begin; at the ends of ``within`` they stay."""
    moved = (
        Range(
            r.start if r.start == within.start else max(floor(r.start), within.start),
            r.end if r.end == within.end else min(ceil(r.end), within.end),
        )
        for r in ranges
    )
    return union(moved)


def rooms(gaps: Sequence[Range], within: Range, rule: TightenRule) -> Iterator[tuple[Range, Range]]:
    """Within which the start and the end of each gap may move: gaps and clips stay long enough.

    Gaps are in order and apart. Each of two neighbouring edges gets half of what is to spare.
    """
    edges = [within.start, *(t for gap in gaps for t in (gap.start, gap.end)), within.end]
    shortest = (max(rule.min_clip, _LEAST), max(rule.min_cut, _LEAST))

    def spare(place: int) -> Fraction:
        """Of the part between an edge and the next: a clip, a gap, a clip ..."""
        length = edges[place + 1] - edges[place]
        return max(length - shortest[place % 2], Fraction(0)) / 2

    for place in range(1, len(edges) - 1, 2):
        yield (
            Range(edges[place] - spare(place - 1), edges[place] + spare(place)),
            Range(edges[place + 1] - spare(place), edges[place + 1] + spare(place + 1)),
        )
