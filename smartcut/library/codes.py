"""Vectors as one bit a dimension (RaBitQ: Gao & Long, SIGMOD 2024), and what the bits tell.

A row x, less the centre c of its segment, has the length r and the direction o. Turned by an
orthogonal matrix P, the signs of P o are its code. With s = sign(P o) / sqrt(D) the estimate

    <q, x>  ~  <q, c> + r <s, P q> / <s, P o>

is unbiased, and its error is about ``r * sqrt((1 - <s, P o>^2) / (D - 1)) / <s, P o>`` where q
has length 1. So a scan over D / 8 bytes a row tells which rows may be among the nearest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

_SEED = 20240518
_BLOCK = 1 << 15
#: The query's numbers are rounded to -3..3.
_LEVELS = 3
_PLANES = 3
_ROUNDS = 3


def width(dimensions: int) -> int:
    """Bits of a code: the next power of two, and at least 64."""
    return max(64, 1 << (dimensions - 1).bit_length())


@cache
def turn(dimensions: int) -> np.ndarray:
    """float32 (dimensions, D): rows are orthonormal; the same on every machine.

    Random signs and Hadamard's matrix, three times: as good as a random rotation here.
    """
    size = width(dimensions)
    signs = np.random.Generator(np.random.PCG64(_SEED)).integers(0, 2, (_ROUNDS, size)) * 2 - 1
    matrix = np.eye(dimensions, size, dtype=np.float64)
    for row in signs:
        matrix = _hadamard(matrix * row)
    return np.ascontiguousarray(matrix, np.float32)


def _hadamard(rows: np.ndarray) -> np.ndarray:
    """Each row times Hadamard's matrix over the square root of its size."""
    count, size = rows.shape
    step = 1
    while step < size:
        pairs = rows.reshape(count, size // (2 * step), 2, step)
        rows = np.stack((pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]), 2)
        rows = rows.reshape(count, size)
        step *= 2
    return rows / np.sqrt(size)


def encode(rows: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(codes, scale): uint64 (D / 64, N) and float32 (N,), r / <s, P o> / sqrt(D) for each row."""
    turned = (rows.astype(np.float32) - centre) @ turn(rows.shape[1])
    packed = np.packbits(turned > 0, axis=1, bitorder="little").view(np.uint64)
    lengths = np.einsum("ij,ij->i", turned, turned)
    sums = np.abs(turned).sum(axis=1)
    scale = np.divide(lengths, sums, out=np.zeros_like(sums), where=sums > 0)
    return np.ascontiguousarray(packed.T), scale.astype(np.float32)


@dataclass(frozen=True, slots=True)
class CodedQuestion:
    """A query in the form that codes are compared with."""

    planes: np.ndarray
    """uint64 (3, D / 64): the bits of the rounded numbers, two's complement, lowest first."""
    step: float
    total: float
    """The sum over the rounded numbers, in units of 1."""
    error: float
    """Standard error of an estimate for a row whose scale is 1.

    It comes of the row's signs (<s, P o> is about sqrt(2 / pi)) and of the query's rounding.
    """


def question(query: np.ndarray) -> CodedQuestion:
    """The query (dimensions,), turned and rounded."""
    turned = query.astype(np.float32) @ turn(len(query))
    step = float(np.abs(turned).max()) / (_LEVELS + 0.5) or 1.0
    rounded = np.clip(np.rint(turned / step), -_LEVELS, _LEVELS).astype(np.int8).view(np.uint8)
    planes = [
        np.packbits(rounded >> bit & 1, bitorder="little").view(np.uint64) for bit in range(_PLANES)
    ]
    total = float(rounded.view(np.int8).sum(dtype=np.int64)) * step
    signs = (1 - 2 / np.pi) * float(turned @ turned)
    return CodedQuestion(np.stack(planes), step, total, (signs + len(turned) * step**2 / 12) ** 0.5)


def estimate(
    asked: CodedQuestion, codes: np.ndarray, scale: np.ndarray, offset: float, out: np.ndarray
) -> None:
    """Write float32 estimates of <q, x> for each row to ``out`` (N,); ``offset`` is <q, c>."""
    words, bits = len(codes), np.empty(_BLOCK, np.uint64)
    ones, sums = np.empty(_BLOCK, np.uint8), np.empty(_BLOCK, np.int16)
    for first in range(0, len(out), _BLOCK):
        part = slice(first, min(first + _BLOCK, len(out)))
        n = part.stop - part.start
        masked, counted, total = bits[:n], ones[:n], sums[:n]
        total.fill(0)
        for plane in reversed(range(_PLANES)):
            np.left_shift(total, 1, out=total)
            for word in range(words):
                np.bitwise_and(codes[word, part], asked.planes[plane, word], out=masked)
                np.bitwise_count(masked, out=counted)
                np.add(total, counted, out=total)
            if plane == _PLANES - 1:  # the sign's plane counts negative
                np.negative(total, out=total)
        result = out[part]
        np.multiply(total, np.float32(2 * asked.step), out=result)
        result -= np.float32(asked.total)
        result *= scale[part]
        result += np.float32(offset)
