"""The command, run within the test's own process."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from smartcut import spec_files
from smartcut.cli import main


def run_command(
    monkeypatch: pytest.MonkeyPatch,
    printed: pytest.CaptureFixture[str],
    *arguments: object,
) -> tuple[int, str, str]:
    """Its exit code, and what it printed as its output and as its errors."""
    monkeypatch.setattr(sys, "argv", ["smartcut", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = printed.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def done_command(*arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    """What the command did, as a process would say it; ``given`` is its standard input."""
    out, err = io.StringIO(), io.StringIO()
    spec_files._standard_input.cache_clear()
    with (
        pytest.MonkeyPatch.context() as patched,
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        patched.setattr(sys, "argv", ["smartcut", *map(str, arguments)])
        patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        main()
    code = int(ended.value.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
