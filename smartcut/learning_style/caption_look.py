"""Captions drawn in a look beside those that are seen in a film, at the same moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from smartcut.cut import Captions, Cut
from smartcut.drawer import Painted, merged
from smartcut.errors import RenderError
from smartcut.learning_style.caption_seen import SeenMoment
from smartcut.looks import find_look
from smartcut.render.captions.fit import FittedCaptions, fitted
from smartcut.render.captions.picture import CaptionPainter
from smartcut.render.captions.states import state_at
from smartcut.render.captions.told import drawn_texts
from smartcut.text_style import Position, TextStyle
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class CaptionLook:
    """A look, and what may be otherwise in it."""

    name: str
    size: float
    """Height of the letters, as :class:`smartcut.text_style.TextStyle` has it."""
    margin: float
    position: Position
    words: int | None
    """Most words at a time."""

    @property
    def style(self) -> TextStyle:
        return find_look(self.name).style.model_copy(
            update={
                "size": self.size,
                "margin": self.margin,
                "position": self.position,
                "words_at_once": self.words,
            }
        )


def look_named(name: str) -> CaptionLook:
    """A look as it comes with smartcut."""
    style = find_look(name).style
    return CaptionLook(name, style.size, style.margin, style.position, style.words_at_once)


@dataclass(frozen=True, slots=True)
class DrawnBeside:
    """Of one moment: how well captions that were drawn are those that are seen."""

    left: float
    """Levels in all by which the film differs from the source with the captions."""
    bare: float
    """The same without them."""
    both: int
    """Pixels that differ where they are drawn, and are seen."""
    either: int
    lower: float
    """How much further from the edge that they stand at they are drawn than seen, in pixels."""


def drawn_captions(
    cut: Cut, look: CaptionLook, size: tuple[int, int], language: str | None
) -> FittedCaptions | None:
    """The captions of a film in a look; None where they do not fit it, or nothing is said."""
    captions = Captions(burn=True, style=look.style, language=language)
    words, brought = drawn_texts(replace(cut, captions=captions))
    if not words and not brought:
        return None
    try:
        return fitted(words, captions, Range(Fraction(0), cut.duration), size, brought)
    except RenderError:
        return None


def compared(found: FittedCaptions, moments: Sequence[SeenMoment]) -> list[DrawnBeside]:
    """The captions beside what is seen, at each of these moments."""
    style = found.captions.style
    painter = CaptionPainter(found.size, style, found.captions.language)
    return [_compared(found, painter, moment) for moment in moments]


def _compared(found: FittedCaptions, painter: CaptionPainter, moment: SeenMoment) -> DrawnBeside:
    shown = moment.below
    for cue in found.cues:
        if cue.range.start <= moment.time < cue.range.end:
            shown_until = Range(moment.time, moment.time + moment.lasts)
            state = state_at(cue, painter.style, shown_until)
            pieces = painter.pieces(cue, state)
            shown = laid(shown, merged(pieces)) if pieces else shown
    drawn = _off(shown, moment.below) > moment.limit
    either = drawn | moment.differs
    lower = _edge(moment.differs, painter.style) - _edge(drawn, painter.style)
    left = float(np.abs(shown - moment.film)[either].sum())
    bare = float(np.abs(moment.below - moment.film)[either].sum())
    return DrawnBeside(left, bare, int((drawn & moment.differs).sum()), int(either.sum()), lower)


def _edge(mask: np.ndarray, style: TextStyle) -> float:
    """Pixels from the edge at which captions stand to the first that differs; nan for none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return float("nan")
    return float(rows[0] if style.position == "top" else len(mask) - 1 - rows[-1])


def _off(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float32 (h, w): by how much the channel differs that differs most."""
    red, green, blue = np.moveaxis(np.abs(one - other), 2, 0)
    found: np.ndarray = np.maximum(np.maximum(red, green), blue)
    return found


def laid(below: np.ndarray, drawn: Painted) -> np.ndarray:
    """A picture, float32 (h, w, 3), with another one that has alpha over it."""
    x, y = max(drawn.x, 0), max(drawn.y, 0)
    own = drawn.rgba[y - drawn.y :, x - drawn.x :][: len(below) - y, : below.shape[1] - x]
    made = below.copy()
    box = made[y : y + own.shape[0], x : x + own.shape[1]]
    alpha = own[..., 3:].astype(np.float32) / 255
    box[...] = box * (1 - alpha) + own[..., :3] * alpha
    return made
