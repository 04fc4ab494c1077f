"""Names of speakers, and who says which word; pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from smartcut.annotation import Sentence, SpeakerTurn, Transcript, Word

#: The share of a sentence's time that one speaker needs, for all of it to be that one's.
MAJORITY = Fraction(4, 5)
#: A voice is that of a sample where their cosine is at least so high.
KNOWN = 0.75


def speaker_label(number: int) -> str:
    """``SPEAKER_00`` for 0."""
    return f"SPEAKER_{number:02d}"


def with_speakers(transcript: Transcript, turns: Sequence[SpeakerTurn]) -> Transcript:
    """The transcript, each of whose words knows who says it.

    A word is whoever's speaks in its middle, or nearest to it. Where one speaker has 80 % of a
    sentence, or more, all of it is that one's.
    """
    if not turns:
        return transcript
    starts = [turn.range.start for turn in turns]
    told = (_by_majority(_spoken(s, turns, starts)) for s in transcript.sentences)
    return replace(transcript, sentences=tuple(told))


def _spoken(
    sentence: Sentence, turns: Sequence[SpeakerTurn], starts: Sequence[Fraction]
) -> Sentence:
    words = (replace(w, speaker=_speaker_at(w, turns, starts)) for w in sentence.words)
    return replace(sentence, words=tuple(words))


def _speaker_at(word: Word, turns: Sequence[SpeakerTurn], starts: Sequence[Fraction]) -> str:
    at = word.range.middle
    place = bisect_right(starts, at) - 1
    near = turns[max(0, place) : place + 2]
    return min(near, key=lambda t: max(t.range.start - at, at - t.range.end, Fraction(0))).speaker


def speaker_of(sentence: Sentence) -> str | None:
    """Who says most of a sentence; None where nobody is known to say any of it."""
    shares = _shares(sentence)
    return max(shares, key=lambda name: shares[name]) if shares else None


def _shares(sentence: Sentence) -> dict[str, Fraction]:
    """Seconds of each speaker, the first one first."""
    shares: dict[str, Fraction] = {}
    for word in sentence.words:
        if word.speaker is not None:
            shares[word.speaker] = shares.get(word.speaker, Fraction(0)) + word.range.duration
    return shares


def _by_majority(sentence: Sentence) -> Sentence:
    shares = _shares(sentence)
    name = speaker_of(sentence)
    if name is None or shares[name] < MAJORITY * sum(shares.values()):
        return sentence
    return replace(sentence, words=tuple(replace(w, speaker=name) for w in sentence.words))


def matched(near: np.ndarray, least: float = KNOWN) -> dict[int, int]:
    """Which row goes with which column of cosines (rows, columns): the nearest pair first."""
    left = near.astype(np.float64).copy()
    found: dict[int, int] = {}
    while left.size and (best := float(left.max())) >= least:
        row, column = (int(i) for i in np.unravel_index(int(left.argmax()), left.shape))
        found[row] = column
        left[row], left[:, column] = -np.inf, -np.inf
        assert best > -np.inf
    return found


def renamed(turns: Sequence[SpeakerTurn], names: Mapping[str, str]) -> tuple[SpeakerTurn, ...]:
    """The turns with other names where there are some."""
    return tuple(replace(t, speaker=names.get(t.speaker, t.speaker)) for t in turns)


def with_names_of(transcript: Transcript, other: Transcript) -> Transcript:
    """The transcript, whose words are said by whoever says them in another of the same words."""
    names = {w.range: w.speaker for s in other.sentences for w in s.words if w.speaker is not None}
    if not names:
        return transcript
    return replace(
        transcript,
        sentences=tuple(
            replace(
                s,
                words=tuple(replace(w, speaker=names.get(w.range, w.speaker)) for w in s.words),
            )
            for s in transcript.sentences
        ),
    )
