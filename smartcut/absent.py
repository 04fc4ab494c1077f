"""What is said of a file that is not there: the name, and the one beside it that may be meant."""

from __future__ import annotations

import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from smartcut.roots import check_inside

#: Names in a folder that are looked through.
_MOST = 10_000


def no_file(path: Path) -> str:
    """``there is no file talk.mp3; did you mean talk.mp4?``

    Names are only told where files may be used: see :mod:`smartcut.roots`.
    """
    said, folder = f"there is no file {path}", path.parent
    if not folder.is_dir():
        return f"{said}: there is no folder {folder}"
    try:
        check_inside(folder)
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MOST) if entry.is_file()]
    except (OSError, ValueError):
        return said
    by_case = {name.lower(): name for name in sorted(names, reverse=True)}
    close = get_close_matches(path.name.lower(), by_case, n=1, cutoff=0.7)
    return f"{said}; did you mean {path.with_name(by_case[close[0]])}?" if close else said
