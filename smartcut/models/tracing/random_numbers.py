"""Random numbers that depend on nothing but what they are asked for: on any device the same.

Each is a hash of the seed, the ray and a counter (PCG's output function, O'Neill 2014, as used for
hashing by Jarzynski and Olano, "Hash functions for GPU rendering", JCGT 2020), so that neither the
order of the work nor how it is divided changes a picture.
"""

from __future__ import annotations

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF


def hashed(x: Tensor) -> Tensor:
    """int64 tensor of 32-bit numbers, to others that look random."""
    state = (x * 747796405 + 2891336453) & _MASK
    word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737 & _MASK
    return (word >> 22) ^ word


class Random:
    """Numbers for rays, each ray a stream of its own; ``rays`` is int64 (N,)."""

    def __init__(self, rays: Tensor, seed: int) -> None:
        start = torch.full_like(rays, seed & _MASK)
        self._state = hashed(hashed(start) ^ hashed(rays & _MASK) ^ hashed(rays >> 32))
        self._count = 0

    def uniform(self) -> Tensor:
        """float32 (N,) in [0, 1)."""
        self._count += 1
        bits = hashed((self._state + self._count * 0x9E3779B9) & _MASK) >> 8
        return bits.to(torch.float32) * (1 / (1 << 24))

    def kept(self, which: Tensor) -> None:
        """Go on with the rays at the places ``which`` alone."""
        self._state = self._state[which]
