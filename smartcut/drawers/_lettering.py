"""What drawers of text have in common: the look of letters, and a painter of them."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from smartcut.cut import CaptionStyle
from smartcut.drawer import DrawBench, Drawer
from smartcut.render.captions.colour import ColourParam
from smartcut.render.captions.fonts import FontParam
from smartcut.render.captions.picture import CaptionPainter


class Lettering(Drawer, ABC):
    """Text in one look."""

    font: FontParam | None = Field(
        None, description="A font file (.ttf, .otf, .ttc); without it, Noto Sans of any script."
    )
    size: float = Field(
        0.05, gt=0, le=0.5, description="Height of the letters, as a share of the picture's."
    )
    colour: ColourParam = Field("#ffffff", description="Of the letters: `#rrggbb` or `#rrggbbaa`.")
    outline: ColourParam = Field("#000000", description="Colour around the letters.")
    outline_width: float = Field(
        0.004, ge=0, le=0.05, description="A share of the picture's height; 0 leaves it out."
    )
    box: ColourParam | None = Field(
        None, description="Colour of a box behind the text, such as `#00000080`."
    )
    position: Literal["bottom", "middle", "top"] = Field("bottom", description="Where it stands.")
    margin: float = Field(0.06, ge=0, le=0.4, description="Kept free along every edge.")
    highlight: ColourParam | None = Field(None, description="Colour of the word being spoken.")
    align: Literal["left", "centre", "right"] = Field(
        "centre", description="Where lines begin, or end, or both alike."
    )
    language: str | None = Field(
        None, description="ISO 639-1, for shapes of characters and good places to break a line."
    )

    @property
    def style(self) -> CaptionStyle:
        """The look of it."""
        return CaptionStyle(**{one.name: getattr(self, one.name) for one in fields(CaptionStyle)})

    def depends(self) -> Mapping[str, Any]:
        from smartcut.cache import file_sha256

        return {} if self.font is None else {"font": file_sha256(Path(self.font).expanduser())}


def painter(bench: DrawBench) -> Callable[[Lettering], CaptionPainter]:
    """Gives the painter of a look, for one thread; the same one for the same look."""
    known: dict[tuple[CaptionStyle, str | None], CaptionPainter] = {}

    def of(now: Lettering) -> CaptionPainter:
        key = now.style, now.language
        if key not in known:
            known[key] = CaptionPainter(bench.size, *key)
        return known[key]

    return of
