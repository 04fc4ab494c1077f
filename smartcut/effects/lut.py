"""`lut`: the colours of a .cube file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from smartcut.cache import file_sha256
from smartcut.effect import Tone
from smartcut.errors import StageError
from smartcut.render.lut import read_cube
from smartcut.stage import PathParam


class Lut(Tone):
    """Gives pictures the colours of a table, as cameras and colourists hand them on.

    `amount` mixes them with the picture's own.

    ```yaml
    - lut: {file: film.cube, amount: 0.8}
    ```
    """

    name: ClassVar[str] = "lut"

    file: PathParam = Field(description="A .cube file with a 3D table (Adobe, Resolve, FFmpeg).")

    @model_validator(mode="after")
    def _is_a_table(self) -> Lut:
        try:
            self.cube()
        except StageError as error:
            raise ValueError(str(error)) from error
        return self

    def depends(self) -> Mapping[str, Any]:
        return {"file": file_sha256(self.file)}

    def cube(self) -> np.ndarray:
        seen = self.file.stat()
        return _table(self.file, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=4)
def _table(file: Path, changed: int, size: int) -> np.ndarray:
    return read_cube(file)
