"""The tools for agents, called by the SDK's client."""

from __future__ import annotations

import io
import json
import time
from base64 import b64decode
from typing import Any

import anyio
import numpy as np
import pytest
from mcp import Client
from PIL import Image

from smartcut.agents import resources
from smartcut.agents.prompts import PROMPTS
from smartcut.agents.server import made_server
from smartcut.agents.tool import MOST_SAID
from smartcut.agents.tools import TOOLS
from smartcut.testing import number_in, read_bar_codes
from tests.builders.agents import AgentDesk

TRIMMED = {"stages": [{"trim": {"ranges": ["0.4-0.8", "1.2-1.6"]}}, "render"]}


def picture(content: Any) -> np.ndarray:
    assert content.mime_type == "image/jpeg"
    return np.asarray(Image.open(io.BytesIO(b64decode(content.data))).convert("L"))


def test_tools_say_what_they_are(desk: AgentDesk) -> None:
    tools = {tool.name: tool for tool in desk.talk(lambda client: client.list_tools()).tools}
    assert set(tools) == set(TOOLS)
    assert {"probe", "shots", "plan", "run", "look", "search"} <= set(tools)
    for tool in tools.values():
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
    for name in ("probe", "shots", "plan", "run", "look", "search"):
        assert "path" in tools[name].input_schema["properties"]
    writing = {n for n, t in tools.items() if not t.annotations.read_only_hint}
    assert writing == {"run", "cancel", "save", "edit"}
    replacing = {n for n, t in tools.items() if t.annotations.destructive_hint}
    assert replacing == {"run", "save", "edit"}
    listed = json.dumps([t.model_dump(exclude_none=True) for t in tools.values()])
    assert len(listed) < 24_000  # what every agent reads before it begins


def test_what_is_in_a_file(desk: AgentDesk) -> None:
    found = desk.ask("probe", path="film.mp4")
    assert found.structured_content["duration"] == 2.0
    assert found.structured_content["video"]["width"] == 160
    assert "160x90" in found.content[0].text
    assert str(desk.folder) not in found.content[0].text
    shots = desk.ask("shots", path="film.mp4", detector="content").structured_content["shots"]
    assert (shots[0]["start"], shots[-1]["end"]) == (0.0, 2.0)
    listed = desk.ask("files").structured_content["files"]
    assert [one["path"] for one in listed] == ["film.mp4"]


def test_a_pipeline_is_planned_run_and_looked_at(desk: AgentDesk) -> None:
    planned = desk.ask("plan", pipeline=TRIMMED, path="film.mp4", output="out/reel.mp4")
    assert planned.structured_content["duration"] == pytest.approx(0.8)
    assert not (desk.folder / "out").exists()
    ran = desk.ask("run", pipeline=TRIMMED, path="film.mp4", output="out/reel.mp4")
    data = ran.structured_content
    assert data["outputs"][0] == "out/reel.mp4"
    assert [(s["start"], s["end"]) for s in data["segments"]] == [(0.4, 0.8), (1.2, 1.6)]
    numbers, _ = read_bar_codes(desk.folder / "out/reel.mp4")
    assert numbers == [*range(12, 24), *range(36, 48)]
    looked = desk.ask("look", path="out/reel.mp4", times=[0, "0.4"], size=90)
    seen = [number_in(picture(one)) for one in looked.content[1:]]
    assert seen == [12, 36]
    (sheet,) = desk.ask("look", path="out/reel.mp4", count=5).content[1:]
    assert picture(sheet).shape[1] > 4 * 320
    made = desk.talk(lambda c: c.read_resource("smartcut://manifests/out/reel.manifest.json"))
    assert json.loads(made.contents[0].text)["output"] == "reel.mp4"


def test_a_pipeline_is_looked_at_before_it_is_run(desk: AgentDesk) -> None:
    looked = desk.ask("look", pipeline=TRIMMED, inputs=["*.mp4"], times=[0.4], size=90)
    assert number_in(picture(looked.content[1])) == 36
    assert looked.structured_content["pictures"][0]["shows"].startswith("film 1.20")
    # As other tools call it, and one alone.
    again = desk.ask("look", pipeline=TRIMMED, path="film.mp4", at="0.4", size=90)
    assert again.content[1] == looked.content[1]


