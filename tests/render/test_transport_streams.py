"""MPEG transport streams are written, copied where nothing is touched, in sync."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.testing import beep_offset, read_bar_codes, write_bar_coded


@pytest.mark.parametrize("mode", ["auto", "encode"])
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_frames_and_sound_are_where_they_belong(encoder: str, mode: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.ts"
    options = {"x265-params": "log-level=none"} if encoder == "libx265" else {}
    write_bar_coded(path, frames=90, size=(160, 90), encoder=encoder, options=options)
    result = (sc.open(path) | sc.trim(ranges=["0.4-1.6", "1.7-3"])).render(out, mode=mode)
    numbers, times = read_bar_codes(out)
    assert numbers == [*range(12, 48), *range(51, 90)]
    assert all(abs(t - times[0] - F(k, 30)) < F(1, 5000) for k, t in enumerate(times))
    assert abs(beep_offset(out, 1, times[0] + F(3, 5))) < 0.001
    told = json.loads((tmp_path / "o.manifest.json").read_text())["intervals"]
    assert any(interval["how"] == "copy" for interval in told) == (mode == "auto")
    assert not any("cannot be said" in note for note in result.notes)


def test_what_it_cannot_say_is_noted(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.ts"
    write_bar_coded(path, frames=8, size=(64, 36), rate=F(10), audio=None)
    result = (sc.open(path) | sc.interpolate(fps=20, engine="blend")).render(out, chapters=True)
    expected = ".ts cannot say which parts of it were generated; the manifest beside it does"
    assert expected in result.notes
    assert "`chapters` is left out: .ts has no chapters" in result.notes
