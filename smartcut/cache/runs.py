"""Who uses a cache: what a run has in use is known to all others, and forgotten when it dies.

A run's note is an empty file in the cache, locked for as long as its process lives; its time of
change is when the run began. Everything that was read or written since the oldest living run began
may still be in use: a piece that was found while planning is joined minutes later.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

from smartcut.locks import take_lock

# Locks of other machines need not reach this one: their notes count for so long after the last
# sign of life, in seconds, and signs are given no more often than that.
_LIFETIME = 86_400
_SIGN = 600


@cache
def this_machine() -> str:
    """Eight hex digits for this machine, since it was started."""
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        started = ""
    return hashlib.sha256(f"{socket.gethostname()} {started}".encode()).hexdigest()[:8]


class CacheUse:
    """One run's note, from the first :meth:`begin` to :meth:`end`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fresh()

    def _fresh(self) -> None:
        self.name = ""
        self._pid, self._lock = os.getpid(), Lock()
        self._file, self._start, self._sign = -1, 0, 0.0

    def begin(self) -> None:
        """Note that the cache is in use from now on; where nothing can be written, nothing is."""
        if self._pid != os.getpid():  # a fork: the note is the parent's
            self._fresh()
        if time.monotonic() < self._sign:
            return
        with self._lock:
            if self._file < 0:
                with suppress(OSError):
                    self._write()
            else:
                with suppress(OSError):
                    os.utime(self._file, ns=(time.time_ns(), self._start))
            self._sign = time.monotonic() + _SIGN

    def _write(self) -> None:
        name = f"{this_machine()}_{uuid.uuid4().hex[:16]}"
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f".new-{name}"
        file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            with suppress(OSError):
                take_lock(file)
            os.rename(new, self._folder / name)  # locked before anybody sees it
        except BaseException:
            os.close(file)
            new.unlink(missing_ok=True)
            raise
        self.name, self._file, self._start = name, file, os.fstat(file).st_mtime_ns

    def end(self) -> None:
        """Take the note away: nothing is in use any more."""
        if self._pid != os.getpid():
            return
        with self._lock:
            file, name = self._file, self.name
            self._file, self.name, self._sign = -1, "", 0.0
            if file >= 0:
                (self._folder / name).unlink(missing_ok=True)
                os.close(file)


def living(folder: Path, except_for: str = "") -> Iterator[tuple[str, int]]:
    """(name, when it began in ns) of each run that may be alive."""
    for name in _names(folder):
        if name == except_for or name.startswith("."):
            continue
        with suppress(FileNotFoundError):
            began = (folder / name).stat().st_mtime_ns
            if is_living(folder, name):
                yield name, began


def dead(folder: Path, machine: str = "") -> list[str]:
    """The names of runs, of that machine or of any, that ended without taking their note away."""
    names = (name for name in _names(folder) if name.startswith(machine))
    return [name for name in names if not is_living(folder, name)]


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def is_living(folder: Path, name: str) -> bool:
    """Whether the run of that name may be alive."""
    path, is_fresh = folder / name, True
    try:
        is_fresh = time.time() - path.stat().st_atime < _LIFETIME
        if name.startswith("."):  # its lock is about to be taken, and not by others
            return is_fresh
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:  # another user's
        return is_fresh
    try:
        return not take_lock(file) or (is_fresh and not is_from_here(name))
    except OSError:  # no locks here
        return is_fresh
    finally:
        os.close(file)


def is_note(name: str) -> bool:
    """Whether that is the name of a run."""
    machine, _, rest = name.partition("_")
    return len(machine) == 8 and len(rest) == 16


def is_from_here(name: str) -> bool:
    """Whether the run of that name is or was one of this machine's."""
    return name.startswith(f"{this_machine()}_")