def test_why_a_moment_is_there(desk: AgentDesk) -> None:
    stages = ["motion", {"highlights": {"duration": "1s", "min_length": "0.2s"}}, "render"]
    asked = {"pipeline": stages, "path": "film.mp4"}
    rows = desk.ask("explain", **asked).structured_content["segments"]
    assert rows
    one = desk.ask("explain", **asked, segment=rows[0]["segment"])
    assert one.structured_content["scores"]
    assert one.structured_content["parts"][0]["name"] == "motion"
    assert "`highlights` chose it from" in one.content[0].text
    assert desk.ask("explain", **asked, at=0).structured_content == one.structured_content
    moments = desk.ask("explain", **asked, candidates=True).structured_content["candidates"]
    assert any(moment["chosen"] for moment in moments)
    assert [m["score"] for m in moments] == sorted((m["score"] for m in moments), reverse=True)
    known = desk.refused("explain", **asked, segment="nothing")
    assert rows[0]["segment"] in known
    assert "lasts" in desk.refused("explain", **asked, at=500)


def test_mistakes_are_told_as_by_the_command(desk: AgentDesk) -> None:
    told = desk.refused("check", pipeline="stages:\n  - shotz\n  - render: {resolution: x}\n")
    assert "2: unknown stage 'shotz'; did you mean 'shots'?" in told
    assert "resolution" in told
    assert "`motion`" in desk.refused("plan", pipeline=["highlights", "render"], path="film.mp4")
    assert "words that are not empty" in desk.refused("search", query=" ")
    assert "did you mean film.mp4?" in desk.refused("probe", path="fillm.mp4")
    assert "did you mean 'path'?" in desk.refused("probe", paht="film.mp4")
    assert "did you mean 'probe'?" in desk.refused("prob", path="film.mp4")
    assert "nothing to work on" in desk.refused("plan")
    assert "is a folder" in desk.refused("probe", path=".")
    assert desk.ask("check", pipeline=TRIMMED).structured_content["stages"] == ["trim", "render"]


def test_stages_are_explained_in_pages(desk: AgentDesk) -> None:
    assert "tighten: Leaves out silence" in desk.ask("stages").content[0].text
    found = desk.ask("stages", find="logo").content[0].text
    assert "watermark" in found
    assert "transcribe" not in found
    assert "subtitles: " in desk.ask("stages", find="captions").content[0].text
    assert "no stage goes with" in desk.ask("stages", find="xyzzy").content[0].text
    lines: list[str] = []
    after: int | None = 0
    while after is not None:
        page = desk.ask("stages", name="render", after=after, limit=50).structured_content
        lines += page["lines"]
        after = page["next"]
    assert len(lines) == page["total"]
    assert any("resolution" in line for line in lines)
    assert "did you mean" in desk.refused("stages", name="tigthen")
    for stage in (None, "trim", "render"):
        schema = desk.ask("schema", **({"stage": stage} if stage else {}))
        assert schema.structured_content["schema"]["properties"]
        assert len(schema.content[0].text) <= MOST_SAID


def test_texts_are_saved_and_pipelines_checked(desk: AgentDesk) -> None:
    text = "params: {from: 0}\nstages:\n  - trim: {start: '${from}', end: 1s}\n  - render\n"
    assert "2 stages" in desk.ask("save", path="p/cut.yaml", text=text).content[0].text
    assert (desk.folder / "p/cut.yaml").read_text() == text
    planned = desk.ask("plan", path="p/cut.yaml", inputs=["film.mp4"], params={"from": 0.5})
    assert planned.structured_content["duration"] == 0.5
    assert "shotz" in desk.refused("save", path="p/cut.yaml", text="stages:\n- shotz\n")
    assert (desk.folder / "p/cut.yaml").read_text() == text
    assert ".yaml" in desk.refused("save", path="film.mp4", text="x")


def test_long_work_is_a_job_that_ends_or_is_cancelled(desk: AgentDesk) -> None:
    slow = {"generate": {"kind": "background", "engine": "gradient", "seconds": 600}}
    asked = {"pipeline": [slow, "render"], "output": "slow.mp4"}

    async def talked(client: Client) -> None:
        began = time.monotonic()
        result = await client.call_tool("run", {**asked, "wait": 0.05})
        id = result.structured_content["job"]
        assert f"id={id}" in result.content[0].text
        # Other tools answer meanwhile.
        assert not (await client.call_tool("probe", {"path": "film.mp4"})).is_error
        assert time.monotonic() - began < 10
        listed = await client.call_tool("job", {})
        assert listed.structured_content["jobs"][0]["state"] == "running"
        await client.call_tool("cancel", {"id": id})
        ended = await client.call_tool("job", {"id": id, "wait": 60})
        assert ended.structured_content["state"] == "cancelled"
        assert not ended.is_error

    desk.talk(talked)
    assert not list(desk.folder.glob("*slow*"))
    assert "run-1" in desk.refused("job", id="run-9")
    assert "run-1" in desk.refused("cancel", id="run-9")


