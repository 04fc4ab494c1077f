"""A run in a process of its own with limits: what a hostile file breaks is that process alone."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence

from smartcut.errors import PipelineError, SmartcutError

_INSIDE = "SMARTCUT_ISOLATED"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
# Seconds to clean up in, after being asked to end.
_GRACE = 10
# The exit code of glibc when it has no memory for a thread's own data.
_ABORTED = 127
# Below this Python and NumPy do not even start.
_LEAST_MEMORY = 256 << 20


class IsolatedError(SmartcutError):
    """The separate process ended by a limit or a crash."""


def is_inside() -> bool:
    """Whether this process is the separate one already."""
    return _INSIDE in os.environ


def parse_memory(text: str) -> int:
    """Bytes of a text such as ``4G`` or ``512M``; raises PipelineError."""
    match = re.fullmatch(r"(\d{1,12})([KMG]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    size = int(match[1]) * _UNITS[match[2].upper()] if match else 0
    if size < _LEAST_MEMORY:
        raise PipelineError(f"--memory-limit {text!r}; accepted: a size of 256M or more, as 4G")
    return size


def run_isolated(arguments: Sequence[str], memory: int, seconds: float | None = None) -> int:
    """The exit code of ``smartcut ARGUMENTS`` in a process that may not use more.

    ``memory`` is in bytes of data, for each process that it starts in turn; ``seconds`` of wall
    clock, and of processor time on every core. Raises IsolatedError where it crashes or is ended.
    """
    cores = os.cpu_count() or 1

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if seconds is not None:
            most = int(seconds * cores) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (most, most + _GRACE))

    command = [sys.executable, "-m", "smartcut.cli", *arguments]
    child = subprocess.Popen(
        command,
        env={**os.environ, _INSIDE: "1"},
        preexec_fn=limited,
        start_new_session=True,
    )
    try:
        code = child.wait(seconds)
    except subprocess.TimeoutExpired:
        _end(child)
        raise IsolatedError(
            f"the run took more than {seconds:g} s (--time-limit) and was ended; what it had "
            "finished is in the cache"
        ) from None
    except BaseException:
        _end(child)
        raise
    if code < 0 or code == _ABORTED:
        name = signal.Signals(-code).name if code < 0 else "the C library, for lack of memory"
        raise IsolatedError(
            f"the separate process was ended by {name}: an input is damaged or hostile, or needs "
            f"more than {memory >> 20} MiB (--memory-limit); outputs are whole or not there"
        )
    return code


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let it clean up, then end it and all that it started."""
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(_GRACE)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
