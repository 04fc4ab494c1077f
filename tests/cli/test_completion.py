"""What shells complete, asked in real ones where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smartcut.testing import write_bar_coded

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the command on its path, the completion of bash installed, and a film."""
    home = tmp_path_factory.mktemp("home")
    (home / "bin").mkdir()
    command = home / "bin" / "smartcut"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m smartcut "$@"\n')
    command.chmod(0o755)
    write_bar_coded(home / "talk.mp4", frames=240, size=(64, 36), audio=None)
    return home


def run(place: Path, shell: str, script: str, **more: str) -> str:
    environment = {
        "HOME": str(place),
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SMARTCUT_CACHE": str(place / "cache"),
        **more,
    }
    done = subprocess.run(
        [shell, "-c", script],
        capture_output=True,
        text=True,
        cwd=place,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_bash(place: Path, *words: str) -> list[str]:
    """What bash itself is given for the last word, by the function that the installation names."""
    typed = " ".join(f"'{word}'" for word in words)
    script = (
        "shopt -s progcomp; . ~/.bashrc\n"
        f"COMP_WORDS=(smartcut {typed}); COMP_CWORD={len(words)}\n"
        "name=$(complete -p smartcut | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $name smartcut\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    return [line for line in run(place, "bash", script).splitlines() if line]


@pytest.fixture(scope="module")
def installed(place: Path) -> Path:
    said = run(place, "bash", "smartcut --install-completion; true")
    assert "bash completion installed" in said
    assert ".bash_completions/smartcut.sh" in (place / ".bashrc").read_text()
    return place


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tigh"], ["tighten"]),
        pytest.param(["blu"], ["blur"], marks=pytest.mark.slow),
        (["reframe", "talk.mp4", "--subject", "m"], ["motion"]),
        pytest.param(
            ["shots", "talk.mp4", "--detector", "ad"], ["adaptive"], marks=pytest.mark.slow
        ),
        (["speed", "talk.mp4", "--start", ""], ["0", "1", "2", "3", "4", "5", "6", "7", "8"]),
        (["cut", "talk.mp4", "6-"], ["6-7", "6-8"]),
        pytest.param(["tal"], [], marks=pytest.mark.slow),  # the shell itself offers files
    ],
    ids=" ".join,
)
def test_bash_completes(words: list[str], expected: list[str], installed: Path) -> None:
    assert in_bash(installed, *words) == expected


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_falls_back_to_files(installed: Path) -> None:
    assert "-o default" in run(installed, "bash", ". ~/.bashrc; complete -p smartcut")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "variables"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "smartcut reframe talk.mp4 --subject m"}),
        (
            "fish",
            {
                "_TYPER_COMPLETE_ARGS": "smartcut reframe talk.mp4 --subject m",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            },
        ),
    ],
)
def test_other_shells_are_given_the_same(
    shell: str, variables: dict[str, str], place: Path
) -> None:
    told = run(place, "sh", "smartcut", _SMARTCUT_COMPLETE=f"complete_{shell}", **variables)
    assert "motion" in told
    assert "speaker" not in told


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_shots_that_are_known_are_the_times(installed: Path) -> None:
    assert len(in_bash(installed, "reverse", "talk.mp4", "--start", "")) == 9  # parts of its length
    run(installed, "sh", "smartcut shots talk.mp4")
    assert in_bash(installed, "reverse", "talk.mp4", "--start", "") == ["0", "8"]
