"""Draws a picture of each stage that draws or divides the frame: ``python docs/pictures/drawn.py``.

They lie beside this file, made of frames of sample_media as `smartcut frame` shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import smartcut as sc

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_media"
FILM, OTHER, TIME = SAMPLES / "harbour.mp4", SAMPLES / "match.mp4", 2
WIDTH = 480


def pictures() -> Iterator[tuple[str, np.ndarray]]:
    """The name of each stage, and what a film with it shows."""
    film, shape = sc.open(FILM), {"outline": "#ffffff", "outline_width": 0.006}
    ring = {"form": "ellipse", "x": 0.55, "y": 0.45, "width": 0.2, "height": 0.3, **shape}
    gradient = {"colours": ["#10182000", "#101820"], "angle": 90}
    stages: dict[str, Any] = {
        "title": film | sc.title(text="Summer at sea"),
        "lower_third": film | sc.lower_third(title="Ada Lovelace", subtitle="Mathematician"),
        "watermark": film | sc.watermark(text="© Ada Lovelace", size=0.05),
        "progress_bar": film | sc.progress_bar(thickness=0.02),
        "countdown": film | sc.countdown(duration="5s"),
        "draw": film
        | sc.draw(use="gradient", params=gradient)
        | sc.draw(use="shape", params={**ring, "colour": "#ffd54a60"}),
        "picture_in_picture": film | sc.picture_in_picture(file=OTHER, at=0),
        "split_screen": sc.open(FILM, OTHER)
        | sc.split_screen(gap=0.02, margin=0.02, background="#101418"),
    }
    for name, stage in stages.items():
        yield name, stage.frame(TIME)


def main() -> None:
    for name, rgb in pictures():
        picture = Image.fromarray(rgb)
        size = (WIDTH, round(WIDTH * picture.height / picture.width))
        picture.resize(size, Image.Resampling.LANCZOS).save(HERE / f"{name}.webp", quality=80)


if __name__ == "__main__":
    main()
