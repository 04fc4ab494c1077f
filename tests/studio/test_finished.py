"""Finished films in the studio: their cut is found, shown, kept and opened; styles are learned."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

import smartcut as sc
from benchmarks.conform_material import Filmed
from benchmarks.planted_styles import PlantedStyle
from smartcut.api.events import EventProgress
from smartcut.errors import SmartcutError
from smartcut.studio import Session
from smartcut.studio.confined import Confined
from smartcut.studio.desk import Desk
from smartcut.studio.server import StudioServer
from smartcut.studio.study import Study
from tests.builders import conformed
from tests.builders.asking import Answered, Heard, ask
from tests.builders.styles import write_styled

STYLE = PlantedStyle(before=0.12, after=0.26, min_cut=0.35)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two sources, a folder of these, and what lies outside of the studio's folder."""
    folder = tmp_path_factory.mktemp("finished")
    inside = folder / "inside"
    inside.mkdir()
    files = conformed.sources(inside / "rushes", 2, Filmed(3, 1, (128, 72)))
    conformed.film(
        inside / "film.mp4",
        files,
        [conformed.shown("s0", 10, 30), conformed.shown("s1", 20, 25)],
        crf=24,
    )
    write_styled(inside, STYLE)
    (inside / "words.json").write_text('{"language": "en", "segments": []}')
    (folder / "outside.mp4").write_bytes(files[0].read_bytes())
    (inside / "link.mp4").symlink_to(folder / "outside.mp4")
    (inside / "links").mkdir()
    (inside / "links" / "link.mp4").symlink_to(folder / "outside.mp4")
    return inside


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioServer]:
    monkeypatch.setenv("SMARTCUT_CACHE", str(folder.parent / "cache"))
    opening = lambda desk: Session.open(folder / "rushes" / "s0.mp4", output=folder / "out.mp4")  # noqa: E731
    desk = Desk(opening, "s0", Confined.to([folder]))
    server = StudioServer(desk, port=0).start()
    desk.wait(60)
    yield server
    server.stop()


