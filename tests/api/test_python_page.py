"""The page on Python: every block of it runs, in order."""

from __future__ import annotations

import re
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from smartcut.testing import write_bar_coded

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.mark.slow
def test_every_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_bar_coded(tmp_path / name, frames=125, rate=F(25), size=(160, 96), gop=25)
    Image.new("RGB", (40, 20), (255, 0, 0)).save(tmp_path / "logo.png")
    monkeypatch.chdir(tmp_path)
    values: dict[str, Any] = {"__name__": "page"}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), values)
    assert values["frame"].shape == (96, 160, 3)
    assert values["sound"].shape == (2, 64_000)
    assert values["tensor"].shape == (3, 96, 160)
    assert values["result"].outputs[0] == Path("film.mp4")
    assert values["stack"].cut().duration == 5
    assert values["graded"].cut().duration < values["both"].cut().duration
    assert len(values["calmer"].cut().segments) > len(values["both"].cut().segments)
    np.testing.assert_array_equal(
        values["mirrored"].frame(0.5).shape, values["negative"].frame(0.5).shape
    )
    assert values["again"].cut().duration == 1
