"""Programs and servers that are asked: what they answer, and whatever else they may do."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from smartcut.errors import MissingModel, ModelError
from smartcut.models.selectors.chat import ChatModel, ask_chat, is_here, problem_of
from smartcut.models.selectors.program import ask_program
from smartcut.stage import Stopped
from tests.builders.chat_server import ChatServer

MESSAGES = [{"role": "user", "content": "Which?"}]


def run(code: str, seconds: float = 10, most: int = 1000, stopping: Event | None = None) -> bytes:
    return ask_program([sys.executable, "-c", code], b"?", seconds, most, stopping or Event())


def test_a_program_reads_the_question_and_writes_the_answer() -> None:
    assert run("import sys; print(sys.stdin.read() * 3, end='')") == b"???"
    # One that answers without reading is heard too.
    big = b"x" * 1_000_000
    assert ask_program([sys.executable, "-c", "print(1)"], big, 10, 100, Event()) == b"1\n"


def test_no_shell_reads_its_arguments(tmp_path: Path) -> None:
    code = "import sys; print(sys.argv[1:])"
    given = ["$HOME", "; touch x", "`id`", "*"]
    command = [sys.executable, "-c", code, *given]
    assert ask_program(command, b"", 10, 1000, Event()).decode().strip() == str(given)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('no talk today')", r"failed \(exit code 1\): no talk today"),
        ("import os; os.kill(os.getpid(), 9)", r"failed \(exit code -9\)"),
        ("import sys\nwhile True: sys.stdout.write('x' * 9999)", "wrote more than 1,000 bytes"),
    ],
)
def test_a_program_that_fails_is_told_of(code: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        run(code)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(MissingModel, match="'no-such-program' cannot be run"):
        ask_program(["no-such-program"], b"", 1, 10, Event())


def test_a_slow_program_is_ended_with_what_it_started(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    child = f"import time\nwhile True: open({str(beat)!r}, 'a').write('x'); time.sleep(0.02)"
    code = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); "
        f"time.sleep(60)"
    )
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"did not answer within 1\.5 s; a larger `timeout`"):
        run(code, seconds=1.5)
    assert time.monotonic() - began < 20
    length = beat.stat().st_size if beat.exists() else 0
    time.sleep(0.3)
    assert (beat.stat().st_size if beat.exists() else 0) == length


def test_a_run_that_is_cancelled_does_not_wait() -> None:
    stopping = Event()
    threading.Timer(0.2, stopping.set).start()
    with pytest.raises(Stopped):
        run("import time; time.sleep(60)", stopping=stopping)


# ----------------------------------------------------------------------------------- a server


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as made:
        yield made


def ask(server: ChatServer, key: str | None = None, seconds: float = 10, most: int = 10_000) -> str:
    return ask_chat(ChatModel(server.url, "tiny", key), MESSAGES, seconds, most, Event())


def test_a_server_gets_model_messages_and_key(server: ChatServer) -> None:
    assert ask(server, key="sk-secret") == "ok"
    ((path, headers, body),) = server.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sk-secret"
    assert body == {"model": "tiny", "messages": MESSAGES, "stream": False}
    server.url += "/chat/completions/"
    assert ask(server) == "ok"
    assert server.asked[1][0] == "/v1/chat/completions"
    assert "Authorization" not in server.asked[1][1]


def test_redirects_are_not_followed(server: ChatServer) -> None:
    def redirect(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        handler.send_response(307)
        handler.send_header("Location", server.url + "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answer = redirect
    with pytest.raises(ModelError, match="redirects to .*, which is not followed"):
        ask(server, key="sk-secret")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html>", "did not answer as chat completions do: <html>"),
        (b"", "did not answer as chat completions do: nothing"),
        (b"[" * 9000, "did not answer as chat completions do"),
        (b'{"choices": []}', "did not answer as chat completions do"),
        (b'{"choices": [{"message": {"content": [1]}}]}', "did not answer as chat completions"),
        (b"x" * 50_000, "answered with more than 40,000 bytes"),
    ],
)
def test_strange_answers_are_refused(server: ChatServer, data: bytes, message: str) -> None:
    server.answer = lambda handler, body: server.send(handler, data)
    with pytest.raises(ModelError, match=message):
        ask(server)


def test_an_answer_of_a_text_too_long_is_refused(server: ChatServer) -> None:
    server.answer = lambda handler, body: server.say(handler, "x" * 10_001)
    with pytest.raises(ModelError, match="answered with more than 10,000 bytes"):
        ask(server)


def test_the_key_is_in_no_message(server: ChatServer) -> None:
    def echo(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        said = f"bad key {handler.headers['Authorization']}\x1b[31m".encode()
        server.send(handler, said, 401)

    server.answer = echo
    with pytest.raises(ModelError, match=r"answered 401 .*bad key Bearer \*\*\*") as caught:
        ask(server, key="sk-secret")
    assert "sk-secret" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "sk-secret" not in repr(ChatModel(server.url, "m", "sk-secret"))


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_slow_server_is_left(server: ChatServer, when: str) -> None:
    def drip(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        if when == "within":
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b"x" if when == "within" else b"")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    server.answer = drip
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"did not answer within 0\.5 s|cannot be asked: timed"):
        ask(server, seconds=0.5)
    assert time.monotonic() - began < 5


def test_nobody_there() -> None:
    with pytest.raises(ModelError, match="cannot be asked: .*refused"):
        ask_chat(ChatModel("http://127.0.0.1:9/v1", "m"), MESSAGES, 5, 100, Event())


@pytest.mark.parametrize(
    ("endpoint", "is_local"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost/v1", True),
        ("https://api.example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://localhost.example.com", False),
        ("http://0.0.0.0:80", False),
        ("http://10.0.0.1/v1", False),
        ("http://2130706433/v1", False),
    ],
)
def test_what_is_on_this_machine(endpoint: str, is_local: bool) -> None:
    assert problem_of(endpoint) is None
    assert is_here(endpoint) is is_local


@pytest.mark.parametrize(
    "endpoint",
    ["file:///etc/passwd", "ftp://a/b", "//a/b", "http://", "http://a:b@c/v1", "http://c/v1?key=k",
     "http://c/v1#k", "http://c:x/v1", "http://c/ v1", "http://c/v1\r\nX: y", ""],
)  # fmt: skip
def test_what_is_no_address(endpoint: str) -> None:
    assert problem_of(endpoint) is not None
