"""`captions`: what is said, each text in its time, the word being spoken marked."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from smartcut.annotation import Word
from smartcut.drawer import Draw, DrawBench, Painted
from smartcut.drawers._lettering import Lettering, painter
from smartcut.params import Params
from smartcut.render.captions.cues import Cue, spoken_word
from smartcut.timebase import Range, TimeParam


class CaptionWord(Params):
    """A word and when it is spoken."""

    start: TimeParam = Fraction(0)
    end: TimeParam = Fraction(0)
    text: str


class CaptionText(Params):
    """What is shown together."""

    start: TimeParam = Fraction(0)
    end: TimeParam = Fraction(0)
    lines: tuple[str, ...]
    words: tuple[CaptionWord, ...] = ()

    @property
    def timeless(self) -> CaptionText:
        """The same wherever it is shown."""
        words = tuple(CaptionWord(text=word.text) for word in self.words)
        return CaptionText(lines=self.lines, words=words)

    @property
    def cue(self) -> Cue:
        words = tuple(Word(Range(w.start, w.end), w.text) for w in self.words)
        return Cue(Range(self.start, self.end), self.lines, words)


class BurnedCaptions(Lettering):
    """Draws captions, one after the other."""

    name: ClassVar[str] = "captions"
    why: ClassVar[str | None] = "captions are burned in"

    texts: tuple[CaptionText, ...] = Field(description="In order of time; none overlap.")
    word: int | None = Field(
        None, ge=0, description="Which word of the first text is marked; else the one spoken is."
    )

    def seen(self, shown: Range, lasts: Fraction) -> Self | None:
        number = bisect_right(self._starts, shown.start) - 1
        if number < 0 or shown.start >= self.texts[number].end:
            return None
        word = self.word
        if word is None and self.highlight:
            word = spoken_word(self._cues[number], shown.start)
        now = super().seen(shown, lasts)
        if now is not self:
            return now and now.changed(texts=(self._timeless[number],), word=word)
        if (number, word) not in self._shown:
            self._shown[number, word] = now.changed(texts=(self._timeless[number],), word=word)
        return self._shown[number, word]

    @cached_property
    def _shown(self) -> dict[tuple[int, int | None], Self]:
        """The drawer for each text and word, where nothing else changes."""
        return {}

    @cached_property
    def _starts(self) -> list[Fraction]:
        return [text.start for text in self.texts]

    @cached_property
    def _cues(self) -> list[Cue]:
        return [text.cue for text in self.texts]

    @cached_property
    def _timeless(self) -> list[CaptionText]:
        return [text.timeless for text in self.texts]

    def open(self, bench: DrawBench) -> Draw:
        painters = painter(bench)

        def draw(now: BurnedCaptions) -> Painted:
            return painters(now).painted(now.texts[0].cue, now.word)

        return draw

    def check(self, bench: DrawBench) -> None:
        painter(bench)(self).check(self._cues)
