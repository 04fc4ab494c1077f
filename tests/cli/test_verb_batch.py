"""Commands over several files: one film of all, or with `{stem}` in the name one of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.commands import run_command

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def smartcut(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        return run_command(monkeypatch, capfd, *arguments)

    return run


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = []
    for name in ("a.mp4", "b.mp4"):
        write_bar_coded(tmp_path / name, frames=20, size=(160, 90), audio=None)
        found.append(tmp_path / name)
    return found


def test_each_file_has_an_output_and_a_broken_one_fails_alone(
    smartcut: Run, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    given = [*files, tmp_path / "broken.mp4"]
    code, out, _ = smartcut("reverse", *given, "-o", "{stem}-back.mp4")
    assert code == 3
    assert "2 done, 0 skipped, 1 failed" in out
    assert "broken" in out
    for name in ("a", "b"):
        assert read_bar_codes(tmp_path / f"{name}-back.mp4")[0] == [*range(19, -1, -1)]
    assert not (tmp_path / "broken-back.mp4").exists()
    code, out, _ = smartcut("reverse", *files, "-o", "{stem}-back.mp4", "--dry")
    assert code == 0
    assert "2 jobs: 0 to run, 2 to skip" in out


def test_several_files_are_one_film_and_that_is_said(smartcut: Run, files: list[Path]) -> None:
    code, _, err = smartcut("reverse", *files, "-o", "all.mp4")
    assert code == 0
    assert "the 2 files are one film" in err
    assert "-o '{stem}-reverse.mp4' writes one of each" in err
    code, _, err = smartcut("join", *files, "-o", "joined.mp4")
    assert code == 0
    assert "one film" not in err
    code, _, err = smartcut("join", *files, "-o", "{stem}.mp4")
    assert code != 0
    assert "`join` makes one film of all files" in err


def test_a_cut_runs_without_a_pipeline(smartcut: Run, files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("stages: [{trim: {start: 0.2, end: 0.5}}]")
    assert smartcut("export", "p.yaml", files[0], "-o", "cut.llc")[0] == 0
    code, out, _ = smartcut("run", "cut.llc", "--dry", "-o", "o.mp4")
    assert code == 0
    assert "the cut: 1 segments, 00:00:00.300" in out
    assert smartcut("run", "cut.llc", "-o", "o.mp4")[0] == 0
    assert read_bar_codes(tmp_path / "o.mp4")[0] == [*range(6, 15)]
