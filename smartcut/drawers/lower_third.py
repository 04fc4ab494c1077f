"""`lower_third`: who is speaking: a name, and what they are, in a box at the lower edge."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from smartcut.colours import ColourParam
from smartcut.drawer import Draw, DrawBench, Drawer, Painted
from smartcut.image import Size
from smartcut.render import forms
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fonts import FontParam
from smartcut.render.captions.layout import lay_out
from smartcut.render.captions.picture import CaptionPainter
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

_ALWAYS = Range(Fraction(0), Fraction(1))
# In heights of the title's letters: around the text, and the bar beside it.
_PADDING, _BAR = 0.45, 0.16
_SUBTITLE = 0.68
_LINE, _BASELINE = 1.2, 0.95


class LowerThird(Drawer):
    """Writes a title and a subtitle into a box at the lower edge, with a bar beside them.

    All of it lies within the margin, which is by default what screens show for certain of
    graphics (EBU R 95).
    """

    name: ClassVar[str] = "lower_third"
    version: ClassVar[int] = 2

    title: str = Field(min_length=1, description="The first line, such as a name.")
    subtitle: str | None = Field(None, description="The second line, smaller.")
    side: Literal["left", "right"] = Field("left", description="Where the box lies.")
    size: float = Field(
        0.05, gt=0, le=0.2, description="Height of the title's letters, a share of the frame's."
    )
    margin: float = Field(
        0.05, ge=0, le=0.3, description="Kept free along every edge, as a share of it."
    )
    colour: ColourParam = Field("#ffffff", description="Of the letters.")
    background: ColourParam = Field("#101418d0", description="Of the box.")
    accent: ColourParam = Field("#ffd54a", description="Of the bar.")
    font: FontParam | None = Field(
        None, description="A font file; without it, Noto Sans of any script."
    )

    def open(self, bench: DrawBench) -> Draw:
        def draw(now: LowerThird) -> Painted | None:
            return _painted(now, bench.size)

        return draw

    def check(self, bench: DrawBench) -> None:
        self.open(bench)(self)


@dataclass(frozen=True, slots=True)
class _Block:
    """Some lines of text: letters alone, and where they lie in their block."""

    letters: np.ndarray
    x: int
    y: int
    width: float
    height: float


def _painted(now: LowerThird, size: Size) -> Painted | None:
    width, height = size
    em = now.size * height
    pad, bar = round(_PADDING * em), max(1, round(_BAR * em))
    blocks = [_block(now, now.title, now.size, 2 * pad + bar, size)]
    if now.subtitle:
        blocks.append(_block(now, now.subtitle, now.size * _SUBTITLE, 2 * pad + bar, size))
    wide = bar + 2 * pad + max(round(block.width) for block in blocks)
    high = 2 * pad + sum(round(block.height) for block in blocks)
    room = round(now.margin * width), round(now.margin * height)
    left = room[0] if now.side == "left" else width - room[0] - wide
    top = height - room[1] - high
    pixels = (left, top, left + wide, top + high)
    stripe = forms.box_coverage((left, top, left + bar, top + high), pixels)
    rest = forms.box_coverage((left + bar, top, left + wide, top + high), pixels)
    drawn = forms.painted([(stripe, now.accent), (rest, now.background)], left, top)
    if drawn is None:
        return None
    whole, at = drawn.rgba, pad
    for block in blocks:
        _lay(whole, block.letters, bar + pad + block.x, at + block.y)
        at += round(block.height)
    return drawn


def _block(now: LowerThird, text: str, share: float, taken: int, size: Size) -> _Block:
    """The text in letters of that share of the height, in the width that the box leaves it."""
    margin = min(now.margin + taken / size[0] / 2, 0.45)
    style = TextStyle(
        font=now.font, size=share, colour=now.colour, outline_width=0.0, position="middle",
        margin=margin, align="left",
    )  # fmt: skip
    cue = Cue(_ALWAYS, tuple(" ".join(line.split()) for line in text.strip().splitlines()), ())
    painted = CaptionPainter(size, style).paint(cue)
    layout = lay_out(cue, size, style)
    rows = sorted({glyphs.y for glyphs in layout.glyphs})
    start = min(glyphs.x for glyphs in layout.glyphs)
    above = _BASELINE * layout.size + painted.y - rows[0]
    across = painted.x - start
    height = (_LINE * (len(rows) - 1) + _LINE) * layout.size
    wide = across + painted.rgba.shape[1]
    return _Block(painted.rgba, max(0, round(across)), max(0, round(above)), wide, height)


def _lay(base: np.ndarray, top: np.ndarray, x: int, y: int) -> None:
    """Lay uint8 RGBA over float32 RGBA in place, both with straight alpha."""
    box = base[y : y + top.shape[0], x : x + top.shape[1]]
    letters = top[: box.shape[0], : box.shape[1]].astype(np.float32) / 255
    own, below = letters[..., 3:], box[..., 3:] * (1 - letters[..., 3:])
    whole = own + below
    colour = letters[..., :3] * own + box[..., :3] * below
    box[..., :3] = colour / np.maximum(whole, 1e-6)
    box[..., 3:] = whole
