"""Captions as Advanced SubStation Alpha: the same look, in the terms of libass.

Where letters, outline and a sharp shadow are all there is, a caption is one event with its lines,
which other programs edit. What they lack, such as soft shadows, round boxes and words that move, is
drawn by events of its own, placed in pixels: boxes as shapes, shine and soft shadows as blurred
copies of the text, and words that move one by one; its text as a whole is then kept in a comment.
Times are rounded to hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from smartcut.render.captions.ass_text import (
    AssTimes,
    Span,
    ass_style,
    colour_tags,
    has_own_looks,
    main_face,
    marked_text,
    plain_text,
    shape,
    usual_face,
)
from smartcut.render.captions.ass_words import Ghost, placed_lines, placed_words
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.layout import Layout, lay_out
from smartcut.render.captions.motion import moves_words
from smartcut.render.captions.safe_areas import Box
from smartcut.text_style import Position, TextStyle

if TYPE_CHECKING:
    from pysubs2 import SSAEvent

WHOLE, MADE = "karaoke", "fx"
"""In the field Effect, as Aegisub's templates have it: a text as a whole, in a comment, and what of
it is drawn."""
_BAR = 0.16
"""Of a bar at the end of a box, in ems."""


def is_plain(style: TextStyle) -> bool:
    """Whether a caption is one event: lines of text, their outline, words that are marked."""
    soft = style.glow or (style.shadow and style.shadow_blur)
    drawn = style.highlight_box or style.box
    return not (soft or drawn or style.animation != "none" or moves_words(style))


def to_ass(
    cues: Sequence[Cue],
    times: Sequence[Span],
    style: TextStyle,
    size: tuple[int, int] = (1920, 1080),
    language: str | None = None,
) -> str:
    """ASS text for a picture of ``size`` (width, height).

    ``times`` are each caption's start and end in hundredths of a second. The font is named, not
    embedded.
    """
    import pysubs2

    file = pysubs2.SSAFile()
    file.info.update(
        PlayResX=str(size[0]),
        PlayResY=str(size[1]),
        WrapStyle="0" if is_plain(style) else "2",
        ScaledBorderAndShadow="yes",
        **{"YCbCr Matrix": "None"},
    )
    file.styles = {"Default": ass_style(style, size)}
    for cue, (start, end) in zip(cues, times, strict=True):
        own = AssTimes(cue, style, start, end)
        whole = pysubs2.SSAEvent(start=10 * start, end=10 * end, text=_plain_text(own))
        file.append(whole)
        if not is_plain(style) or usual_face(cue, style, language) != main_face(style):
            whole.type, whole.effect = "Comment", WHOLE
            for event in _events(own, lay_out(cue, size, style, language), size):
                event.effect = MADE
                file.append(event)
    text: str = file.to_string("ass")
    return text


def _plain_text(times: AssTimes) -> str:
    """A caption as one event, with its lines."""
    cue, style = times.cue, times.style
    marked = style.follows_words or has_own_looks(cue, style)
    text = marked_text(times, cue.runs()) if marked and cue.words else plain_text(cue)
    return f"{{\\an{_alignment(style, cue.band)}}}{text}" if cue.band else text


def _events(times: AssTimes, layout: Layout, size: tuple[int, int]) -> Iterator[SSAEvent]:
    """The events of one caption, bottom to top."""
    yield from _boxes(times, layout)
    style = times.style
    boxed = style.highlight_box or (style.box and style.box_of == "word")
    by_word = moves_words(style) or boxed or len(layout.rows) != len(times.cue.lines)
    placed = placed_words if by_word else placed_lines
    unit = style.pixels(size)
    outline = style.outline_width * unit
    if style.glow:
        for radius in (style.glow_width, style.glow_width / 3):
            yield from placed(times, layout, 1, Ghost(style.glow, outline, radius * unit))
    if style.shadow:
        across, down = (share * unit for share in style.shadow_offset)
        ghost = Ghost(style.shadow, outline, style.shadow_blur * unit, (across, down))
        yield from placed(times, layout, 1, ghost)
    yield from placed(times, layout, 2)


def _alignment(style: TextStyle, band: Position) -> int:
    """The number of a place, as on the keys for numbers."""
    return int(ass_style(style.model_copy(update={"position": band}), (16, 9)).alignment)


def _boxes(times: AssTimes, layout: Layout) -> Iterator[SSAEvent]:
    style, em = times.style, layout.size
    radius = style.box_radius * em
    whole = times.whole
    if style.box and style.box_of != "word":
        around = layout.rows if style.box_of == "line" else (layout.box,)
        yield _shape(times, whole, style.box, " ".join(shape(box, radius) for box in around))
        if style.accent and style.box_of != "line":
            left, top, _, bottom = layout.box
            bar: Box = (left, top, left + _BAR * em, bottom)
            yield _shape(times, whole, style.accent, shape(bar, 0))
    for word, box in layout.word_boxes(style):
        if style.box and style.box_of == "word":
            shown = times.word_shown(word)
            if shown is not None:
                yield _shape(times, shown, style.box, shape(box, radius))
        if style.highlight_box and times.spoken(word) is not None:
            spoken = times.spoken(word)
            assert spoken is not None
            yield _shape(times, spoken, style.highlight_box, shape(box, radius))


def _shape(times: AssTimes, shown: Span, colour: str, path: str) -> SSAEvent:
    import pysubs2

    fade = times.card_fade(shown)
    tags = f"{{\\an7\\pos(0,0){fade}\\bord0\\shad0\\blur0{colour_tags(1, colour)}\\p1}}"
    start, end = shown
    return pysubs2.SSAEvent(start=10 * start, end=10 * end, layer=0, text=f"{tags}{path}")
