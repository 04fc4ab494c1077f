"""A plain text and what was recognised: where each sentence is spoken, and which are not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction

from smartcut.annotation import Word
from smartcut.timebase import Range

_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*[\"'”’)\]»]*\s*")
#: A sentence of which less than this share of its words is heard, in order, is not spoken.
_SPOKEN = 0.5
_AROUND = Fraction(3, 10)


@dataclass(frozen=True, slots=True)
class ScriptSentence:
    """A sentence of a text. ``range`` is None where it is not spoken."""

    line: int
    text: str
    range: Range | None
    changed: int = 0
    """How many of its words were not recognised as written."""


def find_spoken(
    script: Sequence[tuple[int, str]], words: Sequence[Word], duration: Fraction
) -> tuple[ScriptSentence, ...]:
    """Each sentence of the script, with the stretch of the recording in which it is spoken.

    The longest common order of words (Ratcliff and Obershelp's matching blocks) says which of them
    are heard; stretches reach into the silence around, not into each other.
    """
    sentences = [(line, text) for line, row in script for text in _sentences(row)]
    written = [_plain(word) for _, text in sentences for word in text.split()]
    heard = [_plain(word.text) for word in words]
    match = SequenceMatcher(None, written, heard, autojunk=False)
    spoken = {
        block.a + k: words[block.b + k]
        for block in match.get_matching_blocks()
        for k in range(block.size)
        if written[block.a + k]
    }
    found, at = [], 0
    for line, text in sentences:
        count = len(text.split())
        own = [spoken[i] for i in range(at, at + count) if i in spoken]
        at += count
        missing = count - len(own)
        when = Range(own[0].range.start, own[-1].range.end) if len(own) >= _SPOKEN * count else None
        found.append(ScriptSentence(line, text, when, missing if when else count))
    return tuple(_reaching(found, duration))


def script_notes(sentences: Sequence[ScriptSentence], path: str) -> tuple[str, ...]:
    """What of the script is not spoken, or spoken with other words, by its lines."""
    notes = [f"{path}, line {s.line}: not spoken: {s.text!r}" for s in sentences if s.range is None]
    for s in sentences:
        if s.range is not None and s.changed:
            notes.append(
                f"{path}, line {s.line}: {s.changed} of {len(s.text.split())} words were not heard "
                f"as written: {s.text!r}"
            )
    return tuple(notes)


def _reaching(found: list[ScriptSentence], duration: Fraction) -> Iterator[ScriptSentence]:
    """Each stretch with a little around it, half the way to its neighbours at most."""
    stretches = [s.range for s in found if s.range is not None]
    before = [Fraction(0), *(r.end for r in stretches)]
    after = [*(r.start for r in stretches[1:]), duration]
    number = 0
    for sentence in found:
        own = sentence.range
        if own is None:
            yield sentence
            continue
        start = max(own.start - _AROUND, min((before[number] + own.start) / 2, own.start))
        end = min(own.end + _AROUND, max((own.end + after[number]) / 2, own.end))
        number += 1
        yield ScriptSentence(sentence.line, sentence.text, Range(start, end), sentence.changed)


def _sentences(row: str) -> Iterator[str]:
    for part in _SENTENCE.findall(row):
        if part.strip():
            yield part.strip()


def _plain(word: str) -> str:
    """A word as it is compared: small letters and digits alone."""
    return "".join(c for c in unicodedata.normalize("NFKD", word).casefold() if c.isalnum())
