"""Writes single pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.files import write_bytes

if TYPE_CHECKING:
    import numpy as np


def write_picture(path: Path, rgb: np.ndarray) -> None:
    """Write uint8 RGB (height, width, 3) as the image file that the suffix names."""
    from PIL import Image

    file = io.BytesIO()
    kind = {".png": "PNG", ".webp": "WEBP"}.get(path.suffix.lower(), "JPEG")
    Image.fromarray(rgb).save(file, format=kind, quality=95)
    write_bytes(path, file.getvalue())
