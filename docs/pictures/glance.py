"""Draws what stages do to a whole film: ``python docs/pictures/glance.py [NAME ...]``.

Above is the film as it was, below with the stage: its pictures at equal distances, or its sound.
Both are drawn by the stages `filmstrip` and `waveform` of sample_media.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import smartcut as sc

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_media"
TALK, GAME, SKY, MUSIC = (
    SAMPLES / name for name in ("harbour.mp4", "match.mp4", "sky.mp4", "music.m4a")
)
SEEN = sc.filmstrip(count=8, height=68)
HEARD = sc.waveform(width=960, height=90)
GAP, BACKGROUND = 8, 255


def films() -> dict[str, tuple[Any, Any, Any]]:
    """By stage: a film, the same with the stage, and what is drawn of both."""
    short = sc.open(GAME) | sc.trim(end="6s")
    talk = sc.open(TALK) | sc.trim(end="12s")
    sky, quiet = sc.open(SKY) | sc.trim(end="6s"), talk | sc.gain(db=-10)
    scan = sc.open(GAME) | sc.trim(end="1s") | sc.volume(slices=SAMPLES / "scan", seconds=6)
    noisy = {"from": "3s", "to": "5s"}
    return {
        "filmstrip": (short, short, SEEN),
        "waveform": (talk, talk, HEARD),
        "tighten": (talk, talk | sc.tighten(), HEARD),
        "overlay": (
            short,
            short | sc.overlay(file=TALK, position="top-right", width=0.4, at="2s", duration="2s"),
            SEEN,
        ),
        "gain": (talk, talk | sc.gain(db={"0s": -24, "8s": 6}), HEARD),
        "mute": (talk, talk | sc.mute(**noisy), HEARD),
        "compressor": (talk, talk | sc.compressor(threshold=-30, ratio=3), HEARD),
        "clean": (talk, talk | sc.clean(), HEARD),
        "sounds": (talk, talk | sc.sounds([{"file": MUSIC, "at": "4s", "gain": -6}]), HEARD),
        "reframe": (short, short | sc.reframe(aspect="9:16", subject="motion"), SEEN),
        "volume": (scan, scan, SEEN),
        "voiceover": (sky, sky | sc.voiceover(text="The balloons rise.", start="3.5s"), HEARD),
        "verbs/loudness": (quiet, quiet | sc.audio(loudness=-16), HEARD),
        "audio": (talk, talk | sc.audio(music=MUSIC, music_gain=-12, duck=True), HEARD),
    }


def drawn(film: Any, glance: Any) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glance.png"
        (film | glance).run(output=path)
        return np.asarray(Image.open(path).convert("RGB"))


def main() -> None:
    known = films()
    for name in sys.argv[1:] or known:
        before, after, glance = known[name]
        rows = [drawn(film, glance) for film in ((after,) if before is after else (before, after))]
        height = sum(len(row) for row in rows) + GAP * (len(rows) - 1)
        sheet = np.full((height, rows[0].shape[1], 3), BACKGROUND, np.uint8)
        top = 0
        for row in rows:
            sheet[top : top + len(row), : row.shape[1]] = row[:, : sheet.shape[1]]
            top += len(row) + GAP
        Image.fromarray(sheet).save(HERE / f"{name}.webp", quality=75)
        print(HERE / f"{name}.webp", flush=True)


if __name__ == "__main__":
    main()
