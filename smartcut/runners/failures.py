"""Errors of the system, in words: a full disk, a folder that is gone, too little memory."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from smartcut.errors import RenderError, SmartcutError, StageError
from smartcut.files import is_full, reason

_OUT_OF_MEMORY = (
    "there is not enough memory (or are too many threads); make room, give fewer --jobs, use a "
    "smaller `resolution`, or raise --memory-limit where one is set; what is done is kept"
)
# Python, Python's imports, torch, OpenCV.
_NO_MEMORY = (
    "can't start new thread",
    "can't allocate",
    "cannot allocate memory",
    "out of memory",
    "insufficient memory",
)


@contextmanager
def in_words(cache: Path, *outputs: Path) -> Iterator[None]:
    """Turn what the system refuses during the block into an error that says what to do.

    ``cache`` and ``outputs`` are where a run writes: of a full disk, the system does not say
    which it is.
    """
    places = {cache: "the cache", Path(tempfile.gettempdir()): "temporary files"}
    places |= {path.parent: "the output" for path in outputs}
    try:
        yield
    except Exception as error:
        told = explained(error, places)
        if told is None:
            raise
        raise told from error


def explained(error: Exception, places: Mapping[Path, str] = {}) -> SmartcutError | None:
    """What an error of the system means for the user; None where it is none of those.

    ``places`` are the folders that a full disk may be the disk of, and what goes there.
    """
    if isinstance(error, SmartcutError):
        return None
    if _is_of_memory(error):
        return StageError(_OUT_OF_MEMORY)
    if not isinstance(error, OSError):
        return None
    if is_full(error) and places:
        fullest = min(places, key=_room)
        return RenderError(f"{reason(error, fullest)} (where {places[fullest]} goes)")
    where = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
    return RenderError(f"{where}{reason(error)}")


def _is_of_memory(error: Exception) -> bool:
    """Whether memory or threads could not be had; most libraries say so in words alone."""
    if isinstance(error, MemoryError):
        return True
    said = str(error).lower()
    return not isinstance(error, OSError) and any(words in said for words in _NO_MEMORY)


def _room(place: Path) -> float:
    """Bytes free there, as far as is known."""
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return math.inf
