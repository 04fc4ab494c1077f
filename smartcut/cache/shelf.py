"""How entries of a cache lie on the disk: each a file beside its sum, put and taken away whole.

Readers take no lock. They mark a file as used, then read its sum, then the file. Who puts an entry
there or takes one away holds a lock for a moment; taking begins with the sum, so that whoever
still found that has marked the file in time, and keeps it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from smartcut.cache.runs import dead, is_from_here, is_living, is_note, this_machine
from smartcut.locks import take_lock

_BLOCK = 1 << 20
# Seconds to wait for the lock; whoever holds it for so long is stopped, and lost it long ago.
_PATIENCE = 10.0
_TEMPORARY = ".tmp-"
# What a dead process left half-written is known by the run's note; without one, by its age.
_ABANDONED = 86_400


def file_sha256(path: Path) -> str:
    """sha256 of the file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def identity_of(path: Path) -> dict[str, str | int]:
    """By what a file is known to be the one that it was, without reading it."""
    stat = path.stat()
    return {
        "path": str(path.resolve()),
        "size": stat.st_size,
        "mtime": stat.st_mtime_ns,
        "ctime": stat.st_ctime_ns,
        "inode": stat.st_ino,
    }


def sum_of(path: Path) -> Path:
    """Where the sum of a file lies."""
    return path.with_name(path.name + ".sum")


class Entry(NamedTuple):
    """A file of the cache: ``used`` is when it was last read or written, in ns."""

    path: Path
    size: int
    used: int
    has_sum: bool


class Listing(NamedTuple):
    """What lies in a cache, with the sums that have no file."""

    entries: list[Entry]
    temporaries: list[Path]
    sums: list[Path]


