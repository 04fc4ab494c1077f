"""The panels of the studio's page, by mouse and by keys: what is done there is in the cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

from smartcut.testing import write_bar_coded
from tests.builders.browser import AXE, Chromium
from tests.builders.studio import StudioPage, StudioProcess, studio

pytestmark = pytest.mark.slow

#: Two sentences, each word 0.3 s long, with its beginning and how sure its hearer was.
SAID = (
    (("We", 0.5, 0.9), ("sail", 0.9, 0.9), ("at", 1.3, 0.9), ("dawn.", 1.7, 0.9)),
    (("The", 3, 1), ("harbour", 3.4, 1), ("is", 3.8, 1), ("far", 4.2, 0.3), ("behind.", 4.6, 1)),
)
TALK = """\
# a talk
stages:
  - transcribe: {from: film.json}
  - motion
  - highlights:
      duration: 3s   # as asked
      min_length: 1
      max_length: 2
      weights: {motion: 1}
      keep_sentences: false
  - title: {text: Harbour, at: 0.2, duration: 1}
  - render
"""
LAST = ["The", "harbour", "is", "far", "behind."]
#: What would do something, were it taken for HTML.
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><b>bold</b>"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of 25 numbered pictures a second, a key frame each second."""
    path = tmp_path_factory.mktemp("panels") / "film.mp4"
    write_bar_coded(path, frames=150, rate=F(25), size=(160, 90), gop=25)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def words_file(said: Any) -> str:
    """What was said, as speech recognisers write it."""
    segments = [
        {
            "start": words[0][1],
            "end": words[-1][1] + 0.3,
            "text": " ".join(word for word, _, _ in words),
            "words": [
                {"word": word, "start": start, "end": start + 0.3, "probability": sure}
                for word, start, sure in words
            ],
        }
        for words in said
    ]
    return json.dumps({"segments": segments})


@pytest.fixture
def served(
    request: pytest.FixtureRequest, film: Path, cache: Path, tmp_path: Path
) -> Iterator[StudioProcess]:
    """The studio with a pipeline, the film and what is said in it, in a folder of its own."""
    text, spoken, name = getattr(request, "param", (TALK, SAID, "film.mp4"))
    own = [] if "parts:" in text else [tmp_path / name]
    (tmp_path / name).hardlink_to(film)
    (tmp_path / "film.json").write_text(words_file(spoken))
    (tmp_path / "talk.yaml").write_text(text)
    files = (tmp_path / "talk.yaml", *own, "-o", tmp_path / "out.mp4")
    with studio(*files, cache=cache) as server:
        server.wait_until_open()
        yield server


@pytest.fixture
def page(served: StudioProcess, chromium: Chromium) -> StudioPage:
    page = StudioPage.open(chromium, served, size=(1400, 1000))
    until(page, "store.state")
    return page


def store(page: StudioPage, expression: str, argument: Any = None) -> Any:
    """What JavaScript says of the page's store."""
    code = f"const {{ store }} = await import('/page/store.js'); return {expression};"
    return page.page.evaluate(f"async argument => {{ {code} }}", argument)


def until(page: StudioPage, condition: str, timeout: float = 20.0) -> None:
    """Until something holds of the page's store."""
    for _ in range(int(timeout / 0.05)):
        if store(page, f"!!({condition})"):
            return
        page.page.wait_for_timeout(50)
    raise AssertionError(f"{condition} does not hold after {timeout} s: {page.watched.errors}")


def select(page: StudioPage, track: int = 0) -> None:
    """Select the first segment of a track."""
    store(page, f"store.select(store.state.tracks[{track}].segments[0].id)")


def shown(page: StudioPage, panel: str) -> Any:
    """A panel that is brought to the front, and has loaded."""
    page.page.click(f"#tab-panel-{panel}")
    found = page.page.locator(f"panel-{panel}")
    loaded = "(p => p?.childElementCount && !p.hasAttribute('aria-busy'))"
    until(page, f"{loaded}(document.querySelector('panel-{panel}'))")
    return found


def changed(page: StudioPage, version: int) -> dict[str, Any]:
    """The state, once it is a newer one, and the page shows it."""
    idle = "!document.querySelector('[aria-busy]')"
    until(page, f"store.state.version > {version} && {idle}")
    return page.state()


def shows(state: dict[str, Any]) -> list[tuple[str, str]]:
    return [(s["start"], s["end"]) for s in state["tracks"][0]["segments"]]


