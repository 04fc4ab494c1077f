"""`language`: what language the sound is said to be in."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.media.languages import terminological


class LanguageTag(Expectation):
    """The language that the main sound is tagged with, as players show and choose it.

    ```yaml
    expect: {language: eng}
    ```
    """

    name: ClassVar[str] = "language"
    short: ClassVar[str] = "sound"

    sound: str = Field(min_length=2, max_length=3, description="ISO 639: en or eng.")

    @field_validator("sound")
    @classmethod
    def _known(cls, value: str) -> str:
        return terminological(value) or value

    def check(self, film: FinishedFilm) -> Checked:
        if film.source.audio is None:
            raise CannotCheck("the film has no sound")
        told = film.source.audio.language or "no language"
        if told == self.sound:
            return Checked(told)
        return Checked(told, (Miss(f"the sound is tagged {told}, not {self.sound}"),))
