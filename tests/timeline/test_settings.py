"""Words, numbers and truth values in texts: what a user typed is what a text says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smartcut.errors import PipelineError
from smartcut.runners.table import read_table
from smartcut.spec_files import read_settings
from smartcut.spec_reading import parse_spec
from tests.builders.commands import done_command

TYPED = ["2024", "no", "007", "null", "1.0", "1.50", "~", "1e3", "0x10", "hello"]
TITLE = "stages:\n  - trim: {end: 1}\n  - title: {text: '${title}'}\n"


def title_of(yaml: str, settings: dict[str, Any] | None = None) -> str:
    stage = parse_spec(yaml, settings=settings).steps[-1].stage
    return stage.text  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("default", ["x", "null", "'2023'"])
@pytest.mark.parametrize("typed", TYPED)
def test_a_text_stays_what_was_typed(tmp_path: Path, typed: str, default: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"params: {{title: {default}}}\n{TITLE}")
    settings = read_settings(path, [f"title={typed}"])
    assert title_of(path.read_text(), settings) == typed


@pytest.mark.parametrize("typed", ["2024", "007", "1.50"])
def test_a_text_whose_default_is_a_number(tmp_path: Path, typed: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"params: {{title: 2023}}\n{TITLE}")
    assert title_of(path.read_text()) == "2023"
    assert title_of(path.read_text(), read_settings(path, [f"title={typed}"])) == typed
    assert title_of(path.read_text(), {"title": 2024}) == "2024", "from Python"


@pytest.mark.parametrize("written", ["2024", "no", "007", "1.0", "True", "'no'"])
def test_a_text_in_yaml_needs_no_quotes(written: str) -> None:
    yaml = f"stages:\n  - trim: {{end: 1}}\n  - title: {{text: {written}}}\n"
    assert title_of(yaml) == written.strip("'")
    inside = f"params: {{title: {written}}}\n{TITLE}".replace("'${title}'", "'No. ${title}'")
    assert title_of(inside) == "No. " + written.strip("'")
    chained = f"params: {{a: {written}, title: '${{a}}'}}\n{TITLE}"
    assert title_of(chained) == written.strip("'")


def test_lists_of_texts_need_no_quotes(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("params: {p: [x]}\nstages:\n  - shots\n  - relevance: {prompts: '${p}'}\n")
    text = path.read_text()
    stage = parse_spec(text, settings=read_settings(path, ["p=[2024, 7]"])).steps[-1].stage
    assert [p.text for p in stage.prompts] == ["2024", "7"]  # type: ignore[attr-defined]
    stage = parse_spec(text.replace("[x]", "[007, no, x]")).steps[-1].stage
    assert [p.text for p in stage.prompts] == ["007", "no", "x"]  # type: ignore[attr-defined]


def test_numbers_and_truth_values_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "params: {length: 3s, on: true, lines: null}\n"
        "stages:\n  - transcribe\n  - title: {text: x, duration: '${length}'}\n"
        "  - subtitles: {burn: '${on}', lines: '${lines}'}\n".replace(", lines: '${lines}'", "")
        + "  - render: {mode: encode}\n"
    )
    spec = parse_spec(path.read_text(), settings=read_settings(path, ["length=2", "on=no"]))
    assert spec.steps[1].stage.duration == 2  # type: ignore[attr-defined]
    assert spec.steps[2].stage.burn is False  # type: ignore[attr-defined]


def test_null_for_a_text_says_how_to_write_it() -> None:
    yaml = "stages:\n  - trim: {end: 1}\n  - title: {text: null}\n"
    with pytest.raises(PipelineError, match=r"3: .*in quotes: \"null\"") as caught:
        parse_spec(yaml, path=Path("p.yaml"))
    assert caught.value.line == 3


def test_a_wrong_value_is_reported_as_it_was_given() -> None:
    with pytest.raises(PipelineError, match="crf: 99 is not accepted"):
        parse_spec("stages:\n  - render: {crf: 99}\n")
    with pytest.raises(PipelineError, match="mode: 3 is not accepted"):
        parse_spec("stages:\n  - render: {mode: 3}\n")


def test_a_table_and_a_command_read_alike(tmp_path: Path) -> None:
    yaml = tmp_path / "p.yaml"
    yaml.write_text(f"params: {{title: x, n: 1, on: true}}\n{TITLE}")
    table = tmp_path / "t.csv"
    table.write_text("title,n,on\n" + "\n".join(f"{t},{t},no" for t in TYPED) + "\n")
    rows = read_table(table, {"title": "x", "n": 1, "on": True}).rows
    for typed, row in zip(TYPED, rows, strict=True):
        given = read_settings(yaml, [f"title={typed}", f"n={typed}", "on=no"])
        assert given == row
        assert row["title"] == typed
        assert row["on"] is False


def test_the_command_line_checks_it(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"params: {{title: x}}\n{TITLE}")
    done = done_command("check", path, "--set", "title=2024")
    assert done.returncode == 0, done.stderr


def test_a_setting_and_a_pipeline_on_standard_input() -> None:
    done = done_command("check", "-", "--set", "title=007", given=f"params: {{title: x}}\n{TITLE}")
    assert done.returncode == 0, done.stderr
    assert "2 stages" in done.stdout
