"""Draws the picture of docs/guides/reports.md: ``python docs/pictures/report.py``.

A report of a reel of sample_media, in light and in dark, as Chromium shows it; it needs Playwright
(the extra ``dev-all``).
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

import smartcut as sc
from tests.builders.browser import launched

ROOT = Path(__file__).parents[2]
CLIPS = [ROOT / "sample_media" / f"{name}.mp4" for name in ("harbour", "match", "sky")]
SIZE = (1280, 1180)


def written(folder: Path) -> Path:
    """The report of a reel without a new size, so that some of it is copied."""
    pipeline = ROOT / "pipelines" / "highlight_reel.yaml"
    wishes = ["a sailing boat", "a soccer ball in a goal", "hot-air balloons"]
    film = sc.Pipeline.from_yaml(pipeline, duration="30s", prompt=wishes, resolution=None)
    film.run(CLIPS, folder / "reel.mp4").report(folder / "reel.html")
    return folder / "reel.html"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        page = written(Path(folder)).as_uri()
        shown = [
            Image.open(
                io.BytesIO(browser.open(page, size=SIZE, color_scheme=scheme).page.screenshot())
            ).convert("RGB")
            for scheme in ("light", "dark")
        ]
    half = SIZE[0] // 2
    whole = shown[0].copy()
    whole.paste(shown[1].crop((half, 0, *SIZE)), (half, 0))
    whole.save(Path(__file__).with_name("report.webp"), quality=84, method=6)


if __name__ == "__main__":
    main()
