"""Captions in the languages that are there: what is said, its translations, or both at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from smartcut.annotation import Transcript, Word, translation_name
from smartcut.cut import Cut
from smartcut.render.captions.brought import caption_texts, captions_of
from smartcut.render.captions.cues import Cue, cues
from smartcut.timebase import Range

ORIGINAL = "original"
_MANY = 99


def told_in(cut: Cut, text: str) -> Cut:
    """The cut with that translation in place of its transcripts, where there is one."""
    if text == ORIGINAL:
        return cut
    name = translation_name(text)
    told = [a for a in cut.annotations if a.name == name and isinstance(a.data, Transcript)]
    for one in told:
        cut = cut.with_annotation(replace(one, name="transcript"))
    return cut


def captions_in(cut: Cut) -> tuple[tuple[str, tuple[Cue, ...]], ...]:
    """(text, its captions) of each text that a resolved cut shows."""
    if cut.captions is None:
        return ()
    return tuple((text, captions_of(told_in(cut, text))) for text in cut.captions.shows)


def drawn_texts(cut: Cut) -> tuple[tuple[Word, ...], tuple[Cue, ...]]:
    """The words that drawn captions are made of, and the captions that are there already.

    Several texts stand one above another, for as long as the first one is shown.
    """
    assert cut.captions is not None
    first, *others = cut.captions.shows
    if not others:
        return caption_texts(told_in(cut, first))
    found = captions_of(told_in(cut, first))
    for text in others:
        words = caption_texts(told_in(cut, text))[0]
        found = tuple(_below(cut, found, words))
    return (), found


def _below(cut: Cut, above: tuple[Cue, ...], words: tuple[Word, ...]) -> Iterator[Cue]:
    """The captions, each with those words below it that are due while it is shown."""
    assert cut.captions is not None
    for number, cue in enumerate(above):
        last = above[number + 1].range.start if number + 1 < len(above) else cut.duration
        first = cue.range.start if number else Fraction(0)
        own = [w for w in words if first <= (w.range.start + w.range.end) / 2 < last]
        if not own:
            yield cue
            continue
        long = cut.duration + 1
        plain = replace(cut.captions, lines=_MANY, max_duration=long, pause=long)
        lines = [line for c in cues(own, plain) for line in c.lines]
        # they are shown, and never marked as being spoken
        silent = (replace(w, range=Range(cue.range.end, cue.range.end)) for w in own)
        yield Cue(cue.range, (*cue.lines, *lines), (*cue.words, *silent))
