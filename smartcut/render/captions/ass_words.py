"""Lines and words of captions as events of ASS that stand where the layout has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from smartcut.render.captions.ass_text import (
    AssTimes,
    Span,
    colour_tags,
    escaped,
    font_tags,
    has_own_looks,
    marked_text,
)
from smartcut.render.captions.font_metrics import player_metrics
from smartcut.render.captions.layout import Glyphs, Layout
from smartcut.render.captions.motion import WordMove, card_move, word_move

if TYPE_CHECKING:
    from pysubs2 import SSAEvent

_CORNERS = {
    "pop": (0.0, 1 / 3, 2 / 3, 1.0),
    "bounce": (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "slide": (0.0, 0.25, 0.5, 1.0),
    "fade": (0.0, 1.0),
}
"""Shares of an animation between which its course is taken as straight."""
_BLUR = 0.5 * 2.355 / 2
"""The argument of libass' blur, whose deviation is 2 / sqrt(ln 256) of it, for a radius of 1."""
_ANCHORS = {"left": 4, "centre": 5, "right": 6}
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ghost:
    """A blurred copy of the text in one colour, below it: a shine, or a soft shadow."""

    colour: str
    outline: float
    radius: float
    """Of a blur whose deviation is half of it, in pixels."""
    offset: Point = (0.0, 0.0)

    @property
    def tags(self) -> str:
        colours = "".join(colour_tags(number, self.colour) for number in (1, 2, 3))
        return f"{colours}\\bord{self.outline:.2f}\\blur{_BLUR * self.radius:.2f}"


def placed_lines(
    times: AssTimes, layout: Layout, layer: int, ghost: Ghost | None = None
) -> Iterator[SSAEvent]:
    """An event for each line, whose words are marked as they are spoken."""
    cue, style = times.cue, times.style
    own = style.follows_words or has_own_looks(cue, style)
    if own and ghost is None:
        texts = [marked_text(times, [line]) for line in cue.runs()]
    else:
        texts = [escaped(line) for line in cue.lines]
    rows = [[*row] for _, row in groupby(layout.glyphs, key=lambda g: g.y)]
    for row, text in zip(rows, texts, strict=True):
        most = max(row, key=lambda g: g.length)
        fonts = font_tags(most.face, style, layout.size, layout.size)
        place = _place(times, row, layout.size, ghost, style.align)
        for part, tags in _card_courses(times, place, layout.size):
            anchor = f"\\an{_ANCHORS[style.align]}"
            yield _event(part, layer, f"{anchor}{tags}{fonts}", text, ghost)


def placed_words(
    times: AssTimes, layout: Layout, layer: int, ghost: Ghost | None = None
) -> Iterator[SSAEvent]:
    """An event for each word, or several where its course has corners."""
    for (_, word), found in groupby(layout.glyphs, key=lambda g: (g.y, g.word)):
        row = [*found]
        shown = times.word_shown(word)
        if shown is None:
            continue
        em = row[0].size
        place = _place(times, row, em, ghost)
        ordered = row[::-1] if row[0].direction == "rtl" else row
        text = escaped("".join(g.text for g in ordered))
        fonts = font_tags(row[0].face, times.style, em, layout.size)
        for part, tags in _word_courses(times, word, shown, place, row):
            colours = "" if ghost is not None else _colours(times, word, part)
            yield _event(part, layer, f"\\an5{tags}{fonts}{colours}", text, ghost)


def _place(
    times: AssTimes, row: Sequence[Glyphs], em: float, ghost: Ghost | None, align: str = "centre"
) -> Point:
    """Where a stretch of text begins, ends or has its middle, in the middle of its height."""
    above, below = player_metrics(max(row, key=lambda g: g.length).face)
    across, down = ghost.offset if ghost is not None else (0.0, 0.0)
    left, right = min(g.x for g in row), max(g.x + g.length for g in row)
    x = {"left": left, "centre": (left + right) / 2, "right": right}[align]
    return x + across, row[0].y + (below - above) * em / 2 + down


def _event(part: Span, layer: int, tags: str, text: str, ghost: Ghost | None) -> SSAEvent:
    import pysubs2

    own = ghost.tags if ghost is not None else ""
    start, end = part
    return pysubs2.SSAEvent(
        start=10 * start, end=10 * end, layer=layer, text=f"{{{tags}{own}}}{text}"
    )


# ---------------------------------------------------------------------------------- its courses


