"""Captions as the text of subtitle files: SubRip, WebVTT and Advanced SubStation Alpha.

Times are rounded once, to the milliseconds or, for ASS, the hundredths of a second that the
format holds; after rounding too, no caption overlaps the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smartcut.errors import RenderError
from smartcut.files import reason, write_text
from smartcut.render.captions.cues import Cue
from smartcut.text_style import TextStyle
from smartcut.timebase import format_time, to_ticks

if TYPE_CHECKING:
    from pysubs2 import Color, SSAStyle

Kind = Literal["srt", "vtt", "ass"]

#: What marks a spoken word where the style names no colour for it.
HIGHLIGHT = "#ffd54a"

_JOINER = "\u2060"
"""Word joiner: takes no room, and keeps characters apart that would be read as markup."""
_GUARDED = {"{": "\ufdd0", "}": "\ufdd1", "\\": "\ufdd2"}
"""Noncharacters in place of what pysubs2 takes for tags, until its text is written."""
_LONGEST = {"srt": Fraction(100 * 3600), "vtt": Fraction(100 * 3600), "ass": Fraction(10 * 3600)}


def to_srt(cues: Sequence[Cue]) -> str:
    """SubRip text. What a player would read as a tag or a time line is kept from being one."""
    return _plain(cues, "srt", _srt_text)


def to_vtt(cues: Sequence[Cue]) -> str:
    """WebVTT text; ``&``, ``<`` and ``>`` are written as its character references."""
    return _plain(cues, "vtt", _vtt_text)


def to_ass(
    cues: Sequence[Cue],
    style: TextStyle,
    size: tuple[int, int] = (1920, 1080),
) -> str:
    """ASS text for a picture of ``size`` (width, height).

    Where the style marks words, each changes colour as it is spoken. The font is named, not
    embedded.
    """
    import pysubs2

    file = pysubs2.SSAFile()
    file.info.update(
        PlayResX=str(size[0]),
        PlayResY=str(size[1]),
        WrapStyle="0",
        ScaledBorderAndShadow="yes",
        **{"YCbCr Matrix": "None"},
    )
    karaoke = style.follows_words
    file.styles = {"Default": _ass_style(style, size, karaoke)}
    for cue, (start, end) in zip(cues, _ticks(cues, "ass"), strict=True):
        text = _karaoke_text(cue, start) if karaoke and cue.words else _ass_lines(cue)
        file.append(pysubs2.SSAEvent(start=10 * start, end=10 * end, text=text))
    return file.to_string("ass")


def write_sidecar(
    path: Path,
    cues: Sequence[Cue],
    kind: Kind,
    style: TextStyle | None = None,
    size: tuple[int, int] = (1920, 1080),
) -> None:
    """Write the file in UTF-8; it is there whole or not at all. Raises RenderError."""
    texts = {
        "srt": lambda: to_srt(cues),
        "vtt": lambda: to_vtt(cues),
        "ass": lambda: to_ass(cues, style or TextStyle(), size),
    }
    if kind not in texts:
        raise RenderError(f"{path}: unknown subtitle format {kind!r}; accepted: srt, vtt, ass")
    text = texts[kind]()
    try:
        write_text(path, text)
    except OSError as error:
        why = reason(error, path.parent)
        raise RenderError(f"cannot write the subtitles {path}: {why}") from error


# ---------------------------------------------------------------------------------------- times


def _ticks(cues: Sequence[Cue], kind: Kind) -> list[tuple[int, int]]:
    """Start and end of each caption in whole ticks of the format, none empty or overlapping."""
    tick = Fraction(1, 100) if kind == "ass" else Fraction(1, 1000)
    for before, cue in pairwise(cues):
        if cue.range.start < before.range.end:
            raise RenderError(
                f"two captions overlap: {before.text!r} ends at {format_time(before.range.end)} "
                f"and {cue.text!r} starts at {format_time(cue.range.start)}"
            )
    if cues and cues[-1].range.end >= _LONGEST[kind]:
        raise RenderError(
            f"the captions end at {format_time(cues[-1].range.end)}, but {kind.upper()} files "
            f"hold times below {format_time(_LONGEST[kind], 0)}; use another format"
        )
    times: list[tuple[int, int]] = []
    latest = 0
    for cue in cues:
        start = max(to_ticks(cue.range.start, tick), latest)
        latest = max(to_ticks(cue.range.end, tick), start + 1)
        times.append((start, latest))
    return times


# ------------------------------------------------------------------------------ SubRip and WebVTT


def _plain(cues: Sequence[Cue], kind: Kind, text_of: Callable[[str], str]) -> str:
    import pysubs2

    file = pysubs2.SSAFile()
    for cue, (start, end) in zip(cues, _ticks(cues, kind), strict=True):
        lines = [text_of(line) for line in cue.lines]
        for character, guard in _GUARDED.items():
            lines = [line.replace(character, guard) for line in lines]
        file.append(pysubs2.SSAEvent(start=start, end=end, text="\\N".join(lines)))
    text: str = file.to_string(kind)
    for character, guard in _GUARDED.items():
        text = text.replace(guard, character)
    return text.rstrip("\n") + "\n" if cues else text


def _srt_text(line: str) -> str:
    """SubRip has no escapes: a joiner after the first character keeps a tag from being one."""
    line = line.replace("-->", f"--{_JOINER}>")
    result = ""
    for i, character in enumerate(line):
        following = line[i + 1 : i + 2]
        opens = (character == "<" and (following.isalpha() or following == "/")) or (
            character == "{" and following == "\\"
        )
        result += character + (_JOINER if opens else "")
    return result


def _vtt_text(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# ------------------------------------------------------------------------------------------- ASS


def _ass_text(text: str) -> str:
    """The text with braces escaped, and backslashes kept from starting a line break."""
    return text.replace("\\", f"\\{_JOINER}").replace("{", "\\{").replace("}", "\\}")


def _ass_lines(cue: Cue) -> str:
    return "\\N".join(_ass_text(line) for line in cue.lines)


def _karaoke_text(cue: Cue, start: int) -> str:
    """The lines with ``\\k`` before each word: the hundredths of a second until the next one.

    Each is the difference of two rounded times, so that the errors do not add up.
    """
    ticks = [to_ticks(word.range.start, Fraction(1, 100)) - start for word in cue.words]
    ends = [*ticks[1:], to_ticks(cue.words[-1].range.end, Fraction(1, 100)) - start]
    at, lines, begun = 0, [], set[int]()
    for line in cue.runs():
        text = ""
        for part, word in line:
            if word not in begun:
                begun.add(word)
                if ticks[word] > at:
                    text += f"{{\\k{ticks[word] - at}}}"
                    at = ticks[word]
                text += f"{{\\k{max(ends[word] - at, 0)}}}"
                at = max(ends[word], at)
            text += _ass_text(part)
        lines.append(text)
    return "\\N".join(lines)


def _ass_style(style: TextStyle, size: tuple[int, int], karaoke: bool) -> SSAStyle:
    """The style; ASS measures a font by ascender to descender, not by its em."""
    import pysubs2

    from smartcut.render.captions.fonts import faces, family, load

    width, height = size
    unit = style.pixels(size)
    em = load(faces(style.font, None, style.weight)[0], 100)
    ascent, descent = em.getmetrics()
    colour = _ass_colour(style.colour)
    return pysubs2.SSAStyle(
        fontname=family(style.font),
        fontsize=round(style.size * unit * (ascent + descent) / 100, 2),
        bold=style.font is None,
        primarycolor=_ass_colour(style.highlight or HIGHLIGHT) if karaoke else colour,
        secondarycolor=colour,
        outlinecolor=_ass_colour(style.box or style.outline),
        backcolor=_ass_colour(style.box or style.outline),
        borderstyle=3 if style.box else 1,
        outline=round(style.outline_width * unit * (3 if style.box else 1), 2),
        shadow=0.0,
        alignment={
            "bottom": pysubs2.Alignment.BOTTOM_CENTER,
            "middle": pysubs2.Alignment.MIDDLE_CENTER,
            "top": pysubs2.Alignment.TOP_CENTER,
        }[style.position],
        marginl=round(style.margin * width),
        marginr=round(style.margin * width),
        marginv=round(style.margin * height),
    )


def _ass_colour(text: str) -> Color:
    """The colour for pysubs2, whose alpha is 0 for opaque."""
    import pysubs2

    from smartcut.colours import rgba

    red, green, blue, alpha = rgba(text)
    return pysubs2.Color(red, green, blue, 255 - alpha)
