"""SubRip (``.srt``) and WebVTT (``.vtt``): times in a line with an arrow, then lines of text.

Both are read by one loose rule, as players do: a cue begins at a line of times, and ends before the
next cue, in WebVTT at an empty line. Numbers, settings, styles and notes are passed over.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

from smartcut.interchange.subtitles.cue import Mended, SubtitleCue, refused

_LINE_END = re.compile(r"\r{0,9}\n|\r")
_TIMES = re.compile(r"^\s*(-?\d\S*?)\s*-->\s*(\S*)")
_TIME = re.compile(r"(-?)(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?$")
_TAG = re.compile(r"</?(?:[a-zA-Z][^<>]{0,200}|\d[\d:.]{0,20})>|\{\\[^{}]{0,200}\}")
_OF_VOICES = re.compile(r"<v[.\s][^<>]{1,200}>|</v>")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,200})>")
_SKIPPED = ("NOTE", "STYLE", "REGION")


def read_timed_lines(text: str, path: str, mended: Mended) -> list[SubtitleCue]:
    """The cues in the order of the file; a time before its beginning is negative.

    Raises PipelineError, with the line, for a time that cannot be read, and for a file without any.
    """
    lines = _LINE_END.split(text)
    starts = list(_starts(lines, path))
    if not starts:
        raise refused(path, 1, "no subtitle: none of its lines has times such as "
                      "`00:00:01,000 --> 00:00:02,500`")  # fmt: skip
    is_vtt = lines[0].startswith("WEBVTT")
    found = []
    for here, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _TIMES.match(lines[here])
        assert match is not None
        start = _time(match[1], path, here + 1)
        end = _time(match[2], path, here + 1) if match[2] else None
        rows = lines[here + 1 : following]
        body = _body(rows, following == len(lines), is_vtt, mended, here + 1)
        voices = {match[1].strip() for line in body for match in _VOICE.finditer(line)}
        # Where several speak in one cue, nobody knows which words are whose.
        voice = voices.pop() if len(voices) == 1 else ""
        if any(_TAG.search(_OF_VOICES.sub("", line) if voice else line) for line in body):
            mended.note("tags of styles are left out", here + 1)
        shown = tuple(clean for line in body if (clean := without_tags(line)))
        found.append(SubtitleCue(here + 1, start, end, shown, speaker=voice))
    return found


def without_tags(line: str) -> str:
    """A line of text as it is shown: no tags, entities as characters."""
    plain = html.unescape(_TAG.sub("", line)).replace("\u200b", "").replace("\t", " ")
    return "".join(c for c in plain if unicodedata.category(c) != "Cc").strip()


def _starts(lines: list[str], path: str) -> Iterator[int]:
    """The numbers of the lines of times.

    An arrow within a note, or within the text of a cue, is text; any other one is refused.
    """
    is_new, is_skipped, is_cue = True, False, False
    for number, line in enumerate(lines):
        if not line.strip():
            is_new = True
            continue
        if is_new:
            is_new, is_skipped, is_cue = False, line.startswith(_SKIPPED), False
        if is_skipped or "-->" not in line:
            continue
        if _TIMES.match(line):
            is_cue = True
            yield number
        elif not is_cue:
            raise refused(path, number + 1, f"{line.strip()!r:.100} is no line of times; expected "
                          "`00:00:01,000 --> 00:00:02,500`")  # fmt: skip


def _body(rows: list[str], is_last: bool, is_vtt: bool, mended: Mended, line: int) -> list[str]:
    """The lines of text, of those between a cue's times and the next one's."""
    parts = [list(own) for is_text, own in groupby(rows, lambda r: bool(r.strip())) if is_text]
    if parts and not is_last and rows[-1].strip():
        # What stands right above times is a number or a name of theirs.
        if len(parts) > 1 and len(parts[-1]) == 1:
            parts.pop()
        elif parts[-1][-1].strip().isdigit():
            parts[-1].pop()
    if is_vtt or len(parts) < 2:
        return parts[0] if parts else []
    shown = parts[:1]
    for part in parts[1:]:
        if part[0].strip().isdigit() and (len(part) > 1 or part is parts[-1]):
            mended.note("cues without times are left out", line)
        else:
            mended.note("empty lines within cues are left out", line)
            shown.append(part)
    return [row for part in shown for row in part]


def _time(text: str, path: str, line: int) -> Fraction:
    """Seconds of ``01:02:03,456``, ``02:03.456``."""
    match = _TIME.match(text.strip())
    if match is None or int(match[4]) > 59 or (match[2] and int(match[3]) > 59):
        raise refused(
            path,
            line,
            f"{text!r:.100} is no time; expected hours:minutes:seconds, as in 00:01:02,500",
        )
    sign, hours, minutes, seconds, part = match.groups()
    share = Fraction(int(part), 10 ** len(part)) if part else Fraction(0)
    time = Fraction(int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) + share
    return -time if sign else time
