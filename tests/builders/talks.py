"""Talks that nobody recorded: sentences with the times of their words, as a cut."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path

from smartcut.annotation import Annotation, Sentence, Signal, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.source import AudioStream, Source
from smartcut.timebase import Range

_WORD, _GAP = F(3, 10), F(1, 30)

#: Sentences of two subjects, with pauses where a subject ends.
TWO_SUBJECTS = [
    ("Why do boats sail against the wind?", 0.1),
    ("A boat sails by its keel and its sail.", 0.1),
    ("The keel keeps the boat from drifting in the wind.", 1.0),
    ("And that is all about it.", 0.1),
    ("Bread needs flour, water, salt and yeast.", 0.1),
    ("The yeast makes gas, and the bread grows in the oven.", 0.1),
    ("Salt keeps the yeast of the bread in check.", 1.5),
]


def sentences_of(
    lines: Sequence[tuple[str, float]], start: F = F(1, 2), speakers: Sequence[str | None] = ()
) -> tuple[Sentence, ...]:
    """Each said, a third of a second a word, with that many seconds of pause after it."""
    at, found = start, []
    for number, (text, pause) in enumerate(lines):
        speaker = speakers[number % len(speakers)] if speakers else None
        words = []
        for word in text.split():
            words.append(Word(Range(at, at + _WORD), word, 1.0, speaker))
            at += _WORD + _GAP
        whole = Range(words[0].range.start, words[-1].range.end)
        found.append(Sentence(whole, text, tuple(words)))
        at += F(str(pause))
    return tuple(found)


def talk_of(lines: Sequence[tuple[str, float]], speakers: Sequence[str | None] = ()) -> Cut:
    """A cut of one source in which they are said, all equally loud."""
    said = sentences_of(lines, speakers=speakers)
    end = said[-1].range.end + 1
    audio = AudioStream(0, "aac", F(1, 48000), 48000, 2, "stereo", F(0), end)
    source = Source("talk", Path("talk.m4a"), "digest", "mp4", F(0), end, None, audio)
    count = int(end * 10)
    loud = Signal(F(1, 10), tuple(range(count)), ("momentary",), ((-20.0,) * count,))
    known = (
        Annotation("transcript", "talk", Transcript("en", said)),
        Annotation("loudness", "talk", loud),
    )
    track = Track("programme", (Segment("talk", Range(F(0), end)),))
    return Cut((source,), (track,), known)
