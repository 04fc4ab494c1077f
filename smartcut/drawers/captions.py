"""`captions`: what is said, each text in its time, as its look has it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from smartcut.annotation import Word
from smartcut.drawer import Draw, DrawBench, Pieces
from smartcut.drawers._lettering import Lettering, painter
from smartcut.params import Params
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.states import CardState, state_at
from smartcut.text_style import Position
from smartcut.timebase import Range, TimeParam


class CaptionWord(Params):
    """A word and when it is spoken."""

    start: TimeParam = Fraction(0)
    end: TimeParam = Fraction(0)
    text: str
    is_strong: bool = False
    speaker: str | None = None


class CaptionText(Params):
    """What is shown together."""

    start: TimeParam = Fraction(0)
    end: TimeParam = Fraction(0)
    lines: tuple[str, ...]
    words: tuple[CaptionWord, ...] = ()
    band: Position | None = None

    @property
    def cue(self) -> Cue:
        words = tuple(
            Word(Range(w.start, w.end), w.text, speaker=w.speaker, is_strong=w.is_strong)
            for w in self.words
        )
        return Cue(Range(self.start, self.end), self.lines, words, self.band)

    @property
    def timeless(self) -> CaptionText:
        """The same wherever it is shown; of their times, words keep only the order."""
        starts = sorted(word.start for word in self.words)
        words = []
        for word in self.words:
            at = Fraction(starts.index(word.start))
            words.append(word.model_copy(update={"start": at, "end": at}))
        return self.model_copy(
            update={"start": Fraction(0), "end": Fraction(0), "words": tuple(words)}
        )


class TextState(Params):
    """How far a text has come; see :class:`smartcut.render.captions.states.CardState`."""

    begun: int = 0
    is_spoken: bool = False
    step: int | None = None
    card: int | None = None


class BurnedCaptions(Lettering):
    """Draws captions, one after the other."""

    name: ClassVar[str] = "captions"
    version: ClassVar[int] = 2
    why: ClassVar[str | None] = "captions are burned in"

    texts: tuple[CaptionText, ...] = Field(description="In order of time; none overlap.")
    state: TextState | None = Field(
        None, description="How far the first text has come; without it, as far as it is spoken."
    )

    def seen(self, shown: Range, lasts: Fraction) -> Self | None:
        number = bisect_right(self._starts, shown.start) - 1
        if number < 0 or shown.start >= self.texts[number].end:
            return None
        state = self.state
        if state is None:
            state = TextState(**asdict(state_at(self._cues[number], self.style, shown)))
        now = super().seen(shown, lasts)
        if now is not self:
            return now and now.changed(texts=(self._timeless[number],), state=state)
        if (number, state) not in self._shown:
            self._shown[number, state] = now.changed(texts=(self._timeless[number],), state=state)
        return self._shown[number, state]

    @cached_property
    def _shown(self) -> dict[tuple[int, TextState], Self]:
        """The drawer for each text and state, where nothing else changes."""
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

        def draw(now: BurnedCaptions) -> Pieces:
            state = now.state or TextState()
            return painters(now).pieces(now.texts[0].cue, CardState(**state.model_dump()))

        return draw

    def check(self, bench: DrawBench) -> None:
        painter(bench)(self).check(self._cues)
