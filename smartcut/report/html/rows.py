"""Rows over one axis of time: segments, speech, what was copied, encoded and generated.

Everything is placed in shares of the width, so that texts keep their size however wide the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby

from smartcut.algebra import merged, shown_when, turns_in_timeline, words_in_timeline
from smartcut.annotation import Shots
from smartcut.cut import Cut, Segment, Track
from smartcut.report.html.facts import ReportFacts
from smartcut.report.html.markup import clock, count, seconds, share, tag, text
from smartcut.timebase import Range

#: How many sources have a colour of their own; further ones begin again.
COLOURS = 8
# Segments that a keyboard reaches from the timeline; with more, the storyboard is the way.
_MOST_LINKS = 60
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
# Pauses shorter than this, in seconds, do not end a stretch of speech.
_PAUSE = Fraction(3, 5)


def colour_of(cut: Cut, id: str | None) -> str:
    """The class of a source's colour."""
    order = [source.id for source in cut.sources]
    return f"c{order.index(id) % COLOURS}" if id in order else "gap"


def row(name: str, drawing: str, height: int, told: str, class_: str = "") -> str:
    """A line of the timeline: its name, and a picture of so many pixels that ``told`` describes."""
    svg = tag("svg", drawing, height=height, role="group", aria_label=f"{name}: {told}")
    return tag("div", tag("div", text(name), class_="label"), svg, class_=f"row {class_}".strip())


def at(time: Fraction, facts: ReportFacts) -> str:
    """Where a time lies, in percent of the width."""
    whole = facts.cut.duration
    return f"{float(100 * time / whole) if whole else 0:.3f}%"


def block(where: Range, facts: ReportFacts, height: int, class_: str, title: str, name: str) -> str:
    """A rectangle over a range, with its name where there is room for it."""
    shown = tag("rect", width="100%", height=height, rx=3, class_=class_)
    if name:
        shown += tag("text", text(name), x=6, y=height / 2 + 4)
    return tag(
        "svg", tag("title", text(title)), shown,
        x=at(where.start, facts), width=at(where.duration, facts), height=height,
    )  # fmt: skip


