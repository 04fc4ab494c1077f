"""`psnr`: how alike the film is to a reference, by its peak signal to noise ratio."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.expectations._compared import LikenessOfFilm


class PsnrOfFilm(LikenessOfFilm):
    """How alike the pictures are to those of a reference, one by one.

    It is the peak signal to noise ratio of luma.

    ```yaml
    expect: {psnr: {reference: master.mp4, mean: 38}}
    ```
    """

    name: ClassVar[str] = "psnr"
    digits: ClassVar[int] = 1
    unit: ClassVar[str] = " dB"

    mean: float = Field(38.0, ge=0, le=100, description="Least mean, in dB.")
    worst: float | None = Field(None, ge=0, le=100, description="Least of any picture.")