WORDS = "stages:\n  - transcribe: {from: film.json}\n  - render\n", SAID, "film.mp4"


@pytest.mark.parametrize("served", [WORDS], indirect=True, ids=["words"])
def test_words_are_struck_and_brought_back_by_keys_alone(page: StudioPage) -> None:
    panel = shown(page, "transcript")
    panel.locator(".word").first.wait_for()
    page.page.focus("#tab-panel-transcript")
    for _ in range(8):
        page.press("Tab")
        if page.page.evaluate("document.activeElement.tagName") == "SPOKEN-TEXT":
            break
    version = page.state()["version"]
    page.press("Delete")
    page.press("Home", "ArrowRight", "Shift+ArrowRight", "Delete")
    until(page, "store.state.edits.length === 1")
    state = changed(page, version)
    (edit,) = state["edits"]
    assert edit["drop"]["source"] == "film"
    assert [w["text"] for w in state["words"]] == [
        "We",
        "dawn.",
        "The",
        "harbour",
        "is",
        "far",
        "behind.",
    ]
    assert panel.locator(".word.struck").all_text_contents() == ["sail", "at"]
    assert page.page.evaluate("document.activeElement.tagName") == "SPOKEN-TEXT"
    page.press("Delete")
    state = changed(page, state["version"])
    assert state["edits"] == []
    assert shows(state) == [("0", "6")]
    assert panel.locator(".word.struck").count() == 0
    assert panel.locator(".word.doubtful").all_text_contents() == ["far"]
    assert page.watched.errors == []


@pytest.mark.parametrize("served", [WORDS], indirect=True, ids=["words"])
def test_a_word_is_found_and_gone_to(page: StudioPage) -> None:
    panel = shown(page, "transcript")
    panel.get_by_label("Find words").fill("HARBOUR is")
    page.press("Enter")
    assert panel.locator("[aria-selected=true]").all_text_contents() == ["harbour", "is"]
    word = next(w for w in page.state()["words"] if w["text"] == "harbour")
    panel.locator(".word", has_text="harbour").click()
    until(page, f"Math.abs(store.playhead - {word['start']}) < 0.05")
    assert panel.locator(".word.playing").all_text_contents() == ["harbour"]


def test_a_moment_is_put_in_and_another_one_used_instead(page: StudioPage) -> None:
    before = page.state()
    panel = shown(page, "candidates")
    panel.locator(".moment").first.focus()
    page.press("Enter")
    longer = changed(page, before["version"])
    assert longer["duration"] > before["duration"]
    assert [next(iter(edit)) for edit in longer["edits"]] == ["keep"]
    store(page, "store.undo()")
    state = changed(page, longer["version"])
    select(page)
    inspector = shown(page, "inspector")
    inspector.get_by_role("heading", name="What would take its place").wait_for()
    assert inspector.locator(".bar").count() == 1
    inspector.locator(".moment button").first.click()
    state = changed(page, state["version"])
    assert [next(iter(edit)) for edit in state["edits"]] == ["replace"]
    assert "replaced" in [s["edited"] for s in state["tracks"][0]["segments"]]
    assert page.watched.errors == []


def test_settings_of_segments_and_the_text_of_titles(page: StudioPage) -> None:
    state = page.state()
    select(page)
    panel = shown(page, "inspector")
    panel.get_by_label("Speed").fill("1.25")
    page.press("Tab")
    state = changed(page, state["version"])
    assert state["tracks"][0]["segments"][0]["speed"] == "5/4"
    panel.get_by_label("Speed").fill("900")
    page.press("Tab")
    page.page.wait_for_timeout(300)
    assert page.state()["version"] == state["version"]
    select(page, 1)
    panel.get_by_label("Text").fill("Far behind")
    page.press("Tab")
    state = changed(page, state["version"])
    assert state["tracks"][1]["segments"][0]["text"] == "Far behind"
    panel.get_by_label("Size", exact=True).fill("0.2")
    page.press("Tab")
    state = changed(page, state["version"])
    panel.locator(".more-fields > summary").click()
    panel.get_by_label("Box of", exact=True).select_option("line")
    state = changed(page, state["version"])
    look = state["tracks"][1]["segments"][0]["drawing"]
    assert (look["size"], look["colour"], look["box_of"]) == (0.2, "#ffffff", "line")


EXPECTS = TALK.replace("stages:\n", "expect: {length: 2s ± 0.1s, no_black: true}\nstages:\n")


