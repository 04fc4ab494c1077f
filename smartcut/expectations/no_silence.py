"""`no_silence`: the film is never silent for long."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import stretches
from smartcut.expectations._sound import STEPS, FilmSound, sound_of
from smartcut.stage import Analysis
from smartcut.timebase import TimeParam


class NoSilence(Expectation):
    """The film is never silent for so long.

    ```yaml
    expect: {no_silence: 2s}
    ```
    """

    name: ClassVar[str] = "no_silence"
    short: ClassVar[str] = "longest"

    longest: TimeParam = Field(Fraction(2), gt=0, description="Silence that is accepted.")
    below: float = Field(-60.0, ge=-100, le=0, description="Silent, in dB of full scale.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmSound(),)

    def check(self, film: FinishedFilm) -> Checked:
        signal = sound_of(film)
        # The film may go on when its sound has ended.
        steps = max(len(signal.pts), int(film.source.duration * STEPS))
        silent = [level < self.below for level in signal.channel("level")]
        silent += [True] * (steps - len(silent))
        end = Fraction(steps, STEPS)
        whole = type(signal)(signal.timebase, tuple(range(steps)), (), ())
        found = [*stretches(whole, silent, end)]
        most = max((b - a for a, b in found), default=Fraction(0))
        misses = (
            Miss(f"silent for {float(b - a):.2f} s", a, b) for a, b in found if b - a > self.longest
        )
        return Checked(f"silent for {float(most):.2f} s at most", tuple(misses))
