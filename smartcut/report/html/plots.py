"""Signals of the sources along the timeline, as curves that any width stretches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from smartcut.annotation import Signal
from smartcut.cut import Cut, Segment
from smartcut.report.html.facts import ReportFacts
from smartcut.report.html.markup import tag, text
from smartcut.timebase import Range

#: What comes first, and in this order; whatever else was measured follows.
_FIRST = ("loudness", "motion", "relevance", "sharpness")
# Points of a curve: more than pages are wide would only make the file larger.
_POINTS = 1200
_HEIGHT, _EDGE = 100, 4
# Channels that are drawn beside the main one.
_MOST_CHANNELS = 4
# Below this there is silence, in LUFS.
_QUIETEST = -60.0


@dataclass(frozen=True, slots=True)
class PlottedCurve:
    """A channel along the timeline: stretches that are not joined, one for each segment."""

    name: str
    stretches: tuple[tuple[tuple[Fraction, float], ...], ...]

    def values(self) -> Iterator[float]:
        return (value for stretch in self.stretches for _, value in stretch)


def plots(facts: ReportFacts) -> Iterator[str]:
    """A row for each signal that is known of the programme's sources."""
    names = {a.name for a in facts.cut.annotations if isinstance(a.data, Signal)}
    for name in sorted(names, key=lambda n: (_FIRST.index(n) if n in _FIRST else 9, n)):
        curves = list(_curves(facts.cut, name))
        if curves:
            yield _plot(name, _unit(facts.cut, name), curves, facts)


def _unit(cut: Cut, name: str) -> str:
    units = [a.data.unit for a in cut.annotations if a.name == name and isinstance(a.data, Signal)]
    return next((unit for unit in units if unit and unit != "score"), "")


def _curves(cut: Cut, name: str) -> Iterator[PlottedCurve]:
    """The main channel, then those beside it, where they are named for what the user asked."""
    known = {s.id: cut.data(Signal, name, s.id) for s in cut.sources}
    channels = list(dict.fromkeys(c for s in known.values() if s for c in s.channels))
    shown = channels[: 1 + _MOST_CHANNELS] if name == "relevance" else channels[:1]
    for channel in shown:
        stretches = []
        for segment, place in cut.programme.placed():
            signal = known.get(segment.source or "")
            if signal is not None and channel in signal.channels:
                share = place.duration / cut.duration if cut.duration else Fraction(0)
                most = max(4, int(_POINTS * share))
                stretches.append(tuple(_stretch(signal, channel, segment, place, most)))
        if any(stretches):
            yield PlottedCurve(channel, tuple(s for s in stretches if s))


def _stretch(
    signal: Signal, channel: str, segment: Segment, place: Range, most: int
) -> list[tuple[Fraction, float]]:
    """The values within a segment, in timeline time; many are brought to their lowest and highest.

    A value holds until the next one of its source.
    """
    start, end = (time / signal.timebase for time in (segment.range.start, segment.range.end))
    first = max(bisect_right(signal.pts, start) - 1, 0)
    last = bisect_left(signal.pts, end)
    values = signal.channel(channel)
    seen = [
        (max(pts * signal.timebase, segment.range.start), value)
        for pts, value in zip(signal.pts[first:last], values[first:last], strict=True)
        if isfinite(value)
    ]
    found = sorted((place.start + segment.time_of(t), v) for t, v in _thinned(seen, most))
    if found and found[-1][0] < place.end:
        found.append((place.end, found[-1][1]))
    return found


def _thinned(
    points: Sequence[tuple[Fraction, float]], most: int
) -> Iterator[tuple[Fraction, float]]:
    """At most about that many points: of each few their lowest and highest, in order of time."""
    if len(points) <= most:
        yield from points
        return
    step = -(-2 * len(points) // most)
    for begin in range(0, len(points), step):
        few = points[begin : begin + step]
        yield from sorted({min(few, key=lambda p: p[1]), max(few, key=lambda p: p[1])})


def _scale(name: str, curves: Sequence[PlottedCurve]) -> tuple[float, float]:
    """The lowest and highest value of the plot."""
    if name == "loudness":
        return _QUIETEST, 0.0
    highest = max(value for curve in curves for value in curve.values())
    lowest = min(value for curve in curves for value in curve.values())
    if lowest >= 0 and highest <= 1 and name == "relevance":
        return 0.0, 1.0
    low = min(0.0, lowest)
    return low, highest if highest > low else low + 1


def _plot(name: str, unit: str, curves: Sequence[PlottedCurve], facts: ReportFacts) -> str:
    low, high = _scale(name, curves)
    lines = "".join(
        tag("path", d=_path(curve, facts.cut, low, high), class_="line" if not i else f"side k{i}")
        for i, curve in reversed(list(enumerate(curves)))
    )
    grid = tag("line", x1=0, x2=1000, y1=50, y2=50, class_="grid")
    drawing = tag(
        "svg", grid, lines, viewBox=f"0 0 1000 {_HEIGHT}", preserveAspectRatio="none",
        width="100%", height="100%",
    )  # fmt: skip
    values = list(curves[0].values())
    told = (
        f"from {min(values):.3g} to {max(values):.3g}{f' {unit}' if unit else ''}, "
        f"on average {sum(values) / len(values):.3g}"
    )
    svg = tag("svg", drawing, height=64, role="img", aria_label=f"{name.capitalize()}: {told}")
    named = tag("div", text(name.capitalize()), tag("small", text(unit)), class_="label")
    ends = tag("div", tag("span", f"{high:.3g}"), tag("span", f"{low:.3g}"), class_="ends")
    legend = "".join(
        tag("span", tag("i", class_=f"k{i}"), f"<bdi>{text(curve.name)}</bdi>")
        for i, curve in enumerate(curves)
        if i
    )
    more = tag("div", legend, class_="legend") if legend else ""
    return tag("div", named, svg, ends, more, class_="row plot")


def _y(value: float, low: float, high: float) -> float:
    """Where a value lies, from above; the curve keeps clear of the edges, which would halve it."""
    share = (min(max(value, low), high) - low) / (high - low)
    return _EDGE + (_HEIGHT - 2 * _EDGE) * (1 - share)


def _path(curve: PlottedCurve, cut: Cut, low: float, high: float) -> str:
    parts = []
    for stretch in curve.stretches:
        points = [
            f"{float(1000 * time / cut.duration):.1f} {_y(value, low, high):.1f}"
            for time, value in stretch
        ]
        parts.append("M" + "L".join(points))
    return "".join(parts)