@pytest.mark.parametrize("served", [(EXPECTS, SAID, "film.mp4")], indirect=True, ids=["expects"])
def test_what_is_expected_is_told_of_the_plan_and_of_the_file(page: StudioPage) -> None:
    panel = shown(page, "expected")
    assert panel.locator(".verdict").count() == 2
    assert "2s ± 0.1s" in panel.locator(".verdict", has_text="length").inner_text()
    assert "not known yet" in panel.locator(".verdict", has_text="no black").inner_text()
    page.page.get_by_role("toolbar").get_by_role("button", name="Render").click()
    page.page.get_by_label("The rendered film").wait_for(timeout=60_000)
    panel = shown(page, "expected")
    panel.get_by_role("heading", name="Of the file").wait_for()
    assert panel.locator(".verdict", has_text="no black").locator(".badge").all_inner_texts() == [
        "not known yet",
        "met",
    ]
    assert page.watched.errors == []


def test_a_file_that_was_changed_meanwhile_is_told_of(page: StudioPage, tmp_path: Path) -> None:
    state = page.state()
    notice = page.page.locator("disk-notice")
    assert not notice.is_visible()
    (tmp_path / "talk.yaml").write_text(TALK.replace("duration: 3s", "duration: 2s"))
    notice.wait_for()
    assert "talk.yaml was changed by another program." in notice.inner_text()
    assert page.watched.violations() == [] if AXE.is_file() else True
    notice.get_by_role("button", name="Reload").click()
    state = changed(page, state["version"])
    assert state["duration"] < 2.3
    notice.wait_for(state="hidden")
    (tmp_path / "talk.yaml").write_text(TALK)
    notice.wait_for()
    notice.get_by_role("button", name="Keep mine").click()
    notice.wait_for(state="hidden")
    assert page.state()["version"] == state["version"]
    page.page.get_by_role("button", name="Save").click()
    page.wait("document.querySelector('#saved').hidden")
    assert "duration: 2s" in (tmp_path / "talk.yaml").read_text()
    assert page.watched.errors == []


def test_a_form_writes_the_yaml_and_the_yaml_makes_the_form(
    page: StudioPage, served: StudioProcess
) -> None:
    panel = shown(page, "pipeline")
    panel.get_by_role("button", name="Wide").click()
    text = panel.get_by_label("The pipeline as YAML")
    panel.locator("summary", has_text="highlights").click()
    panel.get_by_label("Duration").first.fill("2s")
    page.press("Tab")
    until(page, "document.querySelector('yaml-pane textarea').value.includes('2s')")
    assert text.input_value() == TALK.replace("3s   # as asked", "2s  # as asked")
    text.fill(text.input_value().replace("- motion", "- motoin"))
    fault = panel.locator(".fault-line")
    fault.wait_for()
    assert "Line 4" in fault.inner_text()
    assert "did you mean 'motion'" in fault.inner_text()
    assert panel.get_by_role("button", name="Apply").is_disabled()
    text.fill(text.input_value().replace("- motoin", "- motion"))
    fault.wait_for(state="detached")
    panel.locator("summary", has_text="highlights").wait_for()
    assert panel.get_by_label("Duration").first.input_value() == "2s"
    version = page.state()["version"]
    panel.get_by_role("button", name="Apply").click()
    state = changed(page, version)
    assert state["duration"] <= 2.2
    assert served.ask("/api/pipeline")["text"] == text.input_value()
    assert page.watched.errors == []


def test_what_is_typed_is_completed_and_coloured(page: StudioPage) -> None:
    panel = shown(page, "pipeline")
    panel.get_by_role("button", name="YAML").click()
    text = panel.get_by_label("The pipeline as YAML")
    text.focus()
    page.press("Control+End")
    page.page.keyboard.type("  - sharpn")
    offers = panel.get_by_role("listbox")
    assert offers.get_by_role("option").all_inner_texts()[0].startswith("sharpness")
    page.press("Enter")
    page.page.keyboard.type(": {")
    page.press("Control+Space")
    assert offers.is_visible()
    page.press("Escape")
    assert not offers.is_visible()
    assert text.input_value() == TALK + "  - sharpness: {"
    painted = panel.locator(".yaml-paint div")
    assert (
        "".join(f"{line}\n" for line in painted.all_text_contents()) == TALK + "  - sharpness: {\n"
    )
    assert panel.locator(".yaml-comment").first.inner_text() == "# a talk"
    assert page.watched.errors == []


