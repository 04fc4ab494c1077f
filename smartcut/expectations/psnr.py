"""`psnr`: how alike the film is to a reference, by its peak signal to noise ratio."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._compared import FilmCompared, compared
from smartcut.stage import Analysis, PathParam


class PsnrOfFilm(Expectation):
    """How alike the pictures are to those of a reference, one by one.

    It is the peak signal to noise ratio of luma.

    ```yaml
    expect: {psnr: {reference: master.mp4, mean: 38}}
    ```
    """

    name: ClassVar[str] = "psnr"
    short: ClassVar[str] = "reference"

    reference: PathParam = Field(description="The film that it shall be like.")
    mean: float = Field(38.0, ge=0, le=100, description="Least mean, in dB.")
    worst: float | None = Field(None, ge=0, le=100, description="Least of any picture.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmCompared.to(self.reference),) if film.source.video else ()

    def check(self, film: FinishedFilm) -> Checked:
        signal = compared(film, self.reference)
        values, times = signal.channel("psnr"), signal.times()
        mean, least = sum(values) / len(values), min(values)
        misses = []
        at = times[values.index(least)]
        if mean < self.mean:
            told = f"{mean:.1f} dB in the mean, less than {self.mean:g}"
            misses.append(Miss(f"{told}; least here", at, at))
        if self.worst is not None and least < self.worst:
            told = f"{least:.1f} dB, less than {self.worst:g}"
            misses.append(Miss(told, at, at))
        shown = f"{mean:.1f} dB, {least:.1f} at least"
        return Checked(shown, tuple(misses))
