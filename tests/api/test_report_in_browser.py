"""A report in a browser: nothing is fetched, nothing runs, everybody can read it, in any light."""

from __future__ import annotations

from pathlib import Path

import pytest

import smartcut as sc
from smartcut.report.html.page import report_page
from smartcut.testing import write_bar_coded
from tests.api.test_reports import hostile_facts
from tests.builders.browser import AXE, Chromium

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a film with copied and encoded parts, a title, signals and previews."""
    folder = tmp_path_factory.mktemp("report")
    write_bar_coded(folder / "in.mp4", frames=150)
    measured = sc.open(folder / "in.mp4") | sc.shots(detector="content") | sc.loudness()
    film = measured | sc.motion() | sc.trim(ranges=["0.5-1.9", "2.4-4.9"])
    film = film | sc.title(text="Harbour", at=1, duration=1) | sc.speed(factor=2)
    film.render(folder / "out.mp4").report(folder / "r.html", previews=True)
    return folder / "r.html"


def in_light(report: Path, chromium: Chromium, scheme: str, width: int) -> list[str]:
    opened = chromium.open(report.as_uri(), size=(width, 900), color_scheme=scheme)
    assert opened.errors == []
    assert opened.requests == [report.as_uri()]
    wide = opened.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    return opened.violations()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: npm --prefix tools/page ci")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_asked_for_and_everybody_can_read_it(
    report: Path, chromium: Chromium, scheme: str
) -> None:
    for width in (360, 1280, 2560):
        assert in_light(report, chromium, scheme, width) == []


def test_its_previews_play(report: Path, chromium: Chromium) -> None:
    page = chromium.open(report.as_uri()).page
    assert page.locator("video").count() == 2
    ended = """video => new Promise((done, failed) => {
        video.onended = () => done([video.videoWidth, video.videoHeight, video.duration]);
        video.onerror = () => failed(video.error.message);
        video.muted = true; video.play(); })"""
    width, height, seconds = page.locator("video").first.evaluate(ended)
    assert (width, height) == (426, 240)
    assert abs(seconds - 0.7) < 0.1


def test_a_keyboard_goes_from_the_timeline_to_a_card(report: Path, chromium: Chromium) -> None:
    page = chromium.open(report.as_uri()).page
    link = page.get_by_role("link", name="segment 2")
    link.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#segment-2")
    assert page.locator("article:target").get_attribute("id") == "segment-2"


def test_hostile_texts_do_nothing(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    file.write_text(report_page(hostile_facts()), encoding="utf-8")
    dialogs: list[str] = []
    opened = chromium.open(
        file.as_uri(), before=lambda page: page.on("dialog", lambda d: dialogs.append(d.message))
    )
    assert dialogs == []
    assert opened.requests == [file.as_uri()]
    assert opened.errors == []  # nothing even tried to, or the policy would have complained


def test_it_prints(report: Path, chromium: Chromium, tmp_path: Path) -> None:
    page = chromium.open(report.as_uri(), color_scheme="dark").page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("nav").first.is_hidden()
    assert page.pdf().startswith(b"%PDF")
