"""Captions as pictures to lay over frames.

Each word is shaped by itself and drawn where :mod:`smartcut.render.captions.layout` puts it. What
is painted depends on the caption, its style and its state alone (:mod:`.states`), and comes in
pieces, so that what stays as it is is painted once: boxes, what lies around letters, and letters.
"""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

import numpy as np

from smartcut.colours import rgba
from smartcut.drawer import Painted, Pieces, merged
from smartcut.errors import RenderError
from smartcut.render import forms
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fonts import check_glyphs, faces
from smartcut.render.captions.layout import Glyphs, Layout, lay_out
from smartcut.render.captions.letters import Brush, WordLetters, back_of, front_of
from smartcut.render.captions.motion import (
    HIDDEN,
    STILL,
    WordMove,
    card_move,
    hides_words,
    moves_words,
    word_move,
)
from smartcut.render.captions.safe_areas import Box
from smartcut.render.captions.states import CardState, card_share, order, state_at, word_share
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_KEPT_CARDS = 8
_KEPT_PIECES = 128
"""Of a caption: a word that moves has one for each step."""
_PEAK = 1.12
"""How much larger than at rest a word becomes while it moves."""
_BAR = 0.16
"""The width of a bar at the end of a box, in ems."""


class CaptionPainter:
    """Paints captions for frames of ``size`` (width, height) in square pixels.

    ``language`` (ISO 639-1) chooses among shapes of the same Chinese character and good places
    to break a line. Raises RenderError where the style's font cannot be read.
    """

    def __init__(
        self, size: tuple[int, int], style: TextStyle, language: str | None = None
    ) -> None:
        self.size = size
        self.style = style
        self._language = language
        faces(style.font, language, style.weight, style.emoji_font)
        self._cards: OrderedDict[Cue, _Card] = OrderedDict()
        self._painted: OrderedDict[tuple[Cue, CardState], Painted] = OrderedDict()

    def check(self, cues: Iterable[Cue]) -> None:
        """Raise RenderError that names every character which cannot be drawn.

        Call it before long work: :meth:`paint` would find out only when it gets there.
        """
        texts = [cue.text.replace("\n", " ") for cue in cues]
        check_glyphs(texts, self.style.font, self.style.emoji_font)
        _check_shaping(texts)

    def paint(self, cue: Cue, time: Fraction | None = None) -> Painted:
        """The caption as it looks at ``time`` of the timeline, no larger than need be.

        Without a time, nothing of it is being spoken. The same object comes back for as long as
        nothing changes. Raises RenderError where a character is in none of the fonts, or the text
        does not fit.
        """
        return self.painted(cue, self.state(cue, time))

    def state(self, cue: Cue, time: Fraction | None) -> CardState:
        """How the caption is at a time; at rest without one."""
        if time is None:
            return CardState()
        return state_at(cue, self.style, Range(time, time))

    def painted(self, cue: Cue, state: CardState) -> Painted:
        """The same for a state, as one picture."""
        key = cue, state
        return _remembered(
            self._painted,
            key,
            4 * _KEPT_CARDS,
            lambda: _trimmed(merged(self._card(cue).pieces(state))),
        )

    def pieces(self, cue: Cue, state: CardState) -> Pieces:
        """The same as pictures to lay over each other; equal ones are the same objects."""
        if not self.style.follows_words:
            return (self.painted(cue, state),)
        return self._card(cue).pieces(state)

    def _card(self, cue: Cue) -> _Card:
        if cue not in self._cards:
            self.check([cue])
        return _remembered(self._cards, cue, _KEPT_CARDS, lambda: self._made(cue))

    def _made(self, cue: Cue) -> _Card:
        layout = lay_out(cue, self.size, self.style, self._language)
        return _Card(cue, layout, self.style, self.size)


def _remembered(known: OrderedDict[K, V], key: K, kept: int, make: Callable[[], V]) -> V:
    if key in known:
        known.move_to_end(key)
        return known[key]
    made = known[key] = make()
    if len(known) > kept:
        known.popitem(last=False)
    return made


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a word stands on one line."""

    word: int
    letters: WordLetters
    before: float
    """The share of the word's length that lies on lines before it."""
    share: float
    """The share that it is itself."""

    def along(self, share: float) -> float:
        """How much of it is reached when that share of the word is."""
        return min(max((share - self.before) / self.share, 0.0), 1.0)


