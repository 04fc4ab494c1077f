"""`no_freeze`: the picture never stands still by mistake."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.boundaries.rules import runs
from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import FilmPictures, end_of, pictures_of
from smartcut.expectations._record import still_on_purpose
from smartcut.stage import Analysis
from smartcut.timebase import Range, TimeParam


class NoFreeze(Expectation):
    """The picture never stands still for so long.

    It stands still where its luma changes by less than a thousandth from picture to picture. What
    is still on purpose, as far as the film's manifest says so, is accepted: pictures, titles, held
    frames.

    ```yaml
    expect: {no_freeze: 2s}
    ```
    """

    name: ClassVar[str] = "no_freeze"
    short: ClassVar[str] = "longest"
    is_usual: ClassVar[bool] = True

    longest: TimeParam = Field(Fraction(3), gt=0, description="Standing still that is accepted.")
    below: float = Field(0.001, gt=0, le=1, description="A change that is none, of white.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmPictures(),)

    def check(self, film: FinishedFilm) -> Checked:
        import numpy as np

        signal, end = pictures_of(film), end_of(film)
        changes = np.array(signal.channel("change"))[1:]
        times = [*signal.times(), end]
        # From the first picture to the last one that is like it, which is shown for its time.
        still = runs(changes < self.below * 255)
        found = [Range(times[first], times[last + 1]) for first, last in still]
        meant = still_on_purpose(film)
        odd = [one for one in found if not any(m.overlaps(one) for m in meant)]
        misses = (
            Miss(f"the picture stands still for {float(one.duration):.2f} s", one.start, one.end)
            for one in odd
            if one.duration > self.longest
        )
        longest = max((one.duration for one in odd), default=Fraction(0))
        return Checked(f"still for {float(longest):.2f} s at most", tuple(misses))
