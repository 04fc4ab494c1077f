"""The best reading: which take says which words, why, and what comes next to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from smartcut.best_takes.path import Ranking, RunnerUp, cheapest
from smartcut.best_takes.weighing import Candidate, Costs, Weighing


@dataclass(frozen=True, slots=True)
class OtherTake:
    """A take that says all the words of a passage, and what speaks against it there."""

    take: int
    nodes: tuple[int, ...]
    """The numbers of its candidates, word by word."""
    costs: Costs

    @property
    def total(self) -> float:
        return sum(self.costs.values())


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the script that are played from one take in one go."""

    first: int
    """Number of its first word among those that are said."""
    candidates: tuple[Candidate, ...]
    costs: Costs
    """Of its words, and of playing from each to the next."""
    joining: Costs
    """Of the join before it."""
    runner_up: RunnerUp | None
    """The best way that has none of its words from its take; None where there is no other."""
    others: tuple[OtherTake, ...]
    """Takes that say all of it, the best first."""

    @property
    def take(self) -> int:
        return self.candidates[0].take

    @property
    def recording(self) -> int:
        return self.candidates[0].recording

    @property
    def last(self) -> int:
        return self.first + len(self.candidates) - 1


def best_reading(weighing: Weighing) -> tuple[Passage, ...]:
    """The passages of the cheapest way through all takes; exact."""
    way = cheapest(weighing.lattice)
    ranking = Ranking(weighing.lattice)
    begins = [0]
    for layer, (a, b) in enumerate(pairwise(way)):
        if weighing.steps[layer][a][b].is_join:
            begins.append(layer + 1)
    ends = [*begins[1:], len(way)]
    return tuple(
        _passage(weighing, ranking, way, first, end)
        for first, end in zip(begins, ends, strict=True)
    )


def _passage(
    weighing: Weighing, ranking: Ranking, way: Sequence[int], first: int, end: int
) -> Passage:
    nodes = way[first:end]
    layers = weighing.layers[first:end]
    candidates = tuple(layer[n] for layer, n in zip(layers, nodes, strict=True))
    take = candidates[0].take
    barred = [frozenset(n for n, one in enumerate(layer) if one.take == take) for layer in layers]
    joining = weighing.steps[first - 1][way[first - 1]][way[first]].costs if first else {}
    return Passage(
        first,
        candidates,
        costs_of(weighing, first, nodes),
        joining,
        ranking.without(first, barred),
        tuple(_others(weighing, first, end, take)),
    )


def costs_of(weighing: Weighing, first: int, nodes: Sequence[int]) -> Costs:
    """What the words cost that begin with ``first``, and what lies between them."""
    words = [weighing.words[first + k][n] for k, n in enumerate(nodes)]
    steps = [weighing.steps[first + k][a][b].costs for k, (a, b) in enumerate(pairwise(nodes))]
    return added([*words, *steps])


def added(costs: Iterable[Costs]) -> Costs:
    """The sums, by name."""
    found: Counter[str] = Counter()
    for one in costs:
        found.update(one)
    return dict(found)


def _others(weighing: Weighing, first: int, end: int, chosen: int) -> list[OtherTake]:
    layers = [{one.take: n for n, one in enumerate(layer)} for layer in weighing.layers[first:end]]
    takes = set(layers[0]).intersection(*layers[1:]) - {chosen}
    found = []
    for take in takes:
        nodes = tuple(layer[take] for layer in layers)
        found.append(OtherTake(take, nodes, costs_of(weighing, first, nodes)))
    return sorted(found, key=lambda other: (other.total, other.take))


def against(weighing: Weighing, passage: Passage) -> tuple[int, Costs]:
    """The take that the runner-up has most words of, and what speaks against it more."""
    runner = passage.runner_up
    assert runner is not None
    takes = Counter(weighing.layers[passage.first + k][n].take for k, n in enumerate(runner.nodes))
    worse = costs_of(weighing, passage.first, runner.nodes)
    more = {n: v - passage.costs.get(n, 0.0) for n, v in worse.items()}
    return takes.most_common(1)[0][0], {n: v for n, v in more.items() if v > 0}


def told(costs: Mapping[str, float], most: int = 3) -> str:
    """The largest costs in words: ``noise 0.62, pitch 0.20``."""
    largest = sorted(costs.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.2f}" for name, value in largest[:most] if value >= 0.005)
