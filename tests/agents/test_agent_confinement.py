"""Nothing outside the folder is read or written, and nonsense is refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartcut.agents.jobs import Jobs
from smartcut.agents.mistakes import told
from smartcut.agents.server import begun
from smartcut.agents.tool import MOST_ASKED, Tool, ToolCall
from smartcut.agents.tools import TOOLS, tool_named
from smartcut.errors import SmartcutError
from tests.builders.agents import AgentDesk

#: Arguments without which a tool asks for something else first.
_NEEDED: dict[str, dict[str, Any]] = {
    "save": {"text": "x"},
    "search": {"words": "x"},
    "cancel": {"id": "x"},
    "plan": {"path": "film.mp4"},
    "run": {"path": "film.mp4"},
    "explain": {"path": "film.mp4"},
    "look": {"path": "film.mp4"},
    "diff": {"a": "p.yaml", "b": "p.yaml"},
}


def file_arguments() -> Iterator[tuple[str, str]]:
    """Each tool with each of its arguments that names a file."""
    for name, tool in TOOLS.items():
        for key, value in tool.schema()["properties"].items():
            if '"maxLength": 1024' in json.dumps(value):
                yield name, key


FILE_ARGUMENTS = list(file_arguments())


def test_most_tools_take_files() -> None:
    assert len(FILE_ARGUMENTS) > 15


@pytest.mark.parametrize(("name", "key"), FILE_ARGUMENTS)
def test_files_outside_are_refused(name: str, key: str, desk: AgentDesk) -> None:
    (desk.folder / "p.yaml").write_text("stages: [render]")
    (desk.folder / "out.mp4").symlink_to(desk.folder.parent / "secret.mp4")
    (desk.folder / "away").symlink_to(desk.folder.parent)
    suffix = ".yaml" if name == "save" else ".mp4"
    outside = ["/etc/passwd", f"../secret{suffix}", f"away/secret{suffix}", "a/../../b.yaml", ".."]
    if name != "save":
        outside.append("out.mp4")
    for place in outside:
        for value in (place, [place]):
            arguments = {**_NEEDED.get(name, {}), key: value}
            if key == "inputs" and name != "diff":
                arguments["pipeline"] = "stages: [render]"
            refused = desk.denied(name, **arguments)
            assert "outside of the folder" in refused or "is not accepted" in refused
            assert "root:" not in refused
        wanted = [place] if key == "inputs" else place
        assert "outside of the folder" in desk.denied(name, **{**arguments, key: wanted})
    assert not list(desk.folder.parent.glob("b.*"))


@pytest.mark.parametrize(
    "stages",
    [
        [{"overlay": {"file": "../secret.mp4"}}, "render"],
        [{"audio": {"music": "../secret.mp4"}}, "render"],
        [{"render": {"output": "away/x.mp4"}}],
        [{"render": {"output": "../x.mp4"}}],
        [{"export": {"to": "away/x.otio"}}],
        [{"export": {"to": "../x.otio"}}],
    ],
    ids=str,
)
def test_a_pipeline_names_nothing_outside(stages: list[Any], desk: AgentDesk) -> None:
    (desk.folder / "away").symlink_to(desk.folder.parent)
    for name in ("plan", "run"):
        refused = desk.denied(name, pipeline=stages, path="film.mp4")
        assert "outside" in refused or "leaves the current folder" in refused
    for text in ("inputs: ../secret.mp4", "inputs: {search: {library: .., words: x}}"):
        refused = desk.denied("plan", pipeline=f"{text}\nstages: [render]\n", output="x.mp4")
        assert "outside of what may be used" in refused
    assert {p.name for p in desk.folder.parent.iterdir()} == {"root", "secret.mp4", "secret.yaml"}


def test_a_cut_names_nothing_outside(desk: AgentDesk) -> None:
    desk.ask("run", path="film.mp4", output="cut.json")
    cut = (desk.folder / "cut.json").read_text()
    assert "film.mp4" in cut
    desk.ask("save", path="bad.json", text=cut.replace("film.mp4", "../secret.mp4"))
    assert "outside of what may be used" in desk.denied("plan", path="bad.json", output="x.mp4")


def test_over_long_input_is_refused(desk: AgentDesk) -> None:
    (desk.folder / "p.yaml").write_text("stages: [render]")
    for name, key in FILE_ARGUMENTS:
        long = ["x" * 2000] if key == "inputs" else "x" * 2000
        assert key in desk.denied(name, **{**_NEEDED.get(name, {}), key: long})
        assert "is not the name" in desk.denied(
            name, **{**_NEEDED.get(name, {}), key: ["a\0b"] if key == "inputs" else "a\0b"}
        )
    assert "accepted" in desk.denied("save", path="x.md", text="x" * MOST_ASKED)
    assert f"{MOST_ASKED:,}" in desk.denied("plan", path="x", params={"a": "x" * MOST_ASKED})
    assert "inputs" in desk.denied("plan", inputs=["film.mp4"] * 1001)
    assert len(desk.denied("probe", path="x" * 1000)) < 4000
    for value in (float("inf"), float("nan"), 1e400):
        assert "start" in desk.denied("look", path="film.mp4", start=value)


def test_jobs_are_not_without_number(desk: AgentDesk) -> None:
    jobs = Jobs(at_once=1)
    for _ in range(20):
        jobs.start(desk.call, "run", lambda call: call.stopping.wait(30))  # type: ignore[arg-type, return-value]
    with pytest.raises(SmartcutError, match="20 jobs have not ended"):
        jobs.start(desk.call, "run", lambda call: None)  # type: ignore[arg-type, return-value]
    jobs.close(5)
    assert {job.running.is_done for job in jobs.all()} == {True}


# ------------------------------------------------------------------------------------------- fuzz

_TEXTS = st.text(max_size=30) | st.sampled_from(
    ["film.mp4", ".", "..", "/", "p.yaml", "stages: [render]", "{", "run-1", "render", "${x}", "~"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def arguments_of(draw: st.DrawFn, tool: Tool) -> dict[str, Any]:
    """Some of a tool's own arguments, with any values, and now and then one that it has not."""
    known = list(tool.schema()["properties"])
    keys = draw(st.lists(st.sampled_from(known) | _TEXTS, max_size=4, unique=True))
    return {key: draw(_VALUES) for key in keys}


def _fuzzed(call: ToolCall, data: st.DataObject, names: list[str]) -> None:
    """A tool answers, or says in its own words what is amiss."""
    tool = tool_named(data.draw(st.sampled_from(names)))
    try:
        answer = tool.does(call, tool.asked(data.draw(arguments_of(tool))))
        json.dumps(dict(answer.data))
    except Exception as error:
        said = told(error)
        assert "unexpected" not in said, said
        assert 0 < len(said) <= 4000


def _prepared(folder: Path) -> ToolCall:
    (folder / "p.yaml").write_text("stages: [render]\n")
    return begun(folder)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arguments_are_answered_or_refused(desk: AgentDesk, data: st.DataObject) -> None:
    quick = [name for name, tool in TOOLS.items() if not tool.is_long]
    _fuzzed(_prepared(desk.folder), data, quick)


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arguments_of_any_tool(desk: AgentDesk, data: st.DataObject) -> None:
    _fuzzed(_prepared(desk.folder), data, list(TOOLS))
