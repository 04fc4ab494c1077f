"""Immutable files of vectors: a folder holds rows, their codes and scales, and the centre.

A segment is written to a temporary folder and renamed when whole, so one that has its name is
complete. It is read through memory maps: opening costs nothing, and what is not touched stays on
disk. Rows are integers of 16 bits with one step for a segment, which read into floats four times
as fast as half floats do, and are as exact: the error of a cosine is about 1e-5.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from smartcut.errors import CacheError
from smartcut.files import new_array
from smartcut.library import codes

_BLOCK = 8192
#: So many rows tell where the centre is.
_SAMPLE = 20_000
_LARGEST = 32767
#: Bytes: rows that are closer in a file are read with what lies between them.
_GAP = 32_768


class Rows:
    """Rows as float32, read when asked for by a slice or by their numbers."""

    def __init__(self, whole: np.ndarray, step: float) -> None:
        self._whole, self._step = whole, np.float32(step)
        self.shape = whole.shape

    def __len__(self) -> int:
        return len(self._whole)

    def __getitem__(self, which: slice | np.ndarray) -> np.ndarray:
        found = self._whole[which].astype(np.float32)
        found *= self._step
        return found

    def part(self, first: int, count: int) -> Rows:
        """So many rows from ``first`` on, which are read when they are asked for."""
        return Rows(self._whole[first : first + count], float(self._step))

    def products(self, which: np.ndarray, query: np.ndarray) -> np.ndarray:
        """float32 (N,): inner products of the rows with these numbers, which ascend."""
        _read_ahead(self._whole, which)
        taken = self._whole[which].astype(np.float32)
        return np.asarray((taken @ query) * self._step)


@dataclass(frozen=True)
class VectorSegment:
    """One segment, opened for reading; the arrays are maps of its files."""

    folder: Path

    def _array(self, name: str) -> np.ndarray:
        path = self.folder / f"{name}.npy"
        try:
            found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise CacheError(
                f"the library's file {path} is missing or damaged ({error}); "
                "make its vectors again with: smartcut library index FOLDER --fresh"
            ) from error
        return found

    @cached_property
    def rows(self) -> Rows:
        """(N, dimensions)."""
        return Rows(self._array("rows"), float(self._array("step")))

    @cached_property
    def codes(self) -> np.ndarray:
        """uint64 (D / 64, N)."""
        return self._array("codes")

    @cached_property
    def scale(self) -> np.ndarray:
        """float32 (N,)."""
        return self._array("scale")

    @cached_property
    def centre(self) -> np.ndarray:
        """float32 (dimensions,)."""
        return np.asarray(self._array("centre"))

    @property
    def size(self) -> int:
        return len(self.rows)


def write_segment(folder: Path, name: str, parts: Sequence[np.ndarray | Rows]) -> VectorSegment:
    """The segment ``folder/name`` that holds the rows of ``parts``, one array after the other.

    Memory stays bounded by some ten thousand rows where the parts are ``Rows``.
    """
    count, dimensions = sum(len(p) for p in parts), parts[0].shape[1]
    temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=folder))
    try:
        rows = _new(temporary, "rows", np.int16, (count, dimensions))
        bits = _new(temporary, "codes", np.uint64, (codes.width(dimensions) // 64, count))
        scale = _new(temporary, "scale", np.float32, (count,))
        centre = _centre(parts, count)
        step = max((float(np.abs(b).max()) for b in _blocks(parts)), default=0.0) / _LARGEST or 1.0
        at = 0
        for block in _blocks(parts):
            here = slice(at, at := at + len(block))
            np.rint(block / step, out=rows[here], casting="unsafe")
            bits[:, here], scale[here] = codes.encode(block, centre)
        np.save(temporary / "centre.npy", centre, allow_pickle=False)
        np.save(temporary / "step.npy", np.float64(step), allow_pickle=False)
        for array in (rows, bits, scale):
            array.flush()
        del rows, bits, scale
        for file in temporary.iterdir():
            _sync(file)
        os.replace(temporary, folder / name)
        _sync(folder)
    except OSError as error:
        raise CacheError(f"the library cannot be written to {folder}: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return VectorSegment(folder / name)


def _read_ahead(rows: np.ndarray, which: np.ndarray) -> None:
    """Ask the system for these rows of a map, which ascend, before they are waited for one by one.

    A row that is read without being asked for brings as much around it as the system reads ahead
    (128 KB, or megabytes), which for rows far apart is nearly all in vain.
    """
    whole = rows.base
    if not (len(which) and isinstance(whole, mmap.mmap) and hasattr(mmap, "MADV_WILLNEED")):
        return
    width, start = rows.strides[0], rows.ctypes.data - np.frombuffer(whole, np.uint8).ctypes.data
    apart = np.flatnonzero(np.diff(which) * width > _GAP)
    first = start + which[np.concatenate(([0], apart + 1))] * width
    last = start + (which[np.concatenate((apart, [-1]))] + 1) * width
    first -= first % mmap.PAGESIZE
    for at, size in zip(first.tolist(), (last - first).tolist(), strict=True):
        whole.madvise(mmap.MADV_WILLNEED, at, size)


def _new(folder: Path, name: str, kind: type, shape: tuple[int, ...]) -> np.memmap:
    return new_array(folder / f"{name}.npy", kind, shape)


def _blocks(parts: Sequence[np.ndarray | Rows]) -> Iterator[np.ndarray]:
    for part in parts:
        for first in range(0, len(part), _BLOCK):
            yield part[first : first + _BLOCK]


def _centre(parts: Sequence[np.ndarray | Rows], count: int) -> np.ndarray:
    step = max(1, count // _SAMPLE)
    total, taken = np.zeros(parts[0].shape[1]), 0
    for part in parts:
        sample = part[::step]
        total += sample.sum(axis=0, dtype=np.float64)
        taken += len(sample)
    return (total / max(1, taken)).astype(np.float32)


def _sync(path: Path) -> None:
    """Wait until it is on the disk: a crash must not leave a name without its content."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
