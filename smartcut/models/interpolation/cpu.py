"""IFNet's way from coarse to fine on the CPU, in arrays that are kept from picture to picture.

The same computation as :func:`smartcut.models.interpolation.ifnet.between`, with OpenCV's
resize and remap, and without fresh memory for every intermediate result: the first touch of
new pages costs more than the arithmetic on them.

Pictures are (H, W, 3) float32 in 0..1, H and W multiples of ``ALIGN``; flow and mask are planes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from smartcut.models.interpolation.ifnet import SCALES, IFNet
from smartcut.models.interpolation.ncnn_blocks import NcnnBlock, allocators
from smartcut.models.interpolation.tiling import TileRange, spans, tiles, worth_splitting


@dataclass(frozen=True, slots=True, eq=False)
class SeenPair:
    """What a block sees: both pictures (h, w, 3), the step, then mask and flow (h, w) each."""

    pictures: tuple[np.ndarray, np.ndarray]
    step: float
    planes: list[np.ndarray]

    def swapped(self) -> SeenPair:
        """The same with first and second picture in each other's place."""
        planes = []
        if self.planes:
            mask, *flow = self.planes
            planes = [-mask, flow[2], flow[3], flow[0], flow[1]]
        return SeenPair(self.pictures[::-1], 1 - self.step, planes)

    def stacked(self, rows: slice, columns: slice) -> np.ndarray:
        """A part of it as the block's input, (h, w, 7 or 12)."""
        import cv2

        one, two, *planes = (x[rows, columns] for x in (*self.pictures, *self.planes))
        at: Any = np.full(one.shape[:2], self.step, np.float32)
        return cv2.merge([one, two, at, *planes])


