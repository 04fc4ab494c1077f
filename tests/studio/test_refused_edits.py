"""Edits that are refused change nothing; what was added by hand has its reasons like the rest."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

from smartcut.errors import SmartcutError, StageError
from smartcut.studio import Session
from smartcut.testing import write_bar_coded

TEXT = """\
stages:
  - trim: {ranges: [0-1, 1.6-2.4]}
  - title: {text: Harbour, at: 0.2, duration: 1}
  - render
"""
MATCH = {"source": "film", "start": 0, "end": 1}
TITLE = {"text": "Sea", "at": 0.5, "duration": 1}
REFUSED: dict[str, Any] = {
    "nothing of the kind": {"drop": {"source": "other", "start": 0, "end": 1}},
    "no such range": {"trim": {"segment": MATCH, "start": 50, "end": 60}},
    "nothing left": {"drop": {"source": "film", "start": 0, "end": 3}},
    "no such transition": {"set": {"segment": MATCH, "transition": {"kind": "x", "duration": 1}}},
    "no such effect": {"set": {"segment": MATCH, "effects": {"nothing": {}}}},
    "an effect out of range": {"set": {"segment": MATCH, "effects": {"blur": {"sigma": -1}}}},
    "no text": {"set": {"segment": MATCH, "text": "letters"}},
    "no such stage": {"add": {"nothing": {}}},
    "a stage that is wrong": {"add": {"title": {**TITLE, "size": 90}}},
    "a file that is not there": {"add": {"overlay": {"file": "none.png", "at": 0}}},
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("refused")
    write_bar_coded(folder / "film.mp4", frames=75, rate=F(25), size=(160, 90), gop=25)
    write_bar_coded(folder / "b.mp4", frames=50, rate=F(25), size=(160, 90), gop=25)
    (folder / "p.yaml").write_text(TEXT)
    files = folder / "p.yaml", [folder / "film.mp4"], folder / "out.mp4"
    with Session.open(*files) as session:
        yield session


@pytest.mark.parametrize("op", REFUSED.values(), ids=REFUSED)
def test_a_refused_edit_changes_nothing(session: Session, op: Any) -> None:
    told: list[int] = []
    session.listen(told.append)
    before, cut, plays = session.state(), session.cut, session.playback.sound_key
    with pytest.raises(SmartcutError):
        session.edit({"set": {"segment": MATCH, "label": "kept with the other"}}, op)
    assert session.state() == before
    assert (session.cut, session.playback.sound_key) == (cut, plays)
    assert told == []


def test_an_edit_whose_film_cannot_be_shown_changes_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any) -> Any:
        raise StageError("it cannot be drawn")

    before, picture = session.state(), session.playback.frame(F(1, 2), 90)
    with monkeypatch.context() as patched:
        patched.setattr("smartcut.studio.session.plain_state", fails)
        for change in (
            lambda: session.edit({"drop": {"source": "film", "start": 0, "end": F(4, 5)}}),
            lambda: session.set_pipeline(TEXT.replace("0-1", "1-2")),
        ):
            with pytest.raises(StageError, match="cannot be drawn"):
                change()
    assert session.state() == before
    assert session.playback.frame(F(1, 2), 90) == picture
    assert session.edit({"add": {"title": TITLE}})["version"] == before["version"] + 1
    session.undo()


def test_who_listens_hears_of_a_version_that_can_be_undone(session: Session) -> None:
    heard: list[tuple[int, bool]] = []
    session.listen(lambda version: heard.append((version, session.state()["can_undo"])))
    version = session.edit({"set": {"segment": MATCH, "label": "A"}})["version"]
    session.undo()
    assert heard == [(version, True), (version + 1, False)]


def test_what_was_added_by_hand_has_its_reasons(session: Session) -> None:
    other = str(Path(session.state()["sources"][0]["path"]).with_name("b.mp4"))
    state = session.edit(
        {"add": {"title": TITLE}},
        {"add": {"segment": {"source": "film", "start": 2.5, "end": 2.9, "after": "start"}}},
        {"add": {"overlay": {"file": other, "at": 0, "duration": 1}}},
    )
    rows = [segment for track in state["tracks"] for segment in track["segments"]]
    told = {row["id"]: session.why(row["id"]) for row in rows}
    by_hand = [told[row["id"]]["text"] for row in rows if row["edited"] == "added"]
    assert by_hand == [
        "A part of film.mp4. Added by hand.",
        "Title: Sea. Added by hand.",
        "A part of b.mp4. Added by hand.",
        "The sound of a part of b.mp4. Added by hand.",
    ]
    title = next(row for row in rows if row["text"] == "Harbour")
    assert told[title["id"]]["text"] == "Title: Harbour."
    assert told[title["id"]]["next"] is None
    assert "No stage scored it" in told[rows[1]["id"]]["text"]
    session.undo()
