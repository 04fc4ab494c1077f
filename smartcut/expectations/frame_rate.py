"""`frame_rate`: how many frames a second the film has, and that none is missing."""

from __future__ import annotations

from base64 import b64decode, b64encode
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import Field

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import FilmPictures, pictures_of
from smartcut.stage import Analysis
from smartcut.timebase import RatioParam, tidy_rate

# Lumas that differ by so much are of other pictures; encoding again changes them by less.
_OTHER = 3
_COMPARED = 12


class FrameRate(Expectation):
    """How many frames a second there are, that they come evenly, and that none is missing.

    The manifest keeps how many frames were rendered, and how bright each was: frames that were
    lost since are told, and where.

    ```yaml
    expect: {frame_rate: 30000/1001}
    ```
    """

    name: ClassVar[str] = "frame_rate"
    short: ClassVar[str] = "rate"

    rate: RatioParam | None = Field(None, gt=0, description="Frames a second; none is any.")
    even: bool = Field(True, description="All frames last equally long.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmPictures(),)

    def keep(self, film: FinishedFilm) -> Any:
        if film.source.video is None:
            return None
        means = pictures_of(film).channel("mean")
        return b64encode(bytes(min(255, max(0, round(mean))) for mean in means)).decode()

    def check(self, film: FinishedFilm) -> Checked:
        video = film.source.video
        if video is None:
            raise CannotCheck("the film has no picture")
        found = tidy_rate(video.rate)
        misses = []
        if self.rate is not None and found != tidy_rate(self.rate):
            misses.append(Miss(f"it has {float(found):.3f} frames a second, not {self.wanted}"))
        if self.even:
            misses += self._gaps(film)
        if kept := film.kept(self.name, str):
            means = pictures_of(film).channel("mean")
            misses += _lost(_decoded(kept), means, film)
        return Checked(f"{float(found):.3f} frames a second", tuple(misses))

    def _gaps(self, film: FinishedFilm) -> list[Miss]:
        """Where the time from one frame to the next is not the usual one."""
        times = pictures_of(film).times()
        usual = 1 / film.source.video.rate if film.source.video else Fraction(0)
        return [
            Miss(f"a frame lasts {float((b - a) / usual):.1f} times as long as usual", a, b)
            for a, b in pairwise(times)
            if abs(b - a - usual) > usual * Fraction(3, 5)
        ]


def _decoded(kept: str) -> bytes:
    try:
        return b64decode(kept, validate=True)
    except ValueError as error:
        raise CannotCheck("what the manifest keeps of the frames is damaged") from error


def _lost(before: bytes, now: tuple[float, ...], film: FinishedFilm) -> list[Miss]:
    """What became of the number of frames; where it can be seen, the first one that differs."""
    missing = len(before) - len(now)
    if not missing:
        return []
    told = f"{abs(missing)} frames {'fewer' if missing > 0 else 'more'} than the {len(before)}"
    differing = (
        i for i, (a, b) in enumerate(zip(before, now, strict=False)) if abs(a - b) > _OTHER
    )
    first = next((i for i in differing if _goes_on(before, now, i, missing)), None)
    at = None if first is None else pictures_of(film).times()[first]
    return [Miss(f"{told} that were rendered", at)]


def _goes_on(before: bytes, now: tuple[float, ...], at: int, missing: int) -> bool:
    """Whether the film goes on from there as it was so many frames later."""
    later = at + max(missing, 0)
    rest = now[at - min(missing, 0) :]
    pairs = [*zip(before[later : later + _COMPARED], rest, strict=False)]
    return sum(abs(a - b) for a, b in pairs) <= _OTHER * max(len(pairs), 1)
