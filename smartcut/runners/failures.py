"""Errors of the system, in words: a full disk, a folder that is gone, too little memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smartcut.errors import RenderError, SmartcutError, StageError
from smartcut.files import is_full, reason


@contextmanager
def in_words(cache: Path, *outputs: Path) -> Iterator[None]:
    """Turn what the system refuses during the block into an error that says what to do.

    ``cache`` and ``outputs`` are where a run writes: of a full disk, the system does not say
    which it is.
    """
    try:
        yield
    except SmartcutError:
        raise
    except MemoryError as error:
        raise StageError(_OUT_OF_MEMORY) from error
    except OSError as error:
        raise RenderError(_said(error, cache, outputs)) from error
    except RuntimeError as error:
        if not _is_of_memory(error):
            raise
        raise StageError(_OUT_OF_MEMORY) from error


_OUT_OF_MEMORY = (
    "there is not enough memory; make room, give fewer --jobs, use a smaller `resolution`, or "
    "raise --memory-limit where one is set; what is done is kept"
)


def _is_of_memory(error: RuntimeError) -> bool:
    """Whether a library could not get memory; torch says so in words alone."""
    said = str(error).lower()
    return type(error).__name__ == "OutOfMemoryError" or "allocate memory" in said


def _said(error: OSError, cache: Path, outputs: tuple[Path, ...]) -> str:
    if not is_full(error):
        where = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        return f"{where}{reason(error)}"
    places = {
        "the cache": cache,
        "the output": outputs[0].parent if outputs else None,
        "temporary files": Path(tempfile.gettempdir()),
    }
    left = [f"{name} {_room(place)}" for name, place in places.items() if place is not None]
    return f"{reason(error)}; room for {', '.join(left)}"


def _room(place: Path) -> str:
    try:
        return f"{shutil.disk_usage(place).free / 1e6:.1f} MB ({place})"
    except OSError:
        return f"not known ({place})"
