"""The studio over HTTP: its operations, its events, and what is left when the page goes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from smartcut.cli import app
from smartcut.errors import PipelineError, SmartcutError
from smartcut.studio import Session, desk
from smartcut.studio.confined import Confined
from smartcut.studio.desk import Desk
from smartcut.studio.openapi import description
from smartcut.studio.operations import OPERATIONS, TABLE, found
from smartcut.studio.server import StudioServer
from smartcut.studio.serving import desk_for
from smartcut.testing import write_bar_coded
from tests.builders.asking import Heard, ask

TEXT = """\
inputs: [film.mp4]
stages:
  - motion
  - highlights: {duration: 3s, min_length: 1s, max_length: 2s, weights: {motion: 1}}
  - render
"""

#: What test_finished.py asks.
FINISHED = {
    "files", "conform", "conformed", "conformed_frame", "keep_cut", "learn", "learned",
    "keep_style", "open",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    write_bar_coded(folder / "film.mp4", frames=150, rate=F(25), size=(160, 90), gop=25)
    (folder / "reel.yaml").write_text(TEXT)
    return folder


@pytest.fixture(scope="module")
def standing(folder: Path) -> Iterator[StudioServer]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SMARTCUT_CACHE", str(folder / "cache"))
        opening = lambda desk: Session.open(folder / "reel.yaml", output=folder / "out.mp4")  # noqa: E731
        desk = Desk(opening, "reel", Confined.to([folder]))
        server = StudioServer(desk, port=0)
        server.start()
        desk.wait(60)
        yield server
        server.stop()


@pytest.fixture
def server(standing: StudioServer) -> StudioServer:
    """A server whose film has no edits."""
    ask(standing, "POST", "/api/revert", {})
    return standing


def state_of(server: StudioServer) -> dict[str, Any]:
    state: dict[str, Any] = ask(server, "GET", "/api/state").data
    return state


def dropped(state: dict[str, Any], number: int = 0) -> dict[str, Any]:
    segment = state["tracks"][0]["segments"][number]
    return {"drop": {"segment": {k: segment[k] for k in ("id", "source", "start", "end")}}}


# ------------------------------------------------------------------------------ the description


def test_every_answer_is_as_described(server: StudioServer, folder: Path) -> None:
    """Each operation is asked once, and its answer is validated against OpenAPI."""
    told = ask(server, "GET", "/api/openapi.json").data
    assert told["openapi"] == "3.1.0"
    state = state_of(server)
    version = state["version"]
    segment = state["tracks"][0]["segments"][0]
    paths = {
        "segment": segment["id"], "source": "film", "key": state["chunks"][0]["key"],
    }  # fmt: skip
    queries = {"compare": f"?a={version}&b={version}", "frame": "?at=0.5&height=36"}
    bodies: dict[str, Any] = {
        "edit": {"ops": [dropped(state)]},
        "amend": {"number": 0, "edit": None},
        "set_pipeline": {"text": TEXT},
        "check": {"text": "stages: [moton]"},
        "save": {"path": "kept.edits.yaml"},
        "render": {"output": "described.mp4"},
    }
    asked = [operation for operation in TABLE if operation.name not in FINISHED]
    order = sorted(asked, key=lambda o: (o.name in ("result", "stop", "closed"), o.method))
    for operation in order:
        if operation.name == "sound":
            paths["key"] = state_of(server)["sound"]
        if operation.name == "result":
            heard = Heard(server)
            if not (folder / "described.mp4").exists():
                heard.until("done")
            heard.close()
        path = re.sub(r"\{(\w+)\}", lambda m: paths[m[1]], operation.path)
        path += queries.get(operation.name, "")
        body = bodies.get(operation.name, {}) if operation.method == "POST" else None
        answer = ask(server, operation.method, path, body)
        assert answer.status == 200, (operation.name, answer.body[:300])
        assert answer.headers["Content-Type"] == operation.answers
        if operation.answers == "application/json":
            schema = {"$ref": f"#/components/schemas/{operation.result}", **told}
            errors = list(Draft202012Validator(schema).iter_errors(answer.data))
            assert not errors, (operation.name, errors[0].message)
        else:
            assert answer.body


def test_the_description_and_the_routes_are_the_same() -> None:
    told = description(TABLE)
    described = {
        (method.upper(), path): one["operationId"]
        for path, methods in told["paths"].items()
        for method, one in methods.items()
    }
    described.pop(("GET", "/api/events"))
    assert described == {(o.method, o.path): o.name for o in TABLE}
    for operation in TABLE:
        path = re.sub(r"\{(\w+)\}", "x", operation.path)
        route = found(operation.method, path)
        assert route is not None
        assert route[0] is operation
        assert set(operation.in_path) <= set(operation.asks.model_fields)
    json.dumps(told)


# ------------------------------------------------------------------------------ what is changed


def test_an_edit_comes_back_as_the_newest_state(server: StudioServer) -> None:
    before = state_of(server)
    body = {"base": before["version"], "ops": [dropped(before)]}
    after = ask(server, "POST", "/api/edit", body)
    assert after.status == 200
    assert after.data["version"] == before["version"] + 1
    late = ask(server, "POST", "/api/edit", body)
    assert (late.status, late.data["version"]) == (409, before["version"] + 1)
    wrong = ask(server, "POST", "/api/edit", {"ops": [{"drop": {"source": "x", "start": 1}}]})
    assert wrong.status == 422
    assert "drop" in wrong.data["error"]


def test_a_text_with_mistakes_is_refused_by_lines(server: StudioServer) -> None:
    answer = ask(server, "POST", "/api/pipeline", {"text": TEXT.replace("motion\n", "moton\n")})
    assert answer.status == 422
    assert [one["line"] for one in answer.data["errors"]] == [3]


def test_unknown_things_are_not_found(server: StudioServer) -> None:
    for path in (
        "why/x",
        "fragment/x",
        "sound/x",
        "filmstrip/x",
        "peaks/x",
        "listen/x",
        "compare?a=0&b=999",
    ):
        answer = ask(server, "GET", f"/api/{path}")
        assert answer.status == 404, path
        assert answer.data["error"]
    assert ask(server, "GET", "/api/frame?at=nan").status == 400
    assert ask(server, "GET", "/api/frame?at=1e400").status == 400
    assert ask(server, "GET", "/api/frame?at=99").status == 422


def test_edits_that_would_never_end_are_refused(server: StudioServer) -> None:
    """Numbers of vast exponents, as numbers and as texts, anywhere in an edit."""
    for time_ in ("1e99999999", "9" * 5000, "1/0", "0x10", [1], {"a": 1}):
        op = {"drop": {"source": "film", "start": 0, "end": time_}}
        begun = time.monotonic()
        assert ask(server, "POST", "/api/edit", {"ops": [op]}).status in (400, 422)
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "path",
    ["/etc/x.edits.yaml", "../x.edits.yaml", "link/x.edits.yaml", "a/../../x.otio", "", ".", "\0"],
)
def test_a_page_writes_only_where_it_may(server: StudioServer, folder: Path, path: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir(exist_ok=True)
    if not (folder / "link").exists():
        (folder / "link").symlink_to(outside)
    for name, body in (("save", {"path": path}), ("render", {"output": path})):
        answer = ask(server, "POST", f"/api/{name}", body)
        assert answer.status == 422, answer.body
    assert not any(outside.iterdir())
    assert not (folder.parent / "x.edits.yaml").exists()


def test_a_link_to_a_file_outside_is_not_written_through(
    server: StudioServer, folder: Path
) -> None:
    secret = folder.parent / "secret.edits.yaml"
    secret.write_text("secret")
    link = folder / "mine.edits.yaml"
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    assert ask(server, "POST", "/api/save", {"path": "mine.edits.yaml"}).status == 422
    assert secret.read_text() == "secret"


def test_a_page_reads_only_what_was_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of a pipeline that comes from a page, and edits, can name files too."""
    for name in ("SMARTCUT_ROOTS", "SMARTCUT_WRITE_ROOTS"):
        monkeypatch.setenv(name, "")
    inside = folder / "inside"
    inside.mkdir()
    (inside / "reel.yaml").write_text("inputs: [../film.mp4]\nstages:\n  - render\n")
    other = folder / "other.mp4"
    other.write_bytes((folder / "film.mp4").read_bytes())
    desk = desk_for(inside / "reel.yaml", output=inside / "out.mp4")
    server = StudioServer(desk, port=0).start()
    try:
        assert desk.wait(60).state()["duration"] == 6
        text = "inputs: [../other.mp4]\nstages:\n  - render\n"
        answer = ask(server, "POST", "/api/pipeline", {"text": text})
        assert answer.status == 422
        assert "outside of what may be used" in answer.data["error"]
        text = "inputs: [../film.mp4]\nstages:\n  - lut: {file: ../other.mp4}\n  - render\n"
        assert "outside" in ask(server, "POST", "/api/pipeline", {"text": text}).data["error"]
        keep = {"keep": {"source": str(other), "start": 0, "end": 1}}
        assert ask(server, "POST", "/api/edit", {"ops": [keep]}).status == 422
        text = "inputs: [../film.mp4]\nstages:\n  - render: {outputs: [{output: ../../x.mp4}]}\n"
        ask(server, "POST", "/api/pipeline", {"text": text})
        ask(server, "POST", "/api/render", {})
        assert not (folder.parent / "x.mp4").exists()
    finally:
        server.stop()


