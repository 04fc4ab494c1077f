"""Draws the pictures of the studio's panels Takes, Left out and Films: ``python
docs/pictures/studio_films.py [NAME ...]``.

Chromium shows them on clips of sample_media, over which words are heard that nobody spoke; it needs
Playwright (the extra ``dev-all``).
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

import smartcut as sc
from benchmarks.planted_styles import PlantedStyle
from smartcut.cache import cache_root
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.media.probe import probe
from smartcut.timebase import Range
from tests.builders.browser import Chromium, launched
from tests.builders.studio import StudioPage, StudioProcess, studio
from tests.builders.styles import write_styled
from tests.builders.takes import made_take
from tests.studio.test_film_panels import write_take

HERE = Path(__file__).parent / "studio"
SAMPLES = Path(__file__).parents[2] / "sample_media"
SIZE = (1280, 960)
TAKES = {
    "one": "the old lighthouse on the hill *is* not *for* sale but you can visit it if you ask",
    "two": "*the* *old* lighthouse um on the hill is not for sale but you can visit it if you ask",
    "three": "the old lighthouse on the *hill* is not for sale | but you can *visit* it if you ask",
}
SAID = (
    "We support the new harbour if the town pays for the road, | but it is not cheap. | | "
    "The old pier is nearly a hundred years old, | and nobody likes it."
)
READING = """\
# three takes of one text
inputs: [one.mp4, two.mp4, three.mp4]
stages:
  - transcribe: {from: {one: one.json, two: two.json, three: three.json}}
  - takes
  - render
"""
TALK = """\
inputs: [talk.mp4]
stages:
  - transcribe: {from: talk.json}
  - render
"""


def write_files(folder: Path) -> None:
    """Takes with pictures, a finished film with one of its two originals, cuts in one style."""
    for seed, (name, text) in enumerate({**TAKES, "talk": SAID}.items()):
        write_take(folder, name, made_take(text, seed=seed, level=-20 - 2 * seed))
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", SAMPLES / "harbour.mp4"]
        command += ["-i", folder / f"{name}.wav", "-map", "0:v", "-map", "1:a", "-c:v", "copy"]
        subprocess.run([*command, "-shortest", folder / f"{name}.mp4"], check=True)
        (folder / f"{name}.wav").unlink()
    (folder / "rushes").mkdir()
    shutil.copy(SAMPLES / "harbour.mp4", folder / "rushes")
    regatta(folder / "regatta.mp4")
    write_styled(folder, PlantedStyle(before=0.12, after=0.26, min_cut=0.35))
    (folder / "reading.yaml").write_text(READING)
    (folder / "talk.yaml").write_text(TALK)


def regatta(path: Path) -> None:
    """Three parts of two sources, cropped, graded and mirrored."""
    harbour, match = probe(SAMPLES / "harbour.mp4"), probe(SAMPLES / "match.mp4")
    crop = Effect("crop", (("left", 0.2), ("right", 0.05), ("top", 0.15), ("bottom", 0.1)))
    mirrored = Effect("flip", (("axis", "horizontal"),))
    segments = (
        Segment("harbour", Range(Fraction(9), Fraction(12)), effects=(crop,)),
        Segment("match", Range(Fraction(3), Fraction(6))),
        Segment("harbour", Range(Fraction(6), Fraction(8)), effects=(mirrored,)),
    )
    cut = Cut((harbour, match), (Track("programme", segments),))
    graded = cut | sc.colour(exposure=-0.3, saturation=1.3, temperature=5200)
    graded.render(path, mode="encode", resolution="640x360", crf=26)


def takes(page: StudioPage) -> None:
    page.page.click("#tab-panel-takes")
    page.page.locator("panel-takes .passage").nth(1).wait_for()


def left_out(page: StudioPage) -> None:
    """Words are struck that the sense hangs on."""
    with page.page.expect_navigation():
        page.page.evaluate(
            "void fetch('/api/open', {method: 'POST', body: JSON.stringify({path: 'talk.yaml'}), "
            "headers: {'Content-Type': 'application/json'}})"
        )
    page.wait("document.title.startsWith('talk')")
    page.firsts()
    for text in ("if", "the", "town", "pays", "for", "the", "road,", "not", "nearly"):
        word = next(w for w in page.state()["words"] if w["text"] == text and w["start"] > 2.3)
        page.page.evaluate(
            "async op => (await import('/page/store.js')).store.edit([op])",
            {"drop": {"source": word["source"], "start": word["from"], "end": word["to"]}},
        )
    page.page.click("#tab-panel-elisions")
    page.page.locator("panel-elisions .elision").nth(1).wait_for()


def films(page: StudioPage) -> None:
    panel = opened(page)
    panel.get_by_label("Finished film").select_option(label="regatta.mp4")
    panel.get_by_role("checkbox", name="rushes/ all 1").check()
    panel.get_by_role("button", name="Find its cut").click()
    panel.get_by_role("slider").wait_for(timeout=120_000)
    panel.get_by_role("button", name="Wide").click()
    panel.locator(".film-parts button").first.click()


def learned(page: StudioPage) -> None:
    panel = opened(page)
    panel.get_by_role("button", name="Learn", exact=True).click()
    for number in range(3):
        panel.get_by_role("checkbox", name=f"style{number}.json").check()
    panel.get_by_role("button", name="Learn the style").click()
    panel.get_by_role("row", name="kept before a word").wait_for(timeout=120_000)
    panel.get_by_role("button", name="Wide").click()
    panel.locator("summary").click()


def opened(page: StudioPage):  # type: ignore[no-untyped-def]
    page.page.click("#tab-panel-films")
    panel = page.page.locator("panel-films")
    panel.locator("form").first.wait_for()
    return panel


STATES: dict[str, tuple[str, Callable[[StudioPage], None]]] = {
    "takes": ("light", takes),
    "left_out": ("dark", left_out),
    "films": ("light", films),
    "learned": ("dark", learned),
}


def shown(browser: Chromium, server: StudioProcess, name: str) -> None:
    scheme, prepare = STATES[name]
    page = StudioPage.open(browser, server, size=SIZE, color_scheme=scheme)
    page.firsts()
    prepare(page)
    page.page.wait_for_timeout(2500)
    picture = Image.open(io.BytesIO(page.page.screenshot())).convert("RGB")
    picture.save(HERE / f"{name}.webp", quality=80, method=6)
    browser.close_pages()


def main() -> None:
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given) / "project"  # its name is seen
        folder.mkdir()
        write_files(folder)
        arguments = (folder / "reading.yaml", "-o", folder / "reading.mp4")
        with launched() as browser, studio(*arguments, cache=cache_root()) as server:
            server.wait_until_open()
            for name in sys.argv[1:] or STATES:
                shown(browser, server, name)


if __name__ == "__main__":
    main()
