"""The words that a film says, and those of them that its cuts divide."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from smartcut.algebra import words_in_timeline
from smartcut.annotation import Transcript, Word
from smartcut.cut import Cut, Segment
from smartcut.timebase import Range, RangeIndex

#: Of a word of which no more is heard, nothing is missed; times of words are rough.
_SLIVER = Fraction(1, 20)


class CutWord(NamedTuple):
    """A word of which a cut leaves a part out."""

    word: Word
    """In source time."""
    at: Fraction
    """When the cut is, in timeline time."""
    side: Literal["beginning", "end"]
    """Which part of the word is left out."""
    lost: Fraction
    """Seconds of it that are left out there."""


def cut_words(cut: Cut) -> tuple[CutWord, ...]:
    """The words of the programme that its joins divide, in the order of hearing.

    Where a segment goes on from the one before it, nothing is divided.
    """
    if cut.mix.programme_gain is None:
        return ()
    placed = [*cut.programme.placed()]
    found: list[CutWord] = []
    heard = _Transcripts(cut)
    for number, (segment, place) in enumerate(placed):
        before = placed[number - 1][0] if number else None
        after = placed[number + 1][0] if number + 1 < len(placed) else None
        if segment.source is None or segment.sound == "muted" or not segment.is_plain:
            continue
        found += _of_segment(heard, segment, place, before, after)
    return tuple(found)


def _of_segment(
    heard: _Transcripts,
    segment: Segment,
    place: Range,
    before: Segment | None,
    after: Segment | None,
) -> Iterator[CutWord]:
    start = segment.range.start - segment.lead * segment.speed
    end = segment.range.end - (after.lead * segment.speed if after else 0)
    if not _goes_on(before, segment):
        for word in heard.at(segment.source or "", start):
            if start < word.range.end - _SLIVER:
                yield CutWord(word, place.start, "beginning", start - word.range.start)
    if not _goes_on(segment, after):
        for word in heard.at(segment.source or "", end):
            if word.range.start + _SLIVER < end:
                yield CutWord(word, place.end, "end", word.range.end - end)


class _Transcripts:
    """The words of each source, found by when they are spoken."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._known: dict[str, tuple[list[Word], RangeIndex]] = {}

    def at(self, source: str, time: Fraction) -> Iterator[Word]:
        """The words within which a time of the source lies."""
        if source not in self._known:
            transcript = self._cut.data(Transcript, "transcript", source)
            words = [w for s in (transcript.sentences if transcript else ()) for w in s.words]
            self._known[source] = words, RangeIndex([word.range for word in words])
        words, index = self._known[source]
        return (words[number] for number in index.overlapping(Range(time, time)))


def _goes_on(one: Segment | None, other: Segment | None) -> bool:
    """Whether the second plays on where the first ends."""
    if one is None or other is None:
        return False
    is_same = one.source == other.source and other.sound != "muted" != one.sound
    return is_same and one.range.end == other.range.start and one.is_plain and other.is_plain


def spoken_rows(cut: Cut) -> list[dict[str, Any]] | None:
    """The words that are heard, with those that are cut off; None where none are known.

    Times in decimal seconds of the timeline.
    """
    if not any(a.name == "transcript" for a in cut.annotations):
        return None
    divided = {(one.word.text, round(one.at, 3)): one for one in cut_words(cut)}
    rows = []
    for word in words_in_timeline(cut):
        row = {"start": _seconds(word.range.start), "end": _seconds(word.range.end)}
        one = divided.pop((word.text, round(word.range.start, 3)), None)
        one = divided.pop((word.text, round(word.range.end, 3)), None) or one
        rows.append({**row, "text": word.text, **_divided(one)})
    # Those of which less than half is heard are not among the words.
    for one in divided.values():
        at = _seconds(one.at)
        rows.append({"start": at, "end": at, "text": one.word.text, **_divided(one)})
    return sorted(rows, key=lambda row: (row["start"], row["end"]))


def _divided(one: CutWord | None) -> dict[str, Any]:
    return {} if one is None else {"cut": one.side, "lost": _seconds(one.lost)}


def _seconds(time: Fraction) -> float:
    return round(float(time), 6)
