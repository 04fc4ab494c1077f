"""Captions are seen once: over the picture by the page, or in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smartcut.studio.session import Session
from smartcut.testing import write_bar_coded


@pytest.mark.parametrize(("burn", "shown"), [("false", ["good evening"]), ("true", [])])
def test_the_page_shows_captions_that_the_picture_does_not(
    burn: str, shown: list[str], tmp_path: Path
) -> None:
    write_bar_coded(tmp_path / "a.mp4", frames=60)
    words = [{"word": w, "start": k, "end": k + 0.8} for k, w in enumerate(("good", "evening"))]
    segment = {"start": 0, "end": 1.8, "text": "good evening", "words": words}
    (tmp_path / "said.json").write_text(json.dumps({"language": "en", "segments": [segment]}))
    (tmp_path / "p.yaml").write_text(
        "stages:\n  - transcribe: {text: said.json}\n"
        f"  - subtitles: {{burn: {burn}, sidecar: none}}\n  - render\n"
    )
    with Session.open(tmp_path / "p.yaml", tmp_path / "a.mp4", tmp_path / "out.mp4") as session:
        assert [one["text"] for one in session.state()["captions"]] == shown
