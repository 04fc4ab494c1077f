"""Another package of the index that is imported as `smartcut` too, and what to do about it.

Installed into one environment, each of the two overwrites files of the other.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

_OTHER = re.compile(r"smartcut-(?P<version>[^-]+)\.(dist-info|egg-info)", re.I)


def others() -> Iterator[tuple[str, str]]:
    """(folder, version) of each installed package that is called `smartcut`; this one is not."""
    for folder in dict.fromkeys(sys.path):
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if found := _OTHER.fullmatch(name):
                yield folder, found["version"]


def message() -> str:
    """What collides, and the way out; empty where nothing does."""
    found = [f"smartcut {version} in {folder}" for folder, version in others()]
    if not found:
        return ""
    return (
        f"another package is imported as `smartcut` too ({'; '.join(found)}), and each of the two "
        "overwrites files of the other; run: pip uninstall smartcut, then: "
        "pip install --force-reinstall --no-deps smartcut-pipelines"
    )


def warn() -> None:
    """Warn on import where two packages collide."""
    if said := message():
        import warnings

        warnings.warn(said, stacklevel=3)
