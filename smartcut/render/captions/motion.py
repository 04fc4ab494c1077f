"""How words and captions come: as moves of their pictures, by how far they have come."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smartcut.text_style import TextStyle


@dataclass(frozen=True, slots=True)
class WordMove:
    """What happens to a picture, about its middle."""

    scale: float = 1.0
    down: float = 0.0
    """In ems."""
    opacity: float = 1.0
    shown: float = 1.0
    """The share of its length that is seen."""


STILL = WordMove()
HIDDEN = WordMove(opacity=0.0)
_HEIGHT = 0.45
"""Of a bounce, and of a slide, in ems."""


def hides_words(style: TextStyle) -> bool:
    """Whether words are not there before they are spoken."""
    comes = style.animate == "word" and style.animation in ("slide", "fade", "typewriter")
    return style.reveal == "word" or comes


def moves_words(style: TextStyle) -> bool:
    """Whether words are elsewhere, larger or clearer at some times than at others."""
    plain = style.animation in ("none", "fill") or style.animate == "card"
    return not plain or style.highlight_scale > 1 or hides_words(style)


def word_move(style: TextStyle, share: float) -> WordMove:
    """Of the word being spoken, when it has come so far (0..1)."""
    if style.animate == "card":
        return WordMove(scale=style.highlight_scale)
    return _move(style, share, style.highlight_scale, hides_words(style))


def card_move(style: TextStyle, share: float) -> WordMove:
    """Of the caption as a whole."""
    if style.animate == "word" or style.types_card:
        return STILL
    return _move(style, share, 1.0, True)


def _move(style: TextStyle, share: float, target: float, is_new: bool) -> WordMove:
    if style.animation == "pop":
        start, peak = (0.55, 1.1) if is_new else (1.0, 1.12)
        return WordMove(scale=_popped(share, start, peak * target, target))
    if style.animation == "bounce":
        opacity = min(1.0, 0.2 + 2 * share) if is_new else 1.0
        return WordMove(target, -_HEIGHT * _bounced(share), opacity)
    if style.animation == "slide":
        return WordMove(target, _HEIGHT * (1 - share) ** 2, share)
    if style.animation == "fade":
        return WordMove(target, opacity=share)
    if style.animation == "typewriter":
        return WordMove(target, shown=share)
    return WordMove(target)


def _popped(share: float, start: float, peak: float, end: float) -> float:
    """Up to the peak in two thirds of the time, and back."""
    if share >= 1:
        return end
    if share < 2 / 3:
        rise = math.sin(share * 1.5 * math.pi / 2)
        return start + (peak - start) * rise
    return peak + (end - peak) * (share - 2 / 3) * 3


def _bounced(share: float) -> float:
    """The height of a ball that falls from 1, and springs up twice less high."""
    for begins, lasts, height in ((0.0, 0.4, 1.0), (0.4, 0.4, 0.35), (0.8, 0.2, 0.1)):
        if share < begins + lasts:
            along = (share - begins) / lasts
            if not begins:
                return height * (1 - along * along)
            return height * 4 * along * (1 - along)
    return 0.0
