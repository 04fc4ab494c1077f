"""Bar-coded clips are made once in a run of the tests: who asks again for the same gets a copy.

Of about 700 that the default tests ask for, half are like another one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from smartcut import testing

_make = testing.write_bar_coded
_folder: Path | None = None


def _copied(path: Path, **settings: Any) -> None:
    assert _folder is not None
    asked = repr((path.suffix, sorted(settings.items())))
    kept = _folder / f"{hashlib.sha256(asked.encode()).hexdigest()}{path.suffix}"
    if not kept.exists():
        made = _folder / f"{os.getpid()}-{kept.name}"
        _make(made, **settings)
        made.rename(kept)
    shutil.copyfile(kept, path)


def keep_clips() -> None:
    """Who imports ``smartcut.testing.write_bar_coded`` from now on gets what looks here first."""
    testing.write_bar_coded = _copied


def keep_clips_in(folder: Path) -> None:
    """Where they lie; several processes may share it."""
    global _folder
    folder.mkdir(exist_ok=True)
    _folder = folder