# ------------------------------------------------------------------------ events, and the result


def test_a_render_is_followed_and_its_file_is_played(server: StudioServer, folder: Path) -> None:
    heard = Heard(server)
    answer = ask(server, "POST", "/api/render", {"output": "film-out.mp4"})
    assert answer.data["path"] == str(folder / "film-out.mp4")
    *before, done = heard.until("done")
    assert (done["path"], done["work"]) == (str(folder / "film-out.mp4"), "render")
    shares = [e["done"] for e in before if e["kind"] == "progress" and e["done"] is not None]
    assert shares == sorted(shares)
    whole = (folder / "film-out.mp4").read_bytes()
    assert ask(server, "GET", "/api/result?v=1").body == whole
    part = ask(server, "GET", "/api/result", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert ask(server, "GET", "/api/result", Range="bytes=-5").body == whole[-5:]
    assert ask(server, "GET", "/api/result", Range=f"bytes={len(whole)}-").status == 416
    assert ask(server, "GET", "/api/result", Range="lines=1-2").status == 200
    heard.close()


def test_changes_are_told_to_every_tab(server: StudioServer) -> None:
    one, other = Heard(server), Heard(server)
    state = state_of(server)
    ask(server, "POST", "/api/edit", {"ops": [dropped(state)]})
    for heard in (one, other):
        assert heard.until("state")[-1]["version"] == state["version"] + 1
        heard.close()


def test_work_ends_with_the_last_page(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is loaded again within the grace keeps its work; one that goes does not."""
    monkeypatch.setattr(desk, "_GRACE", 0.2)
    stopped: list[float] = []
    monkeypatch.setattr(server.desk, "stop", lambda: stopped.append(time.monotonic()))
    one, other = Heard(server), Heard(server)
    one.close()
    ask(server, "POST", "/api/closed", {})
    time.sleep(0.5)
    assert not stopped  # another tab is open
    other.close()
    again = Heard(server)
    time.sleep(0.5)
    assert not stopped  # it was only loaded again
    again.close()
    deadline = time.monotonic() + 5
    while not stopped and time.monotonic() < deadline:
        time.sleep(0.02)
    assert stopped


def test_an_encoding_ends_when_nobody_waits_for_it(server: StudioServer) -> None:
    state = state_of(server)
    first = state["tracks"][0]["segments"][0]
    match = {k: first[k] for k in ("id", "source", "start", "end")}
    op = {"set": {"segment": match, "effects": {"blur": {"sigma": 30}}}}
    state = ask(server, "POST", "/api/edit", {"ops": [op]}).data
    chunk = next(c for c in state["chunks"] if not c["ready"])
    flights = server.desk.session.playback._flights
    head = f"GET /api/fragment/{chunk['key']} HTTP/1.1\r\nHost: 127.0.0.1:{server.server_port}\r\n"
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as client:
        client.sendall(f"{head}Authorization: Bearer {server.guard.token}\r\n\r\n".encode())
        client.recv(1)
    deadline = time.monotonic() + 10
    while len(flights) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(flights) == 0


def test_while_it_is_opened_there_is_no_film_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "_PATIENCE", 0.05)

    def opening(desk: Desk) -> Session:
        time.sleep(0.4)
        raise SmartcutError("the film is broken")

    server = StudioServer(Desk(opening, "reel"), port=0).start()
    try:
        state = state_of(server)
        assert (state["version"], state["opening"], state["name"]) == (0, True, "reel")
        assert ask(server, "GET", "/api/plan").status == 503
        assert ask(server, "GET", "/").status == 200
        heard = Heard(server)
        assert heard.until("error")[-1]["text"] == "the film is broken"
        heard.close()
        assert state_of(server)["error"] == "the film is broken"
        assert ask(server, "GET", "/api/plan").status == 422
    finally:
        server.stop()


def test_operations_say_whether_they_change_anything() -> None:
    changing = {name for name, operation in OPERATIONS.items() if operation.changes}
    assert {"edit", "undo", "save", "render", "set_pipeline"} <= changing
    assert not {"state", "check", "plan", "why"} & changing


# --------------------------------------------------------------------------------- the command


def started(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The command, and the address that it prints."""
    command = [sys.executable, "-m", "smartcut", "studio", "--no-open", "--port", "0", *arguments]
    environment = {**os.environ, "SMARTCUT_CACHE": str(folder / "cache")}
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        env=environment,
    )  # fmt: skip
    assert running.stdout is not None
    return running, running.stdout.readline().strip()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_the_command_serves_until_it_is_interrupted(folder: Path, number: int) -> None:
    running, address = started(folder, "film.mp4", "-o", "out.mp4")
    try:
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{43})", address)
        assert found
        port, token = int(found[1]), found[2]

        class Elsewhere:
            server_port = port
            guard = type("guard", (), {"token": token})

        state = ask(Elsewhere, "GET", "/api/state").data  # type: ignore[arg-type]
        assert state["name"] == "film"
        before = _seconds_of(running.pid)
        time.sleep(1)
        assert _seconds_of(running.pid) - before <= 0.05
        running.send_signal(number)
        assert running.wait(20) == 0
        assert running.stderr is not None
        assert running.stderr.read() == ""
    finally:
        running.kill()


def _seconds_of(process: int) -> float:
    """Processor time that a process has used."""
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def test_mistakes_end_the_command_before_it_serves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in ("SMARTCUT_ROOTS", "SMARTCUT_WRITE_ROOTS"):
        monkeypatch.setenv(name, "")
    (folder / "wrong.yaml").write_text("stages: [moton]\n")
    for what, told in (("wrong.yaml", "unknown stage 'moton'"), ("gone.mp4", "gone.mp4")):
        answer = CliRunner().invoke(app, ["studio", what, "--no-open", "--port", "0"])
        assert isinstance(answer.exception, PipelineError)
        assert told in str(answer.exception)
        assert answer.output == ""
