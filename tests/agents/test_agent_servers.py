"""The command: on standard input and output, over HTTP, and what it says where it cannot."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import yaml
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from smartcut.agents.http import made_app, token_of
from smartcut.errors import PipelineError
from smartcut.testing import number_in, read_bar_codes
from tests.agents.test_agent_tools import picture
from tests.builders.agents import AgentDesk
from tests.builders.commands import run_command
from tests.builders.samples import SAMPLES

ROOT = Path(__file__).parents[2]


def spoken_to(folder: Path, cache: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "smartcut", "mcp", "--root", str(folder)],
        env={"PYTHONPATH": str(ROOT), "SMARTCUT_CACHE": str(cache)},
    )


async def ask(client: Client, name: str, **arguments: Any) -> Any:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content[0].text
    return result


def test_a_film_is_made_corrected_and_looked_at(
    tmp_path: Path, own_cache: Path, coded: bytes
) -> None:
    """From a folder with one film, by nothing but tools."""
    (tmp_path / "film.mp4").write_bytes(coded)

    async def demo() -> None:
        async with Client(spoken_to(tmp_path, own_cache)) as client:
            assert "smartcut://guide" in (client.instructions or "")
            text = "stages:\n  - trim: {ranges: [0.4-0.8, 1.2-1.6]}\n  - render\n"
            await ask(client, "save", path="reel.yaml", text=text)
            named = {"path": "reel.yaml", "inputs": ["film.mp4"]}
            film = {**named, "output": "reel.mp4"}
            assert "reel.mp4" in (await ask(client, "plan", **film)).content[0].text
            await ask(client, "run", **film)
            looked = await ask(client, "look", path="reel.mp4", times=[0.4], size=90)
            assert number_in(picture(looked.content[1])) == 36
            wrong = {"expect": {"length": "0.6s ± 0.02s"}, "path": "reel.mp4"}
            assert not (await ask(client, "verify", **wrong)).structured_content["met"]
            shown = (await ask(client, "explain", **named)).structured_content["segments"]
            trim = {"trim": {"segment": shown[1]["segment"], "end": 1.4}}
            await ask(client, "edit", **named, ops=[trim])
            await ask(client, "run", **film)
            assert (await ask(client, "verify", **wrong)).structured_content["met"]

    anyio.run(demo)
    numbers, _ = read_bar_codes(tmp_path / "reel.mp4")
    assert numbers == [*range(12, 24), *range(36, 42)]


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en", "efficientnet-lite0", "minilm-l6-v2", "transnetv2")
def test_the_demo_from_an_empty_folder_by_two_agents(tmp_path: Path, own_cache: Path) -> None:
    """One makes its footage itself, the other has the sample media; both at once."""
    made, given = tmp_path / "made", tmp_path / "given"
    made.mkdir()
    given.mkdir()
    for name in ("harbour.mp4", "match.mp4"):
        shutil.copy(SAMPLES / name, given)
    gradient = {"kind": "background", "engine": "gradient", "seconds": 3}
    own = [{"generate": gradient}, {"title": {"text": "Harbour"}}, {"render": {"fps": 25}}]

    async def makes() -> None:
        async with Client(spoken_to(made, own_cache)) as client:
            assert (await ask(client, "files")).content[0].text == "there are no files yet"
            await ask(client, "run", pipeline=own, output="clip.mp4", wait=300)
            looked = await ask(client, "look", path="clip.mp4", times=[1.5])
            assert picture(looked.content[1]).std() > 5  # the title stands out
            tight = [{"trim": {"start": 1}}, "render"]
            await ask(client, "run", pipeline=tight, path="clip.mp4", output="end.mp4", wait=300)
            expect = {"length": "2s ± 0.05s", "no_black": "0.2s", "size": "1280x720"}
            found = await ask(client, "verify", path="end.mp4", expect=expect, wait=300)
            assert found.structured_content["met"], found.content[0].text

    async def edits() -> None:
        async with Client(spoken_to(given, own_cache)) as client:
            said = await ask(client, "transcript", path="harbour.mp4", model="tiny.en", wait=300)
            assert "lighthouse" in said.content[0].text.lower()
            hits = await ask(client, "search", words="a sailing boat", wait=600)
            assert hits.structured_content["results"]
            shots = await ask(client, "shots", path="match.mp4", wait=300)
            assert len(shots.structured_content["shots"]) > 2
            stages = ["shots", "motion", {"highlights": {"duration": "6s"}}, "render"]
            film = {"pipeline": stages, "inputs": ["*.mp4"], "wait": 600}
            why = await ask(client, "explain", **film)
            assert why.structured_content["segments"][0]["scores"]
            await ask(client, "save", path="reel.yaml", text=yaml.safe_dump({"stages": stages}))
            film = {"path": "reel.yaml", "inputs": film["inputs"], "wait": 600}
            drop = {"drop": {"segment": why.structured_content["segments"][0]["segment"]}}
            await ask(client, "edit", **film, ops=[drop])
            ran = await ask(client, "run", **film, output="reel.mp4")
            lost = why.structured_content["segments"][0]
            left = why.structured_content["duration"] - lost["end"] + lost["start"]
            assert ran.structured_content["duration"] == pytest.approx(left, abs=0.01)
            expect = {"length": f"{left}s ± 0.1s", "no_black": "0.5s", "no_jump": None}
            seen = await ask(client, "verify", path="reel.mp4", expect=expect, wait=600)
            assert seen.structured_content["met"], seen.content[0].text
            (sheet,) = (await ask(client, "look", path="reel.mp4")).content[1:]
            assert picture(sheet).shape[0] > 300

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(makes)
            group.start_soon(edits)

    anyio.run(both)


# ------------------------------------------------------------------------------------------- http


@contextmanager
def served(folder: Path, cache: Path) -> Iterator[tuple[str, str]]:
    """(address, token) of a server over HTTP."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SMARTCUT_CACHE": str(cache)}
    command = [sys.executable, "-m", "smartcut", "mcp", "--root", str(folder), "--http"]
    with subprocess.Popen(
        [*command, "--port", "0"], stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        address = process.stderr.readline().strip()
        token = process.stderr.readline().strip().removeprefix("Authorization: Bearer ")
        try:
            yield address, token
        finally:
            process.terminate()
            process.wait(20)


def test_only_who_has_the_token_is_answered(desk: AgentDesk) -> None:
    app = made_app(desk.call, "x" * 32)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

    async def asked(**headers: str) -> int:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport) as web:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return (await web.post("http://127.0.0.1:1/mcp", json=body, headers=given)).status_code

    assert anyio.run(asked) == 401
    for wrong in ("x" * 32, "Bearer x", f"Basic {'x' * 32}", f"Bearer {'x' * 33}"):
        assert anyio.run(partial(asked, Authorization=wrong)) == 401


