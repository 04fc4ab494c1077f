"""Says what set-up is about to download, from the sizes that `make constraints` wrote down."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

SIZES = Path(__file__).with_name("downloads.json")

_SYSTEMS = {"darwin": "macos", "win32": "windows"}
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def this_system() -> str:
    """Operating system and processor, such as ``linux-x86_64``."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{_MACHINES.get(machine, machine)}"


def announcement(sizes: Mapping[str, int], system: str, torch: str = "") -> str:
    """One sentence: megabytes of packages and of weights, and what would be less."""
    total, small = sizes.get(system), sizes.get(f"{system} TORCH=cpu")
    if total is None:
        packages = f"an unknown amount (it was measured for {', '.join(sizes)})"
    elif torch == "cpu" and small is not None:
        packages = f"up to {small} MB"
    elif not torch and small is not None:
        packages = f"up to {total} MB, most of it CUDA (TORCH=cpu: {small} MB without it)"
    else:
        packages = f"up to {total} MB"
    return f"set-up downloads {packages}, and then {sizes['weights']} MB of weights"


if __name__ == "__main__":
    print(announcement(json.loads(SIZES.read_text()), this_system(), "".join(sys.argv[1:])))
