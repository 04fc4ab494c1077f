"""The fonts that captions are set in.

Noto Sans and its sisters for other scripts come as font files in the package ``manimgx-fonts``
(SIL Open Font License 1.1), those for Chinese, Japanese and Korean in ``manimgx-fonts-cjk``. Only
the files are used; neither package is imported.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from smartcut.errors import RenderError
from smartcut.once import once
from smartcut.render.captions.text import is_cjk

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_PACKAGE = "manimgx_fonts"
_CJK_PACKAGE = "manimgx_fonts_cjk"
WEIGHT = 600
"""Semi-bold: thin strokes drown in a moving picture."""
_PICTURE_SIZES = (109, 136, 128, 160, 96, 64)
"""Pixels an em in which fonts of pictures may have their glyphs."""
_NONCHARACTER = "\U0010ffff"
_CJK_INDEX = {"ja": 0, "ko": 1, "zh": 2}
"""The collection's fonts; each has all characters, in the shapes usual where it is read."""
_ZERO_WIDTH_JOINER = "\u200d"
_KEYCAP = "\u20e3"
"""Makes a key of the figure before it: both come from the font that has this."""
_UNDRAWN = ("Zs", "Zl", "Zp", "Cc", "Cf")


def _font(value: str) -> str:
    if not Path(value).expanduser().is_file():
        raise ValueError(f"the font {value!r} is not a file; give the path of a font file")
    return value


#: A font file in the parameters of stages and drawers.
FontParam = Annotated[str, AfterValidator(_font)]


@dataclass(frozen=True, slots=True)
class Face:
    """A font in a file; ``index`` counts the fonts of a collection."""

    path: Path
    index: int = 0
    weight: int | None = None
    """Of a font that has several: 100 to 900."""
    has_colours: bool = False
    """Its glyphs are pictures of their own colours, for emoji alone."""


@cache
def faces(
    font: str | None,
    language: str | None = None,
    weight: int = WEIGHT,
    emoji_font: str | None = None,
) -> tuple[Face, ...]:
    """The fonts to look for a character in, in order; the first sets what it can.

    ``font`` is a file's path, None the font that comes with smartcut's dependencies, in that
    ``weight`` (100..900). ``language`` (ISO 639-1) chooses between Chinese, Japanese and Korean
    shapes of the same character. ``emoji_font`` is a file of coloured emoji, which then come from
    there. Raises RenderError where a file, or the package with the fonts, is missing.
    """
    shipped = _shipped(language, weight)
    if emoji_font is not None:
        shipped = (*shipped, _of_pictures(emoji_font))
    if font is None:
        if not shipped:
            raise RenderError(
                "captions have no font to be set in: the package 'manimgx-fonts' is not installed; "
                "run: pip install manimgx-fonts, or name a font file with `font:` in the style"
            )
        return shipped
    path = Path(font).expanduser()
    if not path.is_file():
        raise RenderError(
            f"the font {font!r} of the captions is not a file; give the path of a .ttf, .otf or "
            ".ttc file, or leave `font:` out"
        )
    face = Face(path)
    load(face, 20)
    return (face, *shipped)


def _of_pictures(font: str) -> Face:
    face = Face(Path(font).expanduser(), has_colours=True)
    if not face.path.is_file():
        raise RenderError(f"the font {font!r} of emoji is not a file; leave `emoji_font:` out")
    load(face, 20)
    return face


def _shipped(language: str | None, weight: int) -> tuple[Face, ...]:
    found: list[Face] = []
    if folder := _folder(_PACKAGE):
        first = folder / "NotoSans[wght].ttf"
        rest = (p for p in sorted(folder.glob("*.ttf")) if "Italic" not in p.name and p != first)
        found += [Face(path, weight=weight) for path in (first, *rest)]
    if folder := _folder(_CJK_PACKAGE):
        index = _CJK_INDEX.get((language or "").lower().partition("-")[0], 0)
        found += [Face(path, index, weight) for path in sorted(folder.glob("*.ttc"))]
    return tuple(found)


def _folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


