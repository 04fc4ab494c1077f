"""The JSON of Whisper and WhisperX: ``segments`` with times and text, and words if there are."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

from smartcut.annotation import Word
from smartcut.interchange.subtitles.cue import Mended, SubtitleCue, refused
from smartcut.timebase import Range, exact


def read_whisper(text: str, path: str, mended: Mended) -> tuple[list[SubtitleCue], str | None]:
    """The segments as cues, and the language where the file names it; raises PipelineError."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise refused(path, line, f"it is no JSON: {getattr(error, 'msg', error)}") from error
    rows = plain.get("segments") if isinstance(plain, dict) else plain
    if not isinstance(rows, list) or not rows:
        raise refused(path, 1, "it has no `segments`, as Whisper and WhisperX write them")
    cues = [_cue(row, path, number, mended) for number, row in enumerate(rows)]
    language = plain.get("language") if isinstance(plain, dict) else None
    return cues, language if isinstance(language, str) else None


def _cue(row: Any, path: str, number: int, mended: Mended) -> SubtitleCue:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise refused(path, 1, f"segment {number} has no `text`")
    start, end = (_seconds(row, key, path, number) for key in ("start", "end"))
    words: list[Word] = []
    for one in row.get("words") or ():
        if not isinstance(one, dict):
            raise refused(path, 1, f"segment {number}: a word that is none: {one!r:.40}")
        said = str(one.get("word", "")).strip()
        if "start" not in one or "end" not in one:  # WhisperX does not align numbers
            mended.note("words without times are placed by the sound", number + 1)
            words = []
            break
        begin, finish = (_seconds(one, key, path, number) for key in ("start", "end"))
        if said and finish > begin:
            score = one.get("probability", one.get("score", 1.0))
            sure = float(score) if isinstance(score, int | float) else 1.0
            speaker = one.get("speaker", row.get("speaker"))
            known = speaker if isinstance(speaker, str) and speaker else None
            words.append(Word(Range(begin, finish), said, min(max(sure, 0.0), 1.0), known))
    if not _are_inside(words, start, end):
        mended.note("words outside of their segment are placed by the sound", number + 1)
        words = []
    return SubtitleCue(
        number + 1, start, end, (row["text"].strip(),), tuple(words), str(row.get("speaker") or "")
    )


def _are_inside(words: list[Word], start: Fraction, end: Fraction) -> bool:
    """Whether the words follow each other, each at least partly within the segment."""
    in_order = all(a.range.start <= b.range.start for a, b in pairwise(words))
    return in_order and all(w.range.start < end and w.range.end > start for w in words)


def _seconds(row: dict[str, Any], key: str, path: str, number: int) -> Fraction:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise refused(path, 1, f"segment {number}: {key} {value!r:.40} is no time in seconds")
    return exact(round(float(value), 3))
