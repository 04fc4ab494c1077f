"""The panels of takes, of what was left out and of finished films, in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.conform_material import Filmed
from benchmarks.planted_styles import PlantedStyle
from tests.builders import conformed
from tests.builders.browser import AXE, Chromium
from tests.builders.studio import StudioPage, StudioProcess, studio
from tests.builders.styles import write_styled
from tests.builders.takes import MadeTake, made_take

pytestmark = pytest.mark.slow

READING = """\
# two takes
inputs: [one.wav, two.wav]
stages:
  - transcribe: {from: {one: one.json, two: two.json}}
  - takes: {text: the old lighthouse on the hill is not for sale}
  - render
"""


def write_take(folder: Path, name: str, take: MadeTake) -> None:
    take.write(folder, name)
    words = [{"word": text, "start": start, "end": end} for start, end, text in take.words]
    whole = {"start": words[0]["start"], "end": words[-1]["end"], "words": words}
    segments = [{**whole, "text": " ".join(text for _, _, text in take.words)}]
    told = {"language": "en", "segments": segments}
    (folder / f"{name}.json").write_text(json.dumps(told))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[StudioProcess]:
    """Two takes, a finished film with its originals, three cuts in one style."""
    write_take(tmp_path, "one", made_take("the old lighthouse on the hill *is* not *for* sale"))
    write_take(
        tmp_path, "two", made_take("*the* *old* lighthouse on the hill is not for sale", seed=2)
    )
    files = conformed.sources(tmp_path / "rushes", 2, Filmed(3, 1, (128, 72)))
    shown = [conformed.shown("s0", 10, 30), conformed.shown("s1", 20, 25)]
    conformed.film(tmp_path / "film.mp4", files, shown, crf=24)
    write_styled(tmp_path, PlantedStyle(before=0.12, after=0.26, min_cut=0.35))
    (tmp_path / "reading.yaml").write_text(READING)
    files = (tmp_path / "reading.yaml", "-o", tmp_path / "out.m4a")
    with studio(*files, cache=tmp_path / "cache") as server:
        server.wait_until_open()
        yield server


@pytest.fixture
def page(served: StudioProcess, chromium: Chromium) -> StudioPage:
    page = StudioPage.open(chromium, served, size=(1280, 900))
    page.page.locator("#tab-panel-takes").wait_for()
    return page


def until(page: StudioPage, condition: str, timeout: float = 20.0) -> None:
    """Until something holds of the page's store."""
    code = f"const {{ store }} = await import('/page/store.js'); return !!({condition});"
    for _ in range(int(timeout / 0.05)):
        if page.page.evaluate(f"async () => {{ {code} }}"):
            return
        page.page.wait_for_timeout(50)
    raise AssertionError(f"{condition} does not hold after {timeout} s: {page.watched.errors}")


def violations(page: StudioPage) -> list[str]:
    """What axe-core finds; test_page_quality.py looks at the timeline's handles."""
    found = page.watched.violations() if AXE.is_file() else []
    return [one for one in found if 'class="handle' not in one]


def test_another_take_by_keys_and_what_a_cut_left_out(page: StudioPage) -> None:
    page.page.click("#tab-panel-takes")
    panel = page.page.locator("panel-takes")
    panel.get_by_role("radio", checked=True).first.wait_for()
    first = panel.locator(".passage").first
    assert first.get_by_role("radio", checked=True).count() == 1
    assert "next best way" in first.inner_text()
    assert violations(page) == []
    before = page.state()["edits"]
    other = first.locator(".take-row").nth(1).get_by_role("button")
    with page.page.expect_response("**/api/listen/**") as told:
        other.click()
    assert told.value.headers["content-type"] == "audio/wav"
    assert first.get_by_role("button", name="Stop: take").count() == 1
    other.click()
    assert first.get_by_role("button", name="Stop: take").count() == 0
    other.click()
    first.get_by_role("button", name="Play").click()
    until(page, "store.isPlaying")
    assert first.get_by_role("button", name="Stop: take").count() == 0
    page.page.evaluate("async () => (await import('/page/store.js')).store.pause()")
    assert page.state()["edits"] == before
    first.get_by_role("radio", checked=True).focus()
    page.press("ArrowDown")
    panel.get_by_text("1 not as the stage chose").wait_for()
    state = page.state()
    assert "replace" in state["edits"][0]
    assert first.get_by_role("radio", checked=True).get_attribute("data-focus") == "take-0-1"
    word = next(w for w in state["words"] if w["text"] == "not")
    page.page.evaluate(
        "async op => (await import('/page/store.js')).store.edit([op])",
        {"drop": {"source": word["source"], "start": word["from"], "end": word["to"]}},
    )
    page.page.click("#tab-panel-elisions")
    left = page.page.locator("panel-elisions")
    left.locator("strong", has_text="[not]").wait_for()
    assert "negation" in left.inner_text()
    assert violations(page) == []
    original = left.get_by_role("button", name="Listen: not")
    with page.page.expect_response("**/api/listen/**") as told:
        original.click()
    assert told.value.status == 200
    left.locator("button.row").last.click()
    until(page, "store.playhead > 1")
    assert page.watched.errors == []


def test_the_cut_of_a_film_is_found_looked_at_and_opened(page: StudioPage, tmp_path: Path) -> None:
    page.page.click("#tab-panel-films")
    panel = page.page.locator("panel-films")
    panel.get_by_role("button", name="Find its cut").click()
    panel.get_by_text("Choose the film, and tick its originals.").wait_for()
    panel.get_by_label("Finished film").select_option(label="film.mp4")
    panel.get_by_role("checkbox", name="rushes/ all 2").check()
    panel.get_by_role("button", name="Find its cut").click()
    panel.get_by_text("2 parts, 100.0 % explained by originals.").wait_for()
    slider = panel.get_by_role("slider")
    slider.focus()
    page.press("End")
    assert "s1 at" in (slider.get_attribute("aria-valuetext") or "")
    page.wait("[...document.querySelectorAll('.beside img')].every(one => one.naturalWidth > 100)")
    panel.get_by_role("button", name="Wide").click()
    assert violations(page) == []
    with page.page.expect_navigation():
        panel.get_by_role("button", name="Open it in the timeline").click()
    page.wait("document.title.startsWith('film-conformed')")
    state = page.state()
    assert [s["source"] for s in state["tracks"][0]["segments"]] == ["s0", "s1"]
    assert (tmp_path / "film-conformed.yaml").is_file()
    assert not page.page.locator("#tab-panel-takes").is_visible()
    assert page.watched.errors == []


def test_a_style_is_learned_and_applied_to_the_pipeline(page: StudioPage) -> None:
    page.page.click("#tab-panel-films")
    panel = page.page.locator("panel-films")
    panel.get_by_role("button", name="Learn", exact=True).click()
    for number in range(2):
        panel.get_by_role("checkbox", name=f"style{number}.json").check()
    panel.get_by_role("button", name="Learn the style").click()
    panel.get_by_role("row", name="kept before a word").wait_for()
    assert violations(page) == []
    version = page.state()["version"]
    panel.get_by_role("button", name="Apply to the open pipeline").click()
    panel.get_by_text("Undo takes it back").wait_for()
    assert page.state()["version"] > version
    text = page.page.evaluate("fetch('/api/pipeline').then(a => a.json())")["text"]
    assert text.startswith("# two takes\n")
    lines = [line.strip().partition(":")[0] for line in text.split("stages:\n")[1].splitlines()]
    assert [line for line in lines if line.startswith("- ")] == [
        "- transcribe", "- takes", "- tighten", "- render",
    ]  # fmt: skip
    assert page.watched.errors == []
