"""The studio in Chromium: what is seen is the film, and what is done there lasts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.studio.desk import Desk
from smartcut.studio.server import StudioServer
from smartcut.studio.session import Session
from smartcut.testing import number_in, read_sound, write_bar_coded
from tests.builders.browser import Chromium
from tests.builders.studio import PROBE, StudioPage, StudioProcess, studio

RATE = 30


def numbers_of(path: Path) -> list[int | None]:
    """The bar code of every frame of a file; None where there is none to be read."""
    found: list[int | None] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            luma = frame.to_ndarray(format="gray")
            try:
                found.append(number_in(luma))
            except ValueError:
                found.append(None)
    return found


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bar-coded sources of other key frames, and other parameter sets."""
    folder = tmp_path_factory.mktemp("films")
    write_bar_coded(folder / "a.mp4", frames=360, size=(640, 360), gop=60)
    options = {"x264-params": "sps-id=3"}
    write_bar_coded(folder / "b.mp4", frames=360, size=(640, 360), gop=48, options=options)
    return folder


PARTS = """
parts:
  - inputs: [a.mp4]
    stages: [trim: {ranges: [0f-100f, 137f-230f]}]
  - inputs: [b.mp4]
    stages: [trim: {ranges: [31f-150f, 201f-203f, 240f-330f]}]
stages:
  - title: {text: Harbour, at: 4, duration: 1, position: bottom}
  - render: {output: out.mp4}
"""
ONE = "stages:\n  - trim: {ranges: [0f-90f, 137f-230f, 250f-340f]}\n  - render\n"


@pytest.fixture
def served(request: pytest.FixtureRequest, films: Path, tmp_path: Path) -> Iterator[StudioProcess]:
    """The studio with the pipeline of the test's mark, in a folder of its own."""
    text = request.param
    (tmp_path / "p.yaml").write_text(
        text.replace("[a.mp4]", f"['{films / 'a.mp4'}']").replace(
            "[b.mp4]", f"['{films / 'b.mp4'}']"
        )
    )
    inputs = [] if "parts:" in text else [films / "a.mp4"]
    with studio(
        tmp_path / "p.yaml", *inputs, "-o", tmp_path / "out.mp4", cache=tmp_path / "cache"
    ) as server:
        server.wait_until_open()
        yield server


def with_pipeline(text: str) -> Any:
    return pytest.mark.parametrize("served", [text], indirect=True, ids=["served"])


# ------------------------------------------------------------------------------- what is heard


@pytest.mark.slow
@with_pipeline(PARTS)
def test_sound_lies_where_the_film_has_it(
    served: StudioProcess, chromium: Chromium, tmp_path: Path
) -> None:
    """The sound that the page is sent, from its beginning and from within, is the file's."""
    page = StudioPage.open(chromium, served)
    page.firsts()
    key = page.state()["sound"]
    sc.Pipeline.from_yaml(tmp_path / "p.yaml").run(output=tmp_path / "out.mp4")
    film = loudest(tmp_path / "out.mp4")
    assert len(film) > 8
    for start in (0, 5):
        stream = tmp_path / f"from{start}.mp4"
        stream.write_bytes(served.read(f"/api/sound/{key}?start={start}"))
        heard = loudest(stream)
        assert len(heard) == len([beep for beep in film if beep >= start])
        late = [a - b for a, b in zip(heard, film[-len(heard) :], strict=True)]
        assert max(map(abs, late)) < 0.02, late


def loudest(path: Path) -> list[float]:
    """When each beep begins, in seconds of the file's own clock."""
    start, samples = read_sound(path)
    loud = np.flatnonzero(np.abs(samples) > 0.2) / 48_000
    begins = loud[np.diff(loud, prepend=-1) > 0.2]
    return [float(start) + float(time) for time in begins]


# -------------------------------------------------------------------------------- what is done


