"""The studio's page: small, soon there, readable by everybody, and quiet when nobody looks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from smartcut.testing import write_bar_coded
from tests.builders.browser import AXE, Chromium
from tests.builders.studio import StudioPage, StudioProcess, studio

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  - shots: {detector: content}
  - loudness
  - trim: {ranges: [0-5, 6.2-11, 12.1-18, 18.4-24]}
  - title: {text: Harbour, at: 1, duration: 12}
  - expect: {length: 20s ± 0.5s, no_black: true}
  - render
"""
TABS = (
    "Transcript",
    "Candidates",
    "Pipeline",
    "Segment",
    "Plan",
    "Checks",
    "Films",
    "Edits",
    "Compare",
    "Left out",
    "Render",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A film whose first seconds take some seconds to encode."""
    folder = tmp_path_factory.mktemp("quality")
    write_bar_coded(folder / "a.mp4", frames=750, size=(1280, 720), gop=60)
    (folder / "p.yaml").write_text(PIPELINE)
    with studio(
        folder / "p.yaml", folder / "a.mp4", "-o", folder / "out.mp4", cache=folder / "cache"
    ) as server:
        server.wait_until_open()
        yield server


def test_closing_the_tab_stops_its_work(served: StudioProcess, chromium: Chromium) -> None:
    page = StudioPage.open(chromium, served)
    page.firsts()
    page.page.wait_for_timeout(2500)  # drafts are shown, the real pieces are being encoded
    page.page.close(run_before_unload=True)
    time.sleep(4)
    before = served.cpu_seconds()
    time.sleep(4)
    assert served.cpu_seconds() - before < 0.2
    assert not all(chunk["ready"] for chunk in served.ask("/api/state")["chunks"])


def test_the_page_is_small(served: StudioProcess, chromium: Chromium) -> None:
    page = StudioPage.open(chromium, served)
    page.firsts()
    assert 100 < page.kilobytes() < 500
    assert all(one.startswith(served.origin) for one in page.watched.requests)


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: npm --prefix tools/page ci")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 2560])
def test_everybody_can_use_it(
    served: StudioProcess, chromium: Chromium, scheme: str, width: int
) -> None:
    page = StudioPage.open(chromium, served, size=(width, 1000), color_scheme=scheme)
    page.firsts()
    page.press("PageDown")
    hidden = "[...document.querySelectorAll('.tabs')].map(it => it.scrollWidth - it.clientWidth)"
    assert page.page.evaluate(hidden) == [0, 0]  # no tab is out of sight
    found = {"at first": page.watched.violations()}
    for name in TABS:
        page.page.get_by_role("tab", name=name).click()
        page.page.wait_for_timeout(400)
        found[name] = page.watched.violations()
    page.press("Escape", "?")
    page.page.wait_for_timeout(200)
    found["help"] = page.watched.violations()
    assert {name: one for name, lines in found.items() if (one := [*filter(_counts, lines)])} == {}


def _counts(violation: str) -> bool:
    """Edges of segments are thin targets; the fields of the panel Segment do the same (2.5.8)."""
    return not (violation.startswith("target-size") and 'class="handle' in violation)


def test_a_keyboard_alone_reaches_everything(served: StudioProcess, chromium: Chromium) -> None:
    """Tab goes through all that can be pressed; what has the focus shows it."""
    page = StudioPage.open(chromium, served)
    page.firsts()
    page.page.wait_for_timeout(3000)  # panels are filled once the film is there
    page.press("PageDown")
    page.page.wait_for_timeout(1000)
    seen: list[str] = []
    for _ in range(200):
        page.press("Tab")
        told = page.page.evaluate(
            """() => { const it = document.activeElement;
                const style = getComputedStyle(it), name = it.getAttribute('aria-label');
                const after = getComputedStyle(it, '::after').outlineStyle;
                const shows = [style.outlineStyle, after, style.boxShadow].some(x => x !== 'none');
                return [name || it.textContent.trim(), shows, it.tagName]; }"""
        )
        name, shows, kind = told
        if kind == "BODY":
            continue
        assert shows, f"{name} ({kind}) has the focus, and does not show it"
        seen.append(name)
    assert {"Save", "Render"} & set(seen) == {"Render"}  # there is nothing to save
    for wanted in ("Transcript", "Play", "Size of the timeline", "Beginning of", "Keys and help"):
        assert any(wanted in name for name in seen), (wanted, [name[:30] for name in seen])
