"""Draws a picture of each effect, before and after: ``python docs/pictures/effects.py``.

They lie in docs/pictures/effects/, made of frames of sample_media as `smartcut frame` shows them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import smartcut as sc
from smartcut.render.lut import identity, write_cube

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_media"
FILM, TIME = SAMPLES / "harbour.mp4", 2
WIDTH, GAP = 320, 8
EFFECTS: dict[str, dict[str, Any]] = {
    "blur": {"sigma": 12},
    "cell": {"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.8},
    "colour": {"exposure": 0.5, "saturation": 1.4, "temperature": 5000},
    "crop": {"left": 0.2, "top": 0.2},
    "fade": {"fade_in": 4},
    "flip": {},
    "move": {"x": 0.1, "degrees": 6, "scale": 1.3},
    "pixelate": {"size": 0.06},
    "place": {"position": "bottom-right", "width": 0.5, "margin": 0.05},
    "rotate": {"degrees": 12},
    "sharpen": {"strength": 3, "sigma": 3},
    "vignette": {"strength": 0.9, "inner": 0.2},
    "window": {"aspect": "9:16", "x": 0.62},
    "zoom": {"scale": 1.8, "x": 0.6, "y": 0.6},
}


def pair(before: np.ndarray, after: np.ndarray) -> Image.Image:
    """Two pictures side by side."""
    one, other = (Image.fromarray(rgb) for rgb in (before, after))
    height = round(WIDTH * one.height / one.width)
    both = Image.new("RGB", (2 * WIDTH + GAP, height), "white")
    for left, picture in ((0, one), (WIDTH + GAP, other)):
        width = min(WIDTH, round(height * picture.width / picture.height))
        small = picture.resize((width, height), Image.Resampling.LANCZOS)
        both.paste(small, (left + (WIDTH - width) // 2, 0))
    return both


def keyed() -> tuple[np.ndarray, np.ndarray]:
    """The football on its lawn, and above the harbour without the lawn."""
    over = sc.overlay(file=SAMPLES / "match.mp4", position="centre", margin=0, at=0, gain=None)
    laid = sc.open(FILM) | over
    key = sc.chroma_key(colour="#3f8f3f", similarity=0.08, blend=0.05, track="overlay")
    return laid.frame(TIME), (laid | key).frame(TIME)


def grainy(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The harbour by night, as a camera sees it, and without its noise; a part of it, enlarged."""
    clean = sc.open(FILM).frame(TIME) * 0.6
    noise = np.random.default_rng(1).normal(0, 12, clean.shape)
    Image.fromarray(np.clip(clean + noise, 0, 255).astype(np.uint8)).save(folder / "night.png")
    still = sc.open(folder / "night.png") | sc.crop(left=0.3, right=0.3, top=0.3, bottom=0.3)
    return still.frame(0), (still | sc.denoise(strength=12)).frame(0)


def main() -> None:
    film = sc.open(FILM)
    before = film.frame(TIME)
    found = {n: (before, (film | getattr(sc, n)(**p)).frame(TIME)) for n, p in EFFECTS.items()}
    found["chroma_key"] = keyed()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "dusk.cube"
        write_cube(table, np.clip(identity(17) ** (1.2, 1.0, 0.75) * (0.9, 0.9, 1.0), 0, 1))
        found["denoise"] = grainy(Path(folder))
        found["lut"] = before, (film | sc.lut(file=table)).frame(TIME)
    (HERE / "effects").mkdir(exist_ok=True)
    for name, (one, other) in found.items():
        pair(one, other).save(HERE / "effects" / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
