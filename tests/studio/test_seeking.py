"""Clicking about in a film of which all is encoded, and nothing made yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartcut.testing import write_bar_coded
from tests.builders.browser import Chromium
from tests.builders.studio import StudioPage, studio

TOUCHED = "stages:\n  - title: {text: Harbour, at: 0, duration: 20, position: bottom}\n  - render\n"


@pytest.mark.slow
def test_a_click_into_a_long_span_waits_for_what_is_shown_alone(
    chromium: Chromium, tmp_path: Path
) -> None:
    source, pipeline = tmp_path / "a.mp4", tmp_path / "p.yaml"
    write_bar_coded(source, frames=600, size=(640, 360), gop=60)
    pipeline.write_text(TOUCHED)
    out = tmp_path / "out.mp4"
    with studio(pipeline, source, "-o", out, cache=tmp_path / "cache") as server:
        server.wait_until_open()
        page = StudioPage.open(chromium, server)
        page.firsts()
        page.settled()
        for at in (18.5, 14.5, 3.5, 16.5, 5.5, 2.5, 10.5):  # spans last 5 s each
            page.page.evaluate(
                "async at => (await import('/page/store.js')).store.seek(at)", at + 0.01
            )
            page.settled()
            assert page.page.evaluate("probe.number(probe.video())") == round(at * 30)
        asked = [url for url in page.watched.requests if "/api/fragment/" in url]
        assert any("draft=1" in url and "start=" in url for url in asked)
        assert page.watched.errors == []
