"""Texts, tags, colours and times as ASS writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from smartcut.colours import rgba
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.font_metrics import player_metrics
from smartcut.render.captions.fonts import Face, faces, family, load, runs
from smartcut.render.captions.motion import hides_words
from smartcut.render.captions.safe_areas import Box, safe_area
from smartcut.render.captions.states import order, spoken_until
from smartcut.text_style import TextStyle
from smartcut.timebase import exact, to_ticks

if TYPE_CHECKING:
    from pysubs2 import Color, SSAStyle

JOINER = "\u2060"
"""Word joiner: takes no room, and keeps characters apart that would be read as markup."""
_TICK = exact("0.01")

Span = tuple[int, int]
"""From and until, in hundredths of a second."""
Line = Sequence[tuple[str, int]]
"""Text and the number of its word, in order."""


@dataclass(frozen=True)
class AssTimes:
    """When what of a caption is seen, in hundredths of a second."""

    cue: Cue
    style: TextStyle
    start: int
    end: int

    @property
    def whole(self) -> Span:
        return self.start, self.end

    @cached_property
    def _spoken(self) -> dict[int, Span]:
        found = {}
        for place, word in enumerate(order(self.cue)):
            begins = to_ticks(self.cue.words[word].range.start, _TICK)
            ends = to_ticks(spoken_until(self.cue, place), _TICK)
            found[word] = max(begins, self.start), min(max(ends, begins), self.end)
        return found

    def spoken(self, word: int) -> Span | None:
        """When a word is marked; None for what nobody speaks, or no frame could show."""
        found = self._spoken.get(word)
        return found if found and found[1] > found[0] else None

    def ends(self, word: int) -> int:
        """When the sound of a word ends."""
        return to_ticks(self.cue.words[word].range.end, _TICK)

    def word_shown(self, word: int) -> Span | None:
        """When a word is there at all."""
        if word not in self._spoken or not hides_words(self.style):
            return self.whole
        begins = self._spoken[word][0]
        return (begins, self.end) if begins < self.end else None

    def lasts(self, word: int) -> int:
        """How long a word takes to come."""
        spoken = self.spoken(word)
        if spoken is None:
            return 0
        range_ = max(self.ends(word) - spoken[0], 1)
        if self.style.animation in ("fill", "typewriter"):
            return range_
        return min(to_ticks(self.style.animation_time, _TICK), range_)

    def card_time(self) -> int:
        """How long the caption takes to come as a whole; 0 where it is there at once."""
        if self.style.animate == "word" or self.style.animation in ("none", "fill"):
            return 0
        return min(to_ticks(self.style.animation_time, _TICK), (self.end - self.start) // 2)

    def card_fade(self, shown: Span) -> str:
        """The tag by which it fades in and out as a whole, or nothing."""
        time = 10 * self.card_time()
        if not time or self.style.animation not in ("fade", "slide"):
            return ""
        ends = time if self.style.animation == "fade" and shown[1] == self.end else 0
        return f"\\fad({time if shown[0] == self.start else 0},{ends})"


def escaped(text: str) -> str:
    """The text with braces escaped, and backslashes kept from starting a line break."""
    return text.replace("\\", f"\\{JOINER}").replace("{", "\\{").replace("}", "\\}")


def plain_text(cue: Cue) -> str:
    """The lines of a caption."""
    return "\\N".join(escaped(line) for line in cue.lines)


def has_own_looks(cue: Cue, style: TextStyle) -> bool:
    """Whether some of its words look otherwise than the style, whoever speaks now."""
    return any(word.is_strong for word in cue.words) or bool(style.speaker_colours and cue.words)


def usual_face(cue: Cue, style: TextStyle, language: str | None) -> Face:
    """The font that most of a caption is set in."""
    choice = faces(style.font, language, style.weight, style.emoji_font)
    parts = runs(" ".join(cue.lines), choice)
    lengths: dict[Face, int] = {}
    for text, face in parts:
        lengths[face] = lengths.get(face, 0) + len(text)
    return max(lengths, key=lambda face: lengths[face])


def marked_text(times: AssTimes, lines: Sequence[Line]) -> str:
    """Lines in which each word has its colours while it is spoken, and before and after.

    ``\\k`` gives the hundredths of a second until the next word begins. Each is the difference of
    two rounded times, so that the errors do not add up.
    """
    cue, style = times.cue, times.style
    tag = "kf" if style.animation == "fill" else "k"
    starts = [to_ticks(word.range.start, _TICK) - times.start for word in cue.words]
    ends = [*starts[1:], times.ends(len(cue.words) - 1) - times.start]
    at, shown, begun = 0, [], set[int]()
    for line in lines:
        text = ""
        for part, word in line:
            if word not in begun:
                begun.add(word)
                if starts[word] > at:
                    text += f"{{\\k{starts[word] - at}}}"
                    at = starts[word]
                lasts = max(ends[word] - at, 0)
                if tag == "kf":
                    lasts = min(lasts, max(times.ends(word) - times.start - at, 0))
                text += f"{{{_word_tags(times, word)}\\{tag}{lasts}}}"
                at += lasts
            text += escaped(part)
        shown.append(text)
    return "\\N".join(shown)


def _word_tags(times: AssTimes, word: int) -> str:
    """What a word has of its own: its size, its colours, and that it loses its mark."""
    style = times.style
    strong = times.cue.words[word].is_strong
    own = style.letter_colour(times.cue.words[word].speaker, strong)
    size = ""
    if style.emphasis_scale > 1:
        percent = round(100 * style.emphasis_scale) if strong else 100
        size = f"\\fscx{percent}\\fscy{percent}"
    marked = style.highlight or own
    tags = f"{size}{colour_tags(1, marked)}{colour_tags(2, own)}"
    after = style.past or own
    if style.animation == "fill":
        after = style.past or marked
    spoken = times.spoken(word)
    if spoken is not None and after != marked and spoken[1] < times.end:
        ends = 10 * (spoken[1] - times.start)
        tags += f"\\t({ends},{ends},{colour_tags(1, after)})"
    return tags


def colour_tags(number: int, colour: str) -> str:
    """``\\1c`` and ``\\1a`` of a colour, or those of another number."""
    red, green, blue, alpha = rgba(colour)
    return f"\\{number}c&H{blue:02X}{green:02X}{red:02X}&\\{number}a&H{255 - alpha:02X}&"


def shape(box: Box, radius: float) -> str:
    """The outline of a box with round corners, as ``\\p1`` draws it, in pixels."""
    left, top, right, bottom = box
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    if r < 0.5:
        points = [(left, top), (right, top), (right, bottom), (left, bottom)]
        first, *rest = (f"{x:.2f} {y:.2f}" for x, y in points)
        return f"m {first} l {' '.join(rest)}"
    near = r * 0.4477  # of a cubic Bezier's handles from the corner, for a quarter of a circle
    corners = (((right, top), (-1, 0), (0, 1)), ((right, bottom), (0, -1), (-1, 0)),
               ((left, bottom), (1, 0), (0, -1)), ((left, top), (0, 1), (1, 0)))  # fmt: skip
    path = [f"m {left + r:.2f} {top:.2f}"]
    for (x, y), (ax, ay), (bx, by) in corners:
        path.append(f"l {x + ax * r:.2f} {y + ay * r:.2f}")
        handles = [(x + ax * near, y + ay * near), (x + bx * near, y + by * near)]
        ends = (x + bx * r, y + by * r)
        path.append("b " + " ".join(f"{px:.2f} {py:.2f}" for px, py in (*handles, ends)))
    return " ".join(path)


def ass_style(style: TextStyle, size: tuple[int, int]) -> SSAStyle:
    """The style; ASS measures a font by ascender to descender, not by its em."""
    import pysubs2

    width, height = size
    unit = style.pixels(size)
    colour = ass_colour(style.colour)
    marked = ass_colour(style.highlight or style.colour) if style.follows_words else colour
    left, top, right, bottom = safe_area(size, style)
    column = {"left": 0, "centre": 1, "right": 2}[style.align]
    row = {"bottom": 1, "middle": 4, "top": 7}[style.position]
    sharp = style.shadow if not style.shadow_blur else None
    return pysubs2.SSAStyle(
        fontname=family(style.font),
        fontsize=font_size(main_face(style), style.size * unit),
        bold=style.font is None and style.weight >= 550,
        primarycolor=marked,
        secondarycolor=colour,
        outlinecolor=ass_colour(style.outline),
        backcolor=ass_colour(sharp or style.outline),
        borderstyle=1,
        outline=round(style.outline_width * unit, 2),
        shadow=round(max(style.shadow_offset) * unit, 2) if sharp else 0.0,
        alignment=pysubs2.Alignment(row + column),
        marginl=round(left),
        marginr=round(width - right),
        marginv=round(top if style.position == "top" else height - bottom),
    )


def font_size(face: Face, em: float) -> float:
    """The size by which ASS knows letters of so many pixels an em."""
    return round(em * sum(player_metrics(face)), 2)


def font_tags(face: Face, style: TextStyle, em: float, usual: float) -> str:
    """The font and the size of some letters, where they are not the style's own of that size.

    Other fonts are named, since players would size one that they choose otherwise.
    """
    own = main_face(style)
    if face == own:
        return f"\\fs{font_size(face, em)}" if em != usual else ""
    name = str(load(face, 20).getname()[0])
    return f"\\fn{name}\\fs{font_size(face, em)}"


def main_face(style: TextStyle) -> Face:
    """The font that a style sets text in, where it has the characters."""
    return faces(style.font, None, style.weight, style.emoji_font)[0]


def ass_colour(text: str) -> Color:
    """The colour for pysubs2, whose alpha is 0 for opaque."""
    import pysubs2

    red, green, blue, alpha = rgba(text)
    return pysubs2.Color(red, green, blue, 255 - alpha)