def axis(facts: ReportFacts) -> str:
    """Times along the width."""
    whole = facts.cut.duration
    step = next((s for s in _STEPS if whole <= 12 * s), 14400)
    ticks = [Fraction(n * step) for n in range(int(whole // step) + 1)]
    marks = "".join(
        tag("line", x1=at(t, facts), x2=at(t, facts), y1=14, y2=20)
        + (tag("text", clock(t, 0), x=at(t, facts), dx=3, y=11) if whole - t > step / 3 else "")
        for t in ticks
    )
    return row("Time", marks, 20, f"0 to {clock(whole)}", "axis")


def tracks(facts: ReportFacts) -> Iterator[str]:
    """A row for each track, the highest picture first, the programme below, then sound."""
    cut = facts.cut
    for track in (*reversed(cut.overlays), cut.programme, *cut.sounds):
        if track.segments:
            yield _track(track, facts)


def _track(track: Track, facts: ReportFacts) -> str:
    is_programme = track is facts.cut.programme
    height = 34 if is_programme else 22
    places = list(track.placed())
    shown = []
    for number, (segment, place) in enumerate(places):
        seen = place.intersect(Range(Fraction(0), facts.cut.duration))
        if seen is None:
            continue
        name = _name(segment)
        title = f"{name}\n{clock(place.start)} to {clock(place.end)}"
        one = block(seen, facts, height, colour_of(facts.cut, segment.source), title, name)
        if is_programme and len(places) <= _MOST_LINKS:
            told = f"segment {number + 1}: {name}, from {clock(place.start)}"
            one = tag("a", one, href=f"#segment-{number + 1}", aria_label=told)
        shown.append(one)
    if is_programme:
        shown += [*_shots(facts, height)]
    told = count(len(places), "segment")
    return row(track.role.capitalize(), "".join(shown), height, told, "track")


def _name(segment: Segment) -> str:
    return segment.label or segment.source or "gap"


def _shots(facts: ReportFacts, height: int) -> Iterator[str]:
    """A mark at each change of shot within a segment."""
    cut = facts.cut
    for segment, place in cut.programme.placed():
        shots = cut.data(Shots, "shots", segment.source) if segment.source else None
        for shot in shots.shots if shots else ():
            begins = shot.range.start
            if segment.range.start < begins < segment.range.end:
                for when in shown_when(segment, place, Range(begins, segment.range.end)):
                    x = at(when.start, facts)
                    title = tag("title", f"a shot begins at {clock(when.start)}")
                    yield tag("line", title, x1=x, x2=x, y1=0, y2=height, class_="shot")


# ------------------------------------------------------------------------------------- speech


def speech(facts: ReportFacts) -> Iterator[str]:
    """Who speaks when; where that is not known, when there is speech."""
    cut = facts.cut
    turns = turns_in_timeline(cut)
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    for number, name in enumerate(names):
        ranges = [turn.range for turn in turns if turn.speaker == name]
        yield _bars(name, ranges, facts, f"s{number % COLOURS}")
    if not names and (words := words_in_timeline(cut)):
        yield _bars("Speech", merged([word.range for word in words], _PAUSE), facts, "s0")


def _bars(name: str, ranges: list[Range], facts: ReportFacts, class_: str) -> str:
    whole = sum((r.duration for r in ranges), Fraction(0))
    shown = "".join(
        block(r, facts, 12, class_, f"{name}: {clock(r.start)} to {clock(r.end)}", "")
        for r in ranges
    )
    told = f"{seconds(whole)}, {share(whole, facts.cut.duration)}"
    return row(name, shown, 12, told, "thin")


# ------------------------------------------------------------------------------------ the file


def written(facts: ReportFacts) -> Iterator[str]:
    """What of the picture was copied and what encoded; then what was generated."""
    if facts.writing is None:
        return
    spans = facts.writing.spans
    if spans:
        shown = []
        for (how, reason), same in groupby(spans, key=lambda s: (s.how, s.reason)):
            found = list(same)
            where = Range(found[0].range.start, found[-1].range.end)
            frames = count(sum(s.frames for s in found), "frame")
            title = f"{how}, {frames}: {reason}\n{clock(where.start)} to {clock(where.end)}"
            shown.append(block(where, facts, 14, how, title, ""))
        yield row("File", "".join(shown), 14, shares(spans_by(facts), facts), "thin")
    made = facts.writing.generated
    for media in ("picture", "sound"):
        parts = [part for part in made if part.media == media]
        if parts:
            bars = (
                block(
                    p.range,
                    facts,
                    14,
                    "made",
                    f"{p.kind} by {p.engine}\n{clock(p.range.start)}",
                    "",
                )
                for p in parts
            )
            told = count(len(parts), "interval")
            yield row(f"Generated {media}", "".join(bars), 14, told, "thin")


def spans_by(facts: ReportFacts) -> dict[str, Fraction]:
    """Seconds of the picture by how they came into the file."""
    found: dict[str, Fraction] = {}
    for span in facts.writing.spans if facts.writing else ():
        found[span.how] = found.get(span.how, Fraction(0)) + span.range.duration
    return found


def shares(found: dict[str, Fraction], facts: ReportFacts) -> str:
    whole = sum(found.values(), Fraction(0))
    names = {"copy": "copied", "encode": "encoded"}
    return ", ".join(f"{share(found[how], whole)} {names.get(how, how)}" for how in sorted(found))


def covered(ranges: Iterable[Range]) -> Fraction:
    """Seconds covered by the ranges, each second once."""
    return sum((r.duration for r in merged(sorted(ranges), Fraction(0))), Fraction(0))
