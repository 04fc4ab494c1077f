"""`ssim`: how alike the film is to a reference, by its structural similarity."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._compared import FilmCompared, compared
from smartcut.stage import Analysis, PathParam


class SsimOfFilm(Expectation):
    """How alike the pictures are to those of a reference, one by one.

    It is the structural similarity of luma.

    ```yaml
    expect: {ssim: {reference: master.mp4, mean: 0.95}}
    ```
    """

    name: ClassVar[str] = "ssim"
    short: ClassVar[str] = "reference"

    reference: PathParam = Field(description="The film that it shall be like.")
    mean: float = Field(0.95, ge=0, le=1, description="Least mean (1 is equal).")
    worst: float | None = Field(None, ge=0, le=1, description="Least of any picture.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmCompared.to(self.reference),) if film.source.video else ()

    def check(self, film: FinishedFilm) -> Checked:
        signal = compared(film, self.reference)
        values, times = signal.channel("ssim"), signal.times()
        mean, least = sum(values) / len(values), min(values)
        misses = []
        at = times[values.index(least)]
        if mean < self.mean:
            told = f"{mean:.4f} in the mean, less than {self.mean:g}"
            misses.append(Miss(f"{told}; least here", at, at))
        if self.worst is not None and least < self.worst:
            told = f"{least:.4f}, less than {self.worst:g}"
            misses.append(Miss(told, at, at))
        shown = f"{mean:.4f}, {least:.4f} at least"
        return Checked(shown, tuple(misses))
