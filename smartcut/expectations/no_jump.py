"""`no_jump`: nothing jumps at a seam: no stray frame, no click."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import (
    CUT_CHANGE,
    FilmPictures,
    cuts_of,
    end_of,
    pictures_of,
)
from smartcut.expectations._record import joins_of
from smartcut.expectations._sound import FilmSound, sound_of
from smartcut.stage import Analysis

# A stray frame differs from both neighbours by so much more than they do from each other.
_STRAY = 3.0
# A bend of the wave that stands out so far is a click: near a seam, and elsewhere, where it may be
# the beginning of a sound as well.
_CLICK, _CLICK_ANYWHERE = 14.0, 80.0
_NEAR = Fraction(3, 100)


class NoJump(Expectation):
    """Nothing jumps: no frame that belongs elsewhere, no shot of a few frames, no click.

    A frame is stray where both of its neighbours are unlike it and like each other. What shows
    something else for fewer than `frames` frames was left over at a seam. A click is a step in the
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
            misses += [*self._stray(film), *self._leftover(film)]
        if film.source.audio is not None:
            misses += self._clicks(film)
        ordered = sorted(misses, key=lambda miss: miss.start or 0)
        return Checked(f"{len(misses)} jumps" if misses else "nothing jumps", tuple(ordered))

    def _stray(self, film: FinishedFilm) -> Iterator[Miss]:
        signal = pictures_of(film)
        times, change, over = signal.times(), signal.channel("change"), signal.channel("over")
        for n in range(1, len(times) - 1):
            least = min(change[n], change[n + 1])
            if least >= CUT_CHANGE / 2 and least > _STRAY * max(over[n + 1], 1.0):
                yield Miss("a single frame shows something else", times[n], times[n + 1])

    def _leftover(self, film: FinishedFilm) -> Iterator[Miss]:
        signal = pictures_of(film)
        times, cuts = [*signal.times(), end_of(film)], cuts_of(signal)
        for first, last in zip([0, *cuts], [*cuts, len(signal.pts)], strict=True):
            if 1 < last - first < self.frames and first and last < len(signal.pts):
                told = f"{last - first} frames of something else, left over at a seam"
                yield Miss(told, times[first], times[last])

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
