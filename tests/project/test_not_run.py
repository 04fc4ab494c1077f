"""What a run of the tests says of those that it skipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.builders.not_run import not_run

ROOT = Path(__file__).parents[2]


def test_reasons_are_counted_in_one_line() -> None:
    assert not_run([]) == ""
    ray = "Skipped: Ray is not installed: pip install 'smartcut-pipelines[ray]'"
    assert not_run([ray, "Skipped: there is no bash.", ray]) == (
        "not run: 3 tests: Ray is not installed: pip install 'smartcut-pipelines[ray]' (2); "
        "there is no bash (1)"
    )


def test_a_run_ends_with_what_it_did_not_run(tmp_path: Path) -> None:
    file = tmp_path / "test_some.py"
    reason = "melt is not installed: apt-get install melt"
    file.write_text(
        "import pytest\n"
        "def test_here(): pass\n"
        f"@pytest.mark.skipif(True, reason={reason!r})\n"
        "def test_absent(): pass\n"
        "def test_found_out(): pytest.skip('there is no server')\n"
    )
    program = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p"]
    program += ["tests.conftest", "-p", "no:cacheprovider", "-n", "0", str(file)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("not run: ")]
    assert line == f"not run: 2 tests: {reason} (1); there is no server (1)"
