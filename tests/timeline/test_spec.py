"""Mistakes in YAML: each is refused with its line, the reason and what to do."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from smartcut.errors import PipelineError
from smartcut.spec_reading import parse_spec
from smartcut.spec_schema import json_schema
from smartcut.spec_text import parse_setting
from smartcut.stage import stage_modules

HEAD = "params: {duration: 30s}\nstages:\n"


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        (HEAD + "  - shotz\n", 3, ["unknown stage 'shotz'", "did you mean 'shots'?"]),
        (HEAD + "  - shots: {detektor: auto}\n", 3, ["unknown key 'detektor'", "'detector'"]),
        (HEAD + "  - shots:\n      min_length: long\n", 4, ["min_length", "is not a time"]),
        (HEAD + "  - shots: {detector: magic}\n", 3, ["detector", "'magic'", "adaptive"]),
        (
            HEAD + "  - shots\n  - subtitles\n",
            4,
            ["`subtitles` needs `transcript`", "add `- transcribe` before line 4"],
        ),
        (
            HEAD + "  - shots\n  - highlights\n",
            4,
            ["`- relevance: {prompts: [...]}` before line 4"],
        ),
        (HEAD + "  - relevance: {}\n", 3, ["the key 'prompts' is required"]),
        (HEAD + "  - highlights: {duration: -3}\n", 3, ["duration", "negative"]),
        (HEAD + "  - highlights: {duration: '${length}'}\n", 3, ["${length} is not a parameter"]),
        (HEAD + "  - highlights: {weights: {fame: 1}}\n", 3, ["unknown signal 'fame'"]),
        (HEAD + "  - audio: {music: nowhere.mp3}\n", 3, ["there is no file nowhere.mp3"]),
        (HEAD + "  - trim: {ranges: ['1 to 2']}\n", 3, ["is not a range"]),
        (HEAD + "  - render: {resolution: big}\n", 3, ["is not a resolution", "1280x720"]),
        (HEAD + "  - shots: {}\n    motion: {}\n", 3, ["a stage is written"]),
        (HEAD + "  - shots: 3\n", 3, ["must be a mapping"]),
        ("stages:\n  - shots\nstage: 1\n", 3, ["unknown key 'stage'", "'stages'"]),
        ("stages:\n  - shots\nstages: []\n", 3, ["given twice"]),
        ("stages: []\n", 1, ["must be a list"]),
        ("inputs:\n  - gone.mp4\nstages: [shots]\n", 2, ["there is no file gone.mp4"]),
        ("inputs: [{path: a, sound: 1}]\nstages: [shots]\n", 1, ["unknown key 'sound'"]),
        ("stages: [shots\n", 2, ["not valid YAML"]),
        ("stages:\n  - !!python/object:os.system {}\n", 2, ["stage"]),
        ("stages:\n  - shots: {detector: !evil x}\n", 2, ["not allowed"]),
    ],
)
def test_mistakes_have_their_line_and_advice(text: str, line: int, parts: list[str]) -> None:
    with pytest.raises(PipelineError) as caught:
        parse_spec(text, path=Path("reel.yaml"))
    assert str(caught.value).startswith(f"reel.yaml:{line}: ")
    for part in parts:
        assert part in str(caught.value)
    assert caught.value.exit_code == 2


def test_all_mistakes_are_reported_together() -> None:
    text = "stages:\n  - shotz\n  - motion: {sise: 3}\n  - render: {crf: 99}\n"
    with pytest.raises(PipelineError) as caught:
        parse_spec(text, path=Path("x.yaml"))
    lines = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "3", "4"]


def test_an_alias_bomb_is_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    with pytest.raises(PipelineError, match="too large"):
        parse_spec("\n".join(rows))


def test_parameters_fill_in_and_keep_their_type() -> None:
    text = HEAD + "  - highlights: {duration: '${duration}', per_source: '${duration}'}\n"
    text = text.replace("- highlights", "- motion\n  - highlights")
    stage = parse_spec(text, settings={"duration": 12}).steps[1].stage
    assert stage.duration == Fraction(12)  # type: ignore[attr-defined]
    with pytest.raises(PipelineError, match="unknown parameter 'durations'.*'duration'"):
        parse_spec(text, settings={"durations": 1})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=20s", "20s"),
        ("a=[x, 2]", ["x", 2]),
        ("a=1.5", 1.5),
        ("a=x: y", "x: y"),
        ("a=1:30", "1:30"),
    ],
)
def test_settings_from_the_command_line(text: str, value: object) -> None:
    assert parse_setting(text) == ("a", value)


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(PipelineError, match="name=value"):
        parse_setting("duration")


def test_the_schema_knows_every_stage_and_its_keys() -> None:
    schema = json_schema()
    for name in stage_modules():
        assert f"stage-{name}" in schema["$defs"]
    assert "detector" in schema["$defs"]["stage-shots"]["properties"]
    assert schema["$defs"]["stage-shots"]["additionalProperties"] is False


PIPELINES = sorted((Path(__file__).parents[2] / "pipelines").glob("*.yaml"))


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.stem)
def test_the_ready_pipelines_have_no_mistakes(path: Path) -> None:
    spec = parse_spec(path.read_text(), path=path)
    assert spec.steps[-1].stage.name == "render"
