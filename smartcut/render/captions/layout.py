"""Where each word of a burned-in caption stands, in pixels of the picture.

Lines keep their breaks where they fit. Where the picture is too narrow the letters first shrink
a little, then lines are broken again, then the letters shrink as far as they must: so a title.
Captions have been given a size in which all fit (:mod:`smartcut.render.captions.fit`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from smartcut.cut import CaptionStyle
from smartcut.errors import RenderError
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fonts import Face, faces, load, runs
from smartcut.render.captions.lines import LinePiece, break_lines
from smartcut.render.captions.text import clusters, has_space

SMALLEST = 7.0
"""Pixels an em to aim for at least; below that letters are illegible."""
_SHRINK = 0.94
_UNBROKEN_TO = 0.85
"""How far letters shrink before lines are broken again."""
_LEADING = 1.2
"""Baseline to baseline, in ems."""
_PADDING = 0.25
"""From the text to the edge of its box, in ems."""
_MORE_LINES = 5

Line = list[LinePiece]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Text in one font and direction; its baseline starts at (x, y). ``word`` numbers the cue's."""

    text: str
    face: Face
    x: float
    y: float
    direction: str
    word: int


@dataclass(frozen=True, slots=True)
class Layout:
    """``bounds`` is what the letters with their outline, and the box, cover."""

    size: float
    glyphs: tuple[Glyphs, ...]
    box: Box
    bounds: Box


def towards(direction: str) -> dict[str, Any]:
    """The arguments that tell Pillow the direction; without Raqm it knows only one."""
    from PIL import features

    return {"direction": direction} if features.check("raqm") else {}


def lay_out(
    cue: Cue, size: tuple[int, int], style: CaptionStyle, language: str | None = None
) -> Layout:
    """The layout with the largest letters that stays inside the margins of a picture of ``size``.

    Raises RenderError where there is none.
    """
    setter = Setter(size, style, language)
    lines = lines_of(cue)
    full = max(style.size * size[1], SMALLEST)
    em = full
    while em >= 1:
        broken = range(1, _MORE_LINES) if em < _UNBROKEN_TO * full else ()
        for more in (0, *broken):
            layout = setter.set(setter.broken(lines, len(lines) + more, em) if more else lines, em)
            if setter.is_safe(layout):
                return _largest(setter, lines, len(lines) + more, em, full) or layout
        em *= _SHRINK
    raise RenderError(
        f"the text {cue.text!r} does not fit a picture of {size[0]}x{size[1]}; "
        "use shorter lines (`line_length:`), a smaller `margin:` or a larger picture"
    )


def _largest(
    setter: Setter, lines: list[Line], count: int, em: float, full: float
) -> Layout | None:
    """The same number of lines with letters as large as asked for, where they were shrunk."""
    size = full
    while size > em and count > len(lines):
        layout = setter.set(setter.broken(lines, count, size), size)
        if setter.is_safe(layout):
            return layout
        size *= _SHRINK
    return None


def _safe_area(size: tuple[int, int], style: CaptionStyle) -> Box:
    width, height = size
    across, down = style.margin * width, style.margin * height
    return across, down, width - across, height - down


def _is_inside(box: Box, outer: Box) -> bool:
    """Whether ``box`` is inside, a rounding error of these floats allowed."""
    near = 1e-6
    from_start = box[0] >= outer[0] - near and box[1] >= outer[1] - near
    return from_start and box[2] <= outer[2] + near and box[3] <= outer[3] + near


def lines_of(cue: Cue) -> list[Line]:
    """The caption's lines in pieces that know their word; a cue without words numbers its own."""
    if cue.words:
        lines = [list(line) for line in cue.runs()]
    else:
        split = iter(range(sum(len(line.split()) for line in cue.lines)))
        lines = [[(f"{text} ", next(split)) for text in line.split()] for line in cue.lines]
    result = []
    for line in lines:
        pieces: Line = []
        for k, (text, word) in enumerate(line):
            space = k > 0 and line[k - 1][0][-1:].isspace()
            parts = clusters(text.strip())
            pieces += [LinePiece(part, space and n == 0, word) for n, part in enumerate(parts)]
        result.append(pieces)
    return result


