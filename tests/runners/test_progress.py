"""How far long work is: lines where there is no terminal, and what programs give."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

import smartcut as sc
from smartcut.errors import SmartcutError
from smartcut.report.progress_lines import Lines, _Work, spelled
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "video.mp4"
    write_bar_coded(path)
    return path


def test_a_line_has_share_speed_and_time_left() -> None:
    work = _Work(120.0, done=30.0, started=100.0)
    assert work.text(110.0) == "25 % (30 of 120), 3 a second, about 30 s left"
    assert _Work(120.0, started=100.0).text(115.0) == "0 % (0 of 120), 15 s so far"
    assert _Work(None, started=100.0).text(190.0) == "1 min 30 s so far"
    assert [spelled(s) for s in (0.4, 59.4, 60, 3599, 3600, 7500)] == [
        "0 s", "59 s", "1 min", "59 min 59 s", "1 h", "2 h 5 min",
    ]  # fmt: skip


def test_lines_come_also_while_nothing_advances(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines(every=0.05) as lines:
        advance = lines.start("look", 10.0)
        advance(5.0)
        time.sleep(0.2)
        lines.done("look")
        lines.note("a note")
        time.sleep(0.1)
        reported = capsys.readouterr()
    assert reported.out == ""
    said = reported.err.splitlines()
    assert said[-1] == "note: a note"
    assert len(said) >= 3
    assert all(line.startswith("look: 50 % (5 of 10), ") for line in said[:-1])


def test_the_command_line_reports_without_a_terminal(video: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from smartcut.report import progress_lines as p; "
        "p.Lines.__init__.__defaults__ = (0.02,); from smartcut.cli import main; main()"
    )
    given = ["cut", str(video), "0.1-2.9", "-o", str(tmp_path / "o.mp4"), "--mode", "encode"]
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("encode o.mp4: ")]
    assert any(" a second, about " in line for line in lines), done.stderr


def test_a_function_is_called_with_label_done_and_total(video: Path, tmp_path: Path) -> None:
    calls: list[tuple[str, float, float | None]] = []
    cut = sc.open(video) | sc.motion() | sc.trim(end="2s")
    cut.run(output=tmp_path / "o.mp4", progress=lambda *told: calls.append(told))
    found = {label: [c[1:] for c in calls if c[0] == label] for label, _, _ in calls}
    motion = found["video: motion"]
    assert motion[0] == (0.0, 3.0)
    assert motion[-1] == (3.0, 3.0)
    assert [done for done, _ in motion] == sorted(done for done, _ in motion)
    assert found["encode o.mp4"][-1] == (2.0, 2.0)


def test_frames_of_one_long_span_are_told_of(video: Path, tmp_path: Path) -> None:
    told: list[float] = []

    def tell(label: str, done: float, total: float | None) -> None:
        if label.startswith("encode"):
            told.append(done)

    (sc.open(video)).render(tmp_path / "o.mp4", mode="encode", progress=tell)
    assert len(told) >= 90
    assert told[-1] == pytest.approx(3.0)


def test_a_class_of_bars_is_used_as_tqdm_is(video: Path, tmp_path: Path) -> None:
    class Bar:
        bars: ClassVar[list[Bar]] = []
        written: ClassVar[list[str]] = []

        def __init__(self, total: float | None, desc: str) -> None:
            self.total, self.desc, self.n, self.is_closed = total, desc, 0.0, False
            self.bars.append(self)

        def update(self, amount: float) -> None:
            self.n += amount

        def close(self) -> None:
            self.is_closed = True

        @classmethod
        def write(cls, text: str) -> None:
            cls.written.append(text)

    (sc.open(video) | sc.motion() | sc.trim(end="2s")).run(output=tmp_path / "o.mp4", progress=Bar)
    motion, encode = Bar.bars[0], Bar.bars[1]
    assert (motion.desc, motion.total, encode.desc) == ("video: motion", 3.0, "encode o.mp4")
    assert motion.n == pytest.approx(3.0, abs=0.1)
    assert all(bar.is_closed for bar in Bar.bars)
    assert any("`render` with its defaults is added" in text for text in Bar.written)


@pytest.mark.parametrize("given", [True, "bar", 3, int])
def test_what_cannot_be_told_is_refused_with_what_can(given: Any, video: Path) -> None:
    with pytest.raises(SmartcutError, match=r"a function that is called with \(label, done, total"):
        sc.open(video).cut(progress=given)
