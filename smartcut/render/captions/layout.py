"""Where each word of a burned-in caption stands, in pixels of the picture.

Lines keep their breaks where they fit. Where the picture is too narrow the letters first shrink
a little, then lines are broken again, then the letters shrink as far as they must: so a title.
Captions have been given a size in which all fit (:mod:`smartcut.render.captions.fit`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smartcut.errors import RenderError
from smartcut.render.captions.bidi import embedding_levels, in_order_shown, marks_apart
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fonts import Face, enlarged, faces, load, runs
from smartcut.render.captions.lines import LinePiece, break_lines, text_of
from smartcut.render.captions.safe_areas import Box, safe_area
from smartcut.render.captions.text import clusters, has_space, lines_from_right
from smartcut.text_style import TextStyle

SMALLEST = 7.0
"""Pixels an em to aim for at least; below that letters are illegible."""
_SHRINK = 0.94
_UNBROKEN_TO = 0.85
"""How far letters shrink before lines are broken again."""
_LEADING = 1.2
"""Baseline to baseline, in ems."""
_ABOVE, _BELOW = 0.95, 0.3
"""How far a box of a line or a word reaches from the baseline, less its padding, in ems."""
_DEEPEST = 0.5
"""How much is kept below the baseline at most, in ems, for scripts that reach far down."""
_GROWING = 2.5
"""Ems between words for each time that the one being spoken grows."""
_BETWEEN_BOXES = 0.1
"""Between the boxes of words on two lines, in ems."""
_MORE_LINES = 5

Line = list[LinePiece]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Text in one font and direction; its baseline starts at (x, y). ``word`` numbers the cue's."""

    text: str
    face: Face
    x: float
    y: float
    direction: str
    word: int
    size: float
    """Pixels an em."""
    length: float


@dataclass(frozen=True, slots=True)
class Layout:
    """``bounds`` is what the letters with their outline, and the box, cover."""

    size: float
    glyphs: tuple[Glyphs, ...]
    box: Box
    """Of all of the text."""
    bounds: Box
    rows: tuple[Box, ...]
    """Of each line."""

    def inside(self, safe: Box) -> Layout:
        """The layout moved up or down into an area, where letters reach out of it and it has room.

        Some scripts have marks far below or above their other letters.
        """
        over, under = safe[1] - self.bounds[1], self.bounds[3] - safe[3]
        if max(over, under) <= 0 or over + under > 0:
            return self
        down = over if over > 0 else -under

        def moved(box: Box) -> Box:
            return box[0], box[1] + down, box[2], box[3] + down

        return Layout(
            self.size,
            tuple(replace(g, y=g.y + down) for g in self.glyphs),
            moved(self.box),
            moved(self.bounds),
            tuple(map(moved, self.rows)),
        )

    def word_boxes(self, style: TextStyle) -> tuple[tuple[int, Box], ...]:
        """The box of each word, by its number; of one on two lines, two."""
        pad, found = style.box_padding * self.size, dict[tuple[int, float], Box]()
        for g in self.glyphs:
            own = _padded((g.x, g.y, g.x + g.length, g.y), pad / 2, g.size, pad)
            before = found.get((g.word, g.y))
            found[g.word, g.y] = own if before is None else joined_box(before, own)
        return tuple((word, box) for (word, _), box in found.items())


def joined_box(one: Box, other: Box) -> Box:
    """The box around both."""
    return (
        min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]),
    )  # fmt: skip


def _padded(baseline: Box, across: float, em: float, pad: float) -> Box:
    left, top, right, bottom = baseline
    above, below = _ABOVE * em + pad / 2, _BELOW * em + pad / 2
    return left - across, top - above, right + across, bottom + below


def towards(direction: str) -> dict[str, Any]:
    """The arguments that tell Pillow the direction; without Raqm it knows only one."""
    from PIL import features

    return {"direction": direction} if features.check("raqm") else {}


