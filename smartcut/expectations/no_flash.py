"""`no_flash`: nothing flashes so that it can harm (photosensitive epilepsy)."""

from __future__ import annotations

from typing import ClassVar

from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._flashes import harmful
from smartcut.expectations._pictures import FilmPictures, pictures_of
from smartcut.stage import Analysis


class NoFlash(Expectation):
    """Nothing flashes so that it can harm viewers with photosensitive epilepsy (ITU-R BT.1702-3).

    Not more than three flashes within any second (seven opposing changes are more), each over more
    than a quarter of the screen: general flashes, of 20 cd/m² or more where the darker picture is
    below 160 cd/m², on a display of 200 cd/m²; and red flashes, from or to a saturated red, of any
    luminance. Regular patterns are not looked for, and it is no certified test.

    ```yaml
    expect: {no_flash: true}
    ```
    """

    name: ClassVar[str] = "no_flash"
    is_usual: ClassVar[bool] = True

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmPictures(),)

    def check(self, film: FinishedFilm) -> Checked:
        signal, misses = pictures_of(film), []
        for rises, falls, kind in (("up", "down", "general"), ("red", "unred", "red")):
            found = harmful(signal.times(), signal.channel(rises), signal.channel(falls))
            for start, end, changes in found:
                lasts = float(end - start)
                told = f"{kind} flashes: {changes} opposing changes in {lasts:.2f} s"
                misses.append(Miss(f"{told} (ITU-R BT.1702-3)", start, end))
        told = f"{len(misses)} harmful sequences" if misses else "no harmful flashes"
        return Checked(told, tuple(misses))
