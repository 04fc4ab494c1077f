"""Draws frames without and with a stage, side by side: ``python -m docs.pictures.seen [NAME ...]``.

Of sample_media, or of footage that is made for it. Run it in the root of the project.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import smartcut as sc
from docs.pictures import footage
from docs.pictures.charts import HARBOUR, MATCH, SKY, axis, save, stacked
from docs.pictures.order import said

GAP = 6


def beside(pictures: Sequence[np.ndarray], width: int, height: int | None = None) -> Image.Image:
    """Pictures of one width side by side."""
    tiles = [Image.fromarray(rgb) for rgb in pictures]
    height = height or round(width * tiles[0].height / tiles[0].width)
    whole = Image.new("RGB", (len(tiles) * (width + GAP) - GAP, height), "white")
    for number, tile in enumerate(tiles):
        small = tile.resize((width, height), Image.Resampling.LANCZOS)
        whole.paste(small, (number * (width + GAP), 0))
    return whole


def pair(film: Any, stage: Any, time: float = 2) -> Image.Image:
    return beside([film.frame(time), (film | stage).frame(time)], 320)


def effects(folder: Path) -> Image.Image:
    return pair(sc.open(HARBOUR), sc.effects(use="MirrorX"), 8)


def moviepy(folder: Path) -> Image.Image:
    return pair(sc.open(HARBOUR), sc.moviepy(use="InvertColors"), 8)


def stylize(folder: Path) -> Image.Image:
    """The footage, the reference, and the footage in its colours."""
    film, look = sc.open(HARBOUR), sc.open(SKY).frame(21)
    Image.fromarray(look).save(folder / "look.png")
    styled = film | sc.stylize(reference=folder / "look.png")
    return beside([film.frame(8), look, styled.frame(8)], 236)


def deinterlace(folder: Path) -> Image.Image:
    film = sc.open(footage.woven(folder / "woven.mp4"))
    whole = film | sc.deinterlace(fields="tff")
    return beside([one.frame(1)[130:250, 130:343] for one in (film, whole)], 320)


def tonemap(folder: Path) -> Image.Image:
    """As a screen shows it that takes HDR for BT.709, and with the stage."""
    taken = sc.open(footage.bright(folder / "taken.mkv", trc=1, primaries=1, matrix=1))
    bright = sc.open(footage.bright(folder / "bright.mkv"))
    return beside([taken.frame(0), (bright | sc.tonemap()).frame(0)], 320)


def subtitles(folder: Path) -> Image.Image:
    film = sc.open(HARBOUR) | sc.transcribe(text=said(HARBOUR, folder))
    shown = film | sc.subtitles(burn=True, sidecar="none", look="karaoke")
    return beside([film.frame(2), shown.frame(2)], 320)


def translate(folder: Path) -> Image.Image:
    """By a model that knows the words of one sentence."""
    model = footage.translator(folder / "model")
    film = sc.open(HARBOUR) | sc.transcribe(text=said(HARBOUR, folder))
    german = film | sc.translate(to="de", model=model)
    shown = german | sc.subtitles(burn=True, sidecar="none", show=["original", "de"])
    return beside([film.frame(7.5), shown.frame(7.5)], 320)


def generate(folder: Path) -> Image.Image:
    small = folder / "small.mp4"
    (sc.open(HARBOUR) | sc.trim(end="1s")).render(small, resolution="360p", mode="encode")
    titled = sc.open(small) | sc.generate(
        kind="title", text="Summer at sea", seconds=0.5, at="start"
    )
    return beside([titled.frame(0.2)], 400)


def interpolate(folder: Path) -> Image.Image:
    """A ball four times slower: above frames are shown again, below some are made."""
    film = sc.open(MATCH) | sc.trim(start="0.8s", end="1.4s")
    ways = film | sc.speed(factor=0.25), film | sc.interpolate(speed=0.25, engine="rife")
    times = [0.4 + k * 0.04 for k in range(5)]
    rows = [beside([way.frame(t)[250:450, 60:416] for t in times], 139) for way in ways]
    return stacked(*rows, axis([(k / 5, f"{t:.2f} s") for k, t in enumerate(times)], rows[0].width))


def stabilise(folder: Path) -> Image.Image:
    """One line of the picture, from the top to the bottom, frame after frame to the right."""
    film = sc.open(footage.shaken(folder / "shaken.mp4"))
    lines = [
        np.stack([rgb[:, 320] for _, rgb in one.frames()], axis=1)
        for one in (film, film | sc.stabilise())
    ]
    return beside(lines, 356, 180)


def frames(folder: Path) -> Image.Image:
    sc.open(HARBOUR).render(folder / "frame-%03d.png", every="5s", resolution="180p")
    files = sorted(folder.glob("frame-*.png"))
    pictures = beside([np.asarray(Image.open(file).convert("RGB")) for file in files], 138)
    marks = [(k / len(files), file.name) for k, file in enumerate(files)]
    return stacked(pictures, axis(marks, pictures.width))


def gif() -> None:
    """An animation, as the verb makes it."""
    path = Path(__file__).parent / "verbs" / "gif.webp"
    film = sc.open(MATCH) | sc.trim(start="6s", end="7.5s")
    film.render(path, fps=6, resolution="120p", quality=40)
    path.with_name("gif.manifest.json").unlink(missing_ok=True)
    print(path, path.stat().st_size)


MADE = (
    *(effects, moviepy, stylize, deinterlace, tonemap, subtitles, translate, generate),
    *(interpolate, stabilise, frames),
)


def main() -> None:
    asked = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for make in MADE:
            name = make.__name__
            if not asked or name in asked:
                save("verbs/frames" if name == "frames" else name, make(Path(folder)))
    if not asked or "gif" in asked:
        gif()


if __name__ == "__main__":
    main()