PARTS = """\
parts:
  - inputs: [film.mp4]
    stages:
      - transcribe: {from: film.json}
      - trim: {end: 2}  # short
stages:
  - render
"""


@pytest.mark.parametrize("served", [(PARTS, SAID, "film.mp4")], indirect=True, ids=["parts"])
def test_stages_of_parts_have_forms(page: StudioPage, served: StudioProcess) -> None:
    panel = shown(page, "pipeline")
    panel.get_by_role("heading", name="Part 1").wait_for()
    panel.locator("summary", has_text="trim").click()
    panel.get_by_label("End", exact=True).fill("3")
    page.press("Tab")
    until(page, "document.querySelector('yaml-pane textarea').value.includes('end: 3')")
    version = page.state()["version"]
    panel.get_by_role("button", name="Apply").click()
    assert changed(page, version)["duration"] == 3
    assert "- trim: {end: 3}  # short" in served.ask("/api/pipeline")["text"]
    assert page.watched.errors == []


def test_a_correction_that_no_longer_applies_is_decided_on(page: StudioPage) -> None:
    state = page.state()
    segment = state["tracks"][0]["segments"][0]
    match = {key: segment[key] for key in ("id", "source", "start", "end")}
    store(
        page,
        "store.edit([argument])",
        {"set": {"segment": match, "label": "mine"}},
    )
    state = changed(page, state["version"])
    start = float(F(segment["end"]))
    text = f"stages:\n  - trim: {{start: {start + 0.2}, end: 6}}\n  - render\n"
    store(page, "store.setPipeline(argument)", text)
    state = changed(page, state["version"])
    assert [conflict["edit"] for conflict in state["conflicts"]] == [0]
    panel = shown(page, "edits")
    conflict = panel.locator(".edit.conflict")
    assert state["conflicts"][0]["why"] in conflict.inner_text()
    conflict.get_by_role("button", name="Keep").click()
    panel.locator(".edit.waiting").wait_for()
    select(page)
    panel.locator(".edit.waiting").get_by_role("button", name="Use for the selected").click()
    state = changed(page, state["version"])
    assert state["conflicts"] == []
    assert state["tracks"][0]["segments"][0]["label"] == "mine"
    panel.get_by_role("button", name="Remove:").click()
    assert changed(page, state["version"])["edits"] == []


def test_a_render_is_followed_and_its_file_played(page: StudioPage, tmp_path: Path) -> None:
    page.page.get_by_role("toolbar").get_by_role("button", name="Render").click()
    film = page.page.get_by_label("The rendered film")
    film.wait_for(timeout=60_000)
    until(page, "document.querySelector('.outcome video').videoWidth === 160")
    assert (tmp_path / "out.mp4").is_file()
    assert str(tmp_path / "out.mp4") in page.page.locator("panel-render").inner_text()
    plan = shown(page, "plan")
    assert "a moment" in plan.inner_text()


def test_two_versions_are_compared(page: StudioPage) -> None:
    state = page.state()
    start = float(F(state["tracks"][0]["segments"][0]["start"]))
    store(
        page,
        "store.edit([argument])",
        {"drop": {"source": "film", "start": start, "end": start + 0.5}},
    )
    changed(page, state["version"])
    panel = shown(page, "compare")
    panel.locator(".pair").first.wait_for()
    panel.get_by_role("combobox", name="Before").select_option(str(state["version"] + 1))
    panel.get_by_text("Both are the same version").wait_for()


BAD = (
    TALK.replace("text: Harbour", f"text: {HOSTILE!r}".replace("\\'", "''")),
    (((HOSTILE, 0.5, 0.9), *SAID[0][1:]), SAID[1]),
    "<b>film.mp4",
)


@pytest.mark.parametrize("served", [BAD], indirect=True, ids=["hostile"])
def test_hostile_texts_are_shown_as_they_are(page: StudioPage) -> None:
    select(page)
    for name in (
        "transcript",
        "candidates",
        "pipeline",
        "inspector",
        "plan",
        "expected",
        "edits",
        "compare",
        "elisions",
        "films",
        "render",
    ):
        shown(page, name)
        page.page.wait_for_timeout(200)
    title = page.page.title()
    assert "taken" not in title
    assert page.page.locator("img[src='x'], main b, studio-timeline b").count() == 0
    assert page.watched.errors == []
