"""Where slow motion happens, and how the speed gets there: ranges by score, ramps with easing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from smartcut.algebra import merged
from smartcut.annotation import Shots, Signal
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.stages.split import divided
from smartcut.timebase import Range, nearest
from smartcut.warp import Warp, passing

# Ranges closer than this are one; speeds are kept to this precision.
_JOIN = Fraction(1, 2)
_PRECISION = 1000


def best_ranges(
    cut: Cut, chosen: Sequence[Segment], by: str, top: float, shortest: Fraction
) -> dict[str, list[Range]]:
    """For each source, the ranges in which a signal is among its highest values, in source time.

    ``top`` is the share (0..1] of the chosen segments' readings that count. Neighbouring ranges are
    joined, short ones widened to ``shortest`` seconds; none runs across a cut between two shots.
    Raises StageError where the signal is not known.
    """
    readings: list[tuple[float, str, Fraction]] = []
    for segment in chosen:
        if segment.source is None:
            continue
        signal = cut.data(Signal, by, segment.source)
        if signal is None:
            known = sorted({a.name for a in cut.annotations if isinstance(a.data, Signal)})
            raise StageError(
                f"slow motion is to go by {by!r}, which is not known of {segment.source!r}; "
                f"add `- {by}` before it (known: {', '.join(known) or 'no signal'})"
            )
        values = signal.values[0] if signal.values else ()
        pairs = zip(values, signal.times(), strict=True)
        readings += [(v, segment.source, t) for v, t in pairs if segment.range.contains(t)]
    if not readings:
        return {}
    readings.sort(key=lambda r: (-r[0], r[1], r[2]))
    found: dict[str, list[Range]] = {}
    for _, source, time in readings[: max(1, nearest(Fraction(top) * len(readings)))]:
        half = shortest / 2
        found.setdefault(source, []).append(Range(max(Fraction(0), time - half), time + half))
    return {
        source: [part for r in merged(ranges, _JOIN) for part in _within_shots(cut, source, r)]
        for source, ranges in found.items()
    }


def _within_shots(cut: Cut, source: str, found: Range) -> Iterator[Range]:
    """The range in parts that lie inside one shot each."""
    shots = cut.data(Shots, "shots", source)
    if shots is None:
        yield found
        return
    for shot in shots.shots:
        part = found.intersect(shot.range)
        if part is not None and part.duration > 0:
            yield part


def slowed(
    segment: Segment, ranges: Sequence[Range], speed: Fraction, ramp: Fraction, step: Fraction
) -> list[Segment]:
    """The segment in parts: those inside ``ranges`` (source time) slower by ``speed``.

    ``ramp`` seconds at each end of a slow part, at most half of it, lead from one speed to the
    other by a cosine, which is constant for ``step`` seconds at a time, a frame of the source.
    """
    inside = [r for each in ranges if (r := each.intersect(segment.range)) and r.duration >= step]
    edges = [_on_frame(segment, t, step) for r in inside for t in (r.start, r.end)]
    return [
        _eased(part, speed, ramp, step)
        if any(r.contains(part.range.middle) for r in inside)
        else part
        for part in divided(segment, edges)
    ]


def _on_frame(segment: Segment, time: Fraction, step: Fraction) -> Fraction:
    """The beginning of a frame nearest to a time, counted from where the segment begins."""
    return segment.range.start + nearest((time - segment.range.start) / step) * step


def _eased(part: Segment, speed: Fraction, ramp: Fraction, step: Fraction) -> Segment:
    from math import cos, pi

    count = min(nearest(ramp / step), int(part.range.duration / step) // 2)
    if count < 2:
        return part.retimed(Warp.steady(Fraction(0), part.duration, speed))
    shares = [(1 - cos(pi * (i + 0.5) / count)) / 2 for i in range(count)]
    slower = [(1 + (speed - 1) * Fraction(s)).limit_denominator(_PRECISION) for s in shares]
    rest = part.range.duration - 2 * count * step
    paces = [(step, s) for s in slower] + [(rest, speed)] + [(step, s) for s in slower[::-1]]
    return part.retimed(passing((seconds / part.speed, pace) for seconds, pace in paces))
