"""How far a caption has come at a time: what its picture depends on, and nothing else.

A word counts as spoken from the first frame that begins at or after its start until the first at
or after its end; a shorter rest than :data:`BRIDGED` before the next word belongs to it, lest the
mark flicker.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from smartcut.render.captions.cues import Cue
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

BRIDGED = Fraction(1, 4)
"""Seconds."""
_STEPS, _FINE_STEPS = 12, 48
"""Of an animation, and of one that lasts as long as a word."""
_BY_WORD = ("fill", "typewriter")


@dataclass(frozen=True, slots=True)
class CardState:
    """What is seen of a caption."""

    begun: int = 0
    """How many words have begun to be spoken, in order of time."""
    is_spoken: bool = False
    """Whether the last of them is being spoken."""
    step: int | None = None
    """How many steps that one has come; None: all there is."""
    card: int | None = None
    """How many steps the caption has come, or has left before it is gone; None: it is there."""


def word_share(style: TextStyle, state: CardState) -> float:
    """How far the word being spoken has come: 0..1."""
    return 1.0 if state.step is None else state.step / _steps(style)


def card_share(style: TextStyle, state: CardState) -> float:
    """The same of the caption as a whole."""
    return 1.0 if state.card is None else state.card / _steps(style)


def _steps(style: TextStyle) -> int:
    return _FINE_STEPS if style.animation in _BY_WORD else _STEPS


def order(cue: Cue) -> tuple[int, ...]:
    """The numbers of the words in the order in which they are spoken."""
    return tuple(sorted(range(len(cue.words)), key=lambda i: cue.words[i].range.start))


def state_at(cue: Cue, style: TextStyle, shown: Range) -> CardState:
    """The state of a frame that is shown during ``shown``, in the cue's own time.

    What comes has come as far as it is at the frame's end, so that something of it is seen in
    the first frame too.
    """
    card = _card_step(cue, style, shown)
    if not style.follows_words or not cue.words:
        return CardState(card=card)
    ordered = [cue.words[i].range for i in order(cue)]
    begun = sum(1 for range in ordered if range.start <= shown.start)
    if not begun:
        return CardState(card=card)
    until = spoken_until(cue, begun - 1)
    if shown.start >= until:
        return CardState(begun, False, None, card)
    return CardState(begun, True, _word_step(ordered[begun - 1], style, shown), card)


def spoken_until(cue: Cue, place: int) -> Fraction:
    """When the word at that place, in order of time, ceases to count as spoken.

    One that lasts no time is not heard, as where the cut leaves it out of a caption that is shown.
    """
    ordered = [cue.words[i].range for i in order(cue)]
    end = ordered[place].end
    if ordered[place].duration and place + 1 < len(ordered):
        following = ordered[place + 1].start
        return following if following - end < BRIDGED else max(end, ordered[place].start)
    return end


def _word_step(word: Range, style: TextStyle, shown: Range) -> int | None:
    if style.animate == "card" or style.animation == "none":
        return None
    lasts = style.animation_time
    if style.animation in _BY_WORD:
        lasts = word.duration
    elif word.duration:
        lasts = min(lasts, word.duration)
    return _reached(shown.end - word.start, lasts, style)


def _card_step(cue: Cue, style: TextStyle, shown: Range) -> int | None:
    if style.animate == "word" or style.animation in ("none", "fill"):
        return None
    lasts = min(style.animation_time, cue.range.duration / 2)
    elapsed = shown.end - cue.range.start
    if style.animation == "fade":
        elapsed = min(elapsed, cue.range.end - shown.start)
    return _reached(elapsed, lasts, style)


def _reached(elapsed: Fraction, lasts: Fraction, style: TextStyle) -> int | None:
    """The step after that time, the first at least; None where it is over."""
    if elapsed >= lasts:
        return None
    return max(1, int(elapsed / lasts * _steps(style)))
