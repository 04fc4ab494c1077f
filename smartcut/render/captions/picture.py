"""Captions as pictures to lay over frames.

Each word is shaped by itself and drawn where :mod:`smartcut.render.captions.layout` puts it, so
that the one being spoken can have a colour of its own.
"""

from __future__ import annotations

import math
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from smartcut.cut import CaptionStyle
from smartcut.drawer import Painted
from smartcut.errors import RenderError
from smartcut.render.captions.colour import rgba
from smartcut.render.captions.cues import Cue, spoken_word
from smartcut.render.captions.fonts import check_glyphs, faces, load
from smartcut.render.captions.layout import Layout, lay_out, towards

_KEPT = 64
"""Painted pictures to keep: a caption has one for each of its words."""


class CaptionPainter:
    """Paints captions for frames of ``size`` (width, height) in square pixels.

    ``language`` (ISO 639-1) chooses among shapes of the same Chinese character and good places
    to break a line. Raises RenderError where the style's font cannot be read.
    """

    def __init__(
        self, size: tuple[int, int], style: CaptionStyle, language: str | None = None
    ) -> None:
        self.size = size
        self.style = style
        self._language = language
        faces(style.font, language)
        self._layouts: OrderedDict[Cue, Layout] = OrderedDict()
        self._painted: OrderedDict[tuple[Cue, int | None], Painted] = OrderedDict()

    def check(self, cues: Iterable[Cue]) -> None:
        """Raise RenderError that names every character which cannot be drawn.

        Call it before long work: :meth:`paint` would find out only when it gets there.
        """
        texts = [cue.text.replace("\n", " ") for cue in cues]
        check_glyphs(texts, self.style.font)
        _check_shaping(texts)

    def word_at(self, cue: Cue, time: Fraction | None) -> int | None:
        """Number of the word being spoken; None where none is, or the style marks none."""
        if time is None or self.style.highlight is None:
            return None
        return spoken_word(cue, time)

    def paint(self, cue: Cue, time: Fraction | None = None) -> Painted:
        """The caption as it looks at ``time`` of the timeline, no larger than need be.

        The same object comes back for as long as nothing changes. Raises RenderError where a
        character is in none of the fonts, or the text does not fit.
        """
        return self.painted(cue, self.word_at(cue, time))

    def painted(self, cue: Cue, word: int | None) -> Painted:
        """The same with the word of that number marked, or none."""
        key = cue, word
        if key in self._painted:
            self._painted.move_to_end(key)
            return self._painted[key]
        if cue not in self._layouts:
            self.check([cue])
            self._layouts[cue] = lay_out(cue, self.size, self.style, self._language)
        self._painted[key] = self._draw(self._layouts[cue], key[1])
        for kept in (self._painted, self._layouts):
            if len(kept) > _KEPT:
                kept.popitem(last=False)
        return self._painted[key]

    def _draw(self, layout: Layout, active: int | None) -> Painted:
        """Box, outline, then letters, each laid over what is below."""
        left, top = max(math.floor(layout.bounds[0]), 0), max(math.floor(layout.bounds[1]), 0)
        right = min(math.ceil(layout.bounds[2]), self.size[0])
        bottom = min(math.ceil(layout.bounds[3]), self.size[1])
        canvas = _Canvas((right - left, bottom - top), (left, top), layout)
        style = self.style
        if style.box:
            canvas.lay(canvas.box(), style.box)
        if style.outline_width:
            canvas.lay(canvas.letters(style.outline_width * self.size[1]), style.outline)
        if active is None:
            canvas.lay(canvas.letters(), style.colour)
        else:
            canvas.lay(canvas.letters(skip=active), style.colour)
            canvas.lay(canvas.letters(only=active), style.highlight or style.colour)
        return Painted(canvas.rgba(), left, top)


class _Canvas:
    """A picture under work: colour premultiplied by alpha, both float32 in 0..1."""

    def __init__(self, size: tuple[int, int], corner: tuple[int, int], layout: Layout) -> None:
        self._size = size
        self._corner = corner
        self._layout = layout
        self._colour = np.zeros((size[1], size[0], 3), np.float32)
        self._alpha = np.zeros((size[1], size[0], 1), np.float32)

    def letters(
        self, stroke: float = 0.0, only: int | None = None, skip: int | None = None
    ) -> np.ndarray:
        """Coverage by the letters, widened by ``stroke`` pixels: uint8 (height, width)."""
        from PIL import Image, ImageDraw

        image = Image.new("L", self._size, 0)
        draw = ImageDraw.Draw(image)
        for glyphs in self._layout.glyphs:
            if glyphs.word == skip or (only is not None and glyphs.word != only):
                continue
            draw.text(
                (glyphs.x - self._corner[0], glyphs.y - self._corner[1]),
                glyphs.text,
                fill=255,
                font=load(glyphs.face, self._layout.size),
                anchor="ls",
                stroke_width=stroke,
                **towards(glyphs.direction),
            )
        return np.asarray(image)

    def box(self) -> np.ndarray:
        """Coverage by the box behind the text, with round corners."""
        from PIL import Image, ImageDraw

        scale = 4  # Pillow draws shapes without smoothing: draw large, then average.
        image = Image.new("L", (self._size[0] * scale, self._size[1] * scale), 0)
        x, y = self._corner
        left, top, right, bottom = self._layout.box
        corners = [(v - o) * scale for v, o in ((left, x), (top, y), (right, x), (bottom, y))]
        radius = 0.2 * self._layout.size * scale
        ImageDraw.Draw(image).rounded_rectangle(corners, radius, fill=255)
        return np.asarray(image.reduce(scale))

    def lay(self, coverage: np.ndarray, colour: str) -> None:
        """Lay a colour over the canvas where the coverage says: Porter and Duff's "over"."""
        red, green, blue, opacity = rgba(colour)
        alpha = coverage[..., None].astype(np.float32) * (opacity / 255 / 255)
        paint = np.array([red, green, blue], np.float32) / 255
        self._colour = paint * alpha + self._colour * (1 - alpha)
        self._alpha = alpha + self._alpha * (1 - alpha)

    def rgba(self) -> np.ndarray:
        """uint8 (height, width, 4) with straight alpha."""
        straight = self._colour / np.maximum(self._alpha, 1e-6)
        joined = np.concatenate([straight, self._alpha], axis=2)
        result: np.ndarray = np.rint(np.clip(joined, 0, 1) * 255).astype(np.uint8)
        result.flags.writeable = False
        return result


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
