"""Which captions a render shows, and how those look that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from smartcut.cut import Cut
from smartcut.render.captions.avoiding import avoiding, faces_shown
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fit import FittedCaptions, fitted
from smartcut.render.captions.layer import with_captions
from smartcut.render.captions.picture import CaptionPainter
from smartcut.render.captions.told import captions_in, drawn_texts
from smartcut.render.output import Output
from smartcut.timebase import Range

__all__ = ["burned", "captions_in", "styled_captions"]

_UNSEEN = (1280, 720)
"""The picture for which captions are laid out beside an output that has none."""


def styled_captions(cut: Cut, shown: Sequence[Cue], output: Output) -> FittedCaptions | None:
    """The captions of a resolved cut in their look, in letters of the size that fits all.

    None where nothing shows their look. Raises RenderError for what cannot be drawn.
    """
    captions = cut.captions
    if captions is None or not shown or not (captions.burn or "ass" in captions.sidecars):
        return None
    picture = output.picture and output.picture.upright
    size = (picture.width, picture.height) if picture else _UNSEEN
    whole = Range(Fraction(0), cut.duration)
    painter = CaptionPainter(size, captions.style, captions.language)
    painter.check(shown)
    words, brought = drawn_texts(cut)
    if len(captions.shows) > 1:
        # lines of different languages are not broken again: the letters shrink
        captions = replace(captions, lines=1)
    found = fitted(words, captions, whole, size, brought)
    if captions.avoid == "faces" and picture:
        found = avoiding(found, faces_shown(cut, size, picture.fit))
    painter.check(found.cues)
    return found


def burned(cut: Cut, styled: FittedCaptions) -> tuple[Cut, tuple[str, ...]]:
    """The cut with its captions as a layer, where they are burned in; and notes."""
    if not styled.captions.burn:
        return cut, ()
    notes = (styled.note,) if styled.note else ()
    cut = replace(cut, captions=styled.captions)
    return (with_captions(cut, styled.cues) if styled.cues else cut), notes
