"""What the README shows works as printed; where its links lead is tested in test_links.py."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
import typer
from PIL import Image

import smartcut as sc
from smartcut.cli import app, main
from tests.builders.samples import beginning
from tools.readme_picture import PICTURE, SHOWN

ROOT = Path(__file__).parents[2]


def block(language: str, about: str = "") -> str:
    """The first block of that language, or the first that holds a text."""
    found = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    return next(text for text in found if about in text)


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "sample_media", tmp_path / "sample_media")
    monkeypatch.chdir(tmp_path)


@pytest.mark.weights("whisper-tiny.en", "efficientnet-lite0", "minilm-l6-v2")
def test_the_yaml_example() -> None:
    Path("reel.yaml").write_text(block("yaml"))
    inputs = [beginning(name, 8, Path()) for name in ("harbour.mp4", "match.mp4")]
    sc.Pipeline.from_yaml("reel.yaml").run(inputs, "reel.mp4", duration="6s")
    assert {"reel.mp4", "reel.srt", "reel.manifest.json"} <= {p.name for p in Path().iterdir()}


def test_the_python_example(capsys: pytest.CaptureFixture[str]) -> None:
    exec(block("python"), {})
    assert Path("sky_reel.mp4").stat().st_size
    assert "sky" in capsys.readouterr().out


def test_the_example_of_effects_and_layers() -> None:
    shutil.copytree(ROOT / "docs", "docs", ignore=shutil.ignore_patterns("decisions", "stages"))
    Path("fx.yaml").write_text(block("yaml", "overlay"))
    result = sc.Pipeline.from_yaml("fx.yaml").run(["sample_media/sky.mp4"], "fx.mp4")
    names = [e.name for e in result.cut.segments[0].effects]
    assert names == ["crop", "zoom", "colour", "blur"]
    assert result.cut.overlays[0].segments[0].label == "contact_sheet"


def lines_of_shell() -> list[str]:
    """The commands in the README's blocks, without their comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.S)).splitlines()
    return [line.partition("  #")[0].rstrip() for line in lines if line]


@pytest.mark.parametrize("line", [*lines_of_shell(), *SHOWN])
def test_a_line_of_shell_is_accepted(line: str) -> None:
    """Its command is there, and takes these words; tests of the commands say what they do."""
    words = shlex.split(line)
    assert words[0] == "smartcut"
    root = typer.main.get_command(app)
    context = root.make_context("smartcut", [], resilient_parsing=True)
    name, command, rest = root.resolve_command(context, words[1:])  # type: ignore[attr-defined]
    command.make_context(name, list(rest), parent=context)


def test_the_first_command_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy("sample_media/harbour.mp4", ".")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", shlex.split(lines_of_shell()[0]))
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code
    assert capsys.readouterr().out == block("text")


def test_there_are_eight_recipes_and_the_page_is_short() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    recipes = text.partition("## Eight recipes")[2].partition("```\n")[0]
    assert recipes.count("smartcut ") == 8
    assert text.count("\n") < 250
    order = ["](docs/pictures/", "## Install", "## On your own", "## Eight", "## How fast",
             "## How it works", "## When not", "## Reference"]  # fmt: skip
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_the_moving_picture_is_small_and_moves() -> None:
    assert PICTURE.stat().st_size < 1_500_000
    with Image.open(PICTURE) as picture:
        assert picture.n_frames > 30  # type: ignore[attr-defined]
