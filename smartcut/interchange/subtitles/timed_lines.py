"""SubRip (``.srt``) and WebVTT (``.vtt``): times in a line with an arrow, then lines of text.

Both are read by one loose rule, as players do: a cue begins at a line with ``-->``, and ends at an
empty line or before the next cue. Numbers, settings, styles and notes are passed over.
"""

from __future__ import annotations

import html
import re
from fractions import Fraction
from itertools import dropwhile, takewhile

from smartcut.interchange.subtitles.cue import Mended, SubtitleCue, refused

_ARROW = re.compile(r"^\s*(\S+)\s*-->\s*(\S*)")
_TIME = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?$")
_TAG = re.compile(r"</?(?:[a-zA-Z][^<>]{0,200}|\d[\d:.]{0,20})>|\{\\[^{}]{0,200}\}")
_PLAIN_TAG = re.compile(r"</?[ biu]>", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,200})>")
_SKIPPED = ("NOTE", "STYLE", "REGION")


def read_timed_lines(text: str, path: str, mended: Mended) -> list[SubtitleCue]:
    """The cues in the order of the file.

    Raises PipelineError, with the line, for a time that cannot be read, and for a file without any.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [i for i, line in enumerate(lines) if "-->" in line and not _is_text(lines, i)]
    if not starts:
        raise refused(path, 1, "no subtitle: none of its lines has times such as "
                      "`00:00:01,000 --> 00:00:02,500`")  # fmt: skip
    found = []
    for here, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _ARROW.match(lines[here])
        if match is None:
            raise refused(path, here + 1, f"{lines[here].strip()!r} is no line of times; expected "
                          "`00:00:01,000 --> 00:00:02,500`")  # fmt: skip
        start = _time(match[1], path, here + 1)
        end = _time(match[2], path, here + 1) if match[2] else None
        body = _body(lines[here + 1 : following], is_last=following == len(lines))
        voice = next((m[1].strip() for line in body if (m := _VOICE.search(line))), "")
        if any(_TAG.sub("", line) != _PLAIN_TAG.sub("", line) for line in body if not voice):
            mended.note("tags of styles are left out", here + 1)
        shown = tuple(clean for line in body if (clean := without_tags(line)))
        found.append(SubtitleCue(here + 1, start, end, shown, speaker=voice))
    return found


def without_tags(line: str) -> str:
    """A line of text as it is shown: no tags, entities as characters."""
    return html.unescape(_TAG.sub("", line)).replace("\u200b", "").strip()


def _is_text(lines: list[str], i: int) -> bool:
    """Whether an arrow stands in text: in a note, or below the times of its own cue."""
    before = i
    while before and lines[before - 1].strip():
        before -= 1
    return lines[before].startswith(_SKIPPED) or (
        _ARROW.match(lines[i]) is None and any("-->" in line for line in lines[before:i])
    )


def _body(lines: list[str], is_last: bool) -> list[str]:
    """The lines of text; the number of the next cue, where no empty line stands before it, not."""
    rows = list(dropwhile(lambda line: not line.strip(), lines))
    shown = list(takewhile(lambda line: bool(line.strip()), rows))
    if not is_last and shown and len(shown) == len(rows) and shown[-1].strip().isdigit():
        shown.pop()
    return shown


def _time(text: str, path: str, line: int) -> Fraction:
    """Seconds of ``01:02:03,456``, ``02:03.456``."""
    match = _TIME.match(text.strip())
    if match is None or int(match[3]) > 59 or (match[1] and int(match[2]) > 59):
        raise refused(
            path, line, f"{text!r} is no time; expected hours:minutes:seconds, as in 00:01:02,500"
        )
    hours, minutes, seconds, part = match.groups()
    share = Fraction(int(part), 10 ** len(part)) if part else Fraction(0)
    return Fraction(int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) + share
