"""`ssim`: how alike the film is to a reference, by its structural similarity."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.expectations._compared import LikenessOfFilm


class SsimOfFilm(LikenessOfFilm):
    """How alike the pictures are to those of a reference, one by one.

    It is the structural similarity of luma.

    ```yaml
    expect: {ssim: {reference: master.mp4, mean: 0.95}}
    ```
    """

    name: ClassVar[str] = "ssim"
    digits: ClassVar[int] = 4

    mean: float = Field(0.95, ge=0, le=1, description="Least mean (1 is equal).")
    worst: float | None = Field(None, ge=0, le=1, description="Least of any picture.")
