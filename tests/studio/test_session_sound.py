"""A session says how loud its film is for now, and tells once that is measured."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import smartcut as sc
from smartcut.studio.session import Session
from smartcut.testing import write_bar_coded


def test_a_session_tells_when_its_loudness_is_measured(tmp_path: Path) -> None:
    source, measured = tmp_path / "a.mp4", Event()
    write_bar_coded(source, frames=45, size=(64, 48))
    with Session.open(
        sc.open(source) | sc.audio(loudness=-20), output=tmp_path / "o.mp4"
    ) as session:
        session.listen(lambda version: measured.set())
        before = session.state()
        assert any("is being measured" in note for note in before["notes"])
        for _ in session.playback.sound():
            pass
        assert measured.wait(20)
        after = session.state()
        assert after["version"] == before["version"]
        assert after["sound"] != before["sound"]
        assert not any("is being measured" in note for note in after["notes"])
