"""Draws the gallery of docs/captions.md: ``python docs/pictures/captions.py``.

A picture for each look in docs/pictures/captions/, wide and upright, and one of several scripts.
The Japanese line needs the extra ``cjk``; all are frames of sample_media as `smartcut frame` shows
them.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import smartcut as sc
from smartcut.looks import look_names

HERE = Path(__file__).parent / "captions"
FILM = Path(__file__).parents[2] / "sample_media" / "harbour.mp4"
ENGLISH = ["The", "harbour", "lies", "quiet", "before", "the", "boats", "leave"]
SCRIPTS = {
    "karaoke": ["مرحبا", "بكم", "في", "قناتنا", "اليوم"],
    "stickers": ["नमस्ते", "दोस्तों", "आज", "हम", "सीखेंगे"],
    "marker": ["今日は", "港が", "とても", "静か", "です"],
    "bold": ["So", "good", "🔥", "love", "it", "🎉"],
}
HEIGHT = 252
EVERY = 0.4


def shown(words: list[str], look: str, upright: bool, folder: Path) -> Image.Image:
    """A frame while the second word is spoken."""
    rows = [{"word": w, "start": k * EVERY, "end": (k + 1) * EVERY} for k, w in enumerate(words)]
    text = "".join(words) if words[0] in ("今日は",) else " ".join(words)
    segment = {"start": 0, "end": len(words) * EVERY, "text": text, "words": rows}
    said = folder / "said.json"
    said.write_text(json.dumps({"language": "en", "segments": [segment]}), encoding="utf-8")
    film = sc.open(FILM)
    film = film | sc.transcribe(text=said) | sc.subtitles(sidecar="none", burn=True, look=look)
    film = film | sc.window(aspect="9:16", x=0.45) if upright else film
    picture = Image.fromarray(film.frame(1.7 * EVERY))
    size = (round(HEIGHT * picture.width / picture.height), HEIGHT)
    return picture.resize(size, Image.Resampling.LANCZOS)


def save(name: str, parts: list[Image.Image]) -> None:
    joined = np.hstack([np.asarray(part) for part in parts])
    Image.fromarray(joined).save(HERE / f"{name}.webp", quality=82, method=6)


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for look in look_names():
            pair = [shown(ENGLISH, look, upright, Path(folder)) for upright in (False, True)]
            save(look, pair)
        rows = [shown(words, look, False, Path(folder)) for look, words in SCRIPTS.items()]
        whole = Image.new("RGB", (2 * rows[0].width, 2 * HEIGHT))
        for k, row in enumerate(rows):
            whole.paste(row, (k % 2 * row.width, k // 2 * HEIGHT))
        whole.save(HERE / "_scripts.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