def test_a_request_that_is_cancelled_ends_its_work(desk: AgentDesk) -> None:
    slow = {"generate": {"kind": "background", "engine": "gradient", "seconds": 600}}
    asked = {"pipeline": [slow, "render"], "output": "slow.mp4", "wait": 500}

    async def talked(client: Client) -> None:
        with anyio.move_on_after(0.5) as scope:
            await client.call_tool("run", asked)
        assert scope.cancelled_caught
        with anyio.fail_after(60):
            while desk.call.jobs.get("run-1").state != "cancelled":
                await anyio.sleep(0.05)

    desk.talk(talked)
    assert not list(desk.folder.glob("*slow*"))


def test_no_network_is_used_without_leave(desk: AgentDesk) -> None:
    asked = {"model": "ViT-B-32/laion2b_s34b_b79k", "prompts": ["x"]}
    told = desk.refused("run", pipeline=[{"relevance": asked}, "render"], path="film.mp4")
    assert "--allow-net" in told


def test_a_job_says_how_far_it_is(desk: AgentDesk) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def tell(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total, message))

    slow = {"generate": {"kind": "background", "engine": "gradient", "seconds": 600}}
    asked = {"pipeline": [slow, "render"], "output": "slow.mp4", "wait": 1.3}
    desk.talk(lambda client: client.call_tool("run", asked, progress_callback=tell))
    assert told
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_what_is_read_and_begun(desk: AgentDesk) -> None:
    listed = [str(one.uri) for one in desk.talk(lambda c: c.list_resources()).resources]
    for uri in [*listed, "smartcut://stages/tighten"]:
        kind, text = resources.read(desk.call.folder, uri)
        read = desk.talk(lambda c, uri=uri: c.read_resource(uri)).contents[0]
        assert (read.mime_type, read.text) == (kind, text)
    assert text.startswith("# tighten")
    for uri in ("smartcut://guid", "smartcut://manifests/../x.manifest.json", "file:///etc/passwd"):
        with pytest.raises(Exception, match=r"unknown resource|outside of the folder"):
            desk.talk(lambda c, uri=uri: c.read_resource(uri))
    prompts = desk.talk(lambda c: c.list_prompts()).prompts
    assert {one.name for one in prompts} == set(PROMPTS)
    for one in prompts:
        given = {argument.name: "talk.mp4" for argument in one.arguments if argument.required}
        got = desk.talk(lambda c, one=one, given=given: c.get_prompt(one.name, given))
        said = got.messages[0].content.text
        assert "talk.mp4" in said
        assert "{" not in said.replace("{loudness: -16}", "").replace("{aspect: 9:16}", "")
    with pytest.raises(Exception, match="'path' is required"):
        desk.talk(lambda c: c.get_prompt("shorts", {}))


def test_two_clients_at_once(desk: AgentDesk) -> None:
    """Each has its own connection to one server, as over HTTP."""
    found: dict[str, Any] = {}
    server = made_server(desk.call)

    async def work(name: str, start: float) -> None:
        stages = [{"trim": {"start": start, "end": start + 0.4}}, "render"]
        async with Client(server, mode="legacy") as client:
            asked = {"pipeline": stages, "path": "film.mp4", "output": f"{name}.mp4"}
            found[name] = await client.call_tool("run", asked)

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(work, "one", 0.0)
            group.start_soon(work, "two", 1.0)

    anyio.run(both)
    assert not any(one.is_error for one in found.values())
    for name, first in (("one", 0), ("two", 30)):
        numbers, _ = read_bar_codes(desk.folder / f"{name}.mp4")
        assert numbers == [*range(first, first + 12)]


REEL = "stages:\n  - trim: {ranges: [0.4-0.8, 1.2-1.6]}\n  - render\n"


