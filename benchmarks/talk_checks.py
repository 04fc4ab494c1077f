"""How a cut of a made talk compares with what was planted in it: words, pauses and fillers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.made_speech import MadeTalk

Spans = Sequence[tuple[float, float]]
"""(start, end) in seconds, in order."""

#: A planted filler is found where so much of it is left out, and no word with it.
_FOUND = 0.5
#: `tighten`'s own margin on each side, and its shortest cut, in seconds.
_MARGIN, _MIN_CUT = 0.15, 0.2
#: Seconds that do not count: more than a frame.
_HARDLY = 0.04


@dataclass(frozen=True, slots=True)
class FillersFound:
    """Counts. ``false`` are places that were left out and were neither planted nor silence."""

    found: int
    planted: int
    false: int

    @property
    def recall(self) -> float:
        return self.found / self.planted

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.false)


def clipped(talk: MadeTalk, spans: Spans) -> int:
    """How many of the fragments are not heard whole."""
    return sum(_share(start, end, spans) < 0.9999 for start, end, _ in talk.said)


def silence(talk: MadeTalk, spans: Spans) -> float:
    """Seconds that stay in which nothing is said."""
    spoken = sum(
        _share(start, end, spans) * (end - start) for start, end, _ in (*talk.said, *talk.fillers)
    )
    return round(sum(end - start for start, end in spans) - spoken, 2)


def fillers_found(plain: Spans, spans: Spans, talk: MadeTalk) -> FillersFound:
    """Of the fillers planted, and of what only the cut without fillers leaves out.

    ``plain`` is the cut of the same talk with its fillers.
    """
    found = sum(_share(start, end, spans) <= 1 - _FOUND for start, end, _ in talk.fillers)
    alone = [(start, end) for start, end in _without(plain, spans) if end - start > _HARDLY]
    false = sum(not any(_overlap((a, b), one) for a, b, _ in talk.fillers) for one in alone)
    return FillersFound(found, len(talk.fillers), false)


def furthest_edge(talk: MadeTalk, spans: Spans, *, fillers: bool) -> float:
    """Seconds by which the worst edge of what is left out lies from where it should lie.

    Left out should be every planted pause less the margins, where that is long enough, and with
    ``fillers`` every filler. What was left out and not planted, or planted and not left out,
    counts with its length.
    """
    wanted = _wanted(talk, fillers)
    gaps = _without([(0.0, talk.duration)], spans)
    worst = 0.0
    for start, end in gaps:
        near = [w for w in wanted if _overlap(w, (start, end))]
        off = max(abs(start - near[0][0]), abs(end - near[-1][1])) if near else end - start
        worst = max(worst, off)
    missed = (b - a for a, b in wanted if not any(_overlap((a, b), gap) for gap in gaps))
    # What is hardly long enough may be cut or not.
    return max([worst, *(length for length in missed if length > _MIN_CUT + _HARDLY)])


def _wanted(talk: MadeTalk, fillers: bool) -> list[tuple[float, float]]:
    """What should be left out."""
    heard = talk.said if fillers else sorted((*talk.said, *talk.fillers))
    around = [(start - _MARGIN, end + _MARGIN) for start, end, _ in heard]
    pauses = _without([(0.0, talk.duration)], around)
    long = [(start, end) for start, end in pauses if end - start >= _MIN_CUT]
    return _joined([*long, *((a, b) for a, b, _ in talk.fillers if fillers)])


def _joined(spans: Spans) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] < 1e-9:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(one[1], other[1]) > max(one[0], other[0])


def _without(spans: Spans, taken: Spans) -> list[tuple[float, float]]:
    """What is in the first and not in the second."""
    parts: list[tuple[float, float]] = []
    for start, end in spans:
        at = start
        for a, b in taken:
            if a > at and a < end:
                parts.append((at, a))
            if b > start and a < end:
                at = max(at, b)
        if at < end:
            parts.append((at, end))
    return [(a, b) for a, b in parts if b - a > 1e-6]


def _share(start: float, end: float, spans: Spans) -> float:
    return sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans) / (end - start)
