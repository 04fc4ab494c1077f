"""What drawers of text have in common: the look of letters, and a painter of them."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from smartcut.drawer import DrawBench, Drawer
from smartcut.render.captions.fonts import FontParam
from smartcut.render.captions.picture import CaptionPainter
from smartcut.text_style import TextStyle


class Lettering(TextStyle, Drawer, ABC):
    """Text in one look."""

    font: FontParam | None = Field(
        None, description="A font file (.ttf, .otf, .ttc); without it, Noto Sans of any script."
    )
    emoji_font: FontParam | None = Field(
        None, description="A font file with colour emoji; without it, emoji are outlines."
    )
    language: str | None = Field(
        None, description="ISO 639-1, for shapes of characters and good places to break a line."
    )

    @cached_property
    def style(self) -> TextStyle:
        """The look of it."""
        return TextStyle.model_construct(
            **{name: getattr(self, name) for name in TextStyle.model_fields}
        )

    def depends(self) -> Mapping[str, Any]:
        from smartcut.cache import file_sha256

        files = {"font": self.font, "emoji_font": self.emoji_font}
        return {name: file_sha256(Path(file).expanduser()) for name, file in files.items() if file}


def painter(bench: DrawBench) -> Callable[[Lettering], CaptionPainter]:
    """Gives the painter of a look, for one thread; the same one for the same look."""
    known: dict[tuple[TextStyle, str | None], CaptionPainter] = {}

    def of(now: Lettering) -> CaptionPainter:
        key = now.style, now.language
        if key not in known:
            known[key] = CaptionPainter(bench.size, *key)
        return known[key]

    return of
