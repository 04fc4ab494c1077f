"""Another package of the index that is imported as `smartcut`: the import and the doctor say so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smartcut import collision
from smartcut.report.doctor import examine, report


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder of packages that holds the metadata of the other one."""
    (tmp_path / "smartcut-1.7.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: smartcut\nVersion: 1.7\n"
    (tmp_path / "smartcut-1.7.dist-info" / "METADATA").write_text(metadata)
    (tmp_path / "smartcut_pipelines-0.2.0.dist-info").mkdir()  # this one
    (tmp_path / "smartcut-notes").mkdir()
    return tmp_path


def imported(*more: str) -> str:
    code = f"import sys; sys.path += {list(more)!r}; import smartcut"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_the_import_warns_where_both_are_installed(beside: Path) -> None:
    assert imported() == ""
    told = imported(str(beside))
    assert told.count("another package is imported as `smartcut` too (smartcut 1.7 in ") == 1
    assert f"{beside})" in told
    assert "pip uninstall smartcut, then: pip install --force-reinstall" in told


def test_the_doctor_says_so_first(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collision.message() == ""
    monkeypatch.setattr(sys, "path", [*sys.path, str(beside)])
    findings = examine()
    assert findings["collisions"] == [f"smartcut 1.7 in {beside}"]
    assert findings["advice"][0] == collision.message()
    text = report(findings)
    assert f"beside   smartcut 1.7 in {beside}: it is imported by the same name" in text
    assert "to do: another package is imported as `smartcut` too" in text


def test_the_doctor_tells_versions_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut import __version__

    monkeypatch.setenv("SMARTCUT_CACHE_LIMIT", "7G")
    lines = report(examine()).splitlines()
    assert lines[0].startswith(f"smartcut {__version__} at ")
    assert "set      SMARTCUT_CACHE_LIMIT=7G" in lines
    for word in ("python", "device", "media", "encoders", "cache"):
        assert any(line.startswith(word) for line in lines)