@pytest.mark.slow
def test_over_http_the_token_is_wanted(tmp_path: Path, own_cache: Path, coded: bytes) -> None:
    (tmp_path / "film.mp4").write_bytes(coded)

    async def talked(address: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers) as web,
            Client(streamable_http_client(address, http_client=web)) as one,
            Client(streamable_http_client(address, http_client=web)) as two,
        ):
            for client in (one, two):
                found = await ask(client, "probe", path="film.mp4")
                assert found.structured_content["duration"] == 2.0
        async with httpx2.AsyncClient() as web:
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            for refused in ({}, {"Authorization": "Bearer x"}):
                assert (await web.post(address, json=body, headers=refused)).status_code == 401
            for odd in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
                answer = await web.post(address, json=body, headers={**headers, **odd})
                assert answer.status_code in (403, 421)

    with served(tmp_path, own_cache) as (address, token):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mcp", address)
        assert len(token) >= 40
        anyio.run(talked, address, token)


def test_tokens_that_could_be_guessed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTCUT_TOKEN_OF_TEST", "short")
    with pytest.raises(PipelineError, match="16 to 512"):
        token_of("SMARTCUT_TOKEN_OF_TEST")
    monkeypatch.setenv("SMARTCUT_TOKEN_OF_TEST", "x" * 20)
    assert token_of("SMARTCUT_TOKEN_OF_TEST") == "x" * 20
    assert token_of("SMARTCUT_NO_TOKEN_OF_TEST") != token_of("SMARTCUT_NO_TOKEN_OF_TEST")


def test_without_the_extra_it_says_how_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    code, _, said = run_command(monkeypatch, capsys, "mcp", "--root", tmp_path)
    assert (code, "pip install 'smartcut-pipelines[mcp]'" in said) == (1, True), said


def test_what_keeps_a_server_from_starting_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("SMARTCUT_ROOTS", "SMARTCUT_WRITE_ROOTS"):
        monkeypatch.setenv(variable, "")
    monkeypatch.chdir(tmp_path)
    code, _, said = run_command(monkeypatch, capsys, "mcp", "--root", tmp_path / "nowhere")
    assert (code, "is not a folder" in said) == (1, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, said = run_command(monkeypatch, capsys, "mcp", "--http", "--port", port)
    assert (code, f"port {port} is taken by another program" in said) == (1, True)
