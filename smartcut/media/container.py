"""Opens media files for reading: local files only, quietly, with errors that a user can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import av
import av.container
import av.error
import av.logging

from smartcut.errors import SourceError

av.logging.set_level(None)

# A playlist or a crafted file may name other places; only plain files are read.
LOCAL_ONLY = {"protocol_whitelist": "file"}

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
    """Give freed memory back to the system: glibc keeps a long file's tables for the thread."""
    if _trimmed is not None:
        _trimmed(0)


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The open container; every FFmpeg error inside the block becomes a SourceError."""
    if not path.exists():
        raise SourceError(f"there is no file {path}")
    if path.is_dir():
        raise SourceError(f"{path} is a folder; name a media file")
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty (0 bytes)")
    try:
        with _OPENING:
            container = av.open(str(path), metadata_errors="ignore", options=LOCAL_ONLY)
        try:
            with container:
                yield container
        finally:
            del container
            give_back()
    except (av.error.FFmpegError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{path} cannot be read as media: {reason}") from error