def lay_out(
    cue: Cue, size: tuple[int, int], style: TextStyle, language: str | None = None
) -> Layout:
    """The layout with the largest letters that stays inside the margins of a picture of ``size``.

    Raises RenderError where there is none.
    """
    if cue.band is not None:
        style = style.model_copy(update={"position": cue.band})
    setter = Setter(size, style, language)
    lines = lines_of(cue, style)
    full = max(style.size * style.pixels(size), SMALLEST)
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


def _is_inside(box: Box, outer: Box) -> bool:
    """Whether ``box`` is inside, a rounding error of these floats allowed."""
    near = 1e-6
    from_start = box[0] >= outer[0] - near and box[1] >= outer[1] - near
    return from_start and box[2] <= outer[2] + near and box[3] <= outer[3] + near


def lines_of(cue: Cue, style: TextStyle) -> list[Line]:
    """The caption's lines in pieces that know their word; a cue without words numbers its own."""
    strong = {i for i, word in enumerate(cue.words) if word.is_strong}
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
            scale = style.emphasis_scale if word in strong else 1.0
            pieces += [
                LinePiece(part, space and n == 0, word, scale) for n, part in enumerate(parts)
            ]
        result.append(pieces)
    return result


class Setter:
    """Sets lines in type for one picture size and style."""

    def __init__(self, size: tuple[int, int], style: TextStyle, language: str | None) -> None:
        self._size = size
        self._style = style
        self._language = language
        self._faces = faces(style.font, language, style.weight, style.emoji_font)
        self._safe = safe_area(size, style)

    def is_safe(self, layout: Layout) -> bool:
        """Whether it stays inside the margins."""
        return _is_inside(layout.bounds, self._safe)

    def fits(self, lines: list[Line], em: float) -> bool:
        """Whether the lines stay inside the margins in letters of that size."""
        return self.is_safe(self.set(lines, em))

    def length(self, text: str, em: float) -> float:
        """Pixels from the start of a text to its end."""
        parts = runs(text, self._faces)
        return sum(load(f, em).getlength(part) * enlarged(f, em) for part, f in parts)

    def broken(self, lines: list[Line], count: int, em: float) -> list[Line]:
        """The same pieces on ``count`` lines, measured in pixels."""
        pieces: Line = []
        for line in lines:
            for k, piece in enumerate(line):
                space = piece.has_space_before
                if k == 0 and pieces:
                    space = has_space(pieces[-1].text, piece.text)
                pieces.append(replace(piece, has_space_before=space))
        known: dict[str, float] = {}

        def measure(text: str) -> float:
            if text not in known:
                known[text] = self.length(text, em)
            return known[text]

        inset, _ = self._insets(em)
        room = self._safe[2] - self._safe[0] - 2 * inset
        room /= max((piece.scale for piece in pieces), default=1.0)
        texts = break_lines(pieces, room, count, measure, self._language)
        return list(_regrouped(pieces, texts))

    def set(self, lines: list[Line], em: float) -> Layout:
        """Every stretch of text in its place in the picture."""
        style, safe = self._style, self._safe
        from_right = lines_from_right([text_of(line) for line in lines])
        rows = [self._row(line, em, right) for line, right in zip(lines, from_right, strict=True)]
        inset, leading = self._insets(em)
        outline = style.outline_width * style.pixels(self._size)
        largest = max((piece.scale for line in lines for piece in line), default=1.0)
        ascent, descent = self._reach([g for row, _ in rows for g in row], em * largest)
        leading *= largest
        block = ascent + descent + (len(rows) - 1) * leading
        top = {
            "top": safe[1] + inset,
            "middle": (safe[1] + safe[3] - block) / 2,
            "bottom": safe[3] - inset - block,
        }[style.position]
        glyphs: list[Glyphs] = []
        boxes: list[Box] = []
        for k, (row, length) in enumerate(rows):
            left, baseline = self._left(length, inset), top + ascent + k * leading
            glyphs += [replace(g, x=left + g.x, y=baseline) for g in row]
            pad = style.box_padding * em
            boxes.append(_padded((left, baseline, left + length, baseline), pad, em, pad))
        widest = max(length for _, length in rows)
        left = self._left(widest, inset)
        box = (left - inset, top - inset, left + widest + inset, top + block + inset)
        if style.box_of == "band":
            box = (0.0, box[1], float(self._size[0]), box[3])
        bounds = self._bounds(glyphs, outline, [box, *boxes])
        return Layout(em, tuple(glyphs), box, bounds, tuple(boxes)).inside(safe)

    def _reach(self, glyphs: Sequence[Glyphs], em: float) -> tuple[int, int]:
        """Pixels above and below the baseline that are kept for letters of that size."""
        ascent, descent = load(self._faces[0], em).getmetrics()
        for face in {g.face for g in glyphs if any(c.isalpha() for c in g.text)}:
            lower = load(face, em).getmetrics()[1]
            descent = max(descent, min(lower, round(_DEEPEST * em)))
        return ascent, descent

    def _insets(self, em: float) -> tuple[float, float]:
        """Pixels from the text to the edge of what is around it, and from line to line."""
        style = self._style
        outline = style.outline_width * style.pixels(self._size)
        if style.box is None:
            return outline, _LEADING * em
        pad = style.box_padding * em
        if style.box_of in ("text", "band"):
            return max(outline, pad), _LEADING * em
        between = _BETWEEN_BOXES * em if style.box_of == "word" else 0.0
        return max(outline, pad), (_ABOVE + _BELOW) * em + pad + between

    def _left(self, length: float, inset: float) -> float:
        """Where a line of that length begins."""
        left, _, right, _ = self._safe
        if self._style.align == "left":
            return left + inset
        if self._style.align == "right":
            return right - inset - length
        return (left + right - length) / 2

    def _bounds(self, glyphs: Sequence[Glyphs], outline: float, around: list[Box]) -> Box:
        """What letters and boxes cover; a band reaches out of the safe area, which is meant."""
        style = self._style
        boxes: list[Box] = []
        if style.box is not None:
            boxes = around[:1] if style.box_of in ("text", "band") else around[1:]
        if style.box_of == "band":
            boxes = [(self._safe[0], top, self._safe[2], bottom) for _, top, _, bottom in boxes]
        for g in glyphs:
            font, share = load(g.face, g.size), enlarged(g.face, g.size)
            stroke = 0.0 if g.face.has_colours else outline
            ink = font.getbbox(g.text, anchor="ls", stroke_width=stroke, **towards(g.direction))
            left, top, right, bottom = (share * v for v in ink)
            boxes.append((g.x + left, g.y + top, g.x + right, g.y + bottom))
        whole = boxes[0]
        for box in boxes[1:]:
            whole = joined_box(whole, box)
        return whole

    def _row(self, line: Line, em: float, from_right: bool) -> tuple[list[Glyphs], float]:
        """The line's stretches, placed from its left end on the baseline 0, and its length."""
        words = marks_apart(_whole_words(line))
        levels = embedding_levels([word.text for word in words], from_right)
        space = load(self._faces[0], em).getlength(" ")
        if self._style.box is not None and self._style.box_of == "word":
            space += self._style.box_padding * em
        space += _GROWING * (self._style.highlight_scale - 1) * em
        row: list[Glyphs] = []
        at = 0.0
        for i in in_order_shown(words, levels):
            if i is None:
                at += space
                continue
            own = em * words[i].scale
            direction = "rtl" if levels[i] % 2 else "ltr"
            parts = runs(words[i].text, self._faces)
            for text, face in reversed(parts) if direction == "rtl" else parts:
                length = load(face, own).getlength(text, **towards(direction))
                length *= enlarged(face, own)
                row.append(Glyphs(text, face, at, 0.0, direction, words[i].word, own, length))
                at += length
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
            words[-1] = replace(last, text=last.text + piece.text)
        else:
            words.append(piece)
    return words
