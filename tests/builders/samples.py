"""The sample media, and beginnings of it, for tests that need no more."""

from __future__ import annotations

from pathlib import Path

import smartcut as sc

SAMPLES = Path(__file__).parents[2] / "sample_media"


def beginning(name: str, seconds: float, folder: Path, **render: str) -> Path:
    """The first seconds of ``sample_media/NAME``, under the same name in the folder."""
    made = folder / name
    (sc.open(SAMPLES / name) | sc.trim(end=seconds)).render(made, **render)
    return made
