"""Files that get their names when they are whole, each written by one process at a time.

A file is written beside its place under a hidden name, flushed to the disk, and renamed. Who
writes ``reel.mp4`` and its companion files (``reel.srt``, ``reel.manifest.json``) holds
``.reel.lock`` beside it: an advisory lock, of which the system lets go when its process ends,
however that ends. The lock's file lists the hidden names, so that the next writer removes what a
killed one left. Where a file system has no locks, no run is refused, and nothing removed.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.errors import RenderError
from smartcut.locks import lock_if_possible
from smartcut.roots import check_writable

if TYPE_CHECKING:
    import numpy as np

_PART = ".part"
_LONGEST = 100
"""Bytes of a name that are repeated in a hidden one: file systems end at 255."""
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class _Hold:
    """The right to write what is called so in a folder."""

    folder: Path
    name: str
    file: int
    """Of the lock, open; -1 where the file system knows no locks."""

    def covers(self, path: Path) -> bool:
        same = path.name == self.name or path.name.startswith(self.name + ".")
        return same and _resolved(path.parent) == self.folder

    def list(self, hidden: str) -> None:
        """Write a hidden name down, before there is a file of that name."""
        if self.file >= 0:
            os.write(self.file, (json.dumps(hidden) + "\n").encode())


_held: ContextVar[tuple[_Hold, ...]] = ContextVar("_held", default=())


# ---------------------------------------------------------------------------------- whole files


@contextmanager
def whole(path: Path, *, alone: bool = True) -> Iterator[Path]:
    """A hidden path to write; it becomes ``path`` when the block ends without an error.

    Until then what was there stays. Raises RenderError where another process writes it, unless
    all would write the same (not ``alone``), and OSError where the disk does not take it: also
    late, as those of a network do.
    """
    with scratch(path, alone=alone) as hidden:
        yield hidden
        _flush(hidden)
        os.replace(hidden, path)


@contextmanager
def scratch(path: Path, *, alone: bool = True) -> Iterator[Path]:
    """A hidden path beside ``path``, with its suffix; what is written there goes with the block."""
    with _right_to(path) if alone else nullcontext() as hold:
        hidden = path.with_name(_hidden(path.stem) + path.suffix)
        if hold is not None:
            hold.list(hidden.name)
        try:
            yield hidden
        except OSError as error:
            if error.filename != str(hidden):
                raise
            raise OSError(error.errno, error.strerror, str(path)) from error
        finally:
            with suppress(OSError):
                hidden.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """As :func:`whole`, for a folder; one that is there is moved away first, then deleted."""
    with _taken(path, path.name) as hold:
        hidden, before = (path.with_name(_hidden(path.name)) for _ in range(2))
        hold.list(hidden.name)
        try:
            hidden.mkdir()
            yield hidden
            for file in hidden.rglob("*"):
                if file.is_file():
                    _flush(file)
            if path.exists():
                hold.list(before.name)
                os.replace(path, before)
            os.replace(hidden, path)
        finally:
            if before.exists() and not path.exists():
                os.replace(before, path)
            shutil.rmtree(hidden, ignore_errors=True)
            shutil.rmtree(before, ignore_errors=True)


@contextmanager
def whole_numbered(pattern: Path) -> Iterator[Path]:
    """As :func:`whole`, for files that a name with a number stands for, from 1 on.

    Each gets its name when all of them are whole.
    """
    with _right_to(pattern) as hold:
        hidden = pattern.with_name(_hidden(pattern.name.partition("%")[0] or "pictures"))
        hold.list(hidden.name)
        try:
            hidden.mkdir()
            inner = hidden / pattern.name
            yield inner
            files = sorted(hidden.iterdir())
            for file in files:
                _flush(file)
            for file in files:
                os.replace(file, pattern.with_name(file.name))
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises RenderError and OSError as :func:`whole` does."""
    with whole(path) as hidden:
        hidden.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write a text file, in UTF-8 and with the line ends that it has, whole or not at all."""
    write_bytes(path, text.encode())


def new_array(path: Path, kind: type, shape: tuple[int, ...]) -> np.memmap:
    """A new ``.npy`` file as an array in memory; raises OSError where the disk has no room for it.

    Its blocks are taken at once: the system ends a process that writes to a page which then has
    no place on the disk.
    """
    import numpy as np

    array = np.lib.format.open_memmap(path, "w+", np.dtype(kind), shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _hidden(name: str) -> str:
    return f".{_short(name)}.{secrets.token_hex(4)}{_PART}"


def _short(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    return f"{name[:20]}-{sha256(name.encode()).hexdigest()[:16]}"


def _flush(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


# ----------------------------------------------------------------------------------------- locks


@contextmanager
def only_writer(*paths: Path) -> Iterator[None]:
    """Holds an exclusive write lock on these outputs and their companion files.

    Their folders are made, and removed again where nothing came into them. Blocks may be nested.
    Raises RenderError at once where another process writes one of them, or a folder takes none.
    """
    wanted = {(_resolved(path.parent), path.stem): path for path in paths}
    with ExitStack() as stack:
        for (folder, name), path in wanted.items():
            if not any((hold.folder, hold.name) == (folder, name) for hold in _held.get()):
                stack.enter_context(_taken(path, name))
        yield


@contextmanager
def _right_to(path: Path) -> Iterator[_Hold]:
    for hold in reversed(_held.get()):
        if hold.covers(path):
            yield hold
            return
    with _taken(path, path.stem) as hold:
        yield hold


@contextmanager
def _taken(path: Path, name: str) -> Iterator[_Hold]:
    folder = _resolved(path.parent)
    lock = folder / f".{_short(name)}.lock"
    try:
        check_writable(path)
    except ValueError as error:
        raise RenderError(str(error)) from error
    try:
        made = _make(folder)
        file = _locked(lock, path)
    except OSError as error:
        raise RenderError(f"{path} cannot be written: {reason(error, folder)}") from error
    hold = _Hold(folder, name, file)
    token = _held.set((*_held.get(), hold))
    try:
        yield hold
    finally:
        _held.reset(token)
        with suppress(OSError):
            lock.unlink(missing_ok=True)  # while it is held: no other process has it then
        if file >= 0:
            os.close(file)
        for one in made:
            with suppress(OSError):
                one.rmdir()


def _resolved(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def _make(folder: Path) -> list[Path]:
    """Make the folder; the answer is what there was not, the innermost first."""
    made = []
    one = folder
    while not one.exists():
        made.append(one)
        one = one.parent
    folder.mkdir(parents=True, exist_ok=True)
    return made


def _locked(lock: Path, path: Path) -> int:
    """The open file of a lock that is held now; -1 where there are no locks."""
    for _ in range(_ATTEMPTS):
        file, writable = _opened(lock)
        if file < 0:
            continue
        with ExitStack() as closing:
            closing.callback(os.close, file)
            free = lock_if_possible(file)
            if free is None:
                return -1
            if not free:
                raise RenderError(_busy(path, _said(file)))
            if not _is_at(lock, file):  # let go of, and removed, since it was opened
                continue
            _sweep(lock.parent, os.pread(file, 1 << 20, 0))
            if not writable:  # a killed process of somebody else had it
                lock.unlink()
                continue
            os.ftruncate(file, 0)
            os.write(file, _about_us())
            closing.pop_all()
            return file
    raise RenderError(_busy(path, b""))


def _said(file: int) -> bytes:
    """What the holder of a lock wrote; one that has taken it just now writes in a moment."""
    for _ in range(_ATTEMPTS):
        if content := os.pread(file, 1000, 0):
            return content
        time.sleep(0.01)
    return b""


def _about_us() -> bytes:
    who = {"process": os.getpid(), "host": socket.gethostname(), "since": int(time.time())}
    return (json.dumps(who) + "\n").encode()


def _opened(lock: Path) -> tuple[int, bool]:
    """The lock's file, made where there is none, and whether it can be written; -1: try again."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    try:
        return os.open(lock, flags, 0o644), True
    except PermissionError:
        if not lock.exists():
            raise
    try:
        return os.open(lock, os.O_RDONLY | os.O_NOFOLLOW), False
    except FileNotFoundError:
        return -1, False


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


