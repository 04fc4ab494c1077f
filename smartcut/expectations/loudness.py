"""`loudness`: how loud the film is as a whole."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._amounts import Amount, amount, number
from smartcut.expectations._sound import FilmSound, figure, sound_of
from smartcut.stage import Analysis

Lufs: Any = amount(number, Fraction(1, 2), "loudness", "-16 ± 0.5", "-24..-22")


class FilmLoudness(Expectation):
    """How loud the film is as a whole: integrated loudness (ITU-R BS.1770-5), in LUFS.

    A value alone is meant within 0.5 LU.

    ```yaml
    expect: {loudness: -16 ± 0.5}
    ```
    """

    name: ClassVar[str] = "loudness"
    short: ClassVar[str] = "integrated"

    integrated: Annotated[Lufs, Field(description="LUFS, of the main sound in its own channels.")]

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmSound(),)

    def check(self, film: FinishedFilm) -> Checked:
        wanted: Amount = self.integrated
        found = figure(sound_of(film), "integrated")
        if found is None:
            raise CannotCheck("the film is silent: it has no loudness")
        told = f"{found:.1f} LUFS"
        if wanted.holds(found):
            return Checked(told)
        return Checked(told, (Miss(f"it is {told} loud, not {wanted}"),))
