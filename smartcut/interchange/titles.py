"""Texts above the programme, as formats of other programs know them: titles at a timeline time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from smartcut.algebra import texts_shown, with_layer
from smartcut.cut import Cut, Segment
from smartcut.drawer import source_of_drawing
from smartcut.params import Pairs
from smartcut.source import Source
from smartcut.timebase import Range

#: The height of letters, as a share of the picture's, and their colour, where a text has none.
_SIZE, _COLOUR = 0.05, "#ffffff"


_NOT_PLAIN = ("fade", "font", "box", "shadow", "glow", "upper")
"""What a text may have that formats with plain titles have not."""
_NONE = (None, False, "0")


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text, when it is shown, and what other programs are told of its look."""

    text: str
    range: Range
    """In timeline time."""
    size: float
    colour: str


def shown_texts(cut: Cut) -> Iterator[ShownText]:
    """The texts that are drawn above the programme, bottom to top."""
    for text, segment, place in texts_shown(cut):
        recipe = cut.source(segment.source or "").made
        given = dict(recipe.params) if recipe else {}
        size, colour = given.get("size", _SIZE), given.get("colour", _COLOUR)
        size = float(size) if isinstance(size, (int, float)) else _SIZE
        yield ShownText(text, place, size, str(colour))


def with_text(cut: Cut, params: Pairs, place: Range, taken: Iterable[str] = ()) -> Cut:
    """The cut with a text above its pictures, of these parameters of the drawer ``text``.

    ``taken`` are names of sources besides the cut's.
    """
    used = (*taken, *(source.id for source in cut.sources))
    source = source_of_drawing("title", "text", params, place.duration, used)
    label = " ".join(str(dict(params)["text"]).split())
    shown = Range(Fraction(0), place.duration)
    return with_layer(cut, source, Segment(source.id, shown, label=label, at=place.start), "titles")


def without_drawn(cut: Cut, kept: Collection[str] = ()) -> Cut:
    """The cut with gaps in place of what is drawn, for formats that hold clips of files alone.

    ``kept`` are sources that stay.
    """
    drawn = {source.id for source in cut.sources if source.is_drawn} - set(kept)
    if not drawn:
        return cut
    tracks = [
        replace(t, segments=tuple(_undrawn(s) if s.source in drawn else s for s in t.segments))
        for t in cut.tracks
    ]
    shown = [t for i, t in enumerate(tracks) if i == 0 or any(s.source for s in t.segments)]
    sources = tuple(source for source in cut.sources if source.id not in drawn)
    return replace(cut, sources=sources, tracks=tuple(shown))


def _undrawn(segment: Segment) -> Segment:
    gap = Segment(None, Range(Fraction(0), segment.duration), label=segment.label, at=segment.at)
    return replace(gap, transition=segment.transition)


def is_plain_text(source: Source) -> bool:
    """Whether a drawn source is a text whose look is as formats with plain titles have it."""
    assert source.made is not None
    given = dict(source.made.params)
    moves = given.get("animation", "none") != "none"
    return not (moves or any(given.get(name) not in _NONE for name in _NOT_PLAIN))
