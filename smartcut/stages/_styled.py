"""How stages take the look of text: a look, and what is otherwise than in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from smartcut.accepted import InWords
from smartcut.looks import Look
from smartcut.text_style import TextStyle


def _with_files(style: TextStyle) -> TextStyle:
    for name in ("font", "emoji_font"):
        file = getattr(style, name)
        if file is not None and not Path(file).expanduser().is_file():
            raise ValueError(f"the {name} {file!r} is not a file; give the path of a font file")
    return style


#: A style in the parameters of a stage.
StyleParam = Annotated[
    TextStyle, AfterValidator(_with_files), InWords("keys of a look ({size: 0.06})")
]


def styled(look: Look | None, style: TextStyle) -> TextStyle:
    """The look with what ``style`` was given in place of its own."""
    return style if look is None else style.over(look.style)
