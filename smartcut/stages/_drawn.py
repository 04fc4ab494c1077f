"""What stages draw above the picture: layers of text and of other drawers."""

from __future__ import annotations

from fractions import Fraction

from smartcut.algebra import with_layer
from smartcut.cut import At, Cut, Segment
from smartcut.drawer import Drawer, drawn_source
from smartcut.drawers.text import Text
from smartcut.timebase import Range


def drawn_above(
    cut: Cut, kind: str, drawer: Drawer, at: At, lasts: Fraction, *, role: str, label: str = ""
) -> Cut:
    """The cut with something drawn above its pictures for so many seconds.

    What is there ``throughout`` lasts as long as the programme, whatever ``lasts`` says.
    """
    there_is = Fraction(0) if at == "throughout" else lasts
    source = drawn_source(kind, drawer, there_is, (source.id for source in cut.sources))
    segment = Segment(source.id, Range(Fraction(0), lasts), label=label or source.id, at=at)
    return with_layer(cut, source, segment, role)


def with_title(cut: Cut, text: Text, place: Range, kind: str = "title") -> Cut:
    """The cut with a text above its pictures at that place of the timeline, whatever is below."""
    if not place.duration:
        return cut
    label = " ".join(text.text.split())
    return drawn_above(cut, kind, text, place.start, place.duration, role="titles", label=label)