@pytest.mark.slow
@with_pipeline(ONE)
def test_an_in_point_that_is_changed_is_seen_at_once(
    served: StudioProcess, chromium: Chromium
) -> None:
    page = StudioPage.open(chromium, served)
    page.firsts()
    page.press("PageDown", "PageDown")  # the second segment, of 137 to 230
    page.press("Shift+ArrowRight", *["ArrowRight"] * 4)
    page.settled()
    page.timed_edit("q")
    second = page.state()["tracks"][0]["segments"][1]
    assert Fraction(second["start"]) == Fraction(137 + 34, RATE)
    seam = round(second["at"] * RATE)
    assert [page.number_at((n + 0.5) / RATE) for n in (seam - 1, seam, seam + 1)] == [89, 171, 172]
    page.press("Control+z")
    page.wait("probe.firsts.length >= 3")
    assert page.number_at((90 + 0.5) / RATE) == 137
    assert page.watched.errors == []


@pytest.mark.slow
@with_pipeline(ONE)
def test_edits_by_clicks_and_keys_are_what_a_run_makes(
    served: StudioProcess, chromium: Chromium, films: Path, tmp_path: Path
) -> None:
    page = StudioPage.open(chromium, served)
    page.firsts()
    segments = page.page.locator("studio-timeline .segment")
    segments.nth(2).click()  # the last one ...
    page.press("Delete")
    page.wait("document.querySelectorAll('studio-timeline .segment').length === 2")
    segments.nth(1).click()  # ... the second one a second shorter, and to the front
    page.press("ArrowUp", "Shift+ArrowRight")
    page.settled()
    page.timed_edit("q")
    page.press("Alt+ArrowLeft")
    page.wait("probe.firsts.length >= 3")
    page.page.get_by_role("button", name="Save").click()
    page.wait("document.querySelector('#saved').hidden")
    wanted = [(s["start"], s["end"]) for s in page.state()["tracks"][0]["segments"]]
    assert wanted == [("167/30", "23/3"), ("0", "3")]
    result = sc.Pipeline.from_yaml(tmp_path / "p.yaml").run(
        [films / "a.mp4"], tmp_path / "again.mp4"
    )
    made = [(str(s.range.start), str(s.range.end)) for s in result.cut.segments]
    assert made == wanted
    assert numbers_of(tmp_path / "again.mp4") == [*range(167, 230), *range(90)]
    assert page.watched.errors == []


@pytest.mark.slow
@with_pipeline(ONE)
def test_what_was_watched_is_rendered_without_encoding(
    served: StudioProcess, chromium: Chromium, tmp_path: Path
) -> None:
    page = StudioPage.open(chromium, served)
    page.firsts()
    page.wait(
        "fetch('/api/state').then(a => a.json())"
        ".then(s => probe.ready = s.chunks.every(c => c.ready)) && probe.ready",
        timeout=120,
    )
    plan = served.ask("/api/plan")
    pictures = [s for s in plan["steps"] if s["state"] == "encode" and "sound" not in s["subject"]]
    assert pictures == []
    again = [s for s in plan["steps"] if s["state"] == "cached" and s["reason"] == "encoded before"]
    assert len(again) >= 2


def test_the_page_shows_a_frame_of_the_film(chromium: Chromium, tmp_path: Path) -> None:
    """The shortest of these tests, for every run of the suite: in this process, a small film."""
    write_bar_coded(tmp_path / "a.mp4", frames=60, audio=None)
    (tmp_path / "p.yaml").write_text("stages: [{trim: {start: 1}}, render]")
    files = tmp_path / "p.yaml", [tmp_path / "a.mp4"], tmp_path / "out.mp4"
    server = StudioServer(Desk(lambda desk: Session.open(*files), "p"), port=0).start()
    try:
        watched = chromium.open(server.address, before=lambda page: page.add_init_script(PROBE))
        page = StudioPage(watched)
        assert page.firsts()[0]["number"] == 30
        assert page.number_at(0.55) == 46
        assert "token" not in page.page.url
        assert watched.errors == []
    finally:
        server.stop()