def followed(server: StudioServer, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of work that is asked for, up to its end."""
    heard = Heard(server)
    answer = ask(server, "POST", path, body)
    assert answer.status == 200, answer.body
    assert answer.data["running"]
    events = heard.until("done", "error")
    heard.close()
    assert events[-1]["kind"] == "done", events[-1]
    return events


def as_described(server: StudioServer, answer: Answered, name: str) -> Any:
    """The data of an answer that is as OpenAPI says."""
    told = ask(server, "GET", "/api/openapi.json").data
    schema = {"$ref": f"#/components/schemas/{name}", **told}
    assert answer.status == 200, answer.body
    assert not list(Draft202012Validator(schema).iter_errors(answer.data))
    return answer.data


def picture(answer: Answered) -> np.ndarray:
    assert answer.headers["Content-Type"] == "image/jpeg"
    return np.asarray(Image.open(io.BytesIO(answer.body)).convert("RGB")).astype(int)


def test_the_cut_of_a_finished_film_is_found_shown_kept_and_opened(
    server: StudioServer, folder: Path
) -> None:
    before = as_described(server, ask(server, "GET", "/api/conform"), "conformed")
    assert before == {"running": False, "done": None, "text": "", "error": "", "found": None}
    assert ask(server, "GET", "/api/conform/frame?of=film&frame=0").status == 404
    events = followed(server, "/api/conform", {"film": "film.mp4", "sources": ["rushes"]})
    shares = [e["done"] for e in events if e["kind"] == "progress" and e["done"] is not None]
    assert shares == sorted(shares)
    assert any("recognising film.mp4" in e.get("text", "") for e in events)
    assert {e.get("work") for e in events} == {"conform"}
    found = as_described(server, ask(server, "GET", "/api/conform"), "conformed")["found"]
    assert (found["explained"], found["frames"], found["duration"]) == (1, 55, 2.2)
    assert [p["source"] for p in found["parts"]] == ["s0", "s1"]
    assert [p["frames"] for p in found["parts"]] == [[0, 30], [30, 55]]
    assert min(p["confidence"] for p in found["parts"]) > 0.9

    # Frame 40 of the film is frame 30 of its second source, and hardly any other one.
    query = "frame=40&height=72"
    own = picture(ask(server, "GET", f"/api/conform/frame?of=film&{query}"))
    original = picture(ask(server, "GET", f"/api/conform/frame?of=original&{query}"))
    exact = sc.open(folder / "rushes" / "s1.mp4").frame(30 / 25).astype(int)
    assert abs(original - exact).mean() < 4
    assert abs(own - original).mean() < 6
    assert ask(server, "GET", "/api/conform/frame?of=film&frame=55").status == 404

    kept = as_described(server, ask(server, "POST", "/api/conform/cut", {}), "kept")
    assert kept["path"] == str(folder / "film-conformed.yaml")
    assert Path(kept["paths"][0]).name == "film-conformed.json"
    heard = Heard(server)
    state = as_described(server, ask(server, "POST", "/api/open", {"path": kept["path"]}), "state")
    assert heard.until("opened")[-1]["name"] == "film-conformed"
    heard.close()
    shows = [(s["source"], s["start"], s["end"]) for s in state["tracks"][0]["segments"]]
    assert shows == [("s0", "2/5", "8/5"), ("s1", "4/5", "9/5")]
    assert state["output"] == str(folder / "film-conformed-cut.mp4")
    assert ask(server, "GET", "/api/state").data["name"] == "film-conformed"


def test_corrections_that_are_not_saved_are_left_only_when_that_is_said(
    server: StudioServer,
) -> None:
    drop = {"drop": {"source": "s0", "start": 0, "end": 1}}
    assert ask(server, "POST", "/api/edit", {"ops": [drop]}).status == 200
    refused = ask(server, "POST", "/api/open", {"path": "film.mp4"})
    assert (refused.status, "not saved" in refused.data["error"]) == (422, True)
    assert ask(server, "GET", "/api/state").data["name"] == "s0"
    wrong = ask(server, "POST", "/api/open", {"path": "rushes", "leave": True})
    assert wrong.status == 422
    assert len(ask(server, "GET", "/api/state").data["edits"]) == 1
    opened = ask(server, "POST", "/api/open", {"path": "film.mp4", "leave": True})
    assert (opened.status, opened.data["name"], opened.data["edits"]) == (200, "film", [])


def test_what_may_be_named_is_listed_and_nothing_else_is_read(
    server: StudioServer, folder: Path
) -> None:
    told = as_described(server, ask(server, "GET", "/api/film-files"), "film_files")
    kinds = {Path(row["path"]).name: row["kind"] for row in told["files"]}
    assert (kinds["film.mp4"], kinds["s1.mp4"], kinds["style0.json"]) == ("film", "film", "cut")
    assert "link.mp4" not in kinds
    assert "words.json" not in kinds
    for name in ("../outside.mp4", "link.mp4", "/etc/passwd", "", "none.mp4"):
        for body in (
            {"film": name, "sources": ["rushes"]},
            {"film": "film.mp4", "sources": [name]},
        ):
            answer = ask(server, "POST", "/api/conform", body)
            assert answer.status == 422, (name, answer.body)
        assert ask(server, "POST", "/api/learn", {"films": [name]}).status == 422
        assert ask(server, "POST", "/api/open", {"path": name}).status == 422
    linked = ask(server, "POST", "/api/conform", {"film": "film.mp4", "sources": ["links"]})
    assert (linked.status, "no media lie in links" in linked.data["error"]) == (422, True)
    assert ask(server, "POST", "/api/learn/pipeline", {"path": "../style.yaml"}).status == 422
    assert not (folder.parent / "style.yaml").exists()


def test_what_cannot_be_recognised_is_said(server: StudioServer) -> None:
    heard = Heard(server)
    ask(server, "POST", "/api/conform", {"film": "film.mp4", "sources": ["film.mp4"]})
    event = heard.until("error")[-1]
    heard.close()
    assert (event["work"], event["is_stopped"]) == ("conform", False)
    assert "there are no sources to recognise" in event["text"]
    assert ask(server, "GET", "/api/conform").data["error"] == event["text"]


def test_a_style_is_learned_from_films_and_kept(server: StudioServer, folder: Path) -> None:
    followed(server, "/api/learn", {"films": [f"style{number}.json" for number in range(3)]})
    found = as_described(server, ask(server, "GET", "/api/learn"), "learned")["found"]
    (tighten,) = (one for one in found["stages"] if one["name"] == "tighten")
    margin = [float(side.removesuffix("s")) for side in tighten["params"]["margin"]]
    assert margin == pytest.approx([STYLE.before, STYLE.after], abs=0.05)
    assert found["figures"]["tighten"]["share"] > 0.8
    assert found["text"].startswith("3 films: style0.json, style1.json, style2.json")
    wrong = ask(server, "POST", "/api/learn/pipeline", {"path": "style.json"})
    assert (wrong.status, "written as a pipeline" in wrong.data["error"]) == (422, True)
    kept = as_described(server, ask(server, "POST", "/api/learn/pipeline", {}), "kept")
    assert Path(kept["path"]).read_text() == found["yaml"]
    assert kept["path"] == str(folder / "style.yaml")


def test_one_film_tells_no_style(server: StudioServer) -> None:
    heard = Heard(server)
    ask(server, "POST", "/api/learn", {"films": ["style0.json"]})
    assert "give at least 2" in heard.until("error")[-1]["text"]
    heard.close()
    answer = ask(server, "POST", "/api/learn/pipeline", {})
    assert (answer.status, answer.data["error"]) == (404, "no style has been learned yet")


def test_work_that_is_stopped_ends_at_once_and_its_answer_is_left() -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    study: Study[int] = Study("conform", lambda kind, **what: told.append((kind, what)))
    going, begun = Event(), Event()

    def work(progress: EventProgress) -> int:
        advance = progress.start("looking", 2.0)
        begun.set()
        going.wait(10)
        advance(1.0)
        return 1

    study.begin(work)
    begun.wait(10)
    assert study.plain()["running"]
    with pytest.raises(SmartcutError, match="at work already"):
        study.begin(work)
    study.stop()
    assert (told[-1][0], told[-1][1]["is_stopped"]) == ("error", True)
    assert not study.is_running
    going.set()
    study.begin(lambda progress: 2)
    end = time.monotonic() + 10
    while study.is_running and time.monotonic() < end:
        time.sleep(0.01)
    assert study.found == 2
    assert [kind for kind, _ in told].count("done") == 1
