"""Everything that the studio's page does, without a browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Transcript
from smartcut.errors import PipelineError, SmartcutError, StageError
from smartcut.studio import Session
from smartcut.studio.answers import NoSuchThing, StaleEdit
from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.talks import sentences_of

TEXT = """\
inputs: [film.mp4]
stages:
  - motion
  - highlights: {duration: 3s, min_length: 1s, max_length: 2s, weights: {motion: 1}}
  - render
"""


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of 25 numbered pictures a second, a key frame each second."""
    folder = tmp_path_factory.mktemp("studio")
    write_bar_coded(folder / "film.mp4", frames=150, rate=F(25), size=(160, 90), gop=25)
    return folder


@pytest.fixture
def folder(media: Path, tmp_path: Path) -> Path:
    """A folder of its own for each test, with the film in it."""
    (tmp_path / "film.mp4").hardlink_to(media / "film.mp4")
    return tmp_path


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    with Session.open(folder / "film.mp4", output=folder / "out.mp4") as session:
        yield session


def shown(state: dict[str, Any]) -> list[tuple[str, str]]:
    """What the programme shows, in source time."""
    return [(s["start"], s["end"]) for s in state["tracks"][0]["segments"]]


def match(state: dict[str, Any], number: int = 0, track: int = 0) -> dict[str, Any]:
    """How an edit names a segment."""
    segment = state["tracks"][track]["segments"][number]
    found = {key: segment[key] for key in ("id", "source", "start", "end")}
    return {**found, "track": state["tracks"][track]["role"]} if track else found


def cut_out(start: float, end: float) -> dict[str, Any]:
    return {"drop": {"source": "film", "start": start, "end": end}}


def test_media_open_as_they_are(session: Session, folder: Path) -> None:
    state = session.state()
    assert (state["version"], state["base"], state["duration"], state["rate"]) == (1, 1, 6.0, "25")
    assert state["size"] == [160, 90]
    assert shown(state) == [("0", "6")]
    assert [span["kind"] for span in state["spans"]] == ["copy"]
    assert state["markers"]["film"]["keyframes"] == [0, 1, 2, 3, 4, 5]
    assert all(chunk["ready"] for chunk in state["chunks"])
    assert state["mime"].startswith("video/mp4; codecs=")
    assert state["is_saved"]
    assert str(folder / "film.mp4") in session.pipeline_text


def test_an_edit_is_another_version(session: Session) -> None:
    before = session.state()
    after = session.edit(cut_out(2.2, 4.6))
    assert after["version"] == 2
    assert after["base"] == 1
    assert shown(after) == [("0", "11/5"), ("23/5", "6")]
    assert [s["edited"] for s in after["tracks"][0]["segments"]] == ["trimmed", None]
    assert {span["kind"] for span in after["spans"]} == {"copy", "encode"}
    assert after["edits"] == [cut_out(2.2, 4.6)]
    assert not after["is_saved"]
    assert before["sound"] != after["sound"]
    assert session.cut.duration == F(18, 5)


def test_undo_and_redo_have_no_end(session: Session) -> None:
    durations = [session.state()["duration"]]
    for number in range(12):
        durations.append(session.edit(cut_out(number * 0.4, number * 0.4 + 0.2))["duration"])
    back = [session.undo()["duration"] for _ in range(12)]
    assert back == durations[-2::-1]
    assert not session.state()["can_undo"]
    assert session.undo()["duration"] == 6
    forth = [session.redo()["duration"] for _ in range(12)]
    assert forth == durations[1:]
    assert not session.redo()["can_redo"]
    session.undo()
    assert not session.edit(cut_out(5, 5.2))["can_redo"]


def test_all_edits_are_made_or_none(session: Session) -> None:
    wrong = {"trim": {"segment": {"source": "other", "start": 0, "end": 1}, "end": 0.5}}
    with pytest.raises(StageError, match="no source 'other'"):
        session.edit(cut_out(1, 2), wrong)
    with pytest.raises(PipelineError, match=r"edit 2: unknown key 'dorp'.*'drop'"):
        session.edit(cut_out(1, 2), {"dorp": {}})
    with pytest.raises(PipelineError, match="no edit"):
        session.edit()
    with pytest.raises(StageError, match="nothing would be left"):
        session.edit(cut_out(0, 6))
    assert session.version == 1
    assert session.state()["edits"] == []


