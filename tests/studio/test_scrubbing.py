"""Scrubbing about in a long film: neither the server nor the browser holds more and more."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.repeat_media import write
from smartcut.testing import write_bar_coded
from tests.builders.browser import Chromium
from tests.builders.scrubbing import HeldMemory, scrubbed
from tests.builders.studio import StudioPage, studio

MINUTES = 10
PARTS = 12


@pytest.mark.slow
def test_scrubbing_leaves_memory_bounded(chromium: Chromium, tmp_path: Path) -> None:
    """Ten minutes of 1080p in twelve segments, for a minute and a half; `python -m benchmarks
    scrubbing` does the same for ten minutes."""
    short, long = tmp_path / "short.mp4", tmp_path / "long.mp4"
    write_bar_coded(short, frames=600, size=(1920, 1080), gop=60, options={"preset": "ultrafast"})
    write(long, short, 60 * MINUTES)
    step = 60 * MINUTES / PARTS
    kept = ", ".join(f"{i * step + 0.7:.1f}-{(i + 1) * step - 2:.1f}" for i in range(PARTS))
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text(f"stages: [{{trim: {{ranges: [{kept}]}}}}, render]")
    files = pipeline, long, "-o", tmp_path / "out.mp4"
    with studio(*files, cache=tmp_path / "cache") as server:
        server.wait_until_open()
        page = StudioPage.open(chromium, server)
        page.firsts()
        held = [*scrubbed(page, server, 90)]
        assert page.watched.errors == []
    early, late = held[:3], held[3:]
    assert most(held, "server_mb") < 600, held  # what it has while it encodes 1080p
    for quantity, grown in (("heap_mb", 5), ("browser_mb", 300)):
        assert most(late, quantity) < most(early, quantity) + grown, held
    assert most(held, "pictures_s") < 200
    assert most(held, "sound_s") < 200
    assert most(held, "videos") == 1


def most(held: list[HeldMemory], quantity: str) -> float:
    return float(max(getattr(one, quantity) for one in held))
