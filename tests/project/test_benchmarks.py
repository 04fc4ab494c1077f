"""The benchmarks' statistics, what they say of frames, and what they write; on made-up samples."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks import report
from benchmarks.__main__ import ROWS, main
from benchmarks.bench import Bench
from benchmarks.check_frames import compare, described, irregular_steps, spelled
from benchmarks.made_speech import MadeTalk
from benchmarks.measure import (
    Check,
    CommandFailed,
    Peer,
    Result,
    Sample,
    extent,
    middle,
    paired,
    rank_correlation,
    ratio,
    run_once,
)
from benchmarks.plot import write_plot
from benchmarks.rows import cuts, full_encode, shots
from benchmarks.talk_checks import clipped, fillers_found, furthest_edge, silence

ROOT = Path(__file__).parents[2]


def samples(*walls: float) -> list[Sample]:
    return [Sample(wall, 2 * wall, 100 + wall) for wall in walls]


def peer(tmp_path: Path, name: str, code: str) -> Peer:
    return Peer(name, [sys.executable, "-c", code], tmp_path / f"{name}.log")


# ------------------------------------------------------------------------------- statistics


def test_median_and_extent() -> None:
    assert middle(samples(5, 1, 2)) == 2
    assert middle(samples(1, 2), "cpu_s") == 3
    assert middle([]) is None
    assert extent(samples(5, 1, 2)) == (1, 5)
    assert extent([]) is None


def test_a_ratio_is_the_median_of_the_ratios_within_the_turns() -> None:
    # The second turn was slow for both; the ratio of the medians would be 4 / 2 = 2.
    assert ratio(samples(4, 30, 3), samples(2, 10, 1)) == 3
    assert ratio(samples(4), []) is None


@pytest.mark.parametrize(
    ("relation", "figure", "verdict"),
    [
        (">=", 4.0, "held"),
        (">=", 3.99, "NOT held"),
        ("<=", 4.0, "held"),
        ("<=", 4.01, "NOT held"),
        ("==", 4, "held"),
        ("==", 3, "NOT held"),
        (">=", None, "not measured"),
    ],
)
def test_verdicts(relation: str, figure: float | None, verdict: str) -> None:
    assert Check("x", figure, relation, 4).verdict == verdict  # type: ignore[arg-type]


# ------------------------------------------------------------------------------- processes


def test_a_process_is_measured_with_its_children(tmp_path: Path) -> None:
    child = "x = bytearray(200_000_000); sum(range(10_000_000))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    found = run_once(peer(tmp_path, "parent", parent))
    assert found.peak_mb > 190
    assert found.cpu_s > 0.05
    assert found.wall_s > 0.05


def test_peers_take_turns_and_one_that_fails_is_left_out(tmp_path: Path) -> None:
    order: list[str] = []
    good = peer(tmp_path, "good", "pass")
    bad = peer(tmp_path, "bad", "raise SystemExit(3)")
    found, remarks = paired([good, bad, good], 2, order.append)
    assert order == [
        "good, run 1 of 2",
        "bad, run 1 of 2",
        "good, run 1 of 2",
        "good, run 2 of 2",
        "good, run 2 of 2",
    ]
    assert len(found["good"]) == 4
    assert found["bad"] == []
    assert "exit status 3" in remarks["bad"]
    assert str(bad.log) in remarks["bad"]


def test_what_a_failed_command_says_is_kept(tmp_path: Path) -> None:
    bad = peer(tmp_path, "bad", "raise SystemExit('no such thing')")
    with pytest.raises(CommandFailed, match="exit status 1"):
        run_once(bad)
    assert bad.log.read_text() == "no such thing\n"


def test_a_cold_run_begins_with_an_empty_cache(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 1, True, lambda text: None)
    cold = bench.smartcut("a", [], cache="shared")
    warm = bench.smartcut("b", [], cold=False, cache="shared")
    folder = Path(cold.environment["SMARTCUT_CACHE"])
    assert warm.environment["SMARTCUT_CACHE"] == str(folder)
    assert warm.before is None
    assert cold.before is not None
    (folder / "left over").touch()
    cold.before()
    assert list(folder.iterdir()) == []


# ---------------------------------------------------------------------------------- frames


WANTED = [10, 11, 12, 50, 51, 52]


@pytest.mark.parametrize(
    ("found", "right", "wrong", "missing", "repeated"),
    [
        ([10, 11, 12, 50, 51, 52], 6, 0, 0, 0),
        ([9, 10, 11, 12, 50, 51], 5, 1, 1, 0),
        ([10, 11, 11, 12, 50, 51, 52], 6, 0, 0, 1),
        ([10, 12, 11, 50, 51, 52], 5, 1, 1, 0),
        ([10, 11, None, 50, 51, 52], 5, 1, 1, 0),
        ([50, 51, 52, 10, 11, 12], 3, 3, 3, 0),
        ([], 0, 0, 6, 0),
    ],
)
def test_frames_are_told_apart(
    found: list[int | None], right: int, wrong: int, missing: int, repeated: int
) -> None:
    assert compare(WANTED, found) == {
        "frames": len(found),
        "right": right,
        "wrong": wrong,
        "missing": missing,
        "repeated": repeated,
    }


def test_irregular_steps_are_counted() -> None:
    step = Fraction(1, 30)
    times = [k * step for k in range(5)]
    assert irregular_steps(times, step) == 0
    assert irregular_steps([*times[:3], times[3] + Fraction(1, 1000), times[4]], step) == 2


def test_frames_in_words() -> None:
    good = {"frames": 6, "right": 6, "wrong": 0, "missing": 0, "repeated": 0, "irregular": 0}
    assert described(good) == "6 frames, all right"
    assert described(good | {"wrong": 2, "irregular": 1}) == "6 frames, 2 wrong, 1 irregular steps"
    assert described(None) == "cannot be read"


@pytest.mark.parametrize("quick", [True, False])
def test_segments_lie_in_the_source_one_after_the_other(tmp_path: Path, quick: bool) -> None:
    bench = Bench(tmp_path, 1, quick, lambda text: None)
    for ranges in (cuts.ranges_of(bench), full_encode.ranges_of(bench)):
        edges = [edge for one in ranges for edge in one]
        assert edges == sorted(set(edges))
        assert edges[-1] <= bench.minutes * 60 * 30
    if not quick:
        assert len(cuts.ranges_of(bench)) == 12
        assert {last - first for first, last in cuts.ranges_of(bench)} == {150}
        lengths = [last - first for first, last in full_encode.ranges_of(bench)]
        assert sum(lengths) - 5 * 30 == 120 * 30
    assert spelled([(1, 2), (3, 4)]) == "1-2,3-4"


def test_cuts_that_only_one_has() -> None:
    assert shots.differences([30, 76, 137], [30, 77, 137]) == 2
    assert shots.differences([30], [30]) == 0


# --------------------------------------------------------------------------------- reports


@pytest.fixture
def result() -> Result:
    return Result(
        "cuts",
        "GOP 60",
        {"smartcut auto": samples(2, 3, 4), "MoviePy 2": samples(20, 36, 44), "broken": []},
        {"broken": "failed: broken: exit status 1"},
        [Check("MoviePy 2 / smartcut auto, wall", 11.0, ">=", 10), Check("none", None, "<=", 1)],
    )


def test_the_table(result: Result) -> None:
    lines = report.table(result, "cuts").splitlines()
    assert lines[0] == "cuts: GOP 60"
    mine, moviepy, broken = (line.split() for line in lines[2:5])
    assert mine == ["smartcut", "auto", "3.00", "2.00..4.00", "6.00", "103", "1.00", "(1.00)"]
    assert moviepy == ["MoviePy", "2", "36.00", "20.00..44.00", "72.00", "136", "11.00", "(11.00)"]
    assert broken[1:6] == ["-"] * 5
    assert lines[4].endswith("failed: broken: exit status 1")
    assert " ".join(lines[5].split()) == (
        "held: MoviePy 2 / smartcut auto, wall: 11.00 (must be >= 10)"
    )
    assert " ".join(lines[6].split()) == "not measured: none: - (must be <= 1)"


def test_the_summary_counts_what_held(result: Result) -> None:
    assert report.summary([result]).splitlines()[0] == "1 of 2 checks held"


def test_the_json_holds_every_sample(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "bench.json"
    report.write_json(path, report.as_json([result], {"runs": 3}, {"cores": 2}))
    found = json.loads(path.read_text())
    assert found["settings"] == {"runs": 3}
    assert found["machine"] == {"cores": 2}
    (row,) = found["results"]
    moviepy = row["peers"]["MoviePy 2"]
    assert moviepy["median_wall_s"] == 36
    assert moviepy["wall_over_first"] == 11
    assert [x["wall_s"] for x in moviepy["samples"]] == [20, 36, 44]
    assert row["peers"]["broken"]["samples"] == []
    assert [c["verdict"] for c in row["checks"]] == ["held", "not measured"]
    assert [p.name for p in path.parent.iterdir()] == ["bench.json"]


def test_the_plot_has_a_bar_as_long_as_its_figure(result: Result, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "bench.png"
    write_plot(path, [result], ["cuts"])
    with Image.open(path) as image:
        colours = {colour: count for count, colour in image.getcolors(1 << 20)}
    assert colours[0xB8, 0xC4, 0xCC] / colours[0x1F, 0x6F, 0x8B] == pytest.approx(12, rel=0.05)


def test_unknown_rows_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["cutz"])
    assert f"unknown row cutz; there are {', '.join(ROWS)}" in capsys.readouterr().err


def test_every_row_has_its_module() -> None:
    names = {p.stem for p in (ROOT / "benchmarks" / "rows").glob("*.py")} - {"__init__"}
    assert names == {row.replace("-", "_") for row in ROWS}


def test_ranks_correlate_whatever_the_values_are() -> None:
    assert rank_correlation([0.1, 0.5, 0.9], [1.0, 10.0, 1000.0]) == pytest.approx(1)
    assert rank_correlation([0.1, 0.5, 0.9], [3.0, 2.0, 1.0]) == pytest.approx(-1)
    # Spearman's rho of 1, 2.5, 2.5, 4 and 1, 2, 3, 4
    assert rank_correlation([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9487, abs=1e-4)


# ------------------------------------------------------------------------------- made talks


def test_cuts_of_a_made_talk_are_compared_with_what_was_planted() -> None:
    said, fillers = ((1.0, 2.0, "a"), (3.0, 4.0, "b")), ((2.4, 2.6, "um"),)
    talk = MadeTalk(np.zeros(50, np.float32), 10, said, fillers)
    plain = [(0.85, 2.15), (2.25, 2.75), (2.85, 4.15)]
    right = [(0.85, 2.15), (2.85, 4.15)]
    assert clipped(talk, right) == 0
    assert clipped(talk, [(0.85, 1.9), (2.85, 4.15)]) == 1
    assert silence(talk, right) == pytest.approx(0.6)
    assert furthest_edge(talk, right, fillers=True) == pytest.approx(0)
    assert furthest_edge(talk, [(0.85, 2.25), (2.85, 4.15)], fillers=True) == pytest.approx(0.1)
    assert furthest_edge(talk, [(0.0, 5.0)], fillers=True) == pytest.approx(0.85)  # all is missed
    found = fillers_found(plain, right, talk)
    assert (found.recall, found.precision) == (1, 1)
    found = fillers_found(plain, [(0.85, 1.5), (2.25, 2.75), (2.85, 4.15)], talk)
    assert (found.recall, found.false, found.precision) == (0, 1, 0)
