"""The cheapest way through layers of candidates, exactly, and what comes next to it.

Each layer is a word of the script, its nodes the takes that say it. A node costs something, and
so does going from a node to one of the next layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, slots=True)
class Lattice:
    """What there is to choose from."""

    nodes: tuple[np.ndarray, ...]
    """Of each layer the costs (n,) of its nodes; no layer is empty."""
    edges: tuple[np.ndarray, ...]
    """Costs (n, m) from the nodes of a layer to those of the next."""

    def cost_of(self, way: Sequence[int]) -> float:
        """What a way costs: the number of its node in each layer."""
        own = sum(float(costs[n]) for costs, n in zip(self.nodes, way, strict=True))
        steps = zip(self.edges, pairwise(way), strict=True)
        return own + sum(float(costs[a, b]) for costs, (a, b) in steps)


def cheapest(lattice: Lattice) -> tuple[int, ...]:
    """The number of the node in each layer; of equal ways the one of the first nodes."""
    reached = lattice.nodes[0]
    came: list[np.ndarray] = []
    for nodes, edges in zip(lattice.nodes[1:], lattice.edges, strict=True):
        through = reached[:, None] + edges
        came.append(through.argmin(axis=0))
        reached = through.min(axis=0) + nodes
    way = [int(reached.argmin())]
    for origin in reversed(came):
        way.append(int(origin[way[-1]]))
    return tuple(reversed(way))


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best way that does without certain nodes of some layers."""

    nodes: tuple[int, ...]
    """Of those layers."""
    costs_more: float
    """Than the best of all ways; 0 or more."""


class Ranking:
    """The costs of the best ways into and out of every node."""

    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._into = list(_sums(lattice.nodes, lattice.edges))
        turned = [edges.T for edges in reversed(lattice.edges)]
        self._out = list(_sums(lattice.nodes[::-1], turned))[::-1]
        self.best = float(self._into[-1].min())

    def without(self, first: int, barred: Sequence[frozenset[int]]) -> RunnerUp | None:
        """The best way that avoids the barred nodes of the layers from ``first`` on.

        None where they are all there is.
        """
        last = first + len(barred) - 1
        nodes = []
        for offset, out in enumerate(barred):
            costs = self._lattice.nodes[first + offset].copy()
            costs[np.array(sorted(out), int)] = np.inf
            nodes.append(costs)
        edges = self._lattice.edges[first:last]
        if first:
            nodes[0] = nodes[0] + (
                self._into[first - 1][:, None] + self._lattice.edges[first - 1]
            ).min(axis=0)
        if last + 1 < len(self._lattice.nodes):
            nodes[-1] = nodes[-1] + (self._lattice.edges[last] + self._out[last + 1][None, :]).min(
                axis=1
            )
        part = Lattice(tuple(nodes), edges)
        way = cheapest(part)
        cost = part.cost_of(way)
        if not np.isfinite(cost):
            return None
        return RunnerUp(way, max(0.0, cost - self.best))


def _sums(nodes: Sequence[np.ndarray], edges: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """The cost of the best way from the first layer to each node, layer by layer."""
    reached = nodes[0]
    yield reached
    for own, costs in zip(nodes[1:], edges, strict=True):
        reached = (reached[:, None] + costs).min(axis=0) + own
        yield reached
