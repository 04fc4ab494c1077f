"""Clips of a talk that stand alone: runs of whole sentences, their scores, and the best ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.selecting.scoring import ranks

if TYPE_CHECKING:
    import numpy as np

#: What can be weighed.
MEASURES = ("coherence", "completeness", "pace", "loudness", "questions", "reactions")
# A longer silence ends what belongs together.
_LONGEST_PAUSE = Fraction(3)
# How much of the silence around it goes with a clip, at most.
_PAD = Fraction(3, 20)
_NONE = Fraction(0)
# A pause from which on a speaker has come to an end.
_BREATH = Fraction(7, 20)
# How many sentences on each side a clip is told apart from.
_AROUND = 3
# One clip more is worth it where it adds so much of the best clip's score.
_WORTH = 0.6

#: First words that hang on what was said before, by language.
_HANGING: Mapping[str, str] = {
    "en": "and but so because or then which that it he she they this these those also however "
    "therefore well him her them its",
    "de": "und aber denn weil oder dann das es er sie diese dieser also doch",
    "fr": "et mais donc car ou alors il elle ils elles ce cela cette aussi",
    "es": "y pero porque o entonces el ella ellos esto eso esta tambien pues",
}


@dataclass(frozen=True, slots=True)
class SaidSentence:
    """A sentence where it is heard, in seconds since its segment's beginning."""

    segment: int
    """Which of the programme."""
    start: Fraction
    end: Fraction
    text: str
    words: int
    loudness: float | None = None
    """LUFS."""
    before: Fraction | None = None
    """When the speech before it ends; None where it is the first of its segment."""
    after: Fraction | None = None
    """When the speech after it begins; None where it is the last of its segment."""
    is_answered: bool = False
    """The audience laughs or applauds while it is said, or right after it."""


@dataclass(frozen=True, slots=True)
class ShortClip:
    """A clip: sentences ``first`` to ``last`` - 1, from when to when, and what it is worth."""

    first: int
    last: int
    start: Fraction
    end: Fraction
    score: float
    parts: tuple[tuple[str, float], ...]
    title: str = ""
    why: str = ""
    """What a selector gave as its reason."""


def clips_of(
    said: Sequence[SaidSentence], ends: Sequence[Fraction], shortest: Fraction, longest: Fraction
) -> Iterator[tuple[int, int, Fraction, Fraction]]:
    """Every run of sentences of a segment that is as long as asked: first, last, start, end.

    ``ends`` are the segments' lengths. A clip begins and ends in the silence around its sentences,
    inside no other one.
    """
    for first, one in enumerate(said):
        for last in range(first + 1, len(said) + 1):
            end = said[last - 1]
            apart = last - 1 > first and (
                end.segment != one.segment or end.start - said[last - 2].end > _LONGEST_PAUSE
            )
            start, stop = span_of(said, ends, first, last, longest)
            if apart or stop - start > longest:
                break
            if stop - start >= shortest:
                yield first, last, start, stop


def span_of(
    said: Sequence[SaidSentence], ends: Sequence[Fraction], first: int, last: int, longest: Fraction
) -> tuple[Fraction, Fraction]:
    """When a clip of sentences ``first`` to ``last`` - 1 begins and ends.

    Silence goes with it as far as it is not ``longest`` without; it is longer where its sentences
    are.
    """
    one, end = said[first], said[last - 1]
    gap = one.start if one.before is None else max(one.start - one.before, _NONE) / 2
    start = one.start - min(_PAD, gap)
    return start, max(end.end, min(_stop(end, ends[end.segment]), start + longest))


def _stop(one: SaidSentence, end: Fraction) -> Fraction:
    """When a clip is over that ends with a sentence."""
    gap = end - one.end if one.after is None else (one.after - one.end) / 2
    return one.end + min(2 * _PAD, max(gap, _NONE))


# --------------------------------------------------------------------------------- the measures


def scored(
    said: Sequence[SaidSentence],
    runs: Sequence[tuple[int, int, Fraction, Fraction]],
    vectors: np.ndarray,
    weights: Mapping[str, float],
    language: str,
) -> list[ShortClip]:
    """The clips with their scores, each measure in 0..1.

    ``vectors`` (sentences, D) have length 1. Coherence, pace and loudness are ranks among all.
    Reactions count where there are any.
    """
    columns: dict[str, list[float]] = {
        "coherence": ranks([_coherence(vectors, first, last) for first, last, _, _ in runs]),
        "completeness": [_completeness(said, first, last, language) for first, last, _, _ in runs],
        "pace": ranks([_pace(said[first:last], end - start) for first, last, start, end in runs]),
        "loudness": ranks([_loudness(said[first:last]) for first, last, _, _ in runs]),
        "questions": [_questions(said[first:last]) for first, last, _, _ in runs],
    }
    if any(one.is_answered for one in said):
        columns["reactions"] = [_reactions(said[first:last]) for first, last, _, _ in runs]
    total = sum(weights.get(name, 0.0) for name in columns) or 1.0
    found = []
    for i, (first, last, start, end) in enumerate(runs):
        parts = tuple((name, round(column[i], 4)) for name, column in columns.items())
        score = sum(weights.get(name, 0.0) * value for name, value in parts) / total
        found.append(ShortClip(first, last, start, end, round(score, 4), parts))
    return found


