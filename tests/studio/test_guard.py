"""A hostile page, or program, gets nothing out of the studio's server, and does not hold it up."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smartcut.errors import SmartcutError
from smartcut.studio.desk import Desk
from smartcut.studio.http import handler
from smartcut.studio.http.page_files import page_files
from smartcut.studio.http.slots import Slots
from smartcut.studio.operations import TABLE
from smartcut.studio.server import StudioServer
from smartcut.studio.serving import server_at
from tests.builders.asking import ask, raw


class _Session:
    """Stands for a session: what is asked of it is counted."""

    version = 1

    def __init__(self) -> None:
        self.asked = 0

    def state(self) -> dict[str, Any]:
        self.asked += 1
        return {"version": 1, "secret": "what a stranger may not see"}

    def undo(self, base: int | None) -> dict[str, Any]:
        self.asked += 1
        return self.state()

    def listen(self, heard: Any) -> None:
        pass

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


_STANDING = _Session()


@pytest.fixture
def session() -> _Session:
    _STANDING.asked = 0
    return _STANDING


@pytest.fixture(scope="module")
def server() -> Iterator[StudioServer]:
    server = StudioServer(Desk(lambda desk: _STANDING), port=0)  # type: ignore[arg-type,return-value]
    server.start()
    yield server
    server.stop()


def test_the_token_opens_the_page_and_its_cookie_the_rest(server: StudioServer) -> None:
    path = server.address.partition(f":{server.server_address[1]}")[2]
    page = ask(server, "GET", path, token=False, Sec_Fetch_Site="none")
    assert page.status == 200
    assert page.body == (page_files()["index.html"]).data
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    state = ask(server, "GET", "/api/state", token=False, Cookie=cookie.partition(";")[0])
    assert state.data["version"] == 1
    assert ask(server, "GET", "/api/state").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer \xe9"},
        {"Cookie": "smartcut-studio-1=x"},
        {"Cookie": '"=;;;'},
    ],
    ids=lambda headers: next(iter(headers.values()), "none"),
)
@pytest.mark.parametrize("path", ["/", "/page/app.js", "/api/state", "/api/events", "/?token=x"])
def test_without_the_token_nothing_is_said(
    server: StudioServer, session: _Session, path: str, headers: dict[str, str]
) -> None:
    answer = ask(server, "GET", path, token=False, **headers)
    assert answer.status == 403
    assert b"secret" not in answer.body
    assert "Set-Cookie" not in answer.headers
    assert session.asked == 0


def test_the_token_in_an_address_is_for_the_page_alone(server: StudioServer) -> None:
    assert ask(server, "GET", f"/api/state?token={server.guard.token}", token=False).status == 403
    twice = f"/?token={server.guard.token}&token=x"
    assert ask(server, "GET", twice, token=False).status == 403


def test_what_a_browser_is_started_with_opens_the_page_once(server: StudioServer) -> None:
    """Other people of this machine can see the arguments of programs."""
    path = server.guard.ticket_address().partition(f":{server.server_port}")[2]
    assert server.guard.token not in path
    cross = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    first = ask(server, "GET", path, token=False, **cross)
    assert first.status == 200
    cookie = first.headers["Set-Cookie"].partition(";")[0]
    assert ask(server, "GET", "/api/state", token=False, Cookie=cookie).status == 200
    assert ask(server, "GET", path, token=False).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_a_name_that_leads_here_is_not_this_host(server: StudioServer, host: str) -> None:
    """DNS rebinding: the page's own name has been made to lead to 127.0.0.1."""
    given = host.format(port=server.server_address[1])
    assert ask(server, "GET", "/api/state", Host=given).status == 421
    assert ask(server, "POST", "/api/undo", {}, Host=given).status == 421


