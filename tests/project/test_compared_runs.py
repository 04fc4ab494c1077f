"""Old and new side by side, peers in Pythons of their own, and what is heard in their files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import check_sound, compare
from benchmarks.auto_editor_program import spans
from benchmarks.bench import Bench
from benchmarks.bounded import Stopped, bounded
from benchmarks.measure import LEFT_OUT, Peer, Sample, against_before, paired
from benchmarks.other_pythons import python_with
from smartcut.media.barcode import beep

RATE = 48_000


def sleeping(seconds: float) -> Iterator[str]:
    import time

    yield "began"
    time.sleep(seconds)
    yield "slept"


def filling(megabytes: float) -> Iterator[str]:
    filled = bytearray(b"x" * int(megabytes * 1e6))
    yield from sleeping(5)
    yield str(len(filled))


def failing(what: str) -> Iterator[str]:
    yield "began"
    raise ValueError(what)


def run_of(**peers: list[float]) -> dict[str, Any]:
    """A run of one row."""
    plain = {n: {"samples": [{"cpu_s": s} for s in seconds]} for n, seconds in peers.items()}
    return {"results": [{"row": "cuts", "case": "GOP 60", "peers": plain}]}


def test_runs_are_compared_by_processor_time_where_both_have_it() -> None:
    old = run_of(smartcut=[2.0, 2.2, 2.1], MoviePy=[9.0], gone=[1.0], failed=[1.0])
    new = run_of(smartcut=[2.4, 2.5, 2.3], MoviePy=[9.1], added=[1.0], failed=[])
    found = list(compare.changes(old, new))
    assert [(c.row, c.peer) for c in found] == [
        ("cuts GOP 60", "smartcut"),
        ("cuts GOP 60", "MoviePy"),
    ]
    assert found[0].ratio == pytest.approx(2.4 / 2.1)
    assert [c.is_slower for c in found] == [True, False]


def test_a_difference_within_the_spread_of_the_turns_is_none() -> None:
    (found,) = compare.changes(run_of(a=[1.0, 1.6]), run_of(a=[1.5, 1.7]))
    assert found.ratio > 1.2
    assert not found.is_slower


def test_the_exit_status_tells_that_something_is_slower(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / "old.json", tmp_path / "new.json"]
    for path, seconds in zip(paths, (1.0, 1.2), strict=True):
        path.write_text(json.dumps(run_of(smartcut=[seconds])))
    assert compare.main([str(p) for p in paths]) == 1
    assert "1.20  slower" in capsys.readouterr().out
    assert compare.main([str(p) for p in reversed(paths)]) == 0


def test_another_checkout_takes_turns_and_has_its_own_cache(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 1, True, lambda text: None, beside=tmp_path / "old")
    mine = bench.smartcut("smartcut", ["--help"])
    assert mine.beside is not None
    assert mine.beside.environment["PYTHONPATH"] == str(tmp_path / "old")
    assert mine.beside.environment["SMARTCUT_CACHE"] != mine.environment["SMARTCUT_CACHE"]
    order: list[str] = []
    nothing = [sys.executable, "-c", "pass"]
    both = replace(mine, command=nothing, beside=replace(mine.beside, command=nothing))
    samples, _ = paired([both], 2, order.append)
    assert [text.split(",")[0] for text in order] == ["before: smartcut", "smartcut"] * 2
    assert list(samples) == ["smartcut", "before: smartcut"]


def test_now_is_checked_against_before() -> None:
    samples = {"cut": [Sample(1, 3, 1)], "MoviePy": [Sample(1, 9, 1)]}
    (check,) = against_before({**samples, "before: cut": [Sample(1, 2, 1)]})
    assert check.figure == 1.5
    assert check.verdict == "NOT held"


def test_only_the_peers_asked_for_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_PEERS", "smartcut:copy")
    bad = [sys.executable, "-c", "raise SystemExit(1)"]
    good = [sys.executable, "-c", "pass"]
    peers = [
        Peer(name, command, tmp_path / "log")
        for name, command in (("smartcut auto", good), ("MoviePy 2", bad), ("ffmpeg -c copy", good))
    ]
    samples, remarks = paired(peers, 1, lambda text: None)
    assert [len(taken) for taken in samples.values()] == [1, 0, 1]
    assert remarks == {"MoviePy 2": LEFT_OUT}


def test_a_python_is_found_by_what_is_installed_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUT_PEERS", raising=False)
    assert python_with("numpy", "CUT_PEERS", ()) == ""
    monkeypatch.setenv("CUT_PEERS", sys.executable)
    assert python_with("numpy", "CUT_PEERS", ()) == sys.executable
    assert python_with("no-such-distribution", "CUT_PEERS") == ""


def test_work_is_stopped_by_time_and_by_memory() -> None:
    assert list(bounded(sleeping, 0.0, 1, 1000)) == ["began", "slept"]
    with pytest.raises(Stopped, match=r"after 0\.01 minutes"):
        list(bounded(sleeping, 60.0, 0.01, 1000))
    with pytest.raises(Stopped, match="MB of its own"):
        list(bounded(filling, 300.0, 1, 200))
    told = bounded(failing, "no room", 1, 1000)
    assert next(told) == "began"
    with pytest.raises(Stopped, match="ValueError: no room"):
        next(told)


def test_a_late_beep_and_a_lost_one_are_heard() -> None:
    wanted = check_sound.expected([(15, 75), (100, 122)], len(beep(0)))
    # Frames 15 to 75 hold the seconds 1 and 2; 100 to 122 the second 4.
    assert wanted == [(1, RATE // 2), (2, RATE + RATE // 2), (4, 2 * RATE + 20 * 1600)]
    samples = np.random.default_rng(1).normal(0, 0.004, 3 * RATE).astype(np.float32)
    for (second, place), late in zip(wanted[:2], (0, 480), strict=True):
        tone = beep(second)
        samples[place + late : place + late + len(tone)] += tone
    assert check_sound.offsets(samples, wanted) == [0, 0.01, None]


def test_what_auto_editor_keeps_is_read(tmp_path: Path) -> None:
    clips = [{"offset": 9, "dur": 60}, {"offset": 90, "dur": 30}]
    path = tmp_path / "timeline.json"
    path.write_text(json.dumps({"timebase": "30/1", "a": [clips]}))
    assert spans(path) == [(0.3, 2.3), (3.0, 4.0)]