class _Card:
    """One caption in one layout."""

    def __init__(self, cue: Cue, layout: Layout, style: TextStyle, size: tuple[int, int]) -> None:
        self._cue, self._layout, self._style, self._size = cue, layout, style, size
        self._brush = Brush.of(style, size)
        self._moves = moves_words(style)
        self._order = order(cue)
        self._known: OrderedDict[Hashable, Painted | None] = OrderedDict()

    def pieces(self, state: CardState) -> Pieces:
        """Bottom to top."""
        found = tuple(piece for piece in self._pieces(state) if piece is not None)
        move = card_move(self._style, card_share(self._style, state))
        if move == STILL or not found:
            return found
        return (self._moved(found, state, move),)

    def _pieces(self, state: CardState) -> Iterator[Painted | None]:
        moves = self._moved_words(state)
        spoken = self._order[state.begun - 1] if state.is_spoken else None
        yield from self._boxes(moves, spoken)
        if self._moves:
            for part in self._parts:
                yield self._back(part, self._of_part(part, moves[part.word]))
        else:
            yield self._get("back", self._whole_back)
        for part in self._parts:
            yield self._front(part, self._of_part(part, moves[part.word]), state, spoken)

    @cached_property
    def _parts(self) -> tuple[_Part, ...]:
        glyphs: dict[int, dict[float, list[Glyphs]]] = {}
        for g in self._layout.glyphs:
            glyphs.setdefault(g.word, {}).setdefault(g.y, []).append(g)
        scale = self._style.highlight_scale * _PEAK if self._moves else 1.0
        found = []
        for word, lines in glyphs.items():
            own = [WordLetters(line, self._style, self._brush, scale) for line in lines.values()]
            whole, before = sum(part.length for part in own), 0.0
            for part in own:
                found.append(_Part(word, part, before / whole, part.length / whole))
                before += part.length
        return tuple(found)

    def _moved_words(self, state: CardState) -> dict[int, WordMove]:
        """How each word is seen."""
        numbers = {part.word for part in self._parts}
        coming = HIDDEN if hides_words(self._style) and self._cue.words else STILL
        moves = dict.fromkeys(numbers, coming)
        for word in self._order[: state.begun]:
            moves[word] = STILL
        if state.is_spoken:
            share = word_share(self._style, state)
            moves[self._order[state.begun - 1]] = word_move(self._style, share)
        if self._style.types_card:
            moves = self._typed(card_share(self._style, state))
        return moves

    def _typed(self, share: float) -> dict[int, WordMove]:
        """How far each word is written when that share of the caption is."""
        lengths = {part.word: 0.0 for part in self._parts}
        for part in self._parts:
            lengths[part.word] += part.letters.length
        left = share * sum(lengths.values())
        moves = {}
        for word, length in lengths.items():
            moves[word] = WordMove(shown=min(max(left / length, 0.0), 1.0))
            left -= length
        return moves

    def _of_part(self, part: _Part, move: WordMove) -> WordMove:
        if move.shown >= 1:
            return move
        return WordMove(move.scale, move.down, move.opacity, part.along(move.shown))

    # ------------------------------------------------------------------------------- its layers

    def _boxes(self, moves: dict[int, WordMove], spoken: int | None) -> Iterator[Painted | None]:
        style, layout = self._style, self._layout
        if style.box is not None and style.box_of != "word":
            yield self._get("box", self._static_boxes)
        for number, (word, box) in enumerate(layout.word_boxes(style)):
            move = moves[word]
            seen = move.opacity if move.shown > 0 else 0.0
            if style.box is not None and style.box_of == "word" and seen:
                yield self._box(("box", number), box, style.box, seen)
            if word == spoken and style.highlight_box is not None and seen:
                yield self._box(("mark", number), box, style.highlight_box, seen)

    def _static_boxes(self) -> Painted | None:
        style, layout = self._style, self._layout
        assert style.box is not None
        around = layout.rows if style.box_of == "line" else (layout.box,)
        boxes = [self._filled(box, style.box) for box in around]
        if style.accent and style.box_of in ("text", "band"):
            left, top, _, bottom = layout.box
            bar = (left, top, left + _BAR * layout.size, bottom)
            boxes.append(self._filled(bar, style.accent, square=True))
        return _united(boxes, style.box) if style.box_of == "line" else merged(boxes)

    def _box(self, key: Hashable, box: Box, colour: str, opacity: float) -> Painted | None:
        return self._get((key, opacity), lambda: self._filled(box, colour).faded(opacity))

    def _filled(self, box: Box, colour: str, square: bool = False) -> Painted:
        """A box with round corners."""
        pixels = forms.pixels_around(box, self._size, 1)
        half = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
        x, y = forms.centres(pixels)
        radius = 0.0 if square else min(self._style.box_radius * self._layout.size, *half)
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        inside = forms.round_box(x - middle[0], y - middle[1], half, radius)
        covered = forms.coverage(inside)
        red, green, blue, alpha = rgba(colour)
        filled = np.empty((*covered.shape, 4), np.uint8)
        filled[..., :3] = red, green, blue
        filled[..., 3] = np.rint(covered * alpha)
        return Painted(filled, *pixels[:2])

    def _whole_back(self) -> Painted | None:
        whole = WordLetters(self._layout.glyphs, self._style, self._brush)
        return back_of(whole, self._style, STILL, self._layout.size)

    def _back(self, part: _Part, move: WordMove) -> Painted | None:
        if not move.opacity or not move.shown:
            return None
        return self._get(
            ("back", id(part), move),
            lambda: back_of(part.letters, self._style, move, self._layout.size),
        )

    def _front(
        self, part: _Part, move: WordMove, state: CardState, spoken: int | None
    ) -> Painted | None:
        if not move.opacity or not move.shown:
            return None
        style, fill = self._style, None
        is_past = part.word in self._order[: state.begun] and part.word != spoken
        colour = self._colour(part.word, part.word == spoken, is_past)
        if style.animation == "fill" and style.animate == "word" and style.highlight:
            if is_past:
                colour = style.past or style.highlight
            elif part.word == spoken:
                fill = style.highlight, part.along(word_share(style, state))
                colour = self._colour(part.word, False, False)
        return self._get(
            ("front", id(part), move, colour, fill),
            lambda: front_of(part.letters, colour, move, self._layout.size, fill),
        )

    def _colour(self, word: int, is_spoken: bool, is_past: bool) -> str:
        style, said = self._style, self._cue.words
        one = said[word] if word < len(said) else None
        is_strong = one is not None and one.is_strong
        own = style.letter_colour(one.speaker if one else None, is_strong)
        if is_past and not is_strong:
            own = style.past or own
        return (style.highlight or own) if is_spoken else own

    def _moved(self, pieces: Pieces, state: CardState, move: WordMove) -> Painted:
        """All of it, moved as one."""
        key = "card", tuple(map(id, pieces)), state.card
        found = self._get(key, lambda: _transformed(merged(pieces), move, self._layout))
        assert found is not None
        return found

    def _get(self, key: Hashable, make: Callable[[], Painted | None]) -> Painted | None:
        found: Painted | None = _remembered(self._known, key, _KEPT_PIECES, make)
        return found


