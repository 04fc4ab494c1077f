"""What of this machine the process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """How many cores this process may run on; schedulers may bind it to fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
