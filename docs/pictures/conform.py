"""Draws the picture of docs/guides/conform.md: ``python docs/pictures/conform.py``.

A film of sample_media is made, cropped, mirrored, graded and titled, and brought back to its cut.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

import smartcut as sc
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.media.probe import probe
from smartcut.timebase import Range

SAMPLES = Path(__file__).parents[2] / "sample_media"
HEIGHT, GAP = 168, 6


def film(path: Path) -> Path:
    """Three parts of two sources, none as it was."""
    harbour, match = probe(SAMPLES / "harbour.mp4"), probe(SAMPLES / "match.mp4")
    mirrored = Effect("flip", (("axis", "horizontal"),))
    crop = Effect("crop", (("left", 0.2), ("right", 0.05), ("top", 0.15), ("bottom", 0.1)))
    segments = (
        Segment("harbour", Range(Fraction(2), Fraction(5)), effects=(crop,)),
        Segment("match", Range(Fraction(3), Fraction(6))),
        Segment("harbour", Range(Fraction(9), Fraction(12)), effects=(mirrored,)),
    )
    cut = Cut((harbour, match), (Track("programme", segments),))
    graded = cut | sc.colour(exposure=-0.3, saturation=1.3, temperature=5200)
    titled = graded | sc.title(text="The boats leave", at=3, duration=3, position="bottom")
    titled.render(path, mode="encode", resolution="640x360", crf=26)
    return path


def shown(film: Path, found: Conformed, part: FilmPart) -> np.ndarray:
    """A frame of the film beside that of its original."""
    source = next(s for s in found.sources if s.id == part.source)
    middle = part.place.middle
    time = part.start + part.speed * (middle - part.place.start)
    pair = [sc.open(film).frame(middle), sc.open(source.path).frame(time)]
    rows = [np.asarray(_scaled(Image.fromarray(picture))) for picture in pair]
    gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
    return np.hstack([rows[0], gap, rows[1]])


def _scaled(picture: Image.Image) -> Image.Image:
    size = (round(HEIGHT * picture.width / picture.height), HEIGHT)
    return picture.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = film(Path(folder) / "film.mp4")
        found = sc.conform(path, [SAMPLES / "harbour.mp4", SAMPLES / "match.mp4"])
        rows = [shown(path, found, part) for part in found.parts if part.source is not None]
    width = min(row.shape[1] for row in rows)
    gap = np.full((GAP, width, 3), 255, np.uint8)
    stacked = [piece for row in rows for piece in (row[:, :width], gap)][:-1]
    name = Path(__file__).with_name("conform.webp")
    Image.fromarray(np.vstack(stacked)).save(name, quality=82, method=6)


if __name__ == "__main__":
    main()
