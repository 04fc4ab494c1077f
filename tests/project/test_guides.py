"""The guides and the FAQ: all that they show runs, in order; test_blocks.py checks its form."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.builders.recipes import ROOT, recipes, typed, write_files

GUIDES = [*sorted(f"guides/{p.name}" for p in ROOT.glob("docs/guides/*.md")), "faq.md"]
LINES = [(guide, line) for guide in GUIDES for part in recipes(guide) for line in part.lines]


def test_there_are_guides() -> None:
    assert len(GUIDES) > 8
    assert len(LINES) > 15


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en", "efficientnet-lite0", "minilm-l6-v2")
@pytest.mark.parametrize("guide", GUIDES)
def test_all_of_it_runs(guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path)
    (tmp_path / "footage").mkdir()
    for name in ("film.mp4", "talk.mp4"):
        shutil.copy(tmp_path / name, tmp_path / "footage")
    monkeypatch.chdir(tmp_path)
    for part in recipes(guide):
        if part.yaml:
            Path("recipe.yaml").write_text(part.yaml)
        for line in part.lines:
            typed(line)
            if "-o" in (words := shlex.split(line)):
                written = words[words.index("-o") + 1].replace("{stem}", "film")
                assert Path(written).exists(), line
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    values: dict[str, Any] = {"__name__": "guide"}
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        exec(compile(block, guide, "exec"), values)
    if guide == "guides/learning.md":
        assert values["frame"].shape == (180, 320, 3)
        assert len(values["batch"]) == 13
        assert values["shots"]
        assert values["signals"]
        turned = 255 - values["film"].frame(0.0).astype(int)
        assert abs(values["first"] - turned).mean() < 3
