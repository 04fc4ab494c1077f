"""Draws the pictures of docs/studio.md: ``python docs/pictures/studio.py [NAME ...]``.

The studio on a reel of sample_media, in twelve states, as Chromium shows it; it needs Playwright
(the extra ``dev-all``). With names only those states are drawn.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from smartcut.cache import cache_root
from tests.builders.browser import Chromium, launched
from tests.builders.studio import StudioPage, StudioProcess, studio

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "studio"
CLIPS = [ROOT / "sample_media" / f"{name}.mp4" for name in ("harbour", "match", "sky")]
PIPELINE = """\
description: The best moments of three clips.
expect: {length: 29s ± 0.5s, no_word_cut: true, loudness: -16, no_black: true}
stages:
  - shots
  - transcribe
  - relevance: {prompts: [a sailing boat, a soccer ball in a goal, hot-air balloons]}
  - motion
  - loudness
  - highlights: {duration: 30s, weights: {relevance: 2, speech: 1, motion: 1}}
  - title: {text: Three places, at: 0.5, duration: 2.5}
  - subtitles: {burn: true, sidecar: none}
  - render
"""
WIDE, USUAL = (2560, 1400), (1280, 800)


def tab(name: str) -> Callable[[StudioPage], None]:
    def click(page: StudioPage) -> None:
        page.page.get_by_role("tab", name=name).click()

    return click


def edited(page: StudioPage) -> None:
    """A segment gone, and another one's beginning later."""
    page.press("Home", "PageDown", "PageDown", "Delete")
    page.page.wait_for_timeout(1500)
    page.press("PageDown", "Shift+ArrowRight", "q")
    page.page.wait_for_timeout(1500)
    tab("Edits")(page)


def a_form(page: StudioPage) -> None:
    """The pipeline in a wide panel, with the parameters of a stage."""
    tab("Pipeline")(page)
    page.page.get_by_role("button", name="Wide").click()
    page.page.locator("studio-dock").get_by_text("highlights", exact=True).first.click()


def at_the_title(page: StudioPage) -> None:
    page.press("Home", "Shift+ArrowRight")
    page.page.wait_for_timeout(800)
    page.press("g")


def typing(page: StudioPage) -> None:
    """The YAML in a wide panel, a stage's name begun."""
    tab("Pipeline")(page)
    page.page.get_by_role("button", name="Wide").click()
    page.page.locator(".stages li").first.wait_for()
    page.page.get_by_label("The pipeline as YAML").focus()
    page.press("Control+End")
    page.page.keyboard.type("  - sta")


def look_of_the_title(page: StudioPage) -> None:
    """A title selected, and what its letters look like."""
    at_the_title(page)
    page.press("g")
    page.page.evaluate(
        "import('/page/store.js').then(({ store }) => store.select("
        "store.segments().find(one => one.text?.includes('Three')).id))"
    )
    page.page.wait_for_timeout(1500)
    page.page.locator("panel-inspector .more-fields > summary").click()
    page.page.get_by_label("Box", exact=True).last.scroll_into_view_if_needed()


def changed_elsewhere(page: StudioPage) -> None:
    """Another program has written the pipeline."""
    pipeline = Path(page.state()["edits_file"]).with_name("reel.yaml")
    pipeline.write_text(pipeline.read_text() + "# of another program\n")
    page.page.locator("disk-notice").wait_for()


#: Name, size, light, and what is done before: one after the other in one session.
STATES: tuple[tuple[str, tuple[int, int], str, Callable[[StudioPage], None]], ...] = (
    ("overview", USUAL, "dark", lambda page: page.press("PageDown")),
    ("wide", WIDE, "light", lambda page: page.press("PageDown", "PageDown", "PageDown")),
    ("title", USUAL, "light", at_the_title),
    ("candidates", USUAL, "light", tab("Candidates")),
    ("pipeline", USUAL, "dark", a_form),
    ("plan", USUAL, "light", tab("Plan")),
    ("edits", USUAL, "dark", edited),
    ("compare", USUAL, "light", tab("Compare")),
    ("expected", USUAL, "dark", tab("Checks")),
    ("yaml", USUAL, "light", typing),
    ("look", USUAL, "dark", look_of_the_title),
    ("changed", USUAL, "light", changed_elsewhere),
)


def shown(browser: Chromium, server: StudioProcess, state: tuple) -> None:  # type: ignore[type-arg]
    name, size, scheme, prepare = state
    page = StudioPage.open(browser, server, size=size, color_scheme=scheme)
    page.firsts()
    page.page.wait_for_timeout(2500)  # filmstrips and waveforms come after the film
    prepare(page)
    page.page.wait_for_timeout(2500)
    picture = Image.open(io.BytesIO(page.page.screenshot())).convert("RGB")
    picture.save(HERE / f"{name}.webp", quality=80, method=6)
    browser.close_pages()


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Path(folder, "reel.yaml")
        pipeline.write_text(PIPELINE)
        arguments = (pipeline, *CLIPS, "-o", Path(folder, "reel.mp4"))
        with launched() as browser, studio(*arguments, cache=cache_root()) as server:
            server.wait_until_open()
            for state in STATES:
                if state[0] in (sys.argv[1:] or [state[0]]):
                    shown(browser, server, state)


if __name__ == "__main__":
    main()