def test_two_hosts_are_none(server: StudioServer) -> None:
    port, token = server.server_address[1], server.guard.token
    head = f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n"
    assert b" 421 " in raw(server, f"{head}Authorization: Bearer {token}\r\n\r\n".encode())[:40]
    assert b" 421 " in raw(server, b"GET /api/state HTTP/1.0\r\n\r\n")[:40]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_site_can_neither_read_nor_change(
    server: StudioServer, session: _Session, headers: dict[str, str]
) -> None:
    """Also one at another port of this host, for which the browser sends the cookie along."""
    cookie = server.guard.cookie.partition(";")[0]
    given = {n: v.format(port=server.server_address[1]) for n, v in headers.items()}
    for method, path in (("GET", "/api/state"), ("POST", "/api/undo")):
        body = {} if method == "POST" else None
        answer = ask(server, method, path, body, token=False, Cookie=cookie, **given)
        assert answer.status == 403
        assert not any(name.lower().startswith("access-control") for name in answer.headers)
    assert session.asked == 0


def test_no_answer_allows_another_origin(server: StudioServer) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/", "/api/state", "/api/undo", "/nothing"):
        answer = ask(server, "OPTIONS", path, token=False, **asked)
        assert answer.status == 403
        assert not any(name.lower().startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "text/json"]
)
def test_a_form_of_another_page_is_no_request(
    server: StudioServer, session: _Session, kind: str
) -> None:
    """What pages may send without being asked first (a preflight) is not taken."""
    answer = ask(server, "POST", "/api/undo", {}, Content_Type=kind)
    assert answer.status == 415
    assert session.asked == 0


def test_every_answer_says_what_it_is_and_who_may_use_it(server: StudioServer) -> None:
    refused = ask(server, "GET", "/api/state", token=False)
    for answer in (ask(server, "GET", "/"), ask(server, "GET", "/api/state"), refused):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    assert ask(server, "GET", "/api/state").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/page/../server.py",
        "/page/%2e%2e/server.py",
        "/page/..%2fserver.py",
        "/page/..\\server.py",
        "/page//etc/passwd",
        "/page/%00",
        "//evil.example/api/state",
        "/page/index.html/",
        "/api/state/..",
        "/%ff",
        "/\xff",
    ],
)
def test_no_path_leads_out_of_the_page(server: StudioServer, path: str) -> None:
    port, token = server.server_address[1], server.guard.token
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    answer = raw(server, head.encode("latin-1"))
    assert re.match(rb"HTTP/1.1 40[04] ", answer)
    assert b"root:" not in answer
    assert b"import" not in answer


def test_links_in_the_pages_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "secret.js").write_text("secret")
    (tmp_path / "page" / "app.js").write_text("shown")
    (tmp_path / "page" / "link.js").symlink_to(tmp_path / "secret.js")
    (tmp_path / "page" / "notes.py").write_text("not for browsers")
    assert list(page_files(tmp_path / "page")) == ["app.js"]


def test_the_page_is_kept_by_its_tag(server: StudioServer) -> None:
    tag = ask(server, "GET", "/page/app.js").headers["ETag"]
    again = ask(server, "GET", "/page/app.js", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "method", ["HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT"]
)
def test_other_methods_are_refused(server: StudioServer, method: str) -> None:
    answer = ask(server, method, "/api/state")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"
    assert ask(server, "POST", "/api/state", {}).status == 405
    assert ask(server, "GET", "/api/undo").status == 405