class SideBySide:
    """Runs a block on several inputs, and on tiles of each, in as many threads as there are.

    ``limit`` is how many pixels of the input a tile may have.
    """

    def __init__(self, threads: int, limit: int) -> None:
        self._threads = threads
        self._limit = limit
        self._pool = _serial_threads(threads)

    def __call__(self, block: NcnnBlock, inputs: Sequence[SeenPair]) -> list[np.ndarray]:
        """The block's answer (5, h, w) to each input; all are of one size."""
        height, width = inputs[0].pictures[0].shape[:2]
        pieces = self._pieces(height, width, -(-self._threads // len(inputs)))
        answers = [np.empty((5, height, width), np.float32) for _ in inputs]

        def tile(job: tuple[SeenPair, np.ndarray, tuple[TileRange, TileRange]]) -> None:
            seen, answer, (down, across) = job
            found = block(seen.stacked(down.read, across.read))
            answer[:, down.keep, across.keep] = found[:, down.inner, across.inner]

        pairs = zip(inputs, answers, strict=True)
        list(self._pool.map(tile, [(x, y, piece) for x, y in pairs for piece in pieces]))
        return answers

    def _pieces(self, height: int, width: int, parts: int) -> list[tuple[TileRange, TileRange]]:
        """As many tiles as keep the threads busy where that pays, more where memory asks it."""
        if height * width > parts * self._limit:
            return list(tiles(height, width, self._limit))
        down, across = spans(height, 1), spans(width, 1)
        if width >= height:
            split = spans(width, parts)
            across = split if worth_splitting(split) else across
        else:
            split = spans(height, parts)
            down = split if worth_splitting(split) else down
        return [(d, a) for d in down for a in across]


def _serial_threads(count: int) -> ThreadPoolExecutor:
    """Threads in each of which torch computes alone; elsewhere it keeps the threads it has.

    Torch's number of threads belongs to the thread that sets it, but is also what threads not
    seen before begin with, so it is set back here once all have begun.
    """
    import torch

    before = torch.get_num_threads()
    begun = threading.Barrier(count)

    def begin(_: int) -> None:
        torch.get_num_threads()  # takes over the common number, which the next line overrides
        torch.set_num_threads(1)
        begun.wait()

    pool = ThreadPoolExecutor(count, thread_name_prefix="rife")
    list(pool.map(begin, range(count)))
    torch.set_num_threads(before)
    return pool


class OnCpu:
    """Pictures by ncnn and OpenCV, with as many threads as torch is set to when it is built."""

    def __init__(self, net: IFNet, tile: int) -> None:
        import torch

        memory = allocators()
        self.blocks = [NcnnBlock(block, memory) for block in net.blocks]
        self._run = SideBySide(torch.get_num_threads(), tile)
        self._work: Workspace | None = None

    def at(
        self, pairs: Sequence[tuple[np.ndarray, np.ndarray, float]], ensemble: bool
    ) -> list[np.ndarray]:
        """See :class:`smartcut.models.interpolation.rife.Pictures`; not for two threads at once.

        The array is valid until the next call where there is one pair; else all are copies.
        """
        found = []
        for first, second, step in pairs:
            if self._work is None or self._work.size != first.shape[:2]:
                self._work = Workspace(*first.shape[:2])
            made = between(self._run, self.blocks, first, second, step, ensemble, self._work)
            found.append(made if len(pairs) == 1 else made.copy())
        return found


class Workspace:
    """The arrays for pictures of one size; filled anew for each picture."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)
        self.flow = np.empty((4, height, width), np.float32)
        self.mask = np.empty((height, width), np.float32)
        self.map = np.empty((2, height, width), np.float32)
        self.plane = np.empty((height, width), np.float32)
        self.warped = [np.empty((height, width, 3), np.float32) for _ in range(2)]
        self.x = np.arange(width, dtype=np.float32)
        self.y = np.arange(height, dtype=np.float32)[:, None]

    def warp(self, picture: np.ndarray, which: int) -> np.ndarray:
        """``picture`` looked up where flow ``which`` (0: the first picture's) points."""
        import cv2

        across, down = self.flow[2 * which : 2 * which + 2]
        np.add(across, self.x, out=self.map[0])
        np.add(down, self.y, out=self.map[1])
        found = self.warped[which]
        cv2.remap(picture, self.map[0], self.map[1], cv2.INTER_LINEAR, found, cv2.BORDER_REPLICATE)
        return found

    def refine(self, delta: np.ndarray, scale: int, is_first: bool) -> None:
        """Adds a block's answer (5, h, w) to flow and mask."""
        delta[:4] *= scale
        for target, change in zip([*self.flow, self.mask], delta, strict=True):
            if is_first:
                _resized(change, self.size, target)
            elif scale == 1:
                target += change
            else:
                target += _resized(change, self.size, self.plane)


def between(
    run: SideBySide,
    blocks: Sequence[NcnnBlock],
    first: np.ndarray,
    second: np.ndarray,
    step: float,
    ensemble: bool,
    work: Workspace,
) -> np.ndarray:
    """The picture at ``step`` of the way from first to second; valid until the next call."""
    one, two = first, second
    for i, (block, scale) in enumerate(zip(blocks, SCALES, strict=True)):
        size = (work.size[0] // scale, work.size[1] // scale)
        planes = [_resized(p, size) for p in (work.mask, *work.flow)] if i else []
        if i and scale > 1:
            for plane in planes[1:]:
                plane /= scale
        seen = SeenPair((_resized(one, size), _resized(two, size)), step, planes)
        delta, *others = run(block, [seen, seen.swapped()] if ensemble else [seen])
        for other in others:
            delta[0:2] += other[2:4]
            delta[2:4] += other[0:2]
            delta[4] -= other[4]
            delta *= 0.5
        work.refine(delta, scale, i == 0)
        one, two = work.warp(first, 0), work.warp(second, 1)
    return _blended(one, two, work.mask)


def _resized(x: np.ndarray, size: tuple[int, int], out: np.ndarray | None = None) -> np.ndarray:
    """Bilinear, without smoothing first; the array itself where the size is already right."""
    import cv2

    if out is None and x.shape[:2] == size:
        return x
    return cv2.resize(x, size[::-1], out, interpolation=cv2.INTER_LINEAR)


def _blended(one: np.ndarray, two: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The mix by the mask's logistic function; overwrites its inputs."""
    np.negative(mask, out=mask)
    np.exp(mask, out=mask)
    mask += 1
    one -= two
    one /= mask[:, :, None]
    one += two
    return one
