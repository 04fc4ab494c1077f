"""Letters as coverage of pixels: themselves, and what lies around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from smartcut.colours import rgba
from smartcut.drawer import Painted
from smartcut.render.captions.fonts import enlarged, load
from smartcut.render.captions.layout import Glyphs, towards
from smartcut.render.captions.motion import WordMove
from smartcut.render.captions.safe_areas import Box
from smartcut.text_style import TextStyle

Corner = tuple[int, int]
_ROOM = 0.6
"""Kept above and below letters that move, in ems."""


@dataclass(frozen=True, slots=True)
class Brush:
    """The measures of a style in pixels."""

    outline: float
    offset: tuple[float, float]
    blur: float
    glow: float

    @classmethod
    def of(cls, style: TextStyle, size: tuple[int, int]) -> Brush:
        """In a picture of (width, height)."""
        unit = style.pixels(size)
        across, down = style.shadow_offset
        return cls(
            style.outline_width * unit,
            (across * unit, down * unit),
            style.shadow_blur * unit,
            style.glow_width * unit,
        )

    def reach(self, style: TextStyle) -> int:
        """How far anything lies from the letters."""
        reach = self.outline
        if style.shadow:
            reach += max(map(abs, self.offset)) + 2 * self.blur
        if style.glow:
            reach = max(reach, self.outline + 2.5 * self.glow)
        return math.ceil(reach) + 2


class WordLetters:
    """Some glyphs of a caption as masks of one size, whose corner lies at ``corner``.

    Masks are uint8 (height, width), 255 where covered.
    """

    def __init__(
        self, glyphs: Sequence[Glyphs], style: TextStyle, brush: Brush, scale: float = 1.0
    ) -> None:
        """``scale`` is the largest that they are moved with; 1 for those that stay."""
        self._glyphs, self._style, self._brush = glyphs, style, brush
        boxes = [_ink(g) for g in glyphs]
        reach = brush.reach(style)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        self.ink: Box = min(lefts), min(tops), max(rights), max(bottoms)
        across, down = reach, reach
        if scale > 1:
            across = math.ceil(scale * reach + (scale - 1) / 2 * (self.ink[2] - self.ink[0]))
            down = math.ceil(scale * reach + _ROOM * glyphs[0].size)
        self.corner: Corner = math.floor(self.ink[0]) - across, math.floor(self.ink[1]) - down
        self._size = (
            math.ceil(self.ink[2]) + across - self.corner[0],
            math.ceil(self.ink[3]) + down - self.corner[1],
        )
        self.is_rtl = glyphs[0].direction == "rtl"

    @property
    def length(self) -> float:
        return self.ink[2] - self.ink[0]

    @property
    def middle(self) -> tuple[float, float]:
        """About which they move: the middle of their length, and half the height of capitals."""
        em = self._glyphs[0].size
        return (self.ink[0] + self.ink[2]) / 2, self._glyphs[0].y - 0.35 * em

    def typed(self, share: float) -> float:
        """The share of the length up to the end of the letter that is written at that share."""
        edges = self._edges
        return edges[min(math.ceil(share * len(edges)), len(edges)) - 1]

    @cached_property
    def _edges(self) -> tuple[float, ...]:
        """Where each letter ends, as a share of the length, in the order of reading."""
        found = []
        for g in self._glyphs[::-1] if self.is_rtl else self._glyphs:
            start = self.ink[2] - (g.x + g.length) if self.is_rtl else g.x - self.ink[0]
            font, share = load(g.face, g.size), enlarged(g.face, g.size)
            for end in range(1, len(g.text) + 1):
                length = font.getlength(g.text[:end], **towards(g.direction)) * share
                found.append(min(max((start + length) / self.length, 0.0), 1.0))
        return (*found[:-1], 1.0)

    @cached_property
    def letters(self) -> np.ndarray:
        return self._drawn(0.0)

    @cached_property
    def outline(self) -> np.ndarray:
        """With the letters inside; what is coloured by itself has one as wide as it can be."""
        if not self._brush.outline or not self._style.outline_width:
            return self.letters
        import cv2

        drawn = self._drawn(self._brush.outline)
        if self.pictures is not None:
            round_ = 2 * round(self._brush.outline) + 1
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round_, round_))
            drawn = np.maximum(drawn, cv2.dilate(self.pictures[..., 3], kernel))
        return drawn

    @cached_property
    def shadow(self) -> np.ndarray:
        import cv2

        across, down = self._brush.offset
        matrix = np.array([[1, 0, across], [0, 1, down]], np.float32)
        moved = cv2.warpAffine(self.outline, matrix, self._size, flags=cv2.INTER_LINEAR)
        return _blurred(moved, self._brush.blur)

    @cached_property
    def glow(self) -> np.ndarray:
        wide = _blurred(self.outline, self._brush.glow).astype(np.float32)
        near = _blurred(self.outline, self._brush.glow / 3).astype(np.float32)
        result: np.ndarray = np.clip(1.1 * wide + 0.5 * near, 0, 255).astype(np.uint8)
        return result

    @cached_property
    def pictures(self) -> np.ndarray | None:
        """uint8 (height, width, 4), straight alpha: what has colours of its own; None for none."""
        coloured = [g for g in self._glyphs if g.face.has_colours]
        if not coloured:
            return None
        canvas = np.zeros((*self._size[::-1], 4), np.uint8)
        for g in coloured:
            _lay_picture(canvas, g, self.corner)
        return canvas

    def _drawn(self, stroke: float) -> np.ndarray:
        from PIL import Image, ImageDraw

        image = Image.new("L", self._size, 0)
        draw = ImageDraw.Draw(image)
        for g in self._glyphs:
            if not g.face.has_colours:
                draw.text(
                    (g.x - self.corner[0], g.y - self.corner[1]),
                    g.text,
                    fill=255,
                    font=load(g.face, g.size),
                    anchor="ls",
                    stroke_width=stroke,
                    **towards(g.direction),
                )
        return np.asarray(image)


def _ink(g: Glyphs) -> Box:
    share = enlarged(g.face, g.size)
    ink = load(g.face, g.size).getbbox(g.text, anchor="ls", **towards(g.direction))
    left, top, right, bottom = (share * v for v in ink)
    return g.x + left, g.y + top, g.x + max(right, left + 1), g.y + max(bottom, top + 1)


def _blurred(mask: np.ndarray, radius: float) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(mask, (0, 0), radius / 2) if radius > 0.5 else mask


def _lay_picture(canvas: np.ndarray, g: Glyphs, corner: Corner) -> None:
    """Lay a glyph that is a picture on the canvas, in its size."""
    import cv2
    from PIL import Image, ImageDraw

    font, share = load(g.face, g.size), enlarged(g.face, g.size)
    left, top, right, bottom = font.getbbox(g.text, anchor="ls")
    image = Image.new("RGBA", (max(1, int(right - left)), max(1, int(bottom - top))))
    ImageDraw.Draw(image).text((-left, -top), g.text, font=font, anchor="ls", embedded_color=True)
    width, height = max(1, round(image.width * share)), max(1, round(image.height * share))
    small = cv2.resize(np.asarray(image), (width, height), interpolation=cv2.INTER_AREA)
    x, y = round(g.x + left * share - corner[0]), round(g.y + top * share - corner[1])
    box = canvas[max(y, 0) : y + height, max(x, 0) : x + width]
    box[...] = small[max(-y, 0) :, max(-x, 0) :][: box.shape[0], : box.shape[1]]


# --------------------------------------------------------------------------------- as painted


def back_of(word: WordLetters, style: TextStyle, move: WordMove, em: float) -> Painted | None:
    """Shine, shadow and outline of letters; None where the style has none."""
    layers = []
    if style.glow:
        layers.append((word.glow, style.glow))
    if style.shadow:
        layers.append((word.shadow, style.shadow))
    if style.outline_width:
        layers.append((word.outline, style.outline))
    if not layers:
        return None
    moved = [(_moved(mask, word, move, em), colour) for mask, colour in layers]
    return _cut_down(_laid(moved), word.corner)


def front_of(
    word: WordLetters, colour: str, move: WordMove, em: float, fill: tuple[str, float] | None = None
) -> Painted:
    """The letters; with ``fill``, another colour as far as it has come."""
    letters = _moved(word.letters, word, move, em)
    pixels = np.zeros((*letters.shape, 4), np.uint8)
    red, green, blue, alpha = rgba(colour)
    pixels[..., :3] = red, green, blue
    share = np.full(letters.shape[1], alpha / 255, np.float32)
    if fill is not None:
        red, green, blue, alpha = rgba(fill[0])
        filled = _columns(word, fill[1])
        pixels[:, filled, :3] = red, green, blue
        share[filled] = alpha / 255
    pixels[..., 3] = np.rint(letters * share)
    if word.pictures is not None:
        own = np.dstack([_moved(word.pictures[..., i], word, move, em) for i in range(4)])
        seen = own[..., 3] > letters
        pixels[seen] = own[seen]
    return _cut_down(pixels, word.corner)


def _columns(word: WordLetters, share: float) -> slice:
    """The columns up to that share of the letters' length, from where they begin."""
    left, right = (v - word.corner[0] for v in (word.ink[0], word.ink[2]))
    edge = (right - left) * share
    if word.is_rtl:
        return slice(max(0, round(right - edge)), None)
    return slice(0, max(0, round(left + edge)))


