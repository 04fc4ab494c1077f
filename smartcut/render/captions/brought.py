"""Captions that a user brought: shown as they are, where the cut shows their source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from smartcut.algebra import shown_when, voices, words_in_timeline
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment
from smartcut.render.captions.cues import Cue, cues
from smartcut.timebase import Range


def captions_of(cut: Cut) -> tuple[Cue, ...]:
    """All captions of a resolved cut, in timeline time, to be read; none where it has none.

    How many words are drawn at a time is a matter of their look.
    """
    if cut.captions is None:
        return ()
    words, brought = caption_texts(cut)
    style = cut.captions.style.model_copy(update={"words_at_once": None})
    plain = replace(cut.captions, style=style)
    return cues(words, plain, Range(Fraction(0), cut.duration), brought)


def caption_texts(cut: Cut) -> tuple[tuple[Word, ...], tuple[Cue, ...]]:
    """The words that captions are made of, and the captions that are there already.

    A caption that the cut divides is shown as long as its source is.
    """
    loose = tuple(one for one in cut.annotations if not _is_brought(one))
    words = words_in_timeline(replace(cut, annotations=loose))
    if cut.captions is not None and cut.captions.speakers == "names":
        words = tuple(named(words))
    found = sorted(_brought(cut), key=lambda cue: (cue.range.start, cue.range.end))
    return words, tuple(found)


def named(words: Iterable[Word]) -> Iterator[Word]:
    """The words, with the name of whoever begins to speak before the first one of a turn."""
    before = None
    for word in words:
        if word.speaker not in (None, before):
            before = word.speaker
            word = replace(word, text=f"{word.speaker}: {word.text.lstrip()}")
        yield word


def _is_brought(one: Annotation) -> bool:
    return isinstance(one.data, Transcript) and one.data.is_captions


def _brought(cut: Cut) -> Iterator[Cue]:
    for segment, placed in (item for t in (cut.programme, *voices(cut)) for item in t.placed()):
        transcript = cut.data(Transcript, "transcript", segment.source) if segment.source else None
        if transcript is None or not transcript.is_captions:
            continue
        for sentence in transcript.sentences:
            seen = sentence.range.intersect(segment.range)
            if seen is not None:
                for when in shown_when(segment, placed, seen, forwards=True):
                    words = tuple(_heard(sentence, segment, placed, when))
                    yield Cue(when, tuple(sentence.text.split("\n")), words, is_brought=True)


def _heard(sentence: Sentence, segment: Segment, placed: Range, when: Range) -> Iterator[Word]:
    """All words of a caption, as it is shown; those that are not heard lie at its edges."""
    for word in sentence.words:
        times = (placed.start + segment.time_of(t) for t in (word.range.start, word.range.end))
        start, end = sorted(min(max(time, when.start), when.end) for time in times)
        yield replace(word, range=Range(start, end))
