"""A plain text and what was recognised: where each sentence is spoken, and which are not.

The longest common order of words (Ratcliff and Obershelp's matching blocks) says which of them are
heard as written. Where other words stand in their place, a sentence of which enough is heard has
them too: it is spoken, but changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import groupby

from smartcut.annotation import Word
from smartcut.timebase import Range, format_time

_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*[\"'”’)\]»]*\s*")
#: A sentence is spoken where at least this share of its words is heard ...
_SPOKEN = 0.5
#: ... or this one, with other words in place of the rest.
_CHANGED = 0.25
_AROUND = Fraction(3, 10)
# So many words in a row that are not in the text are told of.
_UNWRITTEN = 3


@dataclass(frozen=True, slots=True)
class ScriptSentence:
    """A sentence of a text. ``range`` is None where it is not spoken."""

    line: int
    text: str
    range: Range | None
    changed: int = 0
    """How many of its words were not recognised as written."""


@dataclass(frozen=True, slots=True)
class FoundScript:
    """The sentences of a text, and what is spoken besides them, run by run."""

    sentences: tuple[ScriptSentence, ...]
    unwritten: tuple[tuple[Word, ...], ...] = ()


def find_spoken(
    script: Sequence[tuple[int, str]], words: Sequence[Word], duration: Fraction
) -> FoundScript:
    """Each sentence of the script, with the stretch of the recording in which it is spoken.

    Stretches reach into the silence around, not into each other.
    """
    sentences = [(line, text, text.split()) for line, row in script for text in _sentences(row)]
    written = [_plain(word) for _, _, own in sentences for word in own]
    heard = [_plain(word.text) for word in words]
    owner = [number for number, (_, _, own) in enumerate(sentences) for _ in own]
    codes = SequenceMatcher(None, written, heard, autojunk=False).get_opcodes()
    same, others = _places(codes, written, heard, owner, [len(own) for _, _, own in sentences])
    found, taken = [], set[int]()
    for (line, text, own), places, more in zip(sentences, same, others, strict=True):
        near = [*places, *more]
        if not _is_spoken(len(places), len(set(near)), len(own)):
            found.append(ScriptSentence(line, text, None, len(own)))
            continue
        taken.update(range(min(near), max(near) + 1))
        when = Range(words[min(near)].range.start, words[max(near)].range.end)
        found.append(ScriptSentence(line, text, when, len(own) - len(places)))
    rest = [n for n in range(len(words)) if n not in taken]
    return FoundScript(tuple(_reaching(found, duration)), tuple(_runs(rest, words)))


def _is_spoken(same: int, near: int, count: int) -> bool:
    return same >= _SPOKEN * count or (same >= _CHANGED * count and near >= _SPOKEN * count)


_OpCodes = Sequence[tuple[str, int, int, int, int]]


def _places(
    codes: _OpCodes,
    written: Sequence[str],
    heard: Sequence[str],
    owner: Sequence[int],
    counts: Sequence[int],
) -> tuple[list[list[int]], list[list[int]]]:
    """For each sentence: the heard words that are its own, and those in place of others of it."""
    same: list[list[int]] = [[] for _ in counts]
    others: list[list[int]] = [[] for _ in counts]
    for kind, a, b, c, _ in codes:
        if kind == "equal":
            for k in range(b - a):
                if written[a + k]:
                    same[owner[a + k]].append(c + k)
    begun = [len(own) >= _CHANGED * count for own, count in zip(same, counts, strict=True)]
    for kind, a, b, c, d in codes:
        # Words of sentences that are not spoken stand for nothing that is heard.
        own = [k for k in range(a, b) if begun[owner[k]]] if kind == "replace" else []
        if not own:
            continue
        if _is_number([written[k] for k in own], heard[c:d]) and owner[own[0]] == owner[own[-1]]:
            same[owner[own[0]]] += [c + n * (d - c) // len(own) for n in range(len(own))]
            continue
        for place in range(c, d):
            others[owner[own[(place - c) * len(own) // (d - c)]]].append(place)
    return same, others


def _is_number(written: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether figures stand on one side: "1860" is how "eighteen sixty" may be written."""
    return any(all(any(c.isdigit() for c in w) for w in side) for side in (written, heard))


def _runs(rest: Sequence[int], words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """The longer runs of words that no sentence has."""
    for _, numbers in groupby(enumerate(rest), key=lambda pair: pair[1] - pair[0]):
        run = tuple(words[number] for _, number in numbers)
        if len(run) >= _UNWRITTEN:
            yield run


def script_notes(found: FoundScript, path: str) -> tuple[str, ...]:
    """What of the script is not spoken, or with other words, by its lines; what it lacks."""
    sentences = found.sentences
    notes = [f"{path}, line {s.line}: not spoken: {s.text!r}" for s in sentences if s.range is None]
    for s in sentences:
        if s.range is not None and s.changed:
            notes.append(
                f"{path}, line {s.line}: {s.changed} of {len(s.text.split())} words were not heard "
                f"as written: {s.text!r}"
            )
    for run in found.unwritten:
        said = " ".join(word.text for word in run)
        notes.append(
            f"{path}: spoken at {format_time(run[0].range.start)}, but not written: {said!r}"
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
