"""What is told of each stage: whole types, meanings of parameters, and an example that works."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from PIL import Image

from smartcut.render.lut import identity, write_cube
from smartcut.report.parameters import parameters
from smartcut.report.stages import explain_stage
from smartcut.spec_reading import parse_spec
from smartcut.spec_text import read_yaml
from smartcut.stage import GROUPS, find_stage, stage_modules

SAMPLES = Path(__file__).parents[2] / "sample_media"
BUILT_IN = [name for name, module in stage_modules().items() if module.startswith("smartcut.")]

#: Names of types in Python, which are nobody's words.
PYTHON = r"Optional|Union|typing|NoneType|Annotated|<|\bstr\b|\bint\b"

#: Files that the examples name, and what stands for them.
FILES = {
    "music.m4a": SAMPLES / "music.m4a",
    "webcam.mp4": SAMPLES / "sky.mp4",
    "scan": SAMPLES / "scan",
    "sample_media": SAMPLES,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, file in FILES.items():
        (tmp_path / name).symlink_to(file)
    for name in ("a.jpg", "b.jpg", "look.jpg", "logo.png"):
        Image.new("RGB", (32, 18), "red").save(tmp_path / name)
    for name in ("horn.wav", "ada.wav", "ben.wav", "talk.md", "talk.srt", "talk.txt"):
        (tmp_path / name).touch()
    write_cube(tmp_path / "film.cube", identity(2))
    (tmp_path / "reel.edits.yaml").write_text("edits: []\n")
    return tmp_path


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_examples_of_a_stage_are_accepted(name: str, folder: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", inspect.getdoc(find_stage(name)) or "", re.S)
    assert blocks, f"the docstring of {name} has no ```yaml example"
    used = set()
    for block in blocks:
        items, _ = read_yaml(block)
        stages = items["stages"] if isinstance(items, dict) else items
        used |= {next(iter(item)) if isinstance(item, dict) else item for item in stages}
        given = "\n".join(f"  {line}" for line in block.splitlines())
        needed = "".join(f"  - {n}\n" for n in ("shots", "transcribe") if f"- {n}" not in block)
        parse_spec(block if isinstance(items, dict) else f"stages:\n{needed}{given}\n")
    assert name in used


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_parameter_is_told_in_words(name: str) -> None:
    kind = find_stage(name)
    assert kind.group in GROUPS
    for one in parameters(kind):
        assert one.meaning or name == "effects", one
        assert not re.search(
            r"Optional|Union|typing|NoneType|Annotated|<|\bstr\b|\bint\b", one.accepted
        )
    text = explain_stage(name)
    for one in parameters(kind):
        assert f"  {one.name}: {one.accepted}; " in text


def test_models_within_are_told_with_their_limits() -> None:
    text = explain_stage("blur")
    assert "  mask.shape: box | ellipse | polygon; default box\n" in text
    assert "  mask.feather: number or keys ({0s: 1, 2s: 2}), at least 0, at most 1;" in text
    page = (SAMPLES.parent / "docs/stages/blur.md").read_text(encoding="utf-8")
    assert "| `mask.shape` | box \\| ellipse \\| polygon | box | Its outline. |" in page
    assert "- blur: {sigma: 20" in page
