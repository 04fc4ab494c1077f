"""The storyboard: a card for each segment, with its picture, words, scores and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from smartcut.algebra import words_in_timeline
from smartcut.annotation import Word
from smartcut.cut import Segment
from smartcut.report.html.facts import ReportFacts, WrittenSpan
from smartcut.report.html.markup import clock, data_uri, foreign, seconds, share, tag, text
from smartcut.report.html.rows import colour_of
from smartcut.timebase import Range, RangeIndex

#: Cards with a picture; the segments after that are cards of text.
MOST_PICTURES = 200
_MOST_WORDS = 80


def storyboard(facts: ReportFacts) -> str:
    """The programme's segments in their order."""
    cut = facts.cut
    words, spans = words_in_timeline(cut), facts.writing.spans if facts.writing else ()
    spoken, written = (RangeIndex([one.range for one in these]) for these in (words, spans))
    cards = (
        _card(number, segment, place, [words[n] for n in spoken.centred_in(place)],
              [spans[n] for n in written.overlapping(place)], facts)
        for number, (segment, place) in enumerate(cut.programme.placed())
    )  # fmt: skip
    return tag("ol", *(tag("li", card) for card in cards), class_="board")


def _card(
    number: int,
    segment: Segment,
    place: Range,
    words: Sequence[Word],
    spans: Sequence[WrittenSpan],
    facts: ReportFacts,
) -> str:
    name = f"segment-{number + 1}"
    head = tag(
        "h3",
        tag("span", str(number + 1), class_=f"number {colour_of(facts.cut, segment.source)}"),
        " ",
        foreign(segment.label or segment.source or "gap"),
        id=f"{name}-name",
    )
    body = tag(
        "div",
        head,
        tag("p", _when(segment, place), class_="when"),
        *(tag("p", line, class_="how") for line in _changes(segment)),
        _said(words),
        _scores(segment.scores),
        *(tag("p", line, class_="how") for line in _written(place, spans, facts)),
        class_="body",
    )
    return tag(
        "article", _picture(number, place, facts), body, id=name, aria_labelledby=f"{name}-name"
    )


def _picture(number: int, place: Range, facts: ReportFacts) -> str:
    """The preview, or the picture; of what has neither, nothing."""
    still = facts.pictures.get(number)
    image = data_uri(still, "image/jpeg") if still else None
    if preview := facts.previews.get(number):
        return tag(
            "video", src=data_uri(preview, "video/mp4"), poster=image, controls=True,
            preload="metadata", playsinline=True, aria_label=f"preview of segment {number + 1}",
        )  # fmt: skip
    if image is None:
        return ""
    return tag("img", src=image, alt=f"the film at {clock(place.middle)}", loading="lazy")


def _when(segment: Segment, place: Range) -> str:
    shown = (
        f"{clock(segment.range.start)} to {clock(segment.range.end)} of {foreign(segment.source)}"
        if segment.source
        else "a gap: black, and silent"
    )
    return f"{clock(place.start)}, {seconds(place.duration)}{tag('br')}{shown}"


def _changes(segment: Segment) -> Iterator[str]:
    """What happens to the segment besides being shown."""
    if segment.chapter:
        yield f"Chapter: {foreign(segment.chapter)}"
    if segment.pace:
        yield text(segment.pace.capitalize())
    if segment.transition:
        yield text(f"Comes in by {segment.transition.kind}, {seconds(segment.overlap)}")
    if segment.effects:
        names = dict.fromkeys(effect.label for effect in segment.effects)
        yield f"Effects: {foreign(', '.join(names))}"


def _said(words: Sequence[Word]) -> str:
    if not words:
        return ""
    shown = " ".join(word.text.strip() for word in words[:_MOST_WORDS])
    more = " …" if len(words) > _MOST_WORDS else ""
    speakers = ", ".join(dict.fromkeys(word.speaker for word in words if word.speaker))
    who = tag("b", foreign(speakers), ": ") if speakers else ""
    return tag("p", who, tag("q", foreign(shown + more)), class_="said")


def _scores(scores: Sequence[tuple[str, float]]) -> str:
    """The scores as bars, the whole one first; nothing where the segment was not scored."""
    if not scores:
        return ""
    order = sorted(scores, key=lambda one: one[0] != "score")
    rows = "".join(
        tag("dt", foreign(name))
        + tag(
            "dd",
            _bar(value),
            tag("span", f"{value:.2f}"),
            class_="whole" if name == "score" else None,
        )
        for name, value in order
    )
    return tag("dl", rows, class_="scores")


def _bar(value: float) -> str:
    width = 100 * min(max(value, 0.0), 1.0)
    return tag("i", tag("b", style=f"width:{width:.0f}%"), aria_hidden="true", class_="bar")


def _written(place: Range, spans: Sequence[WrittenSpan], facts: ReportFacts) -> Iterator[str]:
    """How much of it was copied, and why the rest was not; what of it was generated."""
    if facts.writing is None:
        return
    parts = [(span, shown) for span in spans if (shown := span.range.intersect(place))]
    if parts:
        yield _copied(parts)
    kinds = (
        f"{part.kind} by {part.engine}"
        for part in facts.writing.generated
        if part.range.overlaps(place)
    )
    for kind in dict.fromkeys(kinds):
        yield f"Generated: {foreign(kind)}"


def _copied(parts: Sequence[tuple[WrittenSpan, Range]]) -> str:
    whole = sum((shown.duration for _, shown in parts), Fraction(0))
    copied = sum((shown.duration for span, shown in parts if span.how == "copy"), Fraction(0))
    reasons: Mapping[str, None] = dict.fromkeys(s.reason for s, _ in parts if s.how != "copy")
    why = f": {foreign('; '.join(reasons))}" if reasons else ""
    if not copied:
        return f"Encoded{why}"
    return f"{share(copied, whole)} copied; the rest encoded{why}" if why else "Copied"