def _coherence(vectors: np.ndarray, first: int, last: int) -> float:
    """How much nearer its sentences are to each other than to those around it; 0 without any."""
    import numpy as np

    inside = vectors[first:last]
    middle = inside.mean(axis=0)
    before, after = vectors[max(0, first - _AROUND) : first], vectors[last : last + _AROUND]
    around = np.concatenate([before, after])
    if not len(around):
        return 0.0
    return float((inside @ middle).mean()) - float((around @ middle).mean())


def _completeness(said: Sequence[SaidSentence], first: int, last: int, language: str) -> float:
    """How whole it is: its first word stands alone, it ends a sentence, and pauses are around."""
    one, end = said[first], said[last - 1]
    word = one.text.split()[0].strip(".,;:!?\"'").lower() if one.text.split() else ""
    holds = (
        (0.4, word not in _HANGING.get(language, "").split()),
        (0.2, end.text.rstrip().endswith((".", "!", "?", "…", "。", "？", "！"))),
        (0.2, one.before is None or one.start - one.before >= _BREATH),
        (0.2, end.after is None or end.after - end.end >= _BREATH),
    )
    return sum(share for share, is_so in holds if is_so)


def _pace(sentences: Sequence[SaidSentence], lasts: Fraction) -> float:
    """Words a second."""
    return sum(s.words for s in sentences) / float(lasts)


def _loudness(sentences: Sequence[SaidSentence]) -> float | None:
    known = [s.loudness for s in sentences if s.loudness is not None]
    return sum(known) / len(known) if known else None


def _questions(sentences: Sequence[SaidSentence]) -> float:
    """1 where it begins with a question that is answered, less where one comes later."""
    asked = [i for i, s in enumerate(sentences[:-1]) if s.text.rstrip().endswith(("?", "？"))]
    if not asked:
        return 0.0
    return 1.0 if asked[0] == 0 else 0.6


def _reactions(sentences: Sequence[SaidSentence]) -> float:
    """1 where its end is laughed about or applauded, less where only something before is."""
    if sentences[-1].is_answered:
        return 1.0
    return 0.6 if any(s.is_answered for s in sentences) else 0.0


# ----------------------------------------------------------------------------------- the choice


def best_clips(
    clips: Sequence[ShortClip], said: Sequence[SaidSentence], fewest: int, most: int
) -> list[ShortClip]:
    """The clips of the highest scores in all of which none overlaps another, in order.

    More than ``fewest`` are taken while one more adds enough to the sum.
    """
    ordered = sorted(clips, key=lambda c: (said[c.first].segment, c.end, c.start))
    ends = [(said[c.first].segment, c.end) for c in ordered]
    before = [bisect_right(ends, (said[c.first].segment, c.start)) for c in ordered]
    sums = [[0.0] * (len(ordered) + 1)]
    taken: list[list[bool]] = [[]]
    for count in range(1, most + 1):
        row, took = [float("-inf")], []
        for i, clip in enumerate(ordered):
            with_it = sums[count - 1][before[i]] + clip.score
            took.append(with_it > row[-1])
            row.append(max(row[-1], with_it))
        if row[-1] == float("-inf"):
            break
        sums.append(row)
        taken.append(took)
    top = max((c.score for c in clips), default=0.0)
    count = len(sums) - 1
    while count > fewest and sums[count][-1] - sums[count - 1][-1] < _WORTH * top:
        count -= 1
    found: list[ShortClip] = []
    i = len(ordered)
    while count:
        while not taken[count][i - 1]:
            i -= 1
        found.append(ordered[i - 1])
        i, count = before[i - 1], count - 1
    return found[::-1]


#: What is said for a measure that stands out.
_REASONS = {
    "coherence": "keeps to one subject",
    "completeness": "stands alone",
    "pace": "is spoken briskly",
    "loudness": "is spoken with force",
    "questions": "asks and answers",
    "reactions": "makes the audience laugh or applaud",
}
_STANDS_OUT = 0.6


def reasons(clip: ShortClip) -> str:
    """Why a clip was chosen, in words."""
    if clip.why:
        return clip.why
    found = [_REASONS[name] for name, value in clip.parts if value >= _STANDS_OUT]
    return ", ".join(found) or "is the best of what there is"
