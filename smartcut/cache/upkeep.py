"""A cache keeps to its limit by itself: what was not used for longest goes, what is in use stays.

Nobody walks through a cache to know how full it is: each process adds what it wrote to a small
file, and only when that says that there is too much are the entries listed, and the oldest deleted.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from smartcut.cache.runs import living
from smartcut.cache.shelf import Entry, Shelf, fresh, locked
from smartcut.errors import CacheError

VARIABLE = "SMARTCUT_CACHE_LIMIT"
_MOST = 20 * 10**9
_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) *(?:([KMGT])(i?)B?)?", re.IGNORECASE)
# So much is left when the limit was passed, that this is not so again at once.
_KEPT = 0.9
# Seconds between two looks at a cache that is too full of what is in use, and at any.
_AGAIN, _ANYWAY = 60, 86_400
# What a process writes before it says so, in bytes, and as a part of the limit.
_STEP, _PART = 64 << 20, 50
# Entries deleted before others get a turn to write.
_AT_ONCE = 64


def parse_size(text: str) -> int:
    """Bytes of a text such as ``20G``, ``1.5T``, ``500MiB`` or ``20``, in gigabytes of 10^9.

    Raises CacheError.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise CacheError(
            f"{text!r} is no size; accepted: a number of gigabytes, or one with K, M, G or T "
            "(20G is 20,000,000,000 bytes, 20GiB is 20 x 1024^3)"
        )
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** _UNITS[(match[2] or "G").upper()])


def limit_of(root: Path) -> int | None:
    """Bytes that a cache may hold: ``SMARTCUT_CACHE_LIMIT``, or 20 GB or a tenth of its disk.

    None stands for no limit. Raises CacheError where the variable holds no size.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        try:
            return min(_MOST, shutil.disk_usage(root).total // 10)
        except OSError:
            return _MOST
    if given.lower() == "none":
        return None
    try:
        return parse_size(given) or None
    except CacheError as error:
        raise CacheError(f"{VARIABLE}: {error}, or `none`") from None


# ------------------------------------------------------------------------------------- pruning


class Pruned(NamedTuple):
    """Bytes that were deleted, that are left, and of these what could not go: it is in use."""

    freed: int
    left: int
    in_use: int


def prune(shelf: Shelf, most: int, goal: int | None = None, but_for: str = "") -> Pruned:
    """Delete dead temporaries, and where there is too much, what was not used for longest.

    Of more than ``most`` bytes ``goal`` are left, or else ``most``. What was used since the oldest
    living run began stays, not counting the run named ``but_for``. Raises CacheError where the
    cache cannot be written.
    """
    try:
        since = min([shelf.moment(), *(began for _, began in living(shelf.runs, but_for))])
        listing = shelf.listed()
        freed = shelf.sweep(listing)
        # Without its sum a file is of no use.
        entries = sorted(listing.entries, key=lambda e: (e.has_sum, e.used))
        if sum(entry.size for entry in entries) > most:
            most = min(most, most if goal is None else goal)
        taken, left = _taken(shelf, entries, most, since)
    except OSError as error:
        raise CacheError(f"the cache at {shelf.folder} cannot be pruned: {error}") from error
    in_use = sum(e.size for e in entries if e.has_sum and e.used >= since)
    return Pruned(freed + taken, left, min(in_use, max(0, left - most)))


def _taken(shelf: Shelf, entries: list[Entry], most: int, since: int) -> tuple[int, int]:
    """(bytes deleted, bytes left)."""
    left = sum(entry.size for entry in entries)
    freed = 0
    for at in range(0, len(entries), _AT_ONCE):
        some = entries[at : at + _AT_ONCE]
        if all(e.has_sum for e in some) and (left <= most or some[0].used >= since):
            break
        with shelf.changing():
            for entry in some:
                if not entry.has_sum or (left > most and entry.used < since):
                    gone = shelf.take(entry.path, since)
                    freed += gone
                    left -= entry.size if gone else 0
    return freed, left


# --------------------------------------------------------------------------------- by itself


class Ledger:
    """About how many bytes a cache holds: as counted last, and what was written since."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, size: int) -> None:
        """Note that so many bytes were written."""
        with suppress(OSError), self._path.open("ab") as file:
            file.write(f"{size}\n".encode())

    def counted(self, size: int) -> None:
        """Note how many there are."""
        with suppress(OSError):
            written = fresh(self._path.parent, ".size-")
            written.write_text(f"{int(time.time())} {size}\n")
            os.replace(written, self._path)

    def is_passed(self, limit: int) -> bool:
        """Whether it is time to look: there is too much, or the amount is unknown.

        Clocks of machines may be apart a little.
        """
        try:
            first, *more = self._path.read_text().splitlines()
            when, before = first.split()
            age, counted = time.time() - float(when), int(before)
            now = counted + sum(int(line) for line in more)
        except (OSError, ValueError):
            return True
        if now > limit:
            return counted <= limit or not -_AGAIN < age < _AGAIN
        return not -_AGAIN < age < _ANYWAY


class Keeper:
    """Keeps a cache to its limit for one run that writes to it."""

    def __init__(self, shelf: Shelf, limit: int | None) -> None:
        self.limit = limit
        self._shelf, self._ledger = shelf, Ledger(shelf.upkeep / "size")
        self._lock = Lock()
        self._uncounted, self._step = 0, min(_STEP, (limit or 0) // _PART)
        self._has_written = False
        self._looking: Thread | None = None
        self._said: str | None = None

    def wrote(self, size: int) -> None:
        """Count what was written; now and then a thread looks whether it was too much."""
        with self._lock:
            self._uncounted += size
            self._has_written = True
            if self.limit is None or self._uncounted < self._step:
                return
        self.count()
        with self._lock:
            if self._looking is not None and self._looking.is_alive():
                return
            if self._ledger.is_passed(self.limit):
                thread = Thread(target=self._look, daemon=True)
                with suppress(RuntimeError):  # too many threads; there is the end of the run
                    thread.start()
                    self._looking = thread

    def count(self) -> None:
        """Bring what was written into the ledger."""
        with self._lock:
            size, self._uncounted = self._uncounted, 0
        if size and self.limit is not None:
            self._ledger.add(size)

    def counted(self, pruned: Pruned) -> None:
        """Take note of what is left after all of it was looked at."""
        self._ledger.counted(pruned.left)

    def tidy(self) -> str | None:
        """Prune to the limit at the end of a run, if need be; in words, why that cannot be.

        What a killed run left half-written goes in any case.
        """
        self._shelf.tidy()
        if self.limit is None or not self._has_written:
            return None
        self.count()
        if self._looking is not None:
            self._looking.join()
        if self._ledger.is_passed(self.limit):
            self._look()
        return self._said

    def _look(self) -> None:
        """Prune to the limit, unless another does."""
        assert self.limit is not None
        with locked(self._shelf.upkeep / "pruning") as is_ours:
            if not is_ours:
                return
            try:
                pruned = prune(self._shelf, self.limit, int(self.limit * _KEPT))
            except CacheError:
                return  # of no weight to a run that has what it needs
            self._ledger.counted(pruned.left)
        self._said = None
        if pruned.left > self.limit:
            self._said = (
                f"the cache at {self._shelf.folder.parent} holds {_shown(pruned.left)}, more than "
                f"its limit of {_shown(self.limit)}: this run, and others that go on, use all of "
                f"that; {VARIABLE} sets the limit"
            )


def _shown(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{size / 1e6:.1f} MB"
