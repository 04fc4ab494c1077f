"""What stages draw above the picture: layers of text and of other drawers."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from smartcut.algebra import with_layer
from smartcut.cut import At, Cut, Segment
from smartcut.drawer import Drawer, drawn_source
from smartcut.drawers.text import Text
from smartcut.stages._connected import begins, rest
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


class Times(Protocol):
    """When something is to be seen, as stages ask for it."""

    @property
    def at(self) -> Fraction | None: ...

    @property
    def of(self) -> str | None: ...

    @property
    def duration(self) -> Fraction | None: ...


def connected_above(
    cut: Cut, stage: str, kind: str, drawer: Drawer, times: Times, role: str = "overlay"
) -> Cut:
    """The cut with something drawn above its pictures, connected to what the programme shows.

    Without any time it is there for the whole film.
    """
    whole = times.at is None and times.of is None and times.duration is None
    at = "throughout" if whole else begins(cut, stage, times.at, times.of)
    lasts = times.duration or rest(cut, times.at, times.of)
    return drawn_above(cut, kind, drawer, at, lasts, role=role)


def with_title(cut: Cut, text: Text, place: Range, kind: str = "title") -> Cut:
    """The cut with a text above its pictures at that place of the timeline, whatever is below."""
    if not place.duration:
        return cut
    label = " ".join(text.text.split())
    return drawn_above(cut, kind, text, place.start, place.duration, role="titles", label=label)
