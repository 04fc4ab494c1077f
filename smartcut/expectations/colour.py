"""`colour`: how the film says its colours are meant, and that they are what was rendered."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import FilmPictures, pictures_of
from smartcut.stage import Analysis

#: Levels of luma, 0..255, by which pictures as a whole may differ from those rendered.
_SAME = 4.0


class ColourTags(Expectation):
    """What the film says of its colours, and that its pictures are as bright as they were rendered.

    Names are FFmpeg's. The manifest keeps how bright the film is, so that a wrong range shows
    whether the tag or the pictures were changed.

    ```yaml
    expect: {colour: {range: limited, matrix: bt709}}
    ```
    """

    name: ClassVar[str] = "colour"

    primaries: str | None = Field(None, description="Such as bt709 or bt2020.")
    transfer: str | None = Field(None, description="Such as bt709, smpte2084 or arib-std-b67.")
    matrix: str | None = Field(None, description="Such as bt709, smpte170m or bt2020nc.")
    range: Literal["limited", "full"] | None = Field(None, description="16..235, or 0..255.")
    pixel_format: str | None = Field(None, description="Such as yuv420p or yuv420p10le.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmPictures(),)

    def keep(self, film: FinishedFilm) -> Any:
        if film.source.video is None:
            return None
        return [round(value, 2) for value in _levels(pictures_of(film).channel("mean"))]

    def check(self, film: FinishedFilm) -> Checked:
        video = film.source.video
        if video is None:
            raise CannotCheck("the film has no picture")
        colour, misses = video.colour, []
        told = {
            "primaries": colour.primaries,
            "transfer": colour.transfer,
            "matrix": colour.matrix,
            # Without a tag, players take YUV for limited.
            "range": colour.range or "limited",
            "pixel_format": video.pixel_format,
        }
        for name, found in told.items():
            asked = getattr(self, name)
            if asked is not None and asked != found:
                misses.append(Miss(f"{name} is {found or 'not said'}, not {asked}"))
        if kept := film.kept(self.name, tuple[float, float, float]):
            now = _levels(pictures_of(film).channel("mean"))
            apart = max(abs(a - b) for a, b in zip(kept, now, strict=True))
            if apart > _SAME:
                misses.append(Miss(f"the pictures are {apart:.1f} levels off those rendered"))
        shown = ", ".join(f"{name} {found}" for name, found in told.items() if found)
        return Checked(shown, tuple(misses))


def _levels(means: tuple[float, ...]) -> tuple[float, float, float]:
    """The darkest, the middle and the brightest of the pictures, less a tenth at both ends."""
    if not means:
        return 0.0, 0.0, 0.0
    ordered, last = sorted(means), len(means) - 1
    return ordered[last // 10], ordered[last // 2], ordered[last - last // 10]
