"""Draws each transition at three shares: ``python docs/pictures/transitions.py``.

All go into docs/pictures/transitions.webp, a row for each, in the order of their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

import smartcut as sc
from smartcut.transition import transition_modules

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_media"
FILMS = (SAMPLES / "harbour.mp4", SAMPLES / "match.mp4")
WIDTH, GAP, LABEL = 240, 6, 80
#: Seconds into the overlap, which lasts one.
TIMES = (0.25, 0.5, 0.75)
PARAMS: dict[str, dict[str, Any]] = {"morph": {"engine": "flow"}, "wipe": {"feather": 0.1}}


def row(kind: str) -> list[Image.Image]:
    """The pictures of a transition."""
    films = sc.open(*FILMS) | sc.trim(end="3s")
    joined = films | sc.transitions(kind=kind, duration=1, **PARAMS.get(kind, {}))
    found = [Image.fromarray(joined.frame(2 + time)) for time in TIMES]
    size = (WIDTH, round(WIDTH * found[0].height / found[0].width))
    return [picture.resize(size, Image.Resampling.LANCZOS) for picture in found]


def main() -> None:
    rows = {kind: row(kind) for kind in transition_modules()}
    height = next(iter(rows.values()))[0].height + GAP
    sheet = Image.new("RGB", (LABEL + len(TIMES) * (WIDTH + GAP), height * len(rows)), "white")
    for number, (kind, pictures) in enumerate(rows.items()):
        ImageDraw.Draw(sheet).text((4, number * height + 4), kind, "black", font_size=16)
        for place, picture in enumerate(pictures):
            sheet.paste(picture, (LABEL + place * (WIDTH + GAP), number * height))
    sheet.save(HERE / "transitions.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
