"""Captions as the text of subtitle files: SubRip, WebVTT and Advanced SubStation Alpha.

Times are rounded once, to the milliseconds or, for ASS, the hundredths of a second that the
format holds; after rounding too, no caption overlaps the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal

from smartcut.errors import RenderError
from smartcut.files import reason, write_text
from smartcut.render.captions.ass import to_ass as ass_of
from smartcut.render.captions.ass_text import JOINER
from smartcut.render.captions.cues import Cue
from smartcut.text_style import TextStyle
from smartcut.timebase import format_time, to_ticks

Kind = Literal["srt", "vtt", "ass"]

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
    language: str | None = None,
) -> str:
    """ASS text of the look for a picture of ``size`` (width, height)."""
    return ass_of(cues, _ticks(cues, "ass"), style, size, language)


def write_sidecar(
    path: Path,
    cues: Sequence[Cue],
    kind: Kind,
    style: TextStyle | None = None,
    size: tuple[int, int] = (1920, 1080),
    language: str | None = None,
) -> None:
    """Write the file in UTF-8; it is there whole or not at all. Raises RenderError."""
    texts = {
        "srt": lambda: to_srt(cues),
        "vtt": lambda: to_vtt(cues),
        "ass": lambda: to_ass(cues, style or TextStyle(), size, language),
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
        lines = [text_of(line) for line in cue.written]
        for character, guard in _GUARDED.items():
            lines = [line.replace(character, guard) for line in lines]
        file.append(pysubs2.SSAEvent(start=start, end=end, text="\\N".join(lines)))
    text: str = file.to_string(kind)
    for character, guard in _GUARDED.items():
        text = text.replace(guard, character)
    return text.rstrip("\n") + "\n" if cues else text


def _srt_text(line: str) -> str:
    """SubRip has no escapes: a joiner after the first character keeps a tag from being one."""
    line = line.replace("-->", f"--{JOINER}>")
    result = ""
    for i, character in enumerate(line):
        following = line[i + 1 : i + 2]
        opens = (character == "<" and (following.isalpha() or following == "/")) or (
            character == "{" and following == "\\"
        )
        result += character + (JOINER if opens else "")
    return result


def _vtt_text(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
