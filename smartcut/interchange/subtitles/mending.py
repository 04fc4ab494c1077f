"""Subtitles in order: sorted, not over each other, each with an end, within the recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, zip_longest

from smartcut.interchange.subtitles.cue import Mended, SubtitleCue

#: Seconds for each character of a cue that says no end, and the least for all of them.
_READING, _LEAST = Fraction(1, 15), Fraction(1)


def in_order(
    cues: Iterable[SubtitleCue], duration: Fraction, mended: Mended
) -> tuple[SubtitleCue, ...]:
    """The cues that have text and lie within ``duration`` seconds, one after the other.

    Cues with the same times become one with both texts; one that reaches into the next ends where
    that begins. What is changed is noted in ``mended``.
    """
    found = []
    for cue in cues:
        if not any(line.strip() for line in cue.lines):
            mended.note("empty cues are left out", cue.line)
        elif cue.start < 0 and (cue.end is None or cue.end <= 0):
            mended.note("cues before the beginning of the recording are left out", cue.line)
        elif cue.start < 0:
            mended.note("cues that begin before the recording begin with it", cue.line)
            found.append(replace(cue, start=Fraction(0)))
        elif cue.start >= duration:
            mended.note("cues that begin after the end of the recording are left out", cue.line)
        else:
            found.append(cue)
    for before, cue in pairwise(found):
        if cue.start < before.start:
            mended.note("cues out of order are sorted by time", cue.line)
    found.sort(key=lambda cue: cue.start)
    return tuple(_apart(_ended(_merged(found), duration, mended), mended))


def _merged(cues: list[SubtitleCue]) -> list[SubtitleCue]:
    """Cues with the same times as one: two speakers, or a translation below."""
    result: list[SubtitleCue] = []
    for cue in cues:
        last = result[-1] if result else None
        if last is not None and (last.start, last.end) == (cue.start, cue.end):
            more = tuple(line for line in cue.lines if line not in last.lines)
            speaker = last.speaker if last.speaker == cue.speaker else ""
            result[-1] = replace(
                last, lines=last.lines + more, words=last.words + cue.words, speaker=speaker
            )
        else:
            result.append(cue)
    return result


def _ended(cues: list[SubtitleCue], duration: Fraction, mended: Mended) -> Iterator[SubtitleCue]:
    """Each with an end after its start, none after the recording's."""
    for cue, following in zip_longest(cues, cues[1:]):
        end = cue.end
        if end is None or end <= cue.start:
            reading = max(_LEAST, _READING * sum(map(len, cue.lines)))
            room = duration if following is None else max(following.start, cue.start)
            end = min(cue.start + reading, room) if room > cue.start else cue.start + reading
            mended.note("cues without an end last as long as reading takes", cue.line)
        elif end > duration:
            mended.note("cues that reach past the end of the recording end with it", cue.line)
        end = min(end, duration)
        words = tuple(w for w in cue.words if w.range.start < duration)
        yield replace(cue, end=end, words=words)


def _apart(cues: Iterable[SubtitleCue], mended: Mended) -> Iterator[SubtitleCue]:
    """No cue over the next; what would last no time at all is joined with the next."""
    waiting: SubtitleCue | None = None
    for cue in cues:
        if waiting is None:
            waiting = cue
            continue
        assert waiting.end is not None
        if waiting.end > cue.start:
            mended.note("cues that overlap end where the next begins", waiting.line)
            if cue.start == waiting.start:
                waiting = replace(
                    cue, lines=waiting.lines + cue.lines, words=waiting.words + cue.words
                )
                continue
            waiting = replace(waiting, end=cue.start)
        yield waiting
        waiting = cue
    if waiting is not None:
        yield waiting