def _sweep(folder: Path, content: bytes) -> None:
    """Remove the hidden files that a killed process wrote down."""
    for line in content.splitlines()[1:]:
        try:
            name = json.loads(line)
        except ValueError:
            continue
        if not isinstance(name, str) or os.path.basename(name) != name:
            continue
        if name.startswith(".") and _PART in name:
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _busy(path: Path, content: bytes) -> str:
    try:
        about = json.loads(content.splitlines()[0])
        since = time.strftime("%H:%M:%S", time.localtime(about["since"]))
        who = f"process {int(about['process'])} on {about['host']}, since {since}"
    except (ValueError, IndexError, KeyError, TypeError):
        who = "another process"
    return (
        f"{path}: this output, or one of its companion files, is being written already ({who}); "
        "wait for that run to end, or choose another output"
    )


# ---------------------------------------------------------------------------------------- reasons

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_UNREACHABLE = tuple(
    getattr(errno, name)
    for name in ("EIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ETIMEDOUT", "ENODEV")
    if hasattr(errno, name)
)


def is_full(error: BaseException) -> bool:
    """Whether the error says that there is no room left on a disk."""
    return isinstance(error, OSError) and error.errno in _FULL


def reason(error: OSError, place: Path | None = None) -> str:
    """Why a file at ``place``, or in that folder, cannot be read or written, and what to do."""
    number = error.errno
    if number in _FULL:
        what = "the disk is full" if number == errno.ENOSPC else "the disk's quota is used up"
        return f"{what}{_left(place)}; make room and run it again: what is done is kept"
    if number is None and "requested and" in str(error):  # NumPy's words
        return f"not all could be written: the disk is full{_left(place)}, or files are limited"
    if number in (errno.ENOENT, errno.ENOTDIR):
        return f"{error.strerror}: a folder is gone, or the share that it is on"
    if number == errno.EFBIG:
        return "the file is larger than may be written here (`ulimit -f`, or the file system)"
    if number == errno.EROFS:
        return "the file system is read-only; choose another folder"
    if number in (errno.EACCES, errno.EPERM):
        return (
            f"{error.strerror or 'not allowed'}; change the permissions, or choose another folder"
        )
    if number in _UNREACHABLE:
        said = error.strerror or "no answer"
        return f"the disk or network share fails ({said}); run it again once it is there"
    if number == errno.EMFILE:
        return "too many files are open (`ulimit -n`)"
    return error.strerror or str(error)


def _left(place: Path | None) -> str:
    """How much room there is, where that can be said."""
    while place is not None and not place.is_dir() and place != place.parent:
        place = place.parent
    if place is None:
        return ""
    try:
        return f" ({shutil.disk_usage(place).free / 1e6:.1f} MB left at {place})"
    except OSError:
        return ""
