"""What a pipeline may use: files below ``SMARTCUT_ROOTS``, folders; programs if it is said so.

For pipelines that strangers wrote. Without ``SMARTCUT_ROOTS`` files may lie everywhere; without
``SMARTCUT_WRITE_ROOTS`` outputs may; without ``SMARTCUT_COMMANDS`` no program that a pipeline's
file names is run. All travel in the environment, so that worker processes keep them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_VARIABLE = "SMARTCUT_ROOTS"
_WRITES = "SMARTCUT_WRITE_ROOTS"
_COMMANDS = "SMARTCUT_COMMANDS"


def allow_only(folders: Sequence[Path]) -> None:
    """Accept files below these folders alone, in this process and those that it starts."""
    _set(_VARIABLE, folders)


def write_only(folders: Sequence[Path]) -> None:
    """Write files below these folders alone, in this process and those that it starts."""
    _set(_WRITES, folders)


def is_confined() -> bool:
    """Whether files are accepted only below some folders."""
    return bool(os.environ.get(_VARIABLE))


def check_inside(path: Path) -> None:
    """Raise ValueError for a file outside; links are followed before it is judged."""
    _check(path, _VARIABLE, "used")


def check_writable(path: Path) -> None:
    """Raise ValueError for a file that may not be written; a link at its place is replaced."""
    _check(path.parent / "_", _WRITES, "written", path)


def _set(variable: str, folders: Sequence[Path]) -> None:
    os.environ[variable] = os.pathsep.join(str(folder.resolve()) for folder in folders)


def _check(place: Path, variable: str, done: str, path: Path | None = None) -> None:
    given = os.environ.get(variable)
    if not given:
        return
    roots = [Path(root) for root in given.split(os.pathsep)]
    if not any(place.resolve().is_relative_to(root) for root in roots):
        shown = ", ".join(map(str, roots))
        raise ValueError(f"{path or place} is outside of what may be {done}: {shown}")


def commands_allowed() -> bool:
    """Whether a pipeline's file may name programs that are run: ``SMARTCUT_COMMANDS=1``."""
    return os.environ.get(_COMMANDS, "").strip().lower() in ("1", "true", "yes")