def test_every_kind_of_edit(session: Session) -> None:
    state = session.edit({"split": {"segment": match(session.state()), "at": 2}})
    assert shown(state) == [("0", "2"), ("2", "6")]
    state = session.edit({"move": {"segment": match(state, 1), "after": "start"}})
    assert shown(state) == [("2", "6"), ("0", "2")]
    state = session.edit({"trim": {"segment": match(state, 0), "start": 3, "end": "5.6"}})
    assert shown(state) == [("3", "28/5"), ("0", "2")]
    state = session.edit({"keep": {"source": "film", "start": 2.2, "end": 2.6}})
    assert ("11/5", "13/5") in shown(state)
    state = session.edit({"set": {"segment": match(state, 1), "label": "Sea", "speed": 2}})
    second = state["tracks"][0]["segments"][1]
    assert (second["label"], second["speed"], second["edited"]) == ("Sea", "2", "set")
    title = {"text": "Harbour", "at": 0.5, "duration": 1}
    state = session.edit({"add": {"title": title}})
    (drawn,) = state["tracks"][1]["segments"]
    assert (drawn["text"], drawn["at"], drawn["edited"]) == ("Harbour", 0.5, "added")
    look = drawn["drawing"]
    assert (look["size"], look["colour"], look["font"], look["box"]) == (
        0.09,
        "#ffffff",
        None,
        None,
    )
    assert state["tracks"][0]["segments"][0]["drawing"] is None
    state = session.edit({"set": {"segment": match(state, 0, 1), "x": 0.25, "y": 0.75}})
    (drawn,) = state["tracks"][1]["segments"]
    assert (drawn["x"], drawn["y"]) == (0.25, 0.75)
    boxed = {"box": "#00000080", "box_of": "line", "weight": 800}
    state = session.edit({"set": {"segment": match(state, 0, 1), "drawing": boxed}})
    assert boxed.items() <= state["tracks"][1]["segments"][0]["drawing"].items()
    assert len(state["edits"]) == 8


def test_an_edit_of_an_older_version_is_refused(session: Session) -> None:
    session.edit(cut_out(1, 2), base=1)
    for change in (
        lambda: session.edit(cut_out(3, 4), base=1),
        lambda: session.undo(1),
        lambda: session.revert(1),
        lambda: session.amend(0, None, 1),
    ):
        with pytest.raises(StaleEdit, match="version 1.*version 2"):
            change()
    assert session.version == 2


