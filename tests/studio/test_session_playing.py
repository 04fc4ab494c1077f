"""What a session tells of how its film is played: loudness, and what browsers play."""

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


def test_what_all_browsers_play_is_shown_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    write_bar_coded(source, frames=45, size=(64, 48), pixel_format="yuv420p10le", audio=None)
    with Session.open(sc.open(source), output=tmp_path / "o.mp4") as session:

        def shown() -> set[tuple[str, bool]]:
            return {(c["kind"], "640028" in c["mime"]) for c in session.state()["chunks"]}

        assert shown() == {("copy", False)}
        session.play_as(["h264", "h264-10", "hevc", "unheard-of"])
        assert shown() == {("copy", False)}
        session.play_as(["h264", "vp9"])
        assert shown() == {("encode", True)}
        session.play_as(["h264", "h264-10"])
        assert shown() == {("encode", True)}
