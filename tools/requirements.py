"""Prints what a project depends on, one requirement a line: python tools/requirements.py FILE.

For layers of a container that are built before the code is there.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def requirements(project: Path) -> list[str]:
    """The dependencies of the project in a pyproject.toml, without its extras."""
    return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])


if __name__ == "__main__":
    print("\n".join(requirements(Path(sys.argv[1]))))
