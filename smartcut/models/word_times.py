"""When words are heard: a recogniser's times, put right by the sound.

Whisper tells when a word is said by where its attention looks (dynamic time warping). These times
are late, or early, by an amount that is the model's own; they spread words over pauses, and begin
the first word after a pause too early or too late. Here the amount is taken off, each pause that
the voice detector hears is put between two words, and the edges of words are moved to where the
sound is weakest near by. Measured against speech with known times in docs/benchmarks.md.

Times are seconds of what was heard; :func:`on_source` moves them to the recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from smartcut.annotation import Word
from smartcut.models import weights
from smartcut.models.voice_activity import RATE, STEP
from smartcut.timebase import Range, exact

Piece = tuple[int, int]
"""(first, last) samples of the recording that were heard, one past the last."""

# The detector's threshold, and that below which a voice has ended.
_SPEAKS, _SILENT = 0.5, 0.35
#: Seconds of silence that are a pause; a longer one than the second is never inside a word.
PAUSE = 0.1
_LONG_PAUSE = 0.35
# How far from a pause, in seconds, two words may meet that it is put between, and how much farther
# after a comma or the end of a sentence.
_REACH, _FARTHEST = 0.25, 1.5
_AFTER_COMMA, _AFTER_SENTENCE = 0.3, 0.5
_COMMA, _SENTENCE = (",", ";", ":", "—", "、", "，"), (".", "?", "!", "…", "。", "？", "！", "؟")
_CLOSING = "\"'”’)]»"
#: Seconds before the detector hears a voice at which a word may begin: it is late for soft sounds.
ONSET = 0.05
_AFTER_VOICE = 0.1
# A word beside a pause reaches to it, unless that would make it longer by more than this.
_GAP = 0.5

_HOP = 0.005
_WINDOW = 0.02
_FLOOR = -60.0
# An edge moves to the weakest sound within so many seconds, for which distance counts in dB. Where
# the sound stays weak, the word before ends as that begins, and the next begins as it ends.
_NEAR, _DISTANCE = 0.07, 6.0
_MEETING = 0.03
_BETWEEN, _BETWEEN_RISE = 0.05, 4.0
_AROUND, _AROUND_RISE = 0.1, 6.0
# That is, up to so much above the weakest, or up to this share of the way to the loudest around.
_SURROUNDINGS, _SHARE = 30, 0.25
_SHORTEST = 0.02


def delay_of(model: str) -> float:
    """By how many seconds the times of a Whisper size, or of one in a folder, are late.

    Below 0: early. 0 for one that was not measured.
    """
    size = Path(model).name.removesuffix(".pt").removeprefix("whisper-")
    known = weights.TABLE.get(f"whisper-{size}")
    return known.word_delay if known else 0.0


def placed(words: Sequence[Word], heard: np.ndarray, voice: np.ndarray, delay: float) -> list[Word]:
    """The words, as many and in their order, none overlapping the next.

    ``heard`` is float32 mono at 16 kHz, ``voice`` the probability of a voice in every 512 of its
    samples; ``delay`` is how many seconds the model's times are late (below 0: early).
    """
    if not words or not len(heard):
        return list(words)
    length = len(heard) / RATE
    starts = np.clip([float(w.range.start) - delay for w in words], 0, length)
    ends = np.clip([float(w.range.end) - delay for w in words], 0, length)
    breaks = list(_breaks(starts, ends, [w.text for w in words], pauses(voice, length)))
    _beside_pauses(starts, ends, breaks)
    _to_weakest(starts, ends, loudness(heard))
    for first, last, low, high in _runs(breaks, len(words), length):
        _in_order(starts[first:last], ends[first:last], low, high)
    times = zip(words, starts, ends, strict=True)
    return [replace(w, range=Range(_exact(a), _exact(b))) for w, a, b in times]


def _exact(seconds: float) -> Fraction:
    return exact(round(float(seconds), 3))


def on_source(word: Word, pieces: Sequence[Piece]) -> Word:
    """The word with its times moved to the recording, inside the piece that holds its middle."""
    before = Fraction(0)
    middle = (word.range.start + word.range.end) / 2
    for first, last in pieces:
        length = Fraction(last - first, RATE)
        if middle < before + length or (first, last) == pieces[-1]:
            moved = word.range.shift(Fraction(first, RATE) - before)
            start = max(moved.start, Fraction(first, RATE))
            return replace(
                word, range=Range(start, max(start, min(moved.end, Fraction(last, RATE))))
            )
        before += length
    return word


# ------------------------------------------------------------------------------------------ pauses


def pauses(voice: np.ndarray, length: float) -> list[tuple[float, float]]:
    """(start, end) of each pause, and of what comes before and after all voices.

    Nothing where no voice is heard at all.
    """
    spoken: list[list[float]] = []
    speaking = False
    for number, probability in enumerate(voice):
        now = probability >= (_SILENT if speaking else _SPEAKS)
        if now and not speaking:
            start = number * STEP / RATE
            if spoken and start - spoken[-1][1] < PAUSE:
                spoken[-1][1] = length
            else:
                spoken.append([start, length])
        elif speaking and not now:
            spoken[-1][1] = number * STEP / RATE
        speaking = now
    if not spoken:
        return []
    edges = [0.0, *(edge for part in spoken for edge in part), length]
    return list(zip(edges[::2], edges[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class _Break:
    """A pause, and the number of the first word after it; 0 and all words at the ends."""

    word: int
    start: float
    end: float


def _breaks(
    starts: np.ndarray,
    ends: np.ndarray,
    texts: Sequence[str],
    silent: Sequence[tuple[float, float]],
) -> Iterator[_Break]:
    """Between which words each pause lies: those whose meeting is nearest, best after a comma."""
    count, low, taken = len(texts), 0, -1
    for start, end in silent:
        is_outer = (start, end) in (silent[0], silent[-1])
        best: tuple[float, int] | None = None
        for word in range(low, count + 1):
            before = ends[word - 1] if word else -np.inf
            after = starts[word] if word < count else np.inf
            if before > end + _FARTHEST:
                break
            meeting = min(max((start + end) / 2, min(before, after)), max(before, after))
            away = max(0.0, start - meeting, meeting - end)
            easier = _easier(texts[word - 1]) if 0 < word < count else _AFTER_COMMA * is_outer
            if word == taken:  # what is heard between two pauses is a word, more likely than not
                easier = -_AFTER_COMMA
            farthest = _FARTHEST if end - start > _LONG_PAUSE else _REACH + easier
            if away <= farthest and (best is None or away - easier < best[0]):
                best = away - easier, word
        if best is not None:
            low = taken = best[1]
            yield _Break(low, start, end)


def _easier(text: str) -> float:
    bare = text.strip().rstrip(_CLOSING)
    if bare.endswith(_SENTENCE):
        return _AFTER_SENTENCE
    return _AFTER_COMMA if bare.endswith(_COMMA) else 0.0


def _beside_pauses(starts: np.ndarray, ends: np.ndarray, breaks: Sequence[_Break]) -> None:
    """Keep words out of the pauses; those beside them reach to them."""
    last = 0
    for pause in breaks:
        word, onset = pause.word, pause.end - ONSET
        np.minimum(ends[:word], pause.start, out=ends[:word])
        np.minimum(starts[:word], ends[:word], out=starts[:word])
        np.maximum(starts[word:], onset, out=starts[word:])
        np.maximum(ends[word:], starts[word:], out=ends[word:])
        if word > last and pause.start - ends[word - 1] <= _GAP:
            ends[word - 1] = pause.start
        if word < len(starts) and starts[word] - pause.end <= _GAP:
            starts[word] = onset
        last = word


def _runs(
    breaks: Sequence[_Break], count: int, length: float
) -> Iterator[tuple[int, int, float, float]]:
    """(first word, one past the last, earliest start, latest end) of words between two pauses."""
    first, low = 0, 0.0
    for pause in breaks:
        middle = (pause.start + pause.end) / 2
        if pause.word > first:
            yield first, pause.word, low, min(middle, pause.start + _AFTER_VOICE)
        first, low = pause.word, max(middle, pause.end - ONSET)
    if count > first:
        yield first, count, low, length


# ------------------------------------------------------------------------------------------- edges


def loudness(samples: np.ndarray) -> np.ndarray:
    """dBFS of 20 ms around every fifth millisecond, at least -60."""
    count = int(len(samples) / RATE / _HOP) + 1
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    centres = np.round(np.arange(count) * _HOP * RATE).astype(int)
    first = np.clip(centres - round(_WINDOW * RATE / 2), 0, len(samples))
    last = np.clip(centres + round(_WINDOW * RATE / 2), 0, len(samples))
    power = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return np.maximum(np.round(10 * np.log10(np.maximum(power, 1e-12)), 2), _FLOOR)


def _to_weakest(starts: np.ndarray, ends: np.ndarray, level: np.ndarray) -> None:
    for number in range(len(starts)):
        if number and starts[number] - ends[number - 1] < _MEETING:
            meeting = _weakest(level, (starts[number] + ends[number - 1]) / 2)
            ends[number - 1] = _while_weak(level, meeting, -1, _BETWEEN, _BETWEEN_RISE)
            starts[number] = _while_weak(level, meeting, 1, _BETWEEN, _BETWEEN_RISE)
            continue
        if number:
            ends[number - 1] = _end(level, ends[number - 1])
        starts[number] = _while_weak(
            level, _weakest(level, starts[number]), 1, _AROUND, _AROUND_RISE
        )
    ends[-1] = _end(level, ends[-1])


def _end(level: np.ndarray, time: float) -> float:
    return _while_weak(level, _weakest(level, time), -1, _AROUND, _AROUND_RISE)


def _weakest(level: np.ndarray, time: float) -> int:
    """The place of the weakest sound near by."""
    reach = round(_NEAR / _HOP)
    places = np.clip(round(time / _HOP) + np.arange(-reach, reach + 1), 0, len(level) - 1)
    far = np.linspace(-1, 1, len(places)) ** 2 * _DISTANCE
    return int(places[int(np.argmin(level[places] + far))])


def _while_weak(level: np.ndarray, place: int, step: int, most: float, rise: float) -> float:
    """The time up to which the sound is weak, at most so many seconds away."""
    around = level[max(0, place - _SURROUNDINGS) : place + _SURROUNDINGS + 1]
    limit = level[place] + min(rise, _SHARE * float(around.max() - level[place]))
    at = place
    while (
        0 <= at + step < len(level)
        and abs(at - place) < round(most / _HOP)
        and level[at + step] < limit
    ):
        at += step
    return at * _HOP


def _in_order(starts: np.ndarray, ends: np.ndarray, low: float, high: float) -> None:
    """Rising times between the two, no word shorter than there is room for."""
    count = len(starts)
    shortest = min(_SHORTEST, max(0.0, high - low) / count)
    last = low
    for number in range(count):
        latest = high - (count - number) * shortest
        starts[number] = last = min(max(starts[number], last), max(latest, low))
        last += shortest
    for number in range(count):
        following = starts[number + 1] if number + 1 < count else high
        ends[number] = min(max(ends[number], starts[number] + shortest), following)
