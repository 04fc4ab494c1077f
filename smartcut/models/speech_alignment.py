"""When known words are spoken: forced alignment by Whisper's attention.

The decoder is given the text, not asked for it; where its attention looks while each token is due
says when it is spoken (dynamic time warping over alignment heads, as in Whisper's own word times).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from smartcut.annotation import Word
from smartcut.models.speech import RATE
from smartcut.models.steady_speech import FasterWhisper
from smartcut.models.voice_activity import probabilities
from smartcut.models.word_times import placed
from smartcut.timebase import Range, exact

Line = tuple[Range, str]
"""A stretch of the recording, in seconds, and the text that is spoken in it."""

# Whisper hears 30 s at a time. Lines are aligned together as far as they lie in this many seconds.
_WINDOW = Fraction(28)
_MARGIN = Fraction(1, 4)
_SHORTEST = Fraction(1, 100)


def aligned(
    samples: np.ndarray,
    lines: Sequence[Line],
    model: FasterWhisper,
    language: str,
    delay: float = 0.0,
    advance: Callable[[float], None] = lambda s: None,
) -> list[tuple[Word, ...]]:
    """The words of each line with their times, inside the line's own range, none overlapping.

    ``samples`` is float32 mono at 16 kHz; ``lines`` are in order. Words are what white space
    divides; ``delay`` is the model's (:func:`smartcut.models.word_times.delay_of`). Where a line
    lasts too long to be heard at once, its words are spread over it evenly.
    """
    found: list[tuple[Word, ...]] = []
    whisper = model.recogniser
    tokens = _tokenizer(whisper, language)
    for group in _groups(lines):
        times = _heard(samples, group, whisper, tokens, delay)
        for when, text in group:
            count = len(text.split())
            found.append(_within(when, text.split(), times[:count]))
            times = times[count:]
        advance(float(group[-1][0].end))
    return found


def spread(when: Range, words: Sequence[str]) -> tuple[Word, ...]:
    """The words over the range, each as long as it has letters."""
    return _within(when, words, [None] * len(words))


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in lines:
        if group and line[0].end - group[0][0].start > _WINDOW:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _tokenizer(whisper: Any, language: str) -> Any:
    from faster_whisper.tokenizer import Tokenizer

    multilingual = whisper.model.is_multilingual
    known = language if multilingual else None
    return Tokenizer(whisper.hf_tokenizer, multilingual, task="transcribe", language=known)


_Times = tuple[Fraction, Fraction, float] | None


def _heard(
    samples: np.ndarray, group: Sequence[Line], whisper: Any, tokens: Any, delay: float
) -> list[_Times]:
    """(start, end, probability) of each word of the group; None where they are not known."""
    words = [word for _, text in group for word in text.split()]
    first = max(group[0][0].start - _MARGIN, Fraction(0))
    sound = samples[int(first * RATE) : int((group[-1][0].end + _MARGIN) * RATE)]
    if not words or not len(sound) or len(sound) > 30 * RATE:
        return [None] * len(words)
    from faster_whisper.audio import pad_or_trim

    features = whisper.feature_extractor(sound)
    encoded = whisper.encode(pad_or_trim(features))
    given = tokens.encode(" " + " ".join(words))
    if len(given) > whisper.max_length - 8:
        return [None] * len(words)
    (pieces,) = whisper.find_alignment(tokens, [given], encoded, features.shape[-1])
    timed = list(_of_words(words, pieces))
    known = placed([w for w in timed if w], sound, probabilities(sound), delay)
    found = iter(known)
    return [_times(next(found), first) if w else None for w in timed]


def _times(word: Word, first: Fraction) -> _Times:
    return first + word.range.start, first + word.range.end, word.probability


def _of_words(words: Sequence[str], pieces: Sequence[dict[str, Any]]) -> Iterator[Word | None]:
    """The pieces of text that were aligned, by the letters that they share with the words."""
    letters = [
        (piece, character)
        for piece in pieces
        for character in str(piece["word"])
        if not character.isspace()
    ]
    at = 0
    for word in words:
        own = [piece for piece, _ in letters[at : at + len(word)]]
        at += len(word)
        if not own:
            yield None
            continue
        start, end = (exact(round(float(x), 3)) for x in (own[0]["start"], own[-1]["end"]))
        sure = float(np.mean([float(piece["probability"]) for piece in own]))
        yield Word(Range(start, max(start, end)), word, round(sure, 4))


def _within(when: Range, words: Sequence[str], times: Sequence[_Times]) -> tuple[Word, ...]:
    """The words inside the range, in order, each at least a hundredth of a second long.

    What is known of the times is kept as far as it leaves room for the words beside.
    """
    shortest = min(_SHORTEST, when.duration / max(len(words), 1))
    starts: list[Fraction | None] = []
    for number, time in enumerate(times):
        earliest = when.start + number * shortest
        latest = when.end - (len(words) - number) * shortest
        starts.append(None if time is None else min(max(time[0], earliest), latest))
    filled = _filled(when, words, starts, shortest)
    found = []
    for number, word in enumerate(words):
        following = filled[number + 1] if number + 1 < len(words) else when.end
        time = times[number]
        end = following if time is None else min(max(time[1], filled[number] + shortest), following)
        found.append(Word(Range(filled[number], end), word, 1.0 if time is None else time[2]))
    return tuple(found)


def _filled(
    when: Range, words: Sequence[str], starts: Sequence[Fraction | None], shortest: Fraction
) -> list[Fraction]:
    """A start for every word, rising; those unknown by the letters between known ones."""
    filled: list[Fraction] = []
    for number, known in enumerate(starts):
        start = when.start if known is None else known
        if known is None and filled:
            after = next((n for n in range(number, len(starts)) if starts[n] is not None), None)
            until = when.end if after is None else starts[after]
            assert until is not None
            letters = [len(word) for word in words[number - 1 : after]]
            start = filled[-1] + max(until - filled[-1], Fraction(0)) * letters[0] / sum(letters)
        least = filled[-1] + shortest if filled else when.start
        filled.append(min(max(start, least), when.end - (len(words) - number) * shortest))
    return filled
