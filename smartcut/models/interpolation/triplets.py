"""Three frames out of real video to learn from: the outer two given, one between to be made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from smartcut.cache import file_sha256
from smartcut.errors import ModelError

SUFFIXES = (".mp4", ".mkv", ".mov", ".webm", ".avi")
# Of each file so many frames at most are held in memory.
_MOST_FRAMES = 300
# Frames between the outer two lie at most this far apart.
_FURTHEST = 4
# Where luma differs by more on average between neighbours there is a cut, or nothing to follow.
_MOST_CHANGE = 24.0


class Videos:
    """A folder's videos, their first 300 frames in memory; ``digests`` names files and sha256."""

    def __init__(self, folder: Path, size: int) -> None:
        """Raises ModelError where no file in the folder has three frames of ``size``."""
        self.size = size
        self.digests: dict[str, str] = {}
        self._runs: list[np.ndarray] = []
        for file in sorted(folder.glob("*")):
            if file.suffix.lower() in SUFFIXES:
                runs = [run for run in _runs(file) if _fits(run, size)]
                self._runs += runs
                if runs:
                    self.digests[file.name] = file_sha256(file)
        if not self._runs:
            raise ModelError(
                f"{folder} holds no video to learn from: wanted is a file ({', '.join(SUFFIXES)}) "
                f"with three frames of at least {size}x{size} without a cut"
            )

    def triplet(
        self, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """First, between, second (size, size, 3) as float32 in 0..1, and the step between."""
        lengths = np.array([len(run) for run in self._runs], np.float64)
        run = self._runs[int(random.choice(len(lengths), p=lengths / lengths.sum()))]
        apart = int(random.integers(2, min(_FURTHEST, len(run) - 1) + 1))
        start = int(random.integers(0, len(run) - apart))
        middle = int(random.integers(1, apart))
        top, left = (int(random.integers(0, n - self.size + 1)) for n in run.shape[1:3])
        chosen = run[[start, start + middle, start + apart]]
        cropped = chosen[:, top : top + self.size, left : left + self.size]
        turned = cropped[:, :, ::-1] if random.random() < 0.5 else cropped
        first, between, second = turned.astype(np.float32) / 255
        return first, between, second, middle / apart


def _fits(run: np.ndarray, size: int) -> bool:
    return len(run) >= 3 and min(run.shape[1:3]) >= size


def _runs(file: Path) -> list[np.ndarray]:
    """Frames (n, H, W, 3), RGB uint8, parted where neighbours differ too much."""
    import cv2

    video = cv2.VideoCapture(str(file))
    runs: list[list[np.ndarray]] = []
    before = None
    for _ in range(_MOST_FRAMES):
        there, frame = video.read()
        if not there:
            break
        tiny = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), (64, 36)).astype(np.float32)
        if before is None or float(np.abs(tiny - before).mean()) > _MOST_CHANGE:
            runs.append([])
        runs[-1].append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        before = tiny
    video.release()
    return [np.stack(run) for run in runs]