def _trimmed(picture: Painted) -> Painted:
    """The picture without the clear edges around it."""
    seen = picture.rgba[..., 3] > 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return Painted(picture.rgba[:0, :0])
    top, left = int(rows[0]), int(columns[0])
    inner = picture.rgba[top : rows[-1] + 1, left : columns[-1] + 1]
    return Painted(inner, picture.x + left, picture.y + top)


def _united(boxes: list[Painted], colour: str) -> Painted:
    """Boxes of one colour, which is no denser where they overlap."""
    whole = merged(boxes)
    opaque = [Painted(_opaque(box.rgba), box.x, box.y) for box in boxes]
    pixels = merged(opaque).rgba.copy()
    pixels[..., 3] = np.rint(pixels[..., 3] * (rgba(colour)[3] / 255))
    return Painted(pixels, whole.x, whole.y)


def _opaque(pixels: np.ndarray) -> np.ndarray:
    most = max(int(pixels[..., 3].max()), 1)
    result = pixels.copy()
    result[..., 3] = np.rint(pixels[..., 3] * (255 / most))
    return result


def _transformed(card: Painted, move: WordMove, layout: Layout) -> Painted:
    """A caption moved about its middle."""
    import cv2

    height, width = card.rgba.shape[:2]
    room = int(0.06 * width) + 2, int(0.06 * height + 0.6 * layout.size) + 2
    alpha = card.rgba[..., 3:].astype(np.float32) / 255
    pixels = np.dstack([card.rgba[..., :3] * alpha, alpha * 255])
    x, y, s = width / 2, height / 2, move.scale
    matrix = np.array(
        [
            [s, 0, x * (1 - s) + room[0]],
            [0, s, y * (1 - s) + room[1] + move.down * layout.size],
        ],
        np.float32,
    )
    size = width + 2 * room[0], height + 2 * room[1]
    moved = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR)
    straight = moved[..., :3] / np.maximum(moved[..., 3:] / 255, 1e-6)
    joined = np.dstack([straight, moved[..., 3:] * np.float32(move.opacity)])
    result = np.rint(np.clip(joined, 0, 255)).astype(np.uint8)
    result.flags.writeable = False
    return Painted(result, card.x - room[0], card.y - room[1])


def _check_shaping(texts: Iterable[str]) -> None:
    """Raise RenderError for scripts that have to be shaped where Pillow cannot do that."""
    from PIL import features

    if features.check("raqm"):
        return
    for text in texts:
        for character in text:
            is_rtl = unicodedata.bidirectional(character) in ("R", "AL")
            if is_rtl or 0x0900 <= ord(character) <= 0x109F or 0x1780 <= ord(character) <= 0x17FF:
                raise RenderError(
                    f"text cannot be drawn: {character} (U+{ord(character):04X}) belongs to a "
                    "script that needs shaping, and this Pillow was built without Raqm; install "
                    "Pillow's own wheel (pip install --force-reinstall pillow), or write the "
                    "subtitles to a file instead (`burn: false`)"
                )
