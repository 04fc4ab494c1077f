"""`no_black`: the picture is never black for long."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import FilmPictures, end_of, pictures_of, stretches
from smartcut.stage import Analysis
from smartcut.timebase import TimeParam


class NoBlack(Expectation):
    """The picture is never black for so long.

    A picture is black where 98 % of it is darker than a tenth of white. At the very beginning and
    at the end more is accepted: films come from black and go to it.

    ```yaml
    expect: {no_black: 0.2s}
    ```
    """

    name: ClassVar[str] = "no_black"
    short: ClassVar[str] = "longest"
    is_usual: ClassVar[bool] = True

    longest: TimeParam = Field(Fraction(1, 5), ge=0, description="Black that is accepted.")
    ends: TimeParam = Field(
        Fraction(1), ge=0, description="The same where the film begins or ends with it."
    )
    share: float = Field(0.98, gt=0, le=1, description="Of the pixels that are dark.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmPictures(),)

    def check(self, film: FinishedFilm) -> Checked:
        signal, end = pictures_of(film), end_of(film)
        black = [share >= self.share for share in signal.channel("dark")]
        found = [*stretches(signal, black, end)]
        first = signal.times()[0] if signal.pts else Fraction(0)
        misses = []
        for start, stop in found:
            most = self.ends if start <= first or stop >= end else self.longest
            if stop - start > most:
                misses.append(Miss(f"black for {float(stop - start):.2f} s", start, stop))
        longest = max((b - a for a, b in found), default=Fraction(0))
        return Checked(f"black for {float(longest):.2f} s at most", tuple(misses))
