"""Sets of made-up clips by their kind."""

from __future__ import annotations

from pathlib import Path

from smartcut.errors import ModelError
from smartcut.models.generation import dataset
from smartcut.models.generation.bouncing import MOST, bouncing
from smartcut.models.generation.dataset import Dataset
from smartcut.models.generation.shapes import SHAPES, moving_digits, moving_shapes

KINDS = ("moving-shapes", "moving-digits", "bouncing")
_RATE = 15.0


def make(
    kind: str, folder: Path, *, clips: int, size: int, frames: int, seed: int, device: str = "cpu"
) -> Dataset:
    """Make ``clips`` clips of ``frames`` pictures, ``size`` pixels square, and write them.

    Raises ModelError for an unknown kind, and where the folder is in use for something else.
    """
    labels: tuple[str, ...]
    if kind == "moving-shapes":
        made, labels = moving_shapes(clips, size, frames, seed), SHAPES
    elif kind == "moving-digits":
        made, labels = moving_digits(clips, size, frames, seed), tuple("0123456789")
    elif kind == "bouncing":
        made = bouncing(clips, size, frames, seed, rate=_RATE, device=device)
        labels = tuple(f"{n + 1} ball{'s' if n else ''}" for n in range(MOST))
    else:
        raise ModelError(f"unknown kind of dataset {kind!r}; accepted: {', '.join(KINDS)}")
    return dataset.write(folder, made, kind=kind, rate=_RATE, labels=labels, seed=seed)
