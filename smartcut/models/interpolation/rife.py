"""The ``rife`` engine: RIFE 4.6 on the CPU or a GPU, for pictures of any size.

Tier ``fast`` asks the network once a picture; ``best`` also with the pictures swapped, and
averages (an ensemble: twice the time, 0.2 to 0.7 dB better).

On the CPU the convolutions run in ncnn (:mod:`.ncnn_blocks`), at less than half the time of
plain torch; ``backend="torch"`` is the plain network, to compare with. On a GPU it is torch in
half precision, with flow, mask and warping in float32.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models import weights
from smartcut.models.interpolation import EngineName, Gap, Tier
from smartcut.models.interpolation.ifnet import ALIGN, IFNet
from smartcut.models.interpolation.rife_weights import read

MODEL = "rife-4.6"

Backend = Literal["auto", "ncnn", "torch"]
#: Pixels that a block takes at once, on the CPU and on a GPU; larger inputs are cut in tiles.
CPU_TILE, GPU_TILE = 2**21, 2**24
#: Pictures in a batch on a GPU, as long as they have no more pixels than ``GPU_TILE``.
GPU_BATCH = 8


class Pictures(Protocol):
    """One way to compute: pictures (H, W, 3) float32 in 0..1, H and W multiples of ALIGN."""

    def at(
        self, pairs: Sequence[tuple[np.ndarray, np.ndarray, float]], ensemble: bool
    ) -> list[np.ndarray]:
        """The picture of each (first, second, step), all of one size."""


class Rife:
    """An :class:`~smartcut.models.interpolation.Interpolator`; use :func:`load`.

    One picture at a time is made on the CPU, whatever the number of calling threads.
    """

    name: EngineName = "rife"

    def __init__(
        self, how: Pictures, *, tier: Tier, at_once: int, weights: tuple[str, str] | None
    ) -> None:
        self.how = how
        self.tier = tier
        self.at_once = at_once
        self.weights = weights
        self._lock = threading.Lock()

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """The pictures of each gap, in the order of its steps, of the gap's own dtype.

        Any size from 1 x 1 on. Raises ValueError for a gap that is none.
        """
        made: list[list[np.ndarray]] = [[] for _ in gaps]
        jobs: dict[tuple[int, ...], list[tuple[int, np.ndarray, np.ndarray, float]]] = {}
        for i, gap in enumerate(gaps):
            _check(gap)
            one, two = _prepared(gap.first), _prepared(gap.second)
            jobs.setdefault(one.shape, []).extend((i, one, two, step) for step in gap.steps)
        with self._lock:
            for shape, same in jobs.items():
                size = max(1, min(self.at_once, GPU_TILE // (shape[0] * shape[1])))
                for start in range(0, len(same), size):
                    batch = same[start : start + size]
                    found = self.how.at([job[1:] for job in batch], self.tier == "best")
                    for (i, *_), picture in zip(batch, found, strict=True):
                        made[i].append(_finished(picture, gaps[i].first))
        return made


def _check(gap: Gap) -> None:
    first, second = gap.first, gap.second
    if first.shape != second.shape or first.dtype != second.dtype:
        raise ValueError(
            f"both pictures of a gap must be alike, not {first.shape} {first.dtype} "
            f"and {second.shape} {second.dtype}"
        )
    if first.ndim != 3 or first.shape[2] != 3 or first.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"a picture must be (H, W, 3) of uint8 or uint16, not {first.shape} {first.dtype}"
        )
    if not first.size or not all(0 < step < 1 for step in gap.steps):
        raise ValueError(f"no empty picture, and steps between 0 and 1: {first.shape} {gap.steps}")


def _prepared(picture: np.ndarray) -> np.ndarray:
    """In 0..1, its edges repeated to the right and below up to the network's stride.

    Published code pads with zeros; repeating gives up to 0.05 dB more on small pictures.
    """
    height, width = picture.shape[:2]
    padded = np.empty((height + -height % ALIGN, width + -width % ALIGN, 3), np.float32)
    scale = np.float32(1 / np.iinfo(picture.dtype).max)
    np.multiply(picture, scale, out=padded[:height, :width], dtype=np.float32)
    padded[height:, :width] = padded[height - 1, :width]
    padded[:, width:] = padded[:, width - 1 : width]
    return padded


def _finished(picture: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Cut to size and rounded to the dtype of ``like``."""
    top = np.iinfo(like.dtype).max
    found = picture[: like.shape[0], : like.shape[1]] * np.float32(top)
    return np.clip(np.rint(found, out=found), 0, top, out=found).astype(like.dtype)


def load(
    *,
    tier: Tier = "best",
    device: str = "cpu",
    allow_net: bool = False,
    file: Path | None = None,
    backend: Backend = "auto",
) -> Rife:
    """The engine with the published weights, or the user's own from ``file``.

    ``device`` is ``cpu``, ``cuda`` or ``cuda:N``. Raises ModelError where the weights are
    missing, damaged, or those of another network.
    """
    if file is None:
        file = weights.path(MODEL, allow_net=allow_net)
        known = (MODEL, weights.digest(MODEL))
        net = read(file)
    else:
        net = read(file)
        known = (f"{MODEL} from {file.name}", file_sha256(file))
    return assemble(net, tier=tier, device=device, weights=known, backend=backend)


def assemble(
    net: IFNet,
    *,
    tier: Tier,
    device: str = "cpu",
    weights: tuple[str, str] | None = None,
    backend: Backend = "auto",
    tile: int | None = None,
) -> Rife:
    """The engine around a network that is already there.

    ``tile`` is how many pixels a block takes at once: less memory, the same pictures.
    """
    how: Pictures
    if device == "cpu" and backend in ("auto", "ncnn"):
        from smartcut.models.interpolation.cpu import OnCpu

        how = OnCpu(net, tile or CPU_TILE)
    elif backend == "ncnn":
        raise ModelError(f"ncnn computes on the CPU alone, not on {device!r}; use backend 'torch'")
    else:
        from smartcut.models.interpolation.on_torch import OnTorch

        how = OnTorch(net, device, tile or (CPU_TILE if device == "cpu" else GPU_TILE))
    at_once = 1 if device == "cpu" else GPU_BATCH
    return Rife(how, tier=tier, at_once=at_once, weights=weights)
