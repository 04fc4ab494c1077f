"""Passages of a reading as data: the take that was chosen, those that were not, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smartcut.best_takes.choosing import OtherTake
from smartcut.best_takes.placing import FrameEdges, PlacedPassage, placed_like
from smartcut.best_takes.recording import TakeRecording
from smartcut.best_takes.weighing import Costs, Weighing
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class PassageTake:
    """A take of a passage."""

    name: str
    """Such as ``take 2 of talk``."""
    source: str
    range: Range
    """What would be played of it, in source time."""
    costs: Costs
    gain: float
    """dB that bring its voice to the level of the others."""


@dataclass(frozen=True, slots=True)
class TakePassage:
    """Words that are played from one take in one go."""

    words: str
    takes: tuple[PassageTake, ...]
    """The one that was chosen, then those that say all of it as well, the best first."""
    joining: Costs
    """Of the join before it."""
    runner_up: str | None
    """The take that the next best way has most of its words from."""
    costs_more: float | None
    """What that way costs more."""
    why: str


@dataclass(frozen=True)
class TakePassages:
    """Tells of placed passages."""

    recordings: Sequence[TakeRecording]
    weighing: Weighing
    edges: Sequence[FrameEdges]
    gains: Sequence[float]
    """dB of each recording."""
    label: Callable[[int], str]
    """What a take is called."""

    def chosen(self, one: PlacedPassage) -> PassageTake:
        """The take that was chosen for a passage."""
        passage = one.passage
        place = Range(one.start, one.end)
        return self._take(passage.take, passage.recording, place, passage.costs)

    def others(self, one: PlacedPassage) -> tuple[PassageTake, ...]:
        """Those that could be played in its place, the best first."""
        return tuple(self._other(one, other) for other in one.passage.others)

    def _other(self, one: PlacedPassage, other: OtherTake) -> PassageTake:
        layers = self.weighing.layers[one.passage.first : one.passage.last + 1]
        first, last = layers[0][other.nodes[0]], layers[-1][other.nodes[-1]]
        place = placed_like(one, first, last, self.recordings, self.edges)
        return self._take(other.take, first.recording, place, other.costs)

    def _take(self, take: int, recording: int, place: Range, costs: Costs) -> PassageTake:
        name = self.recordings[recording].name
        return PassageTake(self.label(take), name, place, costs, self.gains[recording])