def test_a_cut_is_corrected_and_stays_so(desk: AgentDesk) -> None:
    desk.ask("save", path="p/reel.yaml", text=REEL)
    film = {"path": "p/reel.yaml", "inputs": ["film.mp4"]}
    first, second = desk.ask("explain", **film).structured_content["segments"]
    trim = {"trim": {"segment": first["segment"], "end": 0.6}}
    move = {"move": {"segment": second["segment"], "after": "start"}}
    tried = desk.ask("edit", **film, ops=[trim, move], dry=True)
    assert not (desk.folder / "p/reel.edits.yaml").exists()
    edited = desk.ask("edit", **film, ops=[trim, move]).structured_content
    assert edited == {**tried.structured_content, "written": "p/reel.edits.yaml"}
    changed = desk.ask("diff", a="p/reel.yaml", inputs=["film.mp4"])
    kinds = {one["kind"] for one in changed.structured_content["differences"]}
    assert {"trimmed", "moved"} == kinds
    assert changed.structured_content["durations"] == [0.8, 0.6]
    same = desk.ask("diff", a="p/reel.yaml", b="p/reel.yaml", inputs=["*.mp4"])
    assert "both show the same" in same.content[0].text
    assert "only a pipeline has edits" in desk.refused("diff", a="film.mp4")
    two = {"a": "film.mp4", "b": "film.mp4"}
    assert "those of pipelines" in desk.refused("diff", **two, inputs=["film.mp4"])
    desk.ask("run", **film, output="out.mp4")
    numbers, _ = read_bar_codes(desk.folder / "out.mp4")
    assert numbers == [*range(36, 48), *range(12, 18)]
    # The pipeline now chooses more: the corrections hold.
    desk.ask("save", path="p/reel.yaml", text=REEL.replace("[0.4-0.8", "[0-0.2, 0.4-0.8"))
    desk.ask("run", **film, output="out.mp4")
    numbers, _ = read_bar_codes(desk.folder / "out.mp4")
    assert numbers == [*range(36, 48), *range(6), *range(12, 18)]
    assert desk.ask("edit", **film, undo=1).structured_content["edits"] == 1
    # And now less: what no longer fits is named, and kept.
    desk.ask("save", path="p/reel.yaml", text=REEL.replace("0.4-0.8, ", ""))
    left = desk.ask("edit", **film).structured_content
    assert [one["kind"] for one in left["conflicts"]] == ["gone"]
    assert left["written"] is None


def test_edits_that_cannot_be_made_are_refused_whole(desk: AgentDesk) -> None:
    desk.ask("save", path="reel.yaml", text=REEL)
    film = {"path": "reel.yaml", "inputs": ["film.mp4"]}
    known = desk.ask("explain", **film).structured_content["segments"]
    good = {"trim": {"segment": known[0]["segment"], "end": 0.6}}
    for bad, why in (
        ({"trim": {"segment": "nothing", "end": 0.6}}, known[0]["segment"]),
        ({"trim": {"segment": known[0]["segment"]}}, "give `start`, `end` or both"),
        ({"trim": {"segment": known[1]["segment"], "end": 50}}, "nothing was written"),
        ({"cut": {}}, "drop"),
        ({"keep": {"source": "../secret.mp4", "start": 0, "end": 1}}, "outside"),
    ):
        assert why in desk.refused("edit", **film, ops=[good, bad]), bad
    assert not (desk.folder / "reel.edits.yaml").exists()
    assert "undo=1" in desk.refused("edit", **film, undo=1)
    assert "`save`" in desk.refused("edit", pipeline=REEL, path="film.mp4", ops=[good])


def test_a_film_is_verified_with_pictures_of_what_is_missed(desk: AgentDesk) -> None:
    good = desk.ask("verify", path="film.mp4", expect={"length": "2s ± 0.1s", "size": "160x90"})
    assert good.structured_content["met"] is True
    desk.ask("save", path="e.yaml", text="length: 5s\nno_freeze: 0.1s\n")
    bad = desk.ask("verify", path="film.mp4", expect="e.yaml").structured_content
    assert bad["met"] is False
    states = {one["name"]: one["state"] for one in bad["verdicts"]}
    assert states == {"length": "failed", "no_freeze": "met"}
    held = [{"freeze": {"at": 1, "duration": 1}}, {"render": {"manifest": False}}]
    desk.ask("run", pipeline=held, path="film.mp4", output="held.mp4")
    held = desk.ask("verify", path="held.mp4", expect="no_freeze: 0.5s\n")
    (miss,) = held.structured_content["verdicts"][0]["misses"]
    assert 0.9 < miss["start"] < 1.1
    assert number_in(picture(held.content[1])) == 30
    assert "did you mean" in desk.refused("verify", path="film.mp4", expect={"lenght": "5s"})
    refused = desk.refused("verify", path="film.mp4", expect="../secret.yaml")
    assert "outside of the folder" in refused
    outside = {"psnr": {"reference": "../secret.mp4", "least": 30}}
    assert "outside" in desk.refused("verify", path="film.mp4", expect=outside)