def test_edits_of_many_threads_are_all_made(session: Session) -> None:
    edits = [cut_out(n * 0.5, n * 0.5 + 0.1) for n in range(8)]
    threads = [threading.Thread(target=session.edit, args=(edit,)) for edit in edits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.version == 9
    assert session.cut.duration == F(6) - F(8, 10)


def test_an_edit_is_changed_or_taken_out(session: Session) -> None:
    session.edit(cut_out(1, 2), cut_out(3, 4))
    state = session.amend(0, cut_out(1, 1.6))
    assert state["duration"] == pytest.approx(4.4)
    assert session.amend(1)["edits"] == [cut_out(1, 1.6)]
    assert session.revert()["duration"] == 6
    assert session.undo()["duration"] == pytest.approx(5.4)
    with pytest.raises(NoSuchThing, match="no edit 3"):
        session.amend(3)


def test_two_versions_are_compared(session: Session) -> None:
    session.edit(cut_out(2, 4))
    found = session.compare(1, 2)
    assert (found["a"]["duration"], found["b"]["duration"]) == (6, 4)
    assert shown(found["b"]) == [("0", "2"), ("4", "6")]
    told = [one["text"] for one in found["differences"]]
    assert told
    assert any("film" in text for text in told)
    assert session.compare(2, 2)["differences"] == []
    assert [v["version"] for v in session.state()["versions"]] == [1, 2]
    with pytest.raises(NoSuchThing, match="version 9"):
        session.compare(1, 9)


def test_what_was_corrected_is_what_is_rendered(session: Session, folder: Path) -> None:
    session.edit(cut_out(1.4, 4.2))
    events: list[Any] = []
    result = session.render(on_event=events.append).result(60)
    assert result.outputs[0] == folder / "out.mp4"
    assert read_bar_codes(folder / "out.mp4")[0] == [*range(35), *range(105, 150)]
    assert events
    told = report_of(folder / "out.mp4")
    assert "edits" in told
    assert "drop" in told
    other = session.render(folder / "other.mkv").result(60)
    assert other.outputs[0] == folder / "other.mkv"


def report_of(film: Path) -> str:
    """The stages that a report of a film tells of."""
    from smartcut.cache import Cache
    from smartcut.runners.run_record import record_of

    record = record_of(Cache(), json.loads(film.with_suffix(".manifest.json").read_text()))
    assert record is not None
    return json.dumps(record.stages)


def test_what_was_watched_is_not_encoded_again(session: Session, folder: Path) -> None:
    state = session.edit(cut_out(1.4, 4.2))
    waiting = [chunk for chunk in state["chunks"] if not chunk["ready"]]
    assert waiting
    assert session.plan()["waiting_seconds"] > 0
    for chunk in waiting:
        assert b"".join(session.playback.fragment(chunk["key"]))
    assert all(chunk["ready"] for chunk in session.state()["chunks"])
    plan = session.plan()
    assert plan["waiting_seconds"] == 0
    assert plan["copied_seconds"] + plan["encoded_seconds"] == pytest.approx(3.2)


def test_a_render_is_cancelled(session: Session, folder: Path) -> None:
    session.edit({"set": {"segment": match(session.state()), "effects": {"blur": {"sigma": 20}}}})
    running = session.render(on_event=lambda event: session.stop())
    with pytest.raises(Exception):  # noqa: B017, PT011 - which kind depends on where it was
        running.result(60)
    assert not (folder / "out.mp4").exists()
    session.close()
    with pytest.raises(SmartcutError, match="closed"):
        session.edit(cut_out(1, 2))


# ------------------------------------------------------------------------- kept on the disk


def test_corrections_are_found_again(folder: Path) -> None:
    (folder / "reel.yaml").write_text("inputs: [film.mp4]\nstages:\n  - render\n")
    with Session.open(folder / "reel.yaml", output=folder / "out.mp4") as session:
        session.edit(cut_out(1, 2))
        assert session.save() == (folder / "reel.edits.yaml",)
        assert session.state()["is_saved"]
        session.undo()
        assert not session.state()["is_saved"]
    with Session.open(folder / "reel.yaml", output=folder / "out.mp4") as again:
        state = again.state()
        assert (state["duration"], state["version"], state["base"]) == (5, 2, 1)
        assert state["is_saved"]
        cut = again.cut
    assert sc.Pipeline.from_yaml(folder / "reel.yaml").cut().segments == cut.segments


def test_without_edits_there_is_no_file_of_them(session: Session, folder: Path) -> None:
    session.edit(cut_out(1, 2))
    session.save()
    assert (folder / "film.edits.yaml").exists()
    session.revert()
    session.save()
    assert not (folder / "film.edits.yaml").exists()


def test_edits_of_another_program_are_not_written_over(session: Session, folder: Path) -> None:
    file = folder / "film.edits.yaml"
    session.edit(cut_out(1, 2))
    session.save()
    others = "edits:\n  - drop: {source: film, start: 4, end: 5}\n"
    file.write_text(others)
    session.edit(cut_out(3, 3.4))
    with pytest.raises(PipelineError, match="changed by another program"):
        session.save()
    assert file.read_text() == others
    file.write_text("edits: [")
    with pytest.raises(PipelineError, match="changed by another program"):
        session.save()
    assert session.save(folder / "mine.edits.yaml") == (folder / "mine.edits.yaml",)
    file.unlink()
    with pytest.raises(PipelineError, match="changed by another program"):
        session.save()


def test_edits_and_cuts_are_written_elsewhere(session: Session, folder: Path) -> None:
    session.edit(cut_out(1, 2))
    session.save(folder / "mine.edits.yaml")
    with Session.open(folder / "film.mp4", edits=folder / "mine.edits.yaml") as other:
        assert other.state()["duration"] == 5
    session.save(folder / "cut.otio")
    assert sc.open(folder / "cut.otio").cut().duration == 5
    with pytest.raises(PipelineError, match=r"cut\.mp4.*NAME\.edits\.yaml"):
        session.save(folder / "cut.mp4")


def test_edits_in_the_pipeline_move_to_a_file(folder: Path) -> None:
    drop = "{drop: {source: film, start: 1, end: 2}}"
    texts = (
        f"edits: [{drop}]\ninputs: [film.mp4]\nstages:\n  - render\n",
        f"inputs: [film.mp4]\nstages:\n  - edits:\n      - {drop}\n  - render\n",
    )
    for number, text in enumerate(texts):
        path = folder / f"reel{number}.yaml"
        path.write_text(text)
        with Session.open(path, output=folder / "out.mp4") as session:
            assert session.state()["duration"] == 5
            assert "drop" not in session.pipeline_text
            assert not session.state()["is_saved"]
            session.edit(cut_out(3, 3.5))
            assert session.save() == (folder / f"reel{number}.edits.yaml", path)
        assert sc.Pipeline.from_yaml(path).cut().duration == F(9, 2)


def test_a_file_of_edits_that_the_pipeline_names_is_kept(folder: Path) -> None:
    (folder / "mine.yaml").write_text("edits:\n  - drop: {source: film, start: 1, end: 2}\n")
    path = folder / "reel.yaml"
    path.write_text("edits: mine.yaml\ninputs: [film.mp4]\nstages: [render]\n")
    with Session.open(path, output=folder / "out.mp4") as session:
        assert session.state()["duration"] == 5
        session.edit(cut_out(3, 4))
        assert session.save() == (folder / "mine.yaml",)
    assert sc.Pipeline.from_yaml(path).cut().duration == 4


# ------------------------------------------------------------------------------- the pipeline


@pytest.fixture
def reel(folder: Path) -> Iterator[Session]:
    (folder / "reel.yaml").write_text(TEXT)
    with Session.open(folder / "reel.yaml", output=folder / "out.mp4") as session:
        yield session


def test_what_was_not_chosen_is_offered(reel: Session) -> None:
    state = reel.state()
    rows = reel.candidates()
    chosen = [row for row in rows if row["chosen"]]
    assert sorted((r["start"], r["end"]) for r in chosen) == sorted(shown(state))
    others = [row for row in rows if not row["chosen"]]
    assert others
    assert all(row["stage"] == "highlights" and set(row["scores"]) == {"motion"} for row in rows)
    assert [r["score"] for r in rows] == sorted((r["score"] for r in rows), reverse=True)
    state = reel.edit({"keep": {key: others[0][key] for key in ("source", "start", "end")}})
    again = next(r for r in reel.candidates() if r["start"] == others[0]["start"])
    assert again["chosen"]


def test_a_segment_has_reasons(reel: Session) -> None:
    first = reel.state()["tracks"][0]["segments"][0]
    why = reel.why(first["id"])
    assert why["score"] == first["scores"]["score"]
    (part,) = why["parts"]
    assert (part["name"], part["weight"]) == ("motion", 1.0)
    assert part["value"] == first["scores"]["motion"]
    assert "`highlights` chose it" in why["text"]
    assert why["next"] is not None
    assert not why["next"]["chosen"]
    assert all(row["score"] <= why["score"] for row in why["beaten"])
    with pytest.raises(NoSuchThing, match="no segment 'x'"):
        reel.why("x")


def test_edits_outlive_another_pipeline(reel: Session, folder: Path) -> None:
    reel.edit({"set": {"segment": match(reel.state()), "label": "Mine"}})
    reel.edit(cut_out(0.2, 0.4))
    state = reel.set_pipeline(TEXT.replace("duration: 3s", "duration: 5s"))
    assert state["duration"] > 3
    assert state["base"] == 4
    assert state["version"] == 5
    assert len(state["edits"]) == 2
    assert state["conflicts"] == []
    labels = [segment["label"] for segment in state["tracks"][0]["segments"]]
    assert labels.count("Mine") == 1
    state = reel.set_pipeline(
        "inputs: [film.mp4]\nstages:\n  - trim: {start: 4, end: 6}\n  - render\n"
    )
    (conflict,) = state["conflicts"]
    assert (conflict["edit"], conflict["kind"]) == (0, "gone")
    assert conflict["what"]["set"]["label"] == "Mine"
    assert len(state["edits"]) == 2
    notes = reel.render().result(60).notes
    assert any(note.startswith("edits: conflict in edit 1 (set):") for note in notes)
    assert reel.undo()["conflicts"] == []
    reel.redo()
    reel.save()
    assert "trim: {start: 4, end: 6}" in (folder / "reel.yaml").read_text()


def test_mistakes_have_lines(reel: Session) -> None:
    wrong = TEXT.replace("- motion", "- moton").replace("  - render", "  - render: {size: 4}")
    for told in (reel.check(wrong)["errors"], _errors(reel, wrong)):
        assert [one["line"] for one in told] == [3, 5]
        assert "moton" in told[0]["message"]
    assert reel.check(TEXT)["errors"] == []
    assert reel.check("stages: [")["errors"][0]["line"] == 1
    assert reel.version == 1


def _errors(session: Session, text: str) -> list[dict[str, Any]]:
    from smartcut.studio.answers import mistakes_of

    with pytest.raises(PipelineError) as raised:
        session.set_pipeline(text)
    return mistakes_of(raised.value)


def test_a_pipeline_that_was_changed_elsewhere_is_not_written_over(
    reel: Session, folder: Path
) -> None:
    reel.set_pipeline(TEXT.replace("3s", "2s"))
    (folder / "reel.yaml").write_text(TEXT + "# mine\n")
    with pytest.raises(PipelineError, match="changed by another program"):
        reel.save()
    assert (folder / "reel.yaml").read_text() == TEXT + "# mine\n"


def test_the_text_as_forms(reel: Session) -> None:
    found = reel.pipeline()
    assert [(s["name"], s["line"]) for s in found["stages"]] == [
        ("motion", 3),
        ("highlights", 4),
        ("render", 5),
    ]
    assert found["stages"][1]["params"]["duration"] == "3s"
    assert found["data"]["inputs"] == ["film.mp4"]


def test_words_are_text_to_strike(folder: Path) -> None:
    said = sentences_of([("We sail at dawn.", 1), ("The harbour is far.", 1)])
    known = Annotation("transcript", "film", Transcript("en", said))
    cut = sc.open(folder / "film.mp4").cut().with_annotation(known)
    with Session.open(cut, output=folder / "out.mp4") as session:
        words = session.state()["words"]
        assert [w["text"] for w in words][:4] == ["We", "sail", "at", "dawn."]
        first, last = words[1], words[2]
        assert (first["from"], first["segment"]) == ("5/6", "film")
        drop = {"source": "film", "start": first["from"], "end": last["to"], "why": "sail at"}
        session.edit({"drop": drop})
        assert [w["text"] for w in session.state()["words"]][:3] == ["We", "dawn.", "The"]
        (told,) = session.transcript()
        assert [w["kept"] for w in told["words"]][:4] == [True, False, False, True]
        assert len(told["words"]) == len(words)
        assert session.why(words[0]["segment"])["words"] == "We"
        assert "sail at" in [row["text"] for row in session.candidates()]


def test_a_cut_a_pipeline_and_a_film_of_python_open_too(folder: Path) -> None:
    film = sc.open(folder / "film.mp4")[1:3]
    with Session.open(film, output=folder / "out.mp4") as session:
        assert session.state()["duration"] == 2
        assert session.edit(cut_out(1.6, 2))["duration"] == 1.6
        assert session.pipeline()["text"] == ""
        with pytest.raises(PipelineError, match="made in Python"):
            session.set_pipeline(TEXT)
        cut = session.cut
    with Session.open(cut, output=folder / "out.mp4") as session:
        assert session.state()["duration"] == 1.6
