"""Opens media files for reading: local files only, quietly, with errors that a user can act on."""

from __future__ import annotations

import errno
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import av
import av.container
import av.error
import av.logging

from smartcut.absent import no_file
from smartcut.errors import SourceError
from smartcut.media.trusted import pointing, reading
from smartcut.media.webp import readable

av.logging.set_level(None)

# Bytes that honest files never ask for at once.
_ROOM = 1 << 30
# Bytes of a file whose tables are worth giving back at once.
_LONG = 1 << 24
# One at a time: on the way, a long file's tables take about as much again.
_OPENING = Lock()


def _trim() -> Callable[[int], int] | None:
    """glibc's malloc_trim; None where the C library has none."""
    import ctypes

    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None


_trimmed = _trim()


def give_back() -> None:
    """Give freed memory back to the system: glibc keeps a long file's tables for the thread.

    All of the process is gone through, so it is worth its time after long files only.
    """
    if _trimmed is not None:
        _trimmed(0)


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The open container; every FFmpeg error inside the block becomes a SourceError."""
    if not path.exists():
        raise SourceError(no_file(path))
    if path.is_dir():
        raise SourceError(f"{path} is a folder; name a media file")
    if path.suffix.lower() in (".yaml", ".yml"):
        raise SourceError(f"{path} is a pipeline, not media: `smartcut run {path} FILE` runs it")
    if not path.is_file():
        raise SourceError(f"{path} is no regular file, but a pipe or device; name a media file")
    if (size := path.stat().st_size) == 0:
        raise SourceError(f"{path} is empty (0 bytes)")
    with reading_from(path):
        with _OPENING:
            container = open_plain(path)
        try:
            with container:
                yield container
        finally:
            del container
            if size > _LONG:
                give_back()


@contextmanager
def reading_from(path: Path) -> Iterator[None]:
    """Every FFmpeg error inside the block becomes a SourceError about that file."""
    try:
        yield
    except (av.error.FFmpegError, EOFError) as error:
        excuse(error)
        raise SourceError(f"{path} cannot be read as media: {_reason(path, error)}") from error


def excuse(error: Exception) -> None:
    """Raise MemoryError where not the file is to blame: there is no memory, or no more threads.

    A damaged file may ask for more than any machine has: then there is room for others.
    """
    number = getattr(error, "errno", None)
    if number == errno.EAGAIN or (number == errno.ENOMEM and not _is_room()):
        raise MemoryError(str(error)) from error


def _is_room() -> bool:
    """Whether the system would give this process a lot of memory more."""
    try:
        mmap.mmap(-1, _ROOM).close()
    except OSError:
        return False
    return True


def open_plain(path: Path, **options: str) -> Any:
    """The file, opened by FFmpeg with nothing allowed but what :mod:`trusted` lists.

    A relative name could be taken for a protocol (``http:a.mp4``), so it is made absolute.
    """
    path = readable(path)
    return av.open(str(path.absolute()), metadata_errors="ignore", options=reading() | options)


def _reason(path: Path, error: Exception) -> str:
    kind = pointing(path)
    if kind is not None:
        return (
            f"it is a playlist ({kind}), which could name any other file; give the files it names"
        )
    if isinstance(error, av.error.ArgumentError):
        return "its format is damaged, or none of those that are read (see docs/threat_model.md)"
    if getattr(error, "errno", None) == errno.ENOMEM:
        return "it asks for more memory than there is; most likely it is damaged"
    return getattr(error, "strerror", None) or str(error)
