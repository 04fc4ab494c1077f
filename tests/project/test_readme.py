"""What the README shows works as printed; where its links lead is tested in test_links.py."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import smartcut as sc
from tests.builders.samples import beginning

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