class Shelf:
    """The files of the cache below ``root``; every method is safe beside other processes."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "artifacts"
        self.upkeep = root / "upkeep"
        self.runs = self.upkeep / "runs"

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else puts or takes entries during the block.

        Where there can be no lock, or it is not to be had, all goes on without: then two at once
        can make each other's work a miss, and no more.
        """
        with locked(self.upkeep / "lock", _PATIENCE):
            yield

    # ------------------------------------------------------------------------------ one entry

    def is_whole(self, path: Path) -> bool:
        """Whether the file is there and fits its sum; a hit marks it as used."""
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        except OSError:
            pass  # a cache that can be read but not written
        return self.fits(path)

    def fits(self, path: Path) -> bool:
        """Whether the file fits its sum, without marking it."""
        if fits(path):
            return True
        if not path.exists():
            return False
        with self.changing():
            pass  # a writer that was between the file and its sum has finished both
        return fits(path)

    def temporary(self, place: Path, run: str) -> Path:
        """An empty file beside ``place``, that is known to be the run's; raises OSError."""
        place.parent.mkdir(parents=True, exist_ok=True)
        prefix = f"{_TEMPORARY}{run or 'unknown'}-"
        return fresh(place.parent, prefix, place.suffix)

    def put(self, temporary: Path, place: Path, content: str) -> None:
        """Make a file whose sha256 is ``content`` the entry at ``place``; raises OSError.

        Nothing is forced to the disk: what a loss of power leaves of it does not fit its sum.
        """
        note = sum_of(temporary)
        try:
            note.write_text(content)
            os.utime(temporary)  # it may have been copied with its times
            with self.changing():
                os.replace(temporary, place)
                os.replace(note, sum_of(place))
        finally:
            note.unlink(missing_ok=True)

    def take(self, path: Path, since: int) -> int:
        """Delete an entry, unless it was used since; bytes freed. Only while :meth:`changing`.

        ``since`` is in ns. One without a sum is of no use to anybody, and goes in any case.
        """
        note = sum_of(path)
        aside = path.with_name(f"{_TEMPORARY}taken-{uuid.uuid4().hex}")
        try:
            os.rename(note, aside)
            is_known = True
        except FileNotFoundError:
            is_known = False
        try:
            stat = path.stat()
            if is_known and stat.st_mtime_ns >= since:
                os.rename(aside, note)
                return 0
            path.unlink()
        except FileNotFoundError:
            return 0
        finally:
            aside.unlink(missing_ok=True)
        return stat.st_size

    # ---------------------------------------------------------------------------- all of them

    def listed(self) -> Listing:
        """What there is now; files that come or go meanwhile may be missing."""
        entries: list[Entry] = []
        temporaries: list[Path] = []
        sums: list[Path] = []
        for folder in _inside(self.folder):
            found = {item.name: item for item in _inside(folder.path)}
            for name, item in found.items():
                if name.startswith(_TEMPORARY):
                    temporaries.append(Path(item.path))
                elif name.endswith(".sum"):
                    if name.removesuffix(".sum") not in found:
                        sums.append(Path(item.path))
                else:
                    with suppress(OSError):
                        stat = item.stat()
                        has_sum = f"{name}.sum" in found
                        path = Path(item.path)
                        entries.append(Entry(path, stat.st_size, stat.st_mtime_ns, has_sum))
        return Listing(entries, temporaries, sums)

    def is_abandoned(self, temporary: Path) -> bool:
        """Whether no process writes to that file any more."""
        run = temporary.name.removeprefix(_TEMPORARY).partition("-")[0]
        if is_note(run):
            if is_living(self.runs, run):
                return False
            if is_from_here(run):
                return True
        try:
            return time.time() - temporary.stat().st_mtime > _ABANDONED
        except OSError:
            return False

    def sweep(self, listing: Listing) -> int:
        """Delete what dead processes left half-written, and sums without a file; bytes freed."""
        freed = 0
        notes = dead(self.runs)
        for path in listing.temporaries:
            if self.is_abandoned(path):
                with suppress(OSError):
                    size = path.stat().st_size
                    path.unlink()
                    freed += size
        if listing.sums:
            with self.changing():
                for note in listing.sums:
                    if not note.with_name(note.name.removesuffix(".sum")).exists():
                        note.unlink(missing_ok=True)
        for name in notes:  # nothing of theirs is left
            with suppress(OSError):
                (self.runs / name).unlink(missing_ok=True)
        return freed

    def tidy(self) -> None:
        """Delete what dead processes left half-written, where one of this machine left its note."""
        if dead(self.runs, this_machine()):
            self.sweep(self.listed())

    def moment(self) -> int:
        """A time of the file system's clock, in ns, after every use so far; raises OSError."""
        self.upkeep.mkdir(parents=True, exist_ok=True)
        hand = fresh(self.upkeep, ".clock-")
        try:
            first = now = hand.stat().st_mtime_ns
            while now <= first:  # its clock goes in steps of some milliseconds
                time.sleep(0.001)
                os.utime(hand)
                now = hand.stat().st_mtime_ns
        finally:
            hand.unlink()
        return now


def fresh(folder: Path, prefix: str, suffix: str = "") -> Path:
    """A new, empty file of an unused name; raises OSError.

    Who may read it is left to the user's mask, since a cache may be shared.
    """
    path = folder / f"{prefix}{secrets.token_hex(8)}{suffix}"
    path.touch(0o666, exist_ok=False)
    return path


@contextmanager
def locked(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Whether this has the lock of that name, after waiting for so many seconds at most.

    A lock is gone with its process. (FileLock does the same in 200 times the microseconds, and an
    entry of a cache may be a hundred bytes.)
    """
    file, is_ours = -1, False
    until = time.monotonic() + patience
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while not (is_ours := take_lock(file)) and time.monotonic() < until:
            time.sleep(0.001)
    try:
        yield is_ours
    finally:
        if file >= 0:
            os.close(file)


def fits(path: Path) -> bool:
    """Whether the file fits its sum as both are just now; see :meth:`Shelf.fits`."""
    try:
        expected = sum_of(path).read_text("ascii", "replace").strip()
        return bool(expected) and file_sha256(path) == expected
    except OSError:
        return False


def _inside(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return list(items)
    except OSError:
        return []
