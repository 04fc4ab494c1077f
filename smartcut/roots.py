"""What a pipeline may use: files below ``SMARTCUT_ROOTS``, folders; programs if it is said so.

For pipelines that strangers wrote. Without ``SMARTCUT_ROOTS`` files may lie everywhere; without
``SMARTCUT_COMMANDS`` no program that a pipeline's file names is run. Both travel in the
environment, so that worker processes keep them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_VARIABLE = "SMARTCUT_ROOTS"
_COMMANDS = "SMARTCUT_COMMANDS"


def allow_only(folders: Sequence[Path]) -> None:
    """Accept files below these folders alone, in this process and those that it starts."""
    os.environ[_VARIABLE] = os.pathsep.join(str(folder.resolve()) for folder in folders)


def check_inside(path: Path) -> None:
    """Raise ValueError for a file outside; links are followed before it is judged."""
    given = os.environ.get(_VARIABLE)
    if not given:
        return
    roots = [Path(root) for root in given.split(os.pathsep)]
    if not any(path.resolve().is_relative_to(root) for root in roots):
        raise ValueError(f"{path} is outside of what may be used: {', '.join(map(str, roots))}")


def commands_allowed() -> bool:
    """Whether a pipeline's file may name programs that are run: ``SMARTCUT_COMMANDS=1``."""
    return os.environ.get(_COMMANDS, "").strip().lower() in ("1", "true", "yes")
