"""`no_jump`: nothing jumps at a seam: no stray frame, no click."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from pydantic import Field

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import (
    FilmPictures,
    cuts_of,
    end_of,
    pictures_of,
)
from smartcut.expectations._record import joins_of
from smartcut.expectations._sound import FilmSound, sound_of
from smartcut.stage import Analysis

# A bend of the wave that stands out so far is a click: near a seam, and elsewhere, where it may be
# the beginning of a sound as well.
_CLICK, _CLICK_ANYWHERE = 14.0, 80.0
_NEAR = Fraction(3, 100)


class NoJump(Expectation):
    """Nothing jumps: no frame that belongs elsewhere, no shot of a few frames, no click.

    What shows something else for fewer than `frames` frames, between two hard cuts, was left over
    at a seam, or came in from elsewhere. A click is a step in the
    wave of the sound: near a join or a cut of the picture it need not be as sharp as elsewhere,
    where sounds begin.

    ```yaml
    expect: {no_jump: true}
    ```
    """

    name: ClassVar[str] = "no_jump"
    short: ClassVar[str] = "frames"

    frames: int = Field(4, ge=1, le=60, description="Fewest frames of a shot.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        pictures = (FilmPictures(),) if film.source.video else ()
        return (*pictures, *((FilmSound(),) if film.source.audio else ()))

    def check(self, film: FinishedFilm) -> Checked:
        if film.source.video is None and film.source.audio is None:
            raise CannotCheck("there is nothing to see or to hear")
        misses: list[Miss] = []
        if film.source.video is not None:
            misses += self._leftover(film)
        if film.source.audio is not None:
            misses += self._clicks(film)
        ordered = sorted(misses, key=lambda miss: miss.start or 0)
        return Checked(f"{len(misses)} jumps" if misses else "nothing jumps", tuple(ordered))

    def _leftover(self, film: FinishedFilm) -> Iterator[Miss]:
        signal = pictures_of(film)
        times, cuts = [*signal.times(), end_of(film)], cuts_of(signal)
        for first, last in pairwise(cuts):
            if last - first < self.frames:
                count = "a single frame" if last - first == 1 else f"{last - first} frames"
                yield Miss(f"{count} of something else, left over", times[first], times[last])

    def _clicks(self, film: FinishedFilm) -> Iterator[Miss]:
        signal, seams = sound_of(film), self._seams(film)
        last = None
        for time, click in zip(signal.times(), signal.channel("click"), strict=True):
            if click <= _CLICK:
                continue
            is_near = any(abs(time - seam) <= _NEAR for seam in seams)
            is_new = last is None or time - last > signal.timebase * 3
            if is_new and (is_near or click > _CLICK_ANYWHERE):
                yield Miss("the sound clicks", time, time)
                last = time

    def _seams(self, film: FinishedFilm) -> tuple[Fraction, ...]:
        joins = joins_of(film)
        if film.source.video is None:
            return joins
        signal = pictures_of(film)
        times = signal.times()
        return (*joins, *(times[n] for n in cuts_of(signal)))
