"""A words file: sentences with times and check boxes, and at its end when each word was said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from smartcut.annotation import Transcript, Word
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.interchange.media_paths import as_name
from smartcut.interchange.words.matching import key
from smartcut.interchange.words.pieces import Item
from smartcut.interchange.words.script import Script, ScriptLine, ScriptSource, lines_of
from smartcut.timebase import Range, format_time

VERSION = 1
HEAD, TIMES = "smartcut: words", "smartcut words: when each word was said; leave this as it is"
HELP = (
    "Untick a line, or strike ~~words~~, to leave them out; delete or move words and lines; a "
    "heading begins a chapter."
)
_SPECIAL = re.compile(r"([\\`*_~<>\[\]{}#])")
_SPACES = re.compile(r"[ \t\r\n]+")
#: Stands for a space within a word: it does not end it.
HARD_SPACE = "\u00a0"


def to_words(cut: Cut, *, name: str, folder: Path) -> str:
    """The words of a cut as Markdown: what it leaves out is struck, or its line not ticked.

    Raises PipelineError where nobody wrote the words down, and for what plays in another order.
    """
    script = script_of(cut, folder)
    return written(script, list(_heard(cut, script)))


def script_of(cut: Cut, folder: Path | None = None) -> Script:
    """The lines of all recorded sources that the programme shows."""
    used = {segment.source for segment in cut.segments}
    sources: list[ScriptSource] = []
    lines: list[ScriptLine] = []
    for source in cut.footage:
        if source.id not in used:
            continue
        said = cut.data(Transcript, "transcript", source.id)
        if said is None:
            raise PipelineError(
                f"the words of {source.id} are not written down; add `- transcribe` before"
            )
        path = Path(as_name(source.path, folder))
        one = ScriptSource(source.id, path, source.digest, source.duration, said.language)
        sources.append(one)
        lines += lines_of(one, said.sentences)
    return Script(tuple(sources), tuple(lines))


def _heard(cut: Cut, script: Script) -> Iterator[int]:
    """The numbers of the words of which the programme plays at least half, in their order."""
    shown: dict[str, list[Range]] = {}
    for segment in cut.segments:
        if segment.source is not None:
            shown.setdefault(segment.source, []).append(segment.range)
    for number, (word, source) in enumerate(zip(script.words, script.source_of, strict=True)):
        parts = (word.range.intersect(r) for r in shown.get(source, ()))
        heard = sum((part.duration for part in parts if part), Fraction(0))
        if 2 * heard >= word.range.duration:
            yield number


def written(script: Script, items: Iterable[Item] | None = None) -> str:
    """The words file of a script; of ``items``, which are in order, the others are struck."""
    kept = set(range(len(script.words))) if items is None else set(items)
    lines = [*_front(script), "", f"<!-- {HELP} -->", ""]
    several = len(script.sources) > 1
    for line, first in zip(script.lines, script.firsts, strict=False):
        present = [number in kept for number in range(first, first + len(line.words))]
        lines.append(_line(line, present, several))
    return "\n".join([*lines, "", *_times(script), ""])


def _front(script: Script) -> Iterator[str]:
    yield from ("---", HEAD, f"version: {VERSION}", "sources:")
    for source in script.sources:
        said = {"path": str(source.path), "language": source.language, "sha256": source.digest}
        yield f"  {json.dumps(source.id)}: {json.dumps(said, ensure_ascii=False)}"
    yield "---"


def _line(line: ScriptLine, present: list[bool], several: bool) -> str:
    """A line of the list."""
    ticked = any(present)
    times = f"{clock(line.range.start)} - {clock(line.range.end)}"
    where = f"{escaped(line.source)} {times}" if several else times
    if line.is_pause:
        text = f"*{float(line.range.duration):.1f} s without words*"
    else:
        text = _struck(list(shown_words(line)), present if ticked else [True] * len(present))
    return f"- [{'x' if ticked else ' '}] [{where}] {_who(line)}{text}"


def _who(line: ScriptLine) -> str:
    """Who says a line, in bold; nothing where that is not known, or not one alone."""
    names = {word.speaker for word in line.words}
    return f"**{escaped(name)}:** " if len(names) == 1 and (name := names.pop()) else ""


def _struck(words: list[str], present: list[bool]) -> str:
    runs = groupby(zip(words, present, strict=True), key=lambda pair: pair[1])
    texts = [(kept, " ".join(word for word, _ in run)) for kept, run in runs]
    return " ".join(text if kept else f"~~{text}~~" for kept, text in texts)


def shown_words(line: ScriptLine) -> Iterator[str]:
    """The words of a line as they are written; those said several times in a row are numbered."""
    keys = [key(word.text) for word in line.words]
    for i, word in enumerate(line.words):
        beside = {keys[i - 1] if i else None, keys[i + 1] if i + 1 < len(keys) else None}
        mark = f"{{{keys[: i + 1].count(keys[i])}}}" if keys[i] in beside else ""
        yield escaped(word.text) + mark


def escaped(text: str) -> str:
    """A text in which nothing means anything to Markdown, as one word."""
    return _SPACES.sub(HARD_SPACE, _SPECIAL.sub(r"\\\1", text.strip()))


def clock(time: Fraction) -> str:
    """When a line begins or ends, as the file says it."""
    return format_time(time)


# ------------------------------------------------------------------------ when each word is said


def _times(script: Script) -> Iterator[str]:
    yield f"<!-- {TIMES}"
    for line in script.lines:
        words = [_word(word) for word in line.words]
        said: dict[str, Any] = {"source": line.source, "words": words}
        # What ends a comment, or begins one, is written otherwise.
        yield json.dumps(said, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    for source in script.sources:
        yield json.dumps({"source": source.id, "duration": time_number(source.duration)})
    yield "-->"


def _word(word: Word) -> list[Any]:
    row = [word.text, time_number(word.range.start), time_number(word.range.end)]
    if word.speaker is not None:
        return [*row, word.probability, word.speaker]
    return row if word.probability == 1 else [*row, word.probability]


def time_number(time: Fraction) -> int | str:
    """Milliseconds; a fraction of seconds where they are not whole."""
    milliseconds = time * 1000
    return milliseconds.numerator if milliseconds.denominator == 1 else str(time)
