"""Entry points are those that importlib.metadata finds, however packages are installed."""

from __future__ import annotations

import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

from smartcut.entry_points import EntryPoint, entry_points
from smartcut.registry import NOUNS

TEXT = (
    "[console_scripts]\nnothing = {0}:main\n\n[smartcut.stages]\n# not = this\n{0} = {0}.stages\n"
)


def _by_library(group: str) -> set[tuple[str, str, str]]:
    """The library's answer; of two of one name it takes the first on the path."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for one in distributions():
        points = {(p.name, p.value, p.group) for p in one.entry_points if p.group == group}
        found.setdefault(one.name.lower().replace("_", "-"), points)
    return {point for points in found.values() for point in points}


def _told(group: str) -> set[tuple[str, str, str]]:
    return {(point.name, point.value, point.group) for point in entry_points(group)}


def _install(folder: Path, info: str, text: str) -> None:
    name = info.split("-")[0].removesuffix(".egg")
    for file, content in (("METADATA", f"Name: {name}\nVersion: 1\n"), ("entry_points.txt", text)):
        path = folder / info / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if file == "METADATA":
            path.with_name("PKG-INFO").write_text(content)


@pytest.mark.parametrize("group", NOUNS)
def test_those_that_are_installed_here(group: str) -> None:
    assert _told(group) == _by_library(group) != set()


def test_wheels_eggs_and_what_lies_behind_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    _install(first, "wheel_of-1.0.dist-info", TEXT.format("wheel"))
    _install(first, "source.egg-info", TEXT.format("source"))
    _install(second, "wheel_of-0.9.dist-info", TEXT.format("older"))
    _install(second, "other-1.0.dist-info", TEXT.format("other").replace("smartcut.", "x."))
    for folder in (second, first):
        monkeypatch.syspath_prepend(str(folder))
    found = {point for point in entry_points("smartcut.stages") if point.name != "builtin"}
    assert found == {
        EntryPoint("wheel", "wheel.stages", "smartcut.stages", "wheel-of"),
        EntryPoint("source", "source.stages", "smartcut.stages", "source"),
    }
    assert _told("smartcut.stages") == _by_library("smartcut.stages")


def test_what_is_no_folder_is_left_to_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zipped.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("zipped-1.dist-info/METADATA", "Name: zipped\nVersion: 1\n")
        file.writestr("zipped-1.dist-info/entry_points.txt", TEXT.format("zipped"))
    monkeypatch.setattr(sys, "path", [*sys.path, str(path)])
    assert ("zipped", "zipped.stages", "smartcut.stages") in _told("smartcut.stages")
