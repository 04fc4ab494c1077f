"""The command, run within the test's own process."""

from __future__ import annotations

import sys

import pytest

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
