"""Files that other programs change while the studio is open: noticed, then taken or left."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

import smartcut as sc
from smartcut.errors import PipelineError
from smartcut.studio import Session
from smartcut.testing import write_bar_coded

TEXT = "inputs: [film.mp4]\nstages:\n  - trim: {end: 2}\n  - render\n"
LONGER = TEXT.replace("end: 2", "end: 2.6")
THEIRS = "edits:\n  - drop: {source: film, start: 1, end: 2}\n"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changed")
    write_bar_coded(folder / "film.mp4", frames=75, rate=F(25), size=(64, 48), gop=25, audio=None)
    return folder


@pytest.fixture
def folder(media: Path, tmp_path: Path) -> Path:
    (tmp_path / "film.mp4").write_bytes((media / "film.mp4").read_bytes())
    (tmp_path / "reel.yaml").write_text(TEXT)
    return tmp_path


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    with Session.open(folder / "reel.yaml", output=folder / "out.mp4") as session:
        yield session


def cut_out(start: float, end: float) -> dict[str, Any]:
    return {"drop": {"source": "film", "start": start, "end": end}}


def test_a_pipeline_that_was_changed_is_reloaded_under_the_same_edits(
    session: Session, folder: Path
) -> None:
    (folder / "reel.yaml").write_text(LONGER)
    state = session.reload()
    assert (state["duration"], state["is_saved"]) == (pytest.approx(2.6), True)
    (folder / "reel.yaml").write_text(TEXT)
    assert session.changed_files() == [str(folder / "reel.yaml")]
    assert session.reload()["duration"] == 2

    session.edit(cut_out(0.2, 0.4))
    assert session.state()["changed_files"] == []
    (folder / "reel.yaml").write_text(LONGER)
    assert session.state()["changed_files"] == [str(folder / "reel.yaml")]
    state = session.reload()
    assert (state["duration"], state["changed_files"]) == (pytest.approx(2.4), [])
    assert state["edits"] == [cut_out(0.2, 0.4)]
    assert not state["is_saved"]
    assert session.pipeline_text == LONGER
    session.save()
    assert (folder / "reel.yaml").read_text() == LONGER
    assert session.undo()["duration"] == pytest.approx(1.8)


def test_edits_that_were_changed_take_the_place_of_those_here(
    session: Session, folder: Path
) -> None:
    session.edit(cut_out(0.2, 0.4))
    session.save()
    place = folder / "reel.edits.yaml"
    place.write_text(THEIRS)
    assert session.changed_files() == [str(place)]
    state = session.reload(base=session.version)
    assert (state["duration"], state["is_saved"]) == (1, True)
    assert session.changed_files() == []
    place.unlink()
    assert session.changed_files() == [str(place)]
    assert session.reload()["edits"] == []


def test_who_keeps_what_is_here_writes_over_the_file(session: Session, folder: Path) -> None:
    heard: list[int] = []
    session.edit(cut_out(0.2, 0.4))
    session.listen(heard.append)
    place = folder / "reel.edits.yaml"
    for theirs in (THEIRS, "edits: [", ""):
        place.write_text(theirs)
        (folder / "reel.yaml").write_text(LONGER)
        before = session.state()
        assert len(before["changed_files"]) == 2
        with pytest.raises(PipelineError, match="changed by another program: reload it, keep"):
            session.save()
        state = session.keep_mine()
        assert heard.pop() == before["version"]
        assert state["changed_files"] == []
        assert not state["is_saved"]
        session.save()
        assert session.state()["is_saved"]
        assert (folder / "reel.yaml").read_text() == TEXT
        assert sc.Pipeline.from_yaml(folder / "reel.yaml").cut().duration == F(9, 5)


def test_what_cannot_be_read_is_not_taken(session: Session, folder: Path) -> None:
    before = session.state()
    for name, text, message in (
        ("reel.yaml", "stages: [", r"yaml:1: not valid YAML"),
        ("reel.edits.yaml", "edits: [", r"yaml:1: not valid YAML"),
    ):
        (folder / name).write_text(text)
        with pytest.raises(PipelineError, match=message):
            session.reload()
        assert {**session.state(), "changed_files": []} == before
        (folder / name).unlink()
        if name == "reel.yaml":
            with pytest.raises(PipelineError, match="is gone"):
                session.reload()
            (folder / name).write_text(TEXT)
    assert session.changed_files() == []


def test_a_cut_and_media_are_watched_too(folder: Path) -> None:
    film = folder / "film.mp4"
    cut = folder / "cut.json"
    with Session.open(sc.open(film)[0:2].cut(), output=folder / "out.mp4") as session:
        session.save(cut)
    with Session.open(cut, output=folder / "out.mp4") as session:
        with Session.open(sc.open(film)[0:1].cut(), output=folder / "out.mp4") as other:
            other.save(cut)
        assert session.changed_files() == [str(cut.resolve())]
        assert session.reload()["duration"] == 1
        assert session.changed_files() == []
    with Session.open(film, output=folder / "out.mp4") as session:
        write_bar_coded(film, frames=100, rate=F(25), size=(64, 48), gop=25, audio=None)
        assert session.changed_files() == [str(film.resolve())]
        assert session.reload()["duration"] == 4