def _card_courses(times: AssTimes, place: Point, em: float) -> Iterator[tuple[Span, str]]:
    """How a line comes with its caption, and stays."""
    lasts, style = times.card_time(), times.style
    whole = times.whole
    if not lasts or style.animation == "typewriter":
        yield whole, _stands(place)
        return
    if style.animation == "fade":
        yield whole, f"{_stands(place)}\\fad({10 * lasts},{10 * lasts})"
        return
    moves = [(share, card_move(style, share)) for share in _CORNERS[style.animation]]
    yield from _moving((whole[0], whole[0] + lasts), moves, place, em)
    yield (whole[0] + lasts, whole[1]), _stands(place)


def _word_courses(
    times: AssTimes, word: int, shown: Span, place: Point, row: Sequence[Glyphs]
) -> Iterator[tuple[Span, str]]:
    """How a word is before it is spoken, comes, stays, and is afterwards."""
    style, spoken, em = times.style, times.spoken(word), row[0].size
    if spoken is None:
        yield shown, _stands(place)
        return
    if shown[0] < spoken[0]:
        yield (shown[0], spoken[0]), _stands(place)
    comes = min(spoken[0] + times.lasts(word), spoken[1])
    if style.animation == "typewriter" and style.animate == "word":
        yield (spoken[0], comes), f"{_stands(place)}{_typed(row, 10 * (comes - spoken[0]))}"
    elif style.animation in _CORNERS and style.animate == "word":
        moves = [(share, word_move(style, share)) for share in _CORNERS[style.animation]]
        yield from _moving((spoken[0], comes), moves, place, em)
    else:
        comes = spoken[0]
    at_rest = word_move(style, 1.0).scale
    if comes < spoken[1]:
        yield (comes, spoken[1]), f"{_stands(place)}{_scale(at_rest)}"
    if spoken[1] < shown[1]:
        yield (spoken[1], shown[1]), _stands(place)


def _moving(
    during: Span, moves: Sequence[tuple[float, WordMove]], place: Point, em: float
) -> Iterator[tuple[Span, str]]:
    """A course of straight pieces, each an event: `\\move`, `\\t` and `\\fad` know no corners."""
    lasts = during[1] - during[0]
    for (share, one), (following, other) in pairwise(moves):
        start, end = (during[0] + round(lasts * s) for s in (share, following))
        if end <= start:
            continue
        time = 10 * (end - start)
        x, y = place
        tags = _stands(place)
        if one.down or other.down:
            from_, to = y + one.down * em, y + other.down * em
            tags = f"\\move({x:.2f},{from_:.2f},{x:.2f},{to:.2f},0,{time})"
        if one.scale != 1 or other.scale != 1:
            tags += f"{_scale(one.scale)}\\t(0,{time},{_scale(other.scale)})"
        if one.opacity < 1 or other.opacity < 1:
            low, high = (round(255 * (1 - m.opacity)) for m in (one, other))
            # Not the simple \fad: it has but one course, from nothing.
            tags += f"\\fade({low},{high},{high},0,{time},{time},{time})"
        yield (start, end), tags


def _stands(place: Point) -> str:
    return f"\\pos({place[0]:.2f},{place[1]:.2f})"


def _scale(scale: float) -> str:
    return f"\\fscx{100 * scale:.1f}\\fscy{100 * scale:.1f}" if scale != 1 else "\\fscx100\\fscy100"


def _typed(row: Sequence[Glyphs], time: int) -> str:
    """The word seen as far as it is written."""
    left, right = min(g.x for g in row), max(g.x + g.length for g in row)
    top, bottom = row[0].y - 2 * row[0].size, row[0].y + row[0].size
    none = (right, right) if row[0].direction == "rtl" else (left, left)
    first, whole = (
        f"\\clip({a:.1f},{top:.1f},{b:.1f},{bottom:.1f})" for a, b in (none, (left, right))
    )
    return f"{first}\\t(0,{time},{whole})"


def _colours(times: AssTimes, word: int, part: Span) -> str:
    """The colours of a word in a part of its time."""
    style = times.style
    spoken, said = times.spoken(word), times.cue.words
    is_strong = bool(said) and said[word].is_strong
    own = style.letter_colour(said[word].speaker if said else None, is_strong)
    if spoken is not None and part[0] >= spoken[1] and not is_strong:
        own = style.past or own
    if spoken is not None and spoken[0] <= part[0] < spoken[1]:
        own = style.highlight or own
    return colour_tags(1, own)
