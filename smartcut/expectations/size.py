"""`size`: how large the picture is."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from smartcut.accepted import InWords
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss


def _size(value: Any) -> Any:
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+)\s*[x×]\s*(\d+)", value.strip())
        if not found:
            raise ValueError(f"{value!r} is not a size such as 1920x1080")
        return int(found[1]), int(found[2])
    return value


PictureSize = Annotated[
    tuple[int, int],
    BeforeValidator(_size),
    WithJsonSchema({"type": "string", "examples": ["1920x1080"]}),
    InWords("size (1920x1080)"),
]


class PictureExtent(Expectation):
    """How large the picture is, upright and in square pixels.

    ```yaml
    expect: {size: 1080x1920}
    ```
    """

    name: ClassVar[str] = "size"
    short: ClassVar[str] = "pixels"

    pixels: PictureSize = Field(description="Width and height.")

    @property
    def wanted(self) -> str:
        return "x".join(map(str, self.pixels))

    def check(self, film: FinishedFilm) -> Checked:
        if film.source.video is None:
            raise CannotCheck("the film has no picture")
        found = film.source.video.display_size
        told = "x".join(map(str, found))
        if found == self.pixels:
            return Checked(told)
        return Checked(told, (Miss(f"the picture is {told}, not {self.wanted}"),))
