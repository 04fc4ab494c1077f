"""The benchmarks' timeline: what ran when, and how many cores were had and wanted meanwhile."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Peer
from benchmarks.timeline import Moment, Stretch, alone, had, stretches, wanted, watched

MOMENTS = [Moment(10.0, 0.0, 1), Moment(11.0, 1.0, 5), Moment(12.0, 3.0, 2), Moment(13.0, 5.0, 0)]


def test_cores_are_counted_as_far_as_there_are_any() -> None:
    assert had(MOMENTS, 10.5, 12.5) == pytest.approx(0.5 + 2 + 1)
    assert wanted(MOMENTS, 10.5, 12.5, cores=2) == pytest.approx(0.5 + 2 + 1)
    assert wanted(MOMENTS, 10.0, 13.0, cores=4) == pytest.approx(1 + 4 + 2)


def test_a_run_alone_has_a_core_for_each_thread_that_wants_one() -> None:
    assert alone(MOMENTS, 10.0, 13.0, cores=2) == pytest.approx(1 + 1 + 1)
    assert alone(MOMENTS, 10.5, 11.5, cores=4) == pytest.approx(0.5 + 1 / 4)
    idle = [*MOMENTS, Moment(15.0, 5.1, 1), Moment(16.0, 5.2, 0)]
    assert alone(idle, 13.0, 16.0, cores=2) == pytest.approx(2 + 0.1)


def test_what_began_is_told_in_its_order_and_ends_with_the_command(tmp_path: Path) -> None:
    told = [(11.0, "hear", True), (12.0, "see", True), (12.5, "hear", False)]
    lines = [json.dumps({"at": at, "label": label, "begins": b}) for at, label, b in told]
    (tmp_path / "events").write_text("\n".join(lines))
    assert stretches(tmp_path / "events", 10.0, 13.0) == [
        Stretch("start", 10.0, 11.0),
        Stretch("hear", 11.0, 12.5),
        Stretch("see", 12.0, 13.0),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at in /proc")
def test_a_command_is_looked_at_while_it_runs(tmp_path: Path) -> None:
    code = "import time; begin = time.process_time()\nwhile time.process_time() < begin + 0.2: pass"
    moments, whole = watched(Peer("spin", [sys.executable, "-c", code], tmp_path / "log"))
    assert whole.cpu_s >= 0.2
    assert had(moments, moments[0].at, moments[-1].at) == pytest.approx(whole.cpu_s)
    assert 0.2 <= wanted(moments, moments[0].at, moments[-1].at, cores=1) <= whole.wall_s + 0.1
    assert 0.15 <= alone(moments, moments[0].at, moments[-1].at, cores=1) <= whole.wall_s + 0.1
