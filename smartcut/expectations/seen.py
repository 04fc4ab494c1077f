"""`seen`: what is to be seen in the film, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.annotation import Features, Signal
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations.said import Phrases
from smartcut.stage import Analysis

if TYPE_CHECKING:
    from smartcut.stages.relevance import Relevance


class SeenInFilm(Expectation):
    """What is to be seen in the film, and what never: in words, scored as `relevance` does.

    A score fits from about a half. CLIP scores where its weights are here, else the embedded
    scorer, which knows objects best.

    ```yaml
    expect: {seen: {must: [a sailing boat], never: [a car]}}
    ```
    """

    name: ClassVar[str] = "seen"
    short: ClassVar[str] = "must"

    must: Phrases = Field((), description="Each is seen at some time.")
    never: Phrases = Field((), description="None of these is ever seen.")
    score: float = Field(0.5, gt=0, lt=1, description="From which on something is seen.")
    model: str = Field("auto", description="As of `relevance`.")

    @property
    def _asked(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.must, *self.never)))

    def _relevance(self) -> Relevance:
        from smartcut.stages.relevance import Relevance

        texts = [{"text": text} for text in self._asked]
        return Relevance.model_validate({"prompts": texts, "model": self.model})

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return self._relevance().analyses() if film.source.video and self._asked else ()

    def check(self, film: FinishedFilm) -> Checked:
        if film.source.video is None:
            raise CannotCheck("the film has no picture")
        if not self._asked:
            return Checked("nothing was asked")
        stage = self._relevance()
        (analysis,) = stage.analyses()
        film.known(analysis, Features)
        found = stage.scored(film.context.result(analysis, film.source), film.source, film.context)
        signal = found.data
        assert isinstance(signal, Signal)
        times = signal.times()
        misses = []
        best = {text: max(signal.channel(text), default=0.0) for text in self._asked}
        for text in self.must:
            if best[text] < self.score:
                misses.append(Miss(f"{text!r} is not seen: {best[text]:.2f} at best"))
        for text in self.never:
            row = signal.channel(text)
            if best[text] >= self.score:
                at = times[row.index(best[text])]
                misses.append(Miss(f"{text!r} is seen ({best[text]:.2f})", at, at))
        told = ", ".join(f"{text} {score:.2f}" for text, score in best.items())
        return Checked(told, tuple(misses))
