"""Tables of colours that were found, as files in the cache."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.cache import key_of
from smartcut.render.lut import write_cube

if TYPE_CHECKING:
    import numpy as np

    from smartcut.cache import Cache


def kept_table(table: np.ndarray, cache: Cache) -> Path:
    """The .cube file of a table, float32 (n, n, n, 3); the same one for the same table."""
    key = key_of("conform-cube", 1, {"table": hashlib.sha256(table.tobytes()).hexdigest()})
    with cache.create(key, ".cube") as path:
        write_cube(path, table)
    return cache.place(key, ".cube")