def test_what_is_no_request_is_refused(server: StudioServer) -> None:
    port = server.server_address[1]
    host = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {server.guard.token}\r\n"
    assert b" 400 " in raw(server, b"\x16\x03\x01\x02\x00\x01\r\n\r\n")[:20]
    assert b" 400 " in raw(server, f"GET http://evil/ HTTP/1.1\r\n{host}\r\n".encode())[:20]
    assert b" 414 " in raw(server, b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n")[:20]
    many = "".join(f"X-{n}: y\r\n" for n in range(200))
    assert b" 431 " in raw(server, f"GET / HTTP/1.1\r\n{host}{many}\r\n".encode())[:20]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"base": NaN}', {}, 400),
        (b'{"base": 1e999999999}', {}, 400),
        (b'{"base": "1e9999999"}', {}, 400),
        (b'{"base": true}', {}, 400),
        (b'{"base": -1}', {}, 400),
        (b'{"other": 1}', {}, 400),
        (b"{}", {"Content-Length": "-1"}, 411),
        (b"{}", {"Content-Length": "9" * 30}, 413),
        (b"{}", {"Content-Length": str(10**9)}, 413),
        (b"0\r\n\r\n", {"Transfer-Encoding": "chunked", "Content-Length": "5"}, 411),
    ],
)
def test_bodies_that_are_no_good_are_refused(
    server: StudioServer, session: _Session, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert ask(server, "POST", "/api/undo", body, **headers).status == status
    assert session.asked == 0


def test_unknown_and_doubled_parameters_are_refused(server: StudioServer) -> None:
    assert ask(server, "GET", "/api/state?x=1").status == 400
    assert ask(server, "GET", "/api/state?x=1&x=2").status == 400
    assert ask(server, "GET", "/api/nothing").status == 404


# -------------------------------------------------------------------------- not to be held up


def test_a_client_that_sends_slowly_is_cut_off(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that drip in keep no connection beyond the time of a request."""
    monkeypatch.setattr(handler, "REQUEST", 0.3)
    begun = time.monotonic()
    with socket.create_connection(server.server_address[:2], timeout=0.05) as client:
        while time.monotonic() - begun < 10:
            try:
                client.sendall(b"X")
                if client.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
    assert time.monotonic() - begun < 5


def test_a_body_that_does_not_come_is_not_waited_for(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "REQUEST", 0.3)
    port, token = server.server_address[1], server.guard.token
    head = (
        f"POST /api/undo HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection(server.server_address[:2], timeout=10) as client:
        client.sendall(head.encode())
        assert b" 408 " in client.recv(4096)[:20]


def test_strangers_make_room_for_who_knows_the_token(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "slots", Slots(strangers=4, known=2))
    idle = [socket.create_connection(server.server_address[:2], timeout=5) for _ in range(20)]
    try:
        assert ask(server, "GET", "/api/state").status == 200
        assert len(server.slots) <= 5
    finally:
        for one in idle:
            one.close()


def many_requests(server: StudioServer, kept: int, new: int) -> None:
    """Requests with the token on one connection, and without it on new ones."""
    head = f"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1:{server.server_address[1]}\r\n"
    good = f"{head}Authorization: Bearer {server.guard.token}\r\n\r\n".encode()
    answered = 0
    while answered < kept:
        with socket.create_connection(server.server_address[:2], timeout=20) as client:
            client.sendall(good)
            assert client.recv(12) == b"HTTP/1.1 404"
            answered += 1
    for _ in range(new):
        assert ask(server, "GET", "/api/state", token=False).status == 403
    deadline = time.monotonic() + 10
    while len(server.slots) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(server.slots) == 0
    assert threading.active_count() < 20
    assert ask(server, "GET", "/api/state").status == 200


def test_many_requests_leave_nothing_behind(server: StudioServer) -> None:
    many_requests(server, 100, 200)


@pytest.mark.slow
def test_ten_thousand_requests_leave_nothing_behind(server: StudioServer) -> None:
    many_requests(server, 2000, 8000)


def test_a_port_that_is_taken_is_named(server: StudioServer) -> None:
    port = server.server_address[1]
    with pytest.raises(SmartcutError, match=f"port {port} is taken.*--port"):
        server_at(Desk(lambda desk: _Session()), port)  # type: ignore[arg-type,return-value]


def test_routes_have_names_of_their_own() -> None:
    assert len({operation.name for operation in TABLE}) == len(TABLE)
    assert len({(operation.method, operation.path) for operation in TABLE}) == len(TABLE)
