"""ASS and SSA: the text and the times of the dialogue; styles and positions are left out."""

from __future__ import annotations

import re
from fractions import Fraction

from smartcut.interchange.subtitles.cue import Mended, SubtitleCue, refused

_TIME = re.compile(r"\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[.:](\d{1,3})\s*$")
_OVERRIDE = re.compile(r"\{[^{}]*\}")
_WHOLE, _MADE = "karaoke", "fx"
_KARAOKE = re.compile(r"^Comment:(?:[^,]*,){8}\s*karaoke\s*,", re.MULTILINE | re.IGNORECASE)
"""What is drawn word by word has its text as a whole in a comment, as Aegisub's templates do."""
_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect",
           "text")  # fmt: skip


def read_styled(text: str, path: str, mended: Mended) -> list[SubtitleCue]:
    """The dialogue in the order of the file.

    Raises PipelineError, with the line, for a time that cannot be read, and for a file without
    dialogue.
    """
    fields: tuple[str, ...] = _FIELDS
    section, found = "", list[SubtitleCue | None]()
    has_wholes = _KARAOKE.search(text) is not None
    for number, line in enumerate(text.splitlines(), start=1):
        name, colon, rest = line.partition(":")
        if line.startswith("["):
            section = line.strip().lower()
        elif section == "[events]" and name.strip().lower() == "format":
            fields = tuple(part.strip().lower() for part in rest.split(","))
        elif colon and name.strip() in ("Dialogue", "Comment"):
            effect = _values(fields, rest).get("effect", "").strip().lower()
            is_whole = has_wholes and effect == _WHOLE
            is_made = has_wholes and effect == _MADE
            if is_whole or (name.strip() == "Dialogue" and not is_made):
                found.append(_cue(fields, rest, path, number, mended))
    if not found:
        raise refused(path, 1, "no subtitle: it has no line that begins with `Dialogue:`")
    return [cue for cue in found if cue is not None]


def _cue(
    fields: tuple[str, ...], rest: str, path: str, number: int, mended: Mended
) -> SubtitleCue | None:
    values = _values(fields, rest)
    if not {"start", "end", "text"} <= set(values):
        raise refused(path, number, "the line lacks a start, an end or a text")
    text = values["text"]
    if re.search(r"\{[^}]*\\p[1-9]", text):
        mended.note("drawings are left out", number)
        return None
    if _OVERRIDE.search(text):
        mended.note("tags of styles are left out", number)
    plain = _OVERRIDE.sub("", text).replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
    lines = tuple(clean for line in plain.split("\n") if (clean := line.strip()))
    start, end = (_time(values[key], path, number) for key in ("start", "end"))
    return SubtitleCue(number, start, end, lines, speaker=values.get("name", "").strip())


def _values(fields: tuple[str, ...], rest: str) -> dict[str, str]:
    return dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))


def _time(text: str, path: str, line: int) -> Fraction:
    match = _TIME.match(text)
    if match is None:
        raise refused(path, line, f"{text.strip()!r} is no time; expected 0:01:02.50")
    hours, minutes, seconds, part = match.groups()
    share = Fraction(int(part), 10 ** len(part))
    return Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds)) + share
