"""A subtitle file as cues: the suffix says the kind, the bytes say the encoding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from smartcut.errors import PipelineError
from smartcut.interchange.subtitles.cue import Mended, SubtitleCue
from smartcut.interchange.subtitles.mending import in_order
from smartcut.interchange.subtitles.styled import read_styled
from smartcut.interchange.subtitles.timed_lines import read_timed_lines
from smartcut.interchange.subtitles.whisper_json import read_whisper
from smartcut.interchange.text_files import read_text_file

#: Suffixes of files that can be read; plain text has no times.
KINDS = (".srt", ".vtt", ".ass", ".ssa", ".json", ".txt")
_FAMILY = {
    ".srt": "subtitles with lines of times", ".vtt": "subtitles with lines of times",
    ".ass": "ASS", ".ssa": "ASS", ".json": "JSON", ".txt": "plain text",
}  # fmt: skip
_STARTS = (
    (".vtt", re.compile("WEBVTT")),
    (".ass", re.compile(r"\[(script info|v4\+? styles|events)\]", re.IGNORECASE)),
    (".json", re.compile(r"\{\s*\"|\[\s*\{")),
    (".srt", re.compile(r"(\d{1,7}\s{1,9})?-?\d{1,4}:\d\S{0,20}\s{0,9}-->")),
)
# An hour of speech as SubRip takes 0.1 MB.
_MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class BroughtText:
    """What a file says: cues with times, or sentences of a script without any."""

    cues: tuple[SubtitleCue, ...] = ()
    script: tuple[tuple[int, str], ...] = ()
    """(line, text) of a plain text, a paragraph or a line each."""
    language: str | None = None
    notes: tuple[str, ...] = ()


def read_subtitles(path: Path, duration: Fraction) -> BroughtText:
    """The subtitles of a file for a recording of that many seconds.

    What is mended is told in ``notes``. Raises PipelineError, with the line, for what cannot be
    read.
    """
    kind, given = path.suffix.lower(), read_text_file(path, KINDS, _MOST_BYTES, "subtitles")
    held, notes = _held(given.text) or kind, given.notes
    if _FAMILY.get(held) != _FAMILY.get(kind):
        notes = (*notes, f"{path} is read as {_FAMILY[held]}, which it holds")
        kind = held
    if kind == ".txt":
        return BroughtText(script=_script(given.text, path), notes=notes)
    mended, language = Mended(str(path)), None
    if kind == ".json":
        cues, language = read_whisper(given.text, str(path), mended)
    else:
        read = read_styled if kind in (".ass", ".ssa") else read_timed_lines
        cues = read(given.text, str(path), mended)
    ordered = in_order(cues, duration, mended)
    if not ordered:
        raise PipelineError(
            f"{path}: none of its {len(cues)} subtitles lies within the recording, which lasts "
            f"{float(duration):g} s; is it the file of another one?"
        )
    return BroughtText(ordered, language=language, notes=(*notes, *mended.notes()))


def _held(text: str) -> str | None:
    """The kind that a text begins as, whatever its file is called; None where it does not say."""
    head = text[:1000].lstrip()
    return next((kind for kind, start in _STARTS if start.match(head)), None)


def _script(text: str, path: Path) -> tuple[tuple[int, str], ...]:
    rows = [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1)]
    found = tuple((n, line) for n, line in rows if line)
    if not found:
        raise PipelineError(f"{path}, line 1: the text is empty")
    return found
