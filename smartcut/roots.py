"""Where the files lie that a pipeline may name: ``SMARTCUT_ROOTS``, folders; everywhere without it.

For pipelines that strangers wrote. It travels in the environment, so that worker processes keep it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_VARIABLE = "SMARTCUT_ROOTS"


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
