"""Peers that live in Pythons of their own, which environment variables name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

#: Divided by colons, the Pythons with other programs that cut: smartcut of the package index (1.7;
#: another project), auto-editor.
CUT_PEERS = "CUT_PEERS"


def python_with(package: str, variable: str, default: Sequence[str] = (sys.executable,)) -> str:
    """The first Python of the variable's in which a distribution is installed; '' if none is.

    ``default`` are those looked at where the variable is not set.
    """
    named = os.environ.get(variable)
    code = f"import importlib.metadata as m; m.version({package!r})"
    for python in named.split(":") if named else default:
        found = subprocess.run([python, "-c", code], stderr=subprocess.DEVNULL, check=False)
        if found.returncode == 0:
            return python
    return ""
