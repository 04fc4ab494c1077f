"""Tables of what a cut holds and knows."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from fractions import Fraction as F
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Signal, Transcript, Word
from smartcut.errors import PipelineError
from smartcut.report import data_tables
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range


@pytest.fixture
def cut(tmp_path: Path) -> sc.Cut:
    write_bar_coded(tmp_path / "a.mp4", frames=50, rate=F(25), size=(160, 96), gop=25)
    made = (sc.open(tmp_path / "a.mp4") | sc.trim(ranges=["0-1", "1.2-2"])).cut()
    word = Word(Range(F(1, 4), F(1, 2)), "sails", 0.9, "Ann")
    said = Transcript("en", (Sentence(Range(F(0), F(1)), "sails", (word,)),))
    signal = Signal(F(1, 10), (0, 5), ("motion",), ((0.25, 0.5),), "share")
    for name, data in (("transcript", said), ("motion", signal)):
        made = made.with_annotation(Annotation(name, "a", data))  # type: ignore[arg-type]
    return made


def test_rows_say_what_the_cut_does(cut: sc.Cut) -> None:
    segments = cut.table("segments", "list")
    assert [(r["start"], r["end"], r["in"], r["out"], r["source"]) for r in segments] == [
        (0, 1, 0, 1, "a"),
        (1, 1.8, 1.2, 2, "a"),
    ]
    assert cut.table("words", as_="list") == [
        {"source": "a", "sentence": 0, "start": 0.25, "end": 0.5, "text": "sails",
         "probability": 0.9, "speaker": "Ann"}
    ]  # fmt: skip
    assert [(r["time"], r["value"]) for r in cut.table("signals", "list")] == [
        (0, 0.25),
        (0.5, 0.5),
    ]
    assert sc.open(cut).table("segments", "list") == segments


def test_mistakes_say_what_to_do(cut: sc.Cut) -> None:
    with pytest.raises(PipelineError, match=r"the cut knows no shots: add sc\.shots\(\) before"):
        cut.table("shots")
    with pytest.raises(PipelineError, match="unknown table 'word'; did you mean 'words'"):
        cut.table("word")  # type: ignore[arg-type]
    with pytest.raises(PipelineError, match="unknown kind of table 'panda'; did you mean 'pandas'"):
        cut.table("words", "panda")  # type: ignore[arg-type]


def test_the_kind_is_what_is_installed(cut: sc.Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class DataFrame:
        rows: list[dict[str, Any]] = field(default_factory=list)

    there = ["polars"]
    module = ModuleType("polars")
    module.DataFrame = DataFrame  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "polars", module)
    monkeypatch.setattr(data_tables, "find_spec", lambda name: name in there or None)
    assert cut.table("words") == DataFrame(cut.table("words", "list"))
    with pytest.raises(PipelineError, match="pandas is not installed: pip install pandas; or take"):
        cut.table("words", "pandas")
    there.clear()
    assert isinstance(cut.table("words"), list)