def _moved(mask: np.ndarray, word: WordLetters, move: WordMove, em: float) -> np.ndarray:
    """The mask as the move has it, on the same canvas."""
    result = mask
    if move.shown < 1:
        result = np.zeros_like(mask)
        seen = _columns(word, word.typed(move.shown))
        result[:, seen] = mask[:, seen]
    if move.scale != 1 or move.down:
        import cv2

        x, y = word.middle[0] - word.corner[0], word.middle[1] - word.corner[1]
        s, down = move.scale, move.down * em
        matrix = np.array([[s, 0, x * (1 - s)], [0, s, y * (1 - s) + down]], np.float32)
        result = cv2.warpAffine(result, matrix, mask.shape[::-1], flags=cv2.INTER_LINEAR)
    if move.opacity < 1:
        result = np.rint(result * np.float32(move.opacity)).astype(np.uint8)
    return result


def _laid(layers: Sequence[tuple[np.ndarray, str]]) -> np.ndarray:
    """Coverages in their colours, each laid over those before it: Porter and Duff's "over"."""
    shares = [mask * np.float32(rgba(name)[3] / 255 / 255) for mask, name in layers]
    alpha = shares[0]
    for own in shares[1:]:
        alpha = own + alpha * (1 - own)
    result = np.empty((*alpha.shape, 4), np.uint8)
    result[..., 3] = np.rint(alpha * 255)
    for channel in range(3):
        values = [rgba(name)[channel] for _, name in layers]
        if len(set(values)) == 1:
            result[..., channel] = values[0]
            continue
        seen = values[0] * shares[0]
        for value, own in zip(values[1:], shares[1:], strict=True):
            seen = value * own + seen * (1 - own)
        result[..., channel] = np.rint(np.clip(seen / np.maximum(alpha, 1e-6), 0, 255))
    return result


def _cut_down(pixels: np.ndarray, corner: Corner) -> Painted:
    """A picture without its clear edges."""
    import cv2

    left, top, width, height = cv2.boundingRect(np.ascontiguousarray(pixels[..., 3]))
    inner = pixels[top : top + height, left : left + width]
    inner.flags.writeable = False
    return Painted(inner, corner[0] + left, corner[1] + top)
