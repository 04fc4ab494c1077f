"""`said`: what is said in the film, and what is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from smartcut.algebra import words_in_timeline
from smartcut.annotation import Transcript, Word
from smartcut.constraint import Constraint, Offered
from smartcut.cut import Cut
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._phrases import phrase_places
from smartcut.expectations._record import words_of_film
from smartcut.expectations._sound import STEPS, FilmSound, sound_of
from smartcut.stage import Analysis, find_stage

# dB: a word that is no louder is not heard.
_HEARD = -60.0


def as_phrases(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Phrases = Annotated[tuple[str, ...], BeforeValidator(as_phrases)]


class SaidInFilm(Expectation):
    """What is said in the film, and what is never said: words or phrases, in any case.

    The words are those that the manifest lists, as far as they are heard; without any, the film is
    listened to (`transcribe`).

    ```yaml
    expect: {said: {must: [harbour], never: [as I said]}}
    ```
    """

    name: ClassVar[str] = "said"
    short: ClassVar[str] = "must"

    must: Phrases = Field((), description="Phrases, each of which is said.")
    never: Phrases = Field((), description="Phrases, none of which is said.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        if film.source.audio is None:
            return ()
        return (FilmSound(),) if film.record.get("words") else _listening()

    def check(self, film: FinishedFilm) -> Checked:
        return self._checked(self._words(film))

    def foresee(self, cut: Cut) -> Checked | None:
        if not any(a.name == "transcript" for a in cut.annotations):
            return None
        return self._checked(words_in_timeline(cut))

    def constrain(self, offered: Sequence[Offered]) -> Iterable[Constraint]:
        for phrase in self.must:
            said = tuple(any(phrase_places(phrase, one.heard)) for one in offered)
            yield Constraint(f"said.must {phrase!r}", covers=said)
        for phrase in self.never:
            said = tuple(any(phrase_places(phrase, one.heard)) for one in offered)
            yield Constraint(f"said.never {phrase!r}", allowed=tuple(not is_ for is_ in said))

    def _words(self, film: FinishedFilm) -> tuple[Word, ...]:
        if film.source.audio is None:
            raise CannotCheck("the film has no sound")
        if known := words_of_film(film):
            levels = sound_of(film).channel("level")

            def is_heard(word: Word) -> bool:
                first, last = int(word.range.start * STEPS), int(word.range.end * STEPS)
                return max(levels[first : last + 1], default=-100.0) > _HEARD

            return tuple(word for word in known if is_heard(word))
        (speech,) = _listening()
        found = film.known(speech, Transcript)
        return tuple(word for sentence in found.sentences for word in sentence.words)

    def _checked(self, words: tuple[Word, ...]) -> Checked:
        misses = [
            Miss(f"{phrase!r} is not said")
            for phrase in self.must
            if not any(phrase_places(phrase, words))
        ]
        for phrase in self.never:
            for place in phrase_places(phrase, words):
                misses.append(Miss(f"{phrase!r} is said", place.start, place.end))
        return Checked(f"{len(words)} words are said", tuple(misses))


def _listening() -> tuple[Analysis, ...]:
    """What writes down what is said, as the stage `transcribe` does."""
    return find_stage("transcribe").model_validate({}).analyses()
