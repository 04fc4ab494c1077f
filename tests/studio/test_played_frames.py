"""What the browser shows at 1080p, at seams, in dissolves, after edits, is the final file's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.browser import Chromium
from tests.builders.studio import StudioPage, StudioProcess, studio

pytestmark = pytest.mark.slow

RATE, SIZE = 30, (1920, 1080)
SEAMS = """
parts:
  - inputs: [a.mp4]
    stages: [trim: {ranges: [0f-70f, 97f-170f]}]
  - inputs: [b.mp4]
    stages: [trim: {ranges: [31f-110f, 140f-143f, 150f-210f]}]
stages:
  - render
"""
DISSOLVES = """
inputs: [a.mp4]
stages:
  - trim: {ranges: [0f-70f, 97f-170f]}
  - transitions: {kind: dissolve, duration: 1}
  - render
"""

# From the playhead on the pictures of the file are there: drafts have been replaced.
ALL_REAL = """(player => player.chunks.filter(one => one.end > player.at)
    .every(one => player.loaded.get(`${one.key}@${one.start}`) === "real")
)(document.querySelector("studio-stage").deck.player)"""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bar-coded sources of other key frames and other parameter sets."""
    folder = tmp_path_factory.mktemp("films")
    quick = {"preset": "ultrafast"}
    write_bar_coded(folder / "a.mp4", frames=210, size=SIZE, gop=60, options=quick)
    other = {**quick, "x264-params": "sps-id=3"}
    write_bar_coded(folder / "b.mp4", frames=210, size=SIZE, gop=48, options=other)
    return folder


@pytest.fixture
def served(
    request: pytest.FixtureRequest, films: Path, tmp_path: Path
) -> Iterator[tuple[StudioProcess, Path]]:
    """The studio with the pipeline of the test's mark, and that pipeline."""
    pipeline = films / f"{tmp_path.name}.yaml"
    pipeline.write_text(request.param)
    out = tmp_path / "out.mp4"
    with studio(pipeline, "-o", out, cache=tmp_path / "cache") as server:
        server.wait_until_open()
        yield server, pipeline


def at_seams(state: dict[str, Any]) -> list[int]:
    """The numbers of the frames at the edges of what is fetched, and those beside them."""
    edges = {round(c[side] * RATE) for c in state["chunks"] for side in ("start", "end")}
    count = round(state["duration"] * RATE)
    return sorted({e + by for e in edges for by in (-1, 0, 1)} & set(range(count)))


def looked_at(page: StudioPage, frames: Iterable[int]) -> dict[int, int]:
    return {n: page.number_at((n + 0.5) / RATE) for n in frames}


def played(page: StudioPage, first: int, last: int) -> list[tuple[int, int]]:
    """(place, bar code) of the frames that are shown while the film plays from one to another."""
    page.number_at((first + 0.5) / RATE)
    page.page.evaluate("probe.shown = []; probe.isCollecting = true; undefined")
    page.press("Space")
    page.wait(f"probe.shown.length && probe.shown.at(-1)[0] > {(last - 1.5) / RATE}", timeout=90)
    page.page.evaluate("probe.isCollecting = false")
    page.page.evaluate("import('/page/store.js').then(({ store }) => store.pause())")
    return [(round(time * RATE), number) for time, number in page.page.evaluate("probe.shown")]


@pytest.mark.parametrize("served", [SEAMS], indirect=True, ids=["seams"])
def test_frames_are_the_final_file_s_before_and_after_an_edit(
    served: tuple[StudioProcess, Path], chromium: Chromium, tmp_path: Path
) -> None:
    server, pipeline = served
    page = StudioPage.open(chromium, server)
    assert page.firsts()[0]["number"] == 0
    before = page.state()
    at_first = looked_at(page, at_seams(before))
    whole = played(page, 0, round(before["duration"] * RATE))
    film = sc.Pipeline.from_yaml(pipeline).run(output=tmp_path / "before.mp4")
    codes = read_bar_codes(film.outputs[0])[0]
    assert len(codes) == 285
    assert len(at_first) > 20
    assert len({place for place, _ in whole}) > 100  # a busy machine leaves some out
    for place, code in (*at_first.items(), *whole):
        assert code == codes[place], place

    page.press(
        "Home", "PageDown", "PageDown", *["ArrowRight"] * 7, "q"
    )  # the second begins 7 frames later
    page.wait("probe.firsts.length >= 2")
    page.press("PageDown", "Delete")  # and the third goes
    page.wait("probe.firsts.length >= 3")
    page.settled()
    after = page.state()
    assert after["duration"] == pytest.approx((285 - 7 - 79) / RATE)
    at_last = looked_at(page, at_seams(after))
    seam = 70
    over = played(page, seam - 20, seam + 30)
    page.page.get_by_role("button", name="Save").click()
    page.wait("document.querySelector('#saved').hidden")
    film = sc.Pipeline.from_yaml(pipeline).run(output=tmp_path / "after.mp4")
    codes = read_bar_codes(film.outputs[0])[0]
    assert codes[seam - 1 : seam + 2] == [69, 104, 105]
    assert len(over) > 10
    for place, code in (*at_last.items(), *over):
        assert code == codes[place], place
    assert page.watched.errors == []


@pytest.mark.parametrize("served", [DISSOLVES], indirect=True, ids=["dissolves"])
def test_a_dissolve_is_the_final_file_s_picture_by_picture(
    served: tuple[StudioProcess, Path],
    chromium: Chromium,
    tmp_path: Path,
) -> None:
    """The same encoded pictures: what differs is how the browser makes RGB of them."""
    server, pipeline = served
    page = StudioPage.open(chromium, server)
    page.firsts()
    (drawn,) = [s for s in page.state()["spans"] if "dissolve" in s["reason"]]
    first, last = round(drawn["start"] * RATE), round(drawn["end"] * RATE)
    frames = range(first, last, 5)
    page.number_at((first + 0.5) / RATE)
    page.wait(ALL_REAL, timeout=90)
    seen = {n: page.picture_at((n + 0.5) / RATE) for n in frames}
    sc.Pipeline.from_yaml(pipeline).run(output=tmp_path / "film.mp4")
    film = pictures_of(tmp_path / "film.mp4")
    found = {n: psnr(pixels, film[n]) for n, pixels in seen.items()}
    others = {n: max(psnr(p, film[n - 1]), psnr(p, film[n + 1])) for n, p in seen.items()}
    print("PSNR of dissolved frames in dB:", {n: round(value, 1) for n, value in found.items()})
    print("of those beside them:", {n: round(value, 1) for n, value in others.items()})
    assert len(found) >= 5
    assert min(found.values()) > 40
    assert all(found[n] > others[n] + 6 for n in frames)
    assert page.watched.errors == []


def pictures_of(path: Path) -> list[np.ndarray]:
    """Every frame as RGB, by the matrix that browsers take for pictures of this size."""
    with av.open(str(path)) as container:
        return [
            frame.to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709")
            for frame in container.decode(video=0)
        ]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 10 * float(np.log10(255**2 / max(error, 1e-9)))
