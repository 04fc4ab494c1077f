"""How stages are found, and that all the places which name them agree."""

from __future__ import annotations

import ast
import inspect
import keyword
import pydoc
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import smartcut
import smartcut.stage as stage_module
from smartcut import registry
from smartcut.entry_points import EntryPoint, entry_points
from smartcut.errors import PipelineError
from smartcut.report.docs import pages
from smartcut.report.doctor import examine
from smartcut.report.stages import explain_stage, list_stages
from smartcut.spec_schema import json_schema
from smartcut.stage import Stage, find_stage, stage_modules

ROOT = Path(__file__).parents[2]


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A package with one stage, installed by an entry point beside the built-in one."""

    def install(name: str, first: str = "", *more: EntryPoint) -> None:
        package = tmp_path / "others"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / f"{name}.py").write_text(
            f"{first}\n"
            "from smartcut.stage import Stage\n"
            "class Own(Stage):\n"
            '    """Does nothing."""\n'
            f"    name = {name!r}\n"
            "    def apply(self, cut, context):\n"
            "        return cut.with_note('was here')\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        points = [
            EntryPoint("builtin", "smartcut.stages", stage_module.GROUP, "smartcut-pipelines"),
            EntryPoint("others", "others", stage_module.GROUP, "of-others"),
            *more,
        ]
        for group in registry.NOUNS:
            points += entry_points(group=group) if group != stage_module.GROUP else ()
        chosen = lambda group: [p for p in points if p.group == group]  # noqa: E731
        monkeypatch.setattr(registry, "entry_points", chosen)
        registry.modules.cache_clear()

    yield install
    registry.modules.cache_clear()
    for name in [n for n in sys.modules if n.split(".")[0] == "others"]:
        del sys.modules[name]


def test_a_stage_of_another_package_is_found(third_party) -> None:  # type: ignore[no-untyped-def]
    third_party("own_look")
    assert stage_modules()["own_look"] == "others.own_look"
    assert find_stage("own_look").name == "own_look"
    assert "own_look" in dir(smartcut)


def test_two_stages_of_one_name_are_an_error(third_party) -> None:  # type: ignore[no-untyped-def]
    third_party("shots")
    with pytest.raises(PipelineError, match="two packages bring a stage named 'shots'"):
        stage_modules()


BROKEN = (
    r"others\.own_look \(entry point 'others' of of-others\) "
    r"ends in ModuleNotFoundError: .*'nowhere'"
)


def test_a_broken_stage_is_named_and_the_others_are_listed(third_party) -> None:  # type: ignore[no-untyped-def]
    third_party("own_look", "import nowhere")
    text = list_stages()
    assert re.search(f"\nerror: the stage 'own_look' cannot be loaded: {BROKEN}", text)
    assert {line.split(" ")[0] for line in text.splitlines()} >= {"shots", "render", "trim"}
    with pytest.raises(PipelineError, match=f"^1: .*{BROKEN}"):
        smartcut.Pipeline.from_text("stages: [own_look]")
    assert "own_look" not in json_schema()["$defs"]["stages"]["items"]["anyOf"][0]["enum"]
    with pytest.raises(PipelineError, match="add `- transcribe`"):  # hints go on as well
        smartcut.Pipeline.from_text("stages: [subtitles, render]")._checked()
    assert examine()["advice"][0].startswith("the stage 'own_look' cannot be loaded")


@pytest.mark.parametrize("value", ["others.own_look", "nowhere", "nowhere.stages"])
def test_an_entry_point_without_a_package_is_named(third_party, value: str) -> None:  # type: ignore[no-untyped-def]
    third_party("own_look", "", EntryPoint("lost", value, stage_module.GROUP, "of-others"))
    assert find_stage("own_look").name == "own_look"
    problem = f"the entry point 'lost' of group 'smartcut.stages' names '{value}'"
    assert f"\nerror: {problem}" in list_stages()
    with pytest.raises(PipelineError, match=f"unknown stage 'lost'; .*; {problem}"):
        find_stage("lost")


def test_a_module_without_its_stage_is_named(third_party) -> None:  # type: ignore[no-untyped-def]
    third_party("own_look", "class Stage: ...\nraise ValueError('half written')")
    with pytest.raises(PipelineError, match=r"ends in ValueError: half written; mend that package"):
        find_stage("own_look")


@pytest.mark.parametrize("name", sorted(stage_modules()))
def test_every_stage_explains_itself(name: str) -> None:
    kind = find_stage(name)
    assert issubclass(kind, Stage)
    assert (inspect.getdoc(kind) or "").split("\n")[0].endswith(".")
    for field, info in kind.model_fields.items():
        assert info.description, f"{name}.{field} has no description"
    if name != "render":
        function = getattr(smartcut, name)
        assert function is getattr(smartcut, name)
        assert list(inspect.signature(function).parameters) == list(kind.model_fields)
        assert not any(keyword.iskeyword(field) for field in kind.model_fields)
        helped = pydoc.plain(pydoc.render_doc(function))
        for text in ("Validator", "pydantic", "<function", "typing.", "Optional[", "Annotated["):
            assert text not in helped, text
        assert all(f"        {field}: " in helped for field in kind.model_fields)
    shown = explain_stage(name)
    for text in ("Optional[", "Literal[", "Union[", "Annotated[", "typing", "Validator", "Param"):
        assert text not in shown.partition("gives: ")[2], text


def test_types_choices_ranges_and_nested_models_are_told_whole() -> None:
    lines = explain_stage("interpolate").splitlines()
    assert (
        "  fps: number or ratio (25, 30000/1001), above 0, at most 1000, or none; default none"
        in lines
    )
    assert "  ramp: time (12.5, 30s, 00:01:02.5), at least 0, at most 30; default 0" in lines
    assert "  on: all | first | last, or list of whole number; default all" in lines
    assert "  engine: auto | rife | flow | blend | minterpolate; default auto" in lines
    assert "  weights: file or none; default none" in lines
    assert "  size: [whole number, whole number]; default [1280, 720]" in explain_stage("generate")
    nested = explain_stage("render")
    assert "  sign.certificate: file; required" in nested
    assert "  sign.alg: es256 | es384 | es512 | " in nested


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: smartcut.trim(start="x"),
        lambda: smartcut.trim(begin=1),
        lambda: smartcut.effects(),
        lambda: smartcut.Pipeline.from_text("stages: [trim: {start: x}"),
        lambda: smartcut.Pipeline.from_text("stages: [{trim: {start: x}}]"),
        lambda: smartcut.open("a.mp4").render("b.mp4", mode="fast"),
        lambda: smartcut.open("a.mp4").render("b.mp4", sharpness=3),
        lambda: (smartcut.open("a.mp4") | smartcut.highlights(duration="3s")).cut(),
    ],
)
def test_one_mistake_in_python_is_one_error(wrong: Callable[[], object]) -> None:
    with pytest.raises(PipelineError) as found:
        wrong()
    assert "Traceback" in (shown := "".join(traceback.format_exception(found.value)))
    assert shown.count("Traceback") == 1
    assert "pydantic" not in shown


def test_a_mistake_in_a_file_is_one_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("stages:\n  - trim: [\n")
    with pytest.raises(PipelineError) as found:
        smartcut.Pipeline.from_yaml(bad)
    assert "".join(traceback.format_exception(found.value)).count("Traceback") == 1
    assert f"{bad}:" in str(found.value)


def test_with_is_params_in_python() -> None:
    asked = smartcut.effects(use="MultiplySpeed", params={"factor": 2})
    written = smartcut.Pipeline.from_text(
        "stages: [{effects: {use: MultiplySpeed, with: {factor: 2}}}]"
    )
    assert written.steps[0].stage == asked
    assert "In YAML: `with`." in (smartcut.effects.__doc__ or "")


def test_editors_see_every_stage() -> None:
    tree = ast.parse((ROOT / "smartcut" / "__init__.py").read_text())
    shown = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("smartcut.stages.")
        for alias in node.names
    }
    # Effects are names too, but nothing lists them: adding one edits no file.
    assert shown == {n for n, m in stage_modules().items() if ".stages." in m} - {"render"}
    assert shown <= set(smartcut.__all__)
    for name in smartcut.__all__:
        assert getattr(smartcut, name) is not None


def test_generated_pages_are_as_the_code_says() -> None:
    for path, text in pages(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"run `make docs`: {path}"
