"""A page of another origin in the same browser as the studio reads and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from smartcut.testing import write_bar_coded
from tests.builders.browser import Chromium
from tests.builders.studio import StudioPage, StudioProcess, studio

pytestmark = pytest.mark.slow

# What a page can try without the user's help; each answers what it got to see.
ATTACKS: dict[str, str] = {
    "read": "fetch(S + '/api/state').then(a => a.text())",
    "read with its cookie": "fetch(S + '/api/state', {credentials: 'include'}).then(a => a.text())",
    "read blindly": "fetch(S + '/api/state', {mode: 'no-cors', credentials: 'include'})"
    ".then(a => a.text())",
    "undo": "fetch(S + '/api/undo', {method: 'POST', body: '{}', credentials: 'include',"
    " headers: {'Content-Type': 'application/json'}}).then(a => a.text())",
    "undo as text": "fetch(S + '/api/undo', {method: 'POST', body: '{}', credentials: 'include',"
    " mode: 'no-cors', headers: {'Content-Type': 'text/plain'}}).then(a => a.text())",
    "undo by beacon": "String(navigator.sendBeacon(S + '/api/undo', '{}') && '')",
    "undo by a form": """new Promise(done => {
        const form = document.createElement('form'), frame = document.createElement('iframe');
        frame.name = 'f'; document.body.append(frame, form);
        Object.assign(form, {action: S + '/api/undo', method: 'POST', target: 'f',
                             enctype: 'text/plain'});
        form.submit(); setTimeout(() => done(frame.contentDocument?.body.textContent ?? ''), 800);
    })""",
    "events": """new Promise(done => {
        const events = new EventSource(S + '/api/events', {withCredentials: true});
        events.onmessage = event => done(event.data); events.onerror = () => done('');
    })""",
    "a frame": """new Promise(done => {
        const frame = document.createElement('iframe'); frame.src = S + '/';
        document.body.append(frame);
        setTimeout(() => { try { done(frame.contentWindow.document.body.textContent); }
                           catch { done(''); } }, 800);
    })""",
    "a window": """new Promise(done => {
        const other = open(S + '/');
        setTimeout(() => { try { done(other.document.body.textContent); }
                           catch { done(''); } }, 800);
    })""",
    "a script": """new Promise(done => {
        const script = document.createElement('script'); script.src = S + '/page/store.js';
        script.type = 'module'; script.onload = () => done('loaded');
        script.onerror = () => done('');
        document.head.append(script);
    })""",
    "a picture": """new Promise(done => {
        const image = new Image(); image.src = S + '/api/frame?at=0&height=90';
        image.onload = () => done('loaded'); image.onerror = () => done('');
    })""",
}


class Stranger(SimpleHTTPRequestHandler):
    """Serves one page that may do anything."""

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def strange_site(folder: Path) -> Iterator[int]:
    """The port of a site of somebody else on this machine."""
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Cats</title><body>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Stranger, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[StudioProcess]:
    write_bar_coded(tmp_path / "secret-name.mp4", frames=90)
    (tmp_path / "p.yaml").write_text("stages: [{trim: {ranges: [0-1, 1.5-2.5]}}, render]")
    with studio(
        tmp_path / "p.yaml", tmp_path / "secret-name.mp4", "-o", tmp_path / "out.mp4",
        cache=tmp_path / "cache",
    ) as server:  # fmt: skip
        server.wait_until_open()
        yield server


# With the host names that a stranger can have: another port of this one, and another name of it.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_hostile_page_sees_and_changes_nothing(
    served: StudioProcess, chromium: Chromium, tmp_path: Path, host: str
) -> None:
    own = StudioPage.open(chromium, served)
    own.firsts()
    own.press("PageDown", "Delete")  # something to undo
    own.wait("document.querySelectorAll('studio-timeline .segment').length === 1")
    before = served.ask("/api/state")
    assert before["can_undo"]
    with strange_site(tmp_path / "strange") as port:
        other = own.page.context.new_page()  # the same profile: it has the studio's cookie
        other.goto(f"http://{host}:{port}/")
        for name, attack in ATTACKS.items():
            seen = other.evaluate(f"S => Promise.resolve({attack}).catch(() => '')", served.origin)
            assert not seen, f"{name}: {seen[:200]}"
    assert served.ask("/api/state") == before
    # The page itself can still do all of it.
    own.press("Control+z")
    own.wait("document.querySelectorAll('studio-timeline .segment').length === 2")


def test_a_name_that_was_made_to_lead_here_is_not_answered(
    served: StudioProcess, chromium: Chromium
) -> None:
    """DNS rebinding: the browser takes the studio for the stranger's own site."""
    port = served.origin.rpartition(":")[2]
    strange = chromium.open()
    # Every name below localhost leads here, as the stranger's own name is made to.
    answer = strange.page.goto(f"http://cats.localhost:{port}/?token={served.token}")
    assert answer is not None
    assert answer.status == 421
    assert "secret-name" not in strange.page.content()
    told = strange.page.evaluate("fetch('/api/state').then(a => a.text())")
    assert "secret-name" not in told
