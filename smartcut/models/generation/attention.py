"""Multi-head attention over tokens that have a place in time, height and width.

Vaswani et al.: "Attention Is All You Need", 2017; places are turned into angles as in Su et al.:
"RoFormer", 2021, with a share of each head for each axis; queries and keys are normed (Dehghani et
al., 2023), and so is the input of each part (pre-norm, Xiong et al., 2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

# The fastest pair of an axis turns by this a step; the slowest makes half a turn over the axis.
_FASTEST = math.pi / 2

#: Where heads look before they have learned: a frame or two back, one to the left, one above.
_FIRST_LOOKS = ((-1, 0, 0), (-2, 0, 0), (0, 0, -1), (0, -1, 0))


def angles(places: Tensor, extents: Sequence[int], size: int) -> Tensor:
    """float32 (L, size // 2): how far each pair of a head's numbers is turned at places (L, A).

    The pairs are divided among the axes, the first axes getting what is left over; their paces
    are spread evenly (in ratio) over what can be resolved along an axis of that extent.
    """
    axes = len(extents)
    found = []
    for i, extent in enumerate(extents):
        pairs = size // 2 // axes + (i < size // 2 % axes)
        slowest = min(_FASTEST, math.pi / extent)
        along = torch.arange(pairs) / max(1, pairs - 1)
        paces = _FASTEST * (slowest / _FASTEST) ** along
        found.append(places[:, i : i + 1].float() * paces)
    return torch.cat(found, 1)


def turned(x: Tensor, by: Tensor) -> Tensor:
    """``x`` (..., L, D) with each pair of numbers, one of each half, turned by angles (L, D / 2).

    The product of two such depends on the difference of their angles alone.
    """
    one, other = x.float().chunk(2, -1)
    cos, sin = by.cos(), by.sin()
    return torch.cat([one * cos - other * sin, one * sin + other * cos], -1)


@dataclass(slots=True, eq=False)
class Memory:
    """Keys and values of the tokens that were seen, for one layer; grows as tokens come."""

    room: int
    """The most tokens that will come."""
    used: int = 0
    keys: Tensor | None = None
    values: Tensor | None = None

    def extended(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values (N, heads, used, D) after these (N, heads, new, D) have come."""
        if self.keys is None or self.values is None:
            shape = (*keys.shape[:2], self.room, keys.shape[3])
            self.keys, self.values = keys.new_empty(shape), values.new_empty(shape)
        end = self.used + keys.shape[2]
        self.keys[:, :, self.used : end] = keys
        self.values[:, :, self.used : end] = values
        self.used = end
        return self.keys[:, :, :end], self.values[:, :, :end]


class Attention(nn.Module):
    """Each token looks at itself and at those before it; places have three axes of ``extents``."""

    def __init__(self, width: int, heads: int, extents: Sequence[int]) -> None:
        super().__init__()
        self.heads = heads
        self.into = nn.Linear(width, 3 * width)
        self.query_norm = nn.RMSNorm(width // heads)
        self.key_norm = nn.RMSNorm(width // heads)
        self.out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.out.weight)
        self._look_near(extents, width // heads)

    @torch.no_grad()
    def _look_near(self, extents: Sequence[int], size: int) -> None:
        """Begin with heads that look at neighbours, whatever these hold; learning goes from there.

        Any key equals a query that was turned by the way from the one to the other.
        """
        looks = [_FIRST_LOOKS[i % len(_FIRST_LOOKS)] for i in range(self.heads)]
        key = torch.cat([torch.ones(size // 2), torch.zeros(size // 2)])
        query = turned(key, angles(torch.tensor(looks), extents, size))
        value = torch.zeros(self.heads, size)
        self.into.bias.copy_(torch.cat([query, key.expand_as(query), value]).flatten())

    def forward(
        self, x: Tensor, query_angles: Tensor, key_angles: Tensor, memory: Memory | None = None
    ) -> Tensor:
        """(N, L, width), of the same; with a memory, ``x`` comes after what is remembered."""
        n, length, _ = x.shape
        parts = self.into(x).reshape(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        query = turned(self.query_norm(query), query_angles).to(value.dtype)
        key = turned(self.key_norm(key), key_angles).to(value.dtype)
        if memory is not None:
            key, value = memory.extended(key, value)
        mask = _mask(length, key.shape[2], x.device)
        found = functional.scaled_dot_product_attention(
            query, key, value, mask, is_causal=mask is None and length > 1
        )
        result: Tensor = self.out(found.transpose(1, 2).reshape(n, length, -1))
        return result


def _mask(new: int, total: int, device: torch.device) -> Tensor | None:
    """What keeps the new tokens, which come last, from looking ahead; none where it is simple."""
    if new in (1, total):
        return None
    return torch.ones(new, total, dtype=torch.bool, device=device).tril(total - new)


class TokenBlock(nn.Module):
    """Attention, then a network for each token alone; each adds to what is there."""

    def __init__(self, width: int, heads: int, extents: Sequence[int]) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(width)
        self.attention = Attention(width, heads, extents)
        self.forward_norm = nn.RMSNorm(width)
        self.wider = nn.Linear(width, 4 * width)
        self.narrower = nn.Linear(4 * width, width)
        nn.init.zeros_(self.narrower.weight)

    def forward(
        self, x: Tensor, query_angles: Tensor, key_angles: Tensor, memory: Memory | None = None
    ) -> Tensor:
        """(N, L, width), of the same."""
        x = x + self.attention(self.attention_norm(x), query_angles, key_angles, memory)
        found: Tensor = x + self.narrower(functional.gelu(self.wider(self.forward_norm(x))))
        return found