class Setter:
    """Sets lines in type for one picture size and style."""

    def __init__(self, size: tuple[int, int], style: CaptionStyle, language: str | None) -> None:
        self._size = size
        self._style = style
        self._language = language
        self._faces = faces(style.font, language)
        self._safe = _safe_area(size, style)

    def is_safe(self, layout: Layout) -> bool:
        """Whether it stays inside the margins."""
        return _is_inside(layout.bounds, self._safe)

    def fits(self, lines: list[Line], em: float) -> bool:
        """Whether the lines stay inside the margins in letters of that size."""
        return self.is_safe(self.set(lines, em))

    def length(self, text: str, em: float) -> float:
        """Pixels from the start of a text to its end."""
        return sum(load(face, em).getlength(part) for part, face in runs(text, self._faces))

    def broken(self, lines: list[Line], count: int, em: float) -> list[Line]:
        """The same pieces on ``count`` lines, measured in pixels."""
        pieces: Line = []
        for line in lines:
            for k, piece in enumerate(line):
                space = piece.has_space_before
                if k == 0 and pieces:
                    space = has_space(pieces[-1].text, piece.text)
                pieces.append(LinePiece(piece.text, space, piece.word))
        known: dict[str, float] = {}

        def measure(text: str) -> float:
            if text not in known:
                known[text] = self.length(text, em)
            return known[text]

        room = self._size[0] * (1 - 2 * self._style.margin)
        texts = break_lines(pieces, room, count, measure, self._language)
        return list(_regrouped(pieces, texts))

    def set(self, lines: list[Line], em: float) -> Layout:
        """Every stretch of text in its place in the picture."""
        height = self._size[1]
        style = self._style
        rows = [self._row(line, em) for line in lines]
        ascent, descent = load(self._faces[0], em).getmetrics()
        outline = style.outline_width * height
        inset = max(outline, _PADDING * em if style.box else 0.0)
        block = ascent + descent + (len(rows) - 1) * _LEADING * em
        top = {
            "top": style.margin * height + inset,
            "middle": (height - block) / 2,
            "bottom": height * (1 - style.margin) - inset - block,
        }[style.position]
        glyphs: list[Glyphs] = []
        for k, (row, length) in enumerate(rows):
            left = self._left(length, inset)
            baseline = top + ascent + k * _LEADING * em
            glyphs += [Glyphs(t, f, left + x, baseline, d, w) for t, f, x, d, w in row]
        widest = max(length for _, length in rows)
        left = self._left(widest, inset)
        box = (left - inset, top - inset, left + widest + inset, top + block + inset)
        return Layout(em, tuple(glyphs), box, self._bounds(glyphs, em, outline, box))

    def _left(self, length: float, inset: float) -> float:
        """Where a line of that length begins."""
        width, room = self._size[0], self._style.margin * self._size[0] + inset
        if self._style.align == "left":
            return room
        return width - room - length if self._style.align == "right" else (width - length) / 2

    def _bounds(self, glyphs: list[Glyphs], em: float, outline: float, box: Box) -> Box:
        boxes = [box] if self._style.box else []
        for g in glyphs:
            font = load(g.face, em)
            ink = font.getbbox(g.text, anchor="ls", stroke_width=outline, **towards(g.direction))
            boxes.append((g.x + ink[0], g.y + ink[1], g.x + ink[2], g.y + ink[3]))
        left, top, right, bottom = zip(*boxes, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def _row(self, line: Line, em: float) -> tuple[list[tuple[str, Face, float, str, int]], float]:
        """The line's stretches, each with its distance from the left end, and its length."""
        words = _marks_apart(_whole_words(line))
        levels = embedding_levels([word.text for word in words])
        space = load(self._faces[0], em).getlength(" ")
        row: list[tuple[str, Face, float, str, int]] = []
        at, before = 0.0, -1
        for i in visual_order(levels):
            if before >= 0:
                at += space * words[max(before, i)].has_space_before
            before = i
            direction = "rtl" if levels[i] % 2 else "ltr"
            parts = runs(words[i].text, self._faces)
            for text, face in reversed(parts) if direction == "rtl" else parts:
                row.append((text, face, at, direction, words[i].word))
                at += load(face, em).getlength(text, **towards(direction))
        return row, at


def _regrouped(pieces: Line, texts: Sequence[str]) -> Iterator[Line]:
    """The pieces in the lines that those texts were made of."""
    at = 0
    for text in texts:
        line: Line = []
        left = len("".join(text.split()))
        while left > 0:
            line.append(pieces[at])
            left -= len("".join(pieces[at].text.split()))
            at += 1
        yield line


def _whole_words(line: Line) -> Line:
    """The pieces of one word put together again, so that it is shaped as one."""
    words: Line = []
    for piece in line:
        if words and words[-1].word == piece.word and not piece.has_space_before:
            last = words[-1]
            words[-1] = LinePiece(last.text + piece.text, last.has_space_before, last.word)
        else:
            words.append(piece)
    return words


# ------------------------------------------------------------------------------ right to left

# Bidirectional classes of marks that have no direction of their own.
_NEUTRAL = ("ON", "CS", "ES", "ET")


def _marks_apart(words: Line) -> Line:
    """The words of a line in which some run from right to left, their marks as pieces apart.

    Where a stretch of such words ends, its marks belong to what is around it.
    """
    if not any(_strong_direction(piece.text) == "R" for piece in words):
        return words
    apart: Line = []
    for piece in words:
        text = piece.text
        inner = text.strip("".join(c for c in text if unicodedata.bidirectional(c) in _NEUTRAL))
        if not inner or inner == text:
            apart.append(piece)
            continue
        before, _, after = text.partition(inner)
        parts = [part for part in (before, inner, after) if part]
        apart.extend(
            LinePiece(part, piece.has_space_before and i == 0, piece.word)
            for i, part in enumerate(parts)
        )
    return apart


def embedding_levels(words: Sequence[str]) -> list[int]:
    """The level of each word in the sense of the Unicode Bidirectional Algorithm (UAX #9).

    Words are taken as wholes; numbers follow what is before them, and marks what is on both sides
    of them, or else the line's own direction (rules N1 and N2).
    """
    kinds = [_strong_direction(word) for word in words]
    is_rtl = next((kind for kind in kinds if kind), "L") == "R"
    base = "R" if is_rtl else "L"
    levels, strong = [], base
    for i, (word, kind) in enumerate(zip(words, kinds, strict=True)):
        following = next((k for k in kinds[i + 1 :] if k), base)
        around = strong if strong == following else base
        strong = kind or strong
        if kind == "R":
            levels.append(1)
        elif kind == "L":
            levels.append(2 if is_rtl else 0)
        elif any(c.isdigit() for c in word):
            levels.append(2 if is_rtl or strong == "R" else 0)
        elif around == "R":
            levels.append(1)
        else:
            levels.append(2 if is_rtl and around == "L" else 0)
    return levels


def _strong_direction(word: str) -> str:
    for character in word:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return "R"
        if kind == "L":
            return "L"
    return ""


def visual_order(levels: Sequence[int]) -> list[int]:
    """The words' numbers from left to right: rule L2 of UAX #9."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            if levels[order[start]] < level:
                start += 1
                continue
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end
    return order