@once
def load(face: Face, size: float, shape: bool = True) -> FreeTypeFont:
    """The font at ``size`` pixels an em; one of pictures, at the size of its pictures.

    Raises RenderError where the file is no font.
    """
    from PIL import ImageFont, features

    if face.has_colours:
        return _pictures(face)

    raqm = shape and features.check("raqm")
    engine = ImageFont.Layout.RAQM if raqm else ImageFont.Layout.BASIC
    try:
        font = ImageFont.truetype(str(face.path), size, index=face.index, layout_engine=engine)
    except OSError as error:
        raise RenderError(
            f"the font {face.path} of the captions cannot be read ({error}); "
            "give a TrueType or OpenType file"
        ) from error
    if face.weight is not None:
        axis = font.get_variation_axes()[0]
        low, high = axis["minimum"] or 0, axis["maximum"] or face.weight
        font.set_variation_by_axes([min(max(face.weight, low), high)])
    return font


def _pictures(face: Face) -> FreeTypeFont:
    from PIL import ImageFont

    for size in _PICTURE_SIZES:
        with suppress(OSError):
            return ImageFont.truetype(str(face.path), size, index=face.index)
    raise RenderError(
        f"the font {face.path} of emoji cannot be read; give one whose glyphs are pictures (CBDT), "
        "such as NotoColorEmoji.ttf, or leave `emoji_font:` out"
    )


def enlarged(face: Face, size: float) -> float:
    """How many times as large glyphs of :func:`load` are to be drawn, to have ``size``."""
    return size / load(face, size).size if face.has_colours else 1.0


def family(font: str | None) -> str:
    """The name by which players know the font."""
    return str(load(faces(font)[0], 20).getname()[0])


@cache
def has_glyph(face: Face, character: str) -> bool:
    """Whether the font draws the character: it differs from what it draws for none at all."""
    if unicodedata.category(character) in _UNDRAWN:
        return True
    font = load(face, 24, shape=False)
    if face.has_colours:
        return font.getmask(character).getbbox() is not None
    mask, none = font.getmask(character), font.getmask(_NONCHARACTER)
    return mask.size != none.size or bytes(mask) != bytes(none)


def is_emoji(character: str) -> bool:
    """Whether it is a pictograph, which fonts of emoji have in colour."""
    code = ord(character)
    return 0x1F000 <= code <= 0x1FAFF or 0x2600 <= code <= 0x27BF or 0x2B00 <= code <= 0x2BFF


def missing(text: Iterable[str], choice: tuple[Face, ...]) -> str:
    """The characters, each once and in order, that none of the fonts can draw."""
    characters = dict.fromkeys(c for part in text for c in part)
    return "".join(c for c in characters if not any(has_glyph(face, c) for face in choice))


def check_glyphs(text: Iterable[str], font: str | None, emoji_font: str | None = None) -> None:
    """Raise RenderError that names the characters which would be drawn as empty boxes."""
    if not (unknown := missing(text, faces(font, emoji_font=emoji_font))):
        return
    listed = ", ".join(f"{c} (U+{ord(c):04X})" for c in unknown[:8])
    more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
    wants_cjk = any(is_cjk(c) for c in unknown) and _folder(_CJK_PACKAGE) is None
    install = "run: pip install manimgx-fonts-cjk, or " if wants_cjk else ""
    given = repr(font) if font else "the fonts installed with smartcut"
    raise RenderError(
        f"text cannot be drawn: {given} lack{'s' if font else ''} {listed}{more}; "
        f"{install}set `font:` to a font file that has them"
    )


def runs(text: str, choice: tuple[Face, ...]) -> list[tuple[str, Face]]:
    """The text in stretches, each with the first font that has it; marks stay with their base."""
    pictures = next((face for face in choice if face.has_colours), None)
    choice = tuple(face for face in choice if not face.has_colours)
    if (
        pictures is None
        and _KEYCAP not in text
        and all(has_glyph(choice[0], character) for character in text)
    ):
        return [(text, choice[0])]
    parts: list[tuple[str, Face]] = []
    for i, character in enumerate(text):
        is_mark = unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf", "Sk")
        goes_on = is_mark or bool(parts and parts[-1][0][-1:] == _ZERO_WIDTH_JOINER)
        is_key = _KEYCAP in text[i + 1 : i + 3] and not is_mark
        wanted = _KEYCAP if is_key else character
        face = next((f for f in choice if has_glyph(f, wanted)), None)
        is_picture = is_key or is_emoji(character) or face is None
        if pictures and is_picture and has_glyph(pictures, wanted):
            face = pictures
        face = face or choice[0]
        if parts and (goes_on or parts[-1][1] == face):
            parts[-1] = (parts[-1][0] + character, parts[-1][1])
        else:
            parts.append((character, face))
    return parts
