"""The entry points of smartcut's groups: which installed packages bring stages, effects and so on.

``importlib.metadata`` parses those of every installed package, and takes longer to import than
this takes to read the few files that name a group of smartcut's. It is asked where packages are
found in other ways than in the folders of ``sys.path``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from typing import NamedTuple

from smartcut.once import once

_PREFIX = "smartcut."
_FILE = "entry_points.txt"
#: Ends of the names of folders that say what is installed.
_INFO = (".dist-info", ".egg-info", "egg-info")


class EntryPoint(NamedTuple):
    """A line of a package's ``entry_points.txt``."""

    name: str
    value: str
    group: str
    package: str
    """Which brings it, by its name on the package index."""


def entry_points(group: str) -> list[EntryPoint]:
    """Those of a group, in the order of ``sys.path``."""
    return [point for point in _installed(tuple(sys.path)) if point.group == group]


@once
def _installed(places: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    others = [f for f in sys.meta_path if hasattr(f, "find_distributions") and f is not PathFinder]
    if others or any(os.path.isfile(place) for place in places):
        return tuple(_found_by_library())
    found: dict[str, list[EntryPoint]] = {}
    for place in places:
        for package, file in _files(place or "."):
            if package not in found:  # the first on the path is the one that is imported
                found[package] = list(_points(package, file))
    return tuple(point for points in found.values() for point in points)


def _files(place: str) -> Iterator[tuple[str, str]]:
    """The packages that are installed in a folder, and where each has its entry points."""
    try:
        names = os.listdir(place)
    except OSError:
        return
    for name in sorted(names):
        if name.lower().endswith(_INFO):
            stem = name if name.lower() != "egg-info" else os.path.basename(place)
            yield stem.split("-")[0].split(".")[0].lower(), os.path.join(place, name, _FILE)


def _points(package: str, file: str) -> Iterator[EntryPoint]:
    try:
        with open(file, "rb", buffering=0) as opened:
            content = opened.read()
    except OSError:
        return
    if _PREFIX.encode() not in content:
        return
    group = ""
    for line in map(str.strip, content.decode(errors="replace").splitlines()):
        name, equals, value = line.partition("=")
        if line.startswith("["):
            group = line.strip("[]")
        elif equals and group.startswith(_PREFIX) and not line.startswith(("#", ";")):
            yield EntryPoint(name.strip(), value.strip(), group, package.replace("_", "-"))


def _found_by_library() -> Iterator[EntryPoint]:
    from importlib.metadata import distributions

    seen = set()
    for one in distributions():
        if one.name in seen:
            continue
        seen.add(one.name)
        for point in one.entry_points:
            if point.group.startswith(_PREFIX):
                yield EntryPoint(point.name, point.value, point.group, one.name)
