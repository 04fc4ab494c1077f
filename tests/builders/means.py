"""A network that says the mean of each row, marks in a folder what happens, and fails as asked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smartcut import errors
from smartcut.stage import RowNetwork
from smartcut.testing import write_bar_coded


@dataclass(frozen=True)
class Means(RowNetwork):
    """Says the mean of each row; marks in a folder what happens; ``does`` says what else does."""

    name: str = "means"
    weights: str = ""
    folder: Path = Path()
    does: str = ""
    size: int = 4

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        self.mark("loaded")
        if self.does == "lacks":
            raise errors.ModelError("the weights of means are not here")
        return self.answer

    def batch(self, device: str) -> int:
        return self.size

    def mark(self, word: str) -> None:
        (self.folder / f"{word}-{os.getpid()}-{time.monotonic_ns()}").touch()

    def answer(self, rows: np.ndarray) -> np.ndarray:
        assert len(rows) == self.size
        self.mark("computed")
        if self.does == "fails":
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB.\nmore")
        if self.does == "errs":
            raise ZeroDivisionError("a mistake in a network")
        if self.does == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.does == "dawdles":
            time.sleep(0.3)
        return np.asarray(rows.reshape(len(rows), -1).mean(axis=1, keepdims=True))


def write_films(folder: Path) -> tuple[Path, ...]:
    for i in range(2):
        write_bar_coded(folder / f"film{i}.mp4", frames=150, gop=30 + i, size=(160, 90))
    return tuple(sorted(folder.iterdir()))
