"""What speaks against each word of each take, and against each join, as numbers from 0 up.

A cost of 1 is what anyone hears or sees at once; small differences, as between any two takes, cost
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from smartcut.best_takes.path import Lattice
from smartcut.best_takes.recording import TakeRecording
from smartcut.best_takes.wording import difference

#: What costs are about, in the order in which they are told.
WORD_COSTS = ("unsure", "noise", "pitch", "pace", "blur", "eyes")
JOIN_COSTS = ("join", "edge", "breath", "room", "voice", "head")
PLAYED_COSTS = ("extra", "pause", "noise")
COSTS = tuple(dict.fromkeys((*WORD_COSTS, *PLAYED_COSTS, *JOIN_COSTS)))

Costs = Mapping[str, float]
_NOTHING: Costs = MappingProxyType({})
#: Every join, however good; another word that is played.
_JOIN, _EXTRA = 0.3, 0.6
#: Seconds that a pause may be longer than in the other takes; words beside which one is judged.
_LONGER, _AROUND = 0.35, 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word of the script in one take."""

    recording: int
    take: int
    """Number of the take, over all recordings."""
    heard: int
    """Number among the recording's words."""


@dataclass(frozen=True, slots=True)
class Step:
    """How two words follow each other: played on, or joined; and what that costs."""

    is_join: bool
    costs: Costs

    @property
    def total(self) -> float:
        return sum(self.costs.values())


def beyond(value: float, least: float, most: float) -> float:
    """0 up to ``least``, 1 from ``most`` on, and in between as far as it is."""
    return min(1.0, max(0.0, (value - least) / (most - least)))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What was measured of one candidate."""

    duration: float
    octaves: float | None
    pitched: float | None
    """Octaves above the words around it in its take."""
    paced: float
    """log2 of how long it lasts, for its letters, beside the words around it."""
    clearness: float
    """dB of the word above its room."""
    bands: np.ndarray
    """dB beside how loud the recording's words are."""
    loudest: float
    """dB, likewise."""
    sharpness: float | None
    eyes: float | None


class Weighing:
    """All costs of a script and its takes; ``layers`` hold the candidates of each word."""

    def __init__(
        self,
        script: Sequence[str],
        recordings: Sequence[TakeRecording],
        layers: Sequence[Sequence[Candidate]],
        weights: Mapping[str, float],
    ) -> None:
        self.script, self.recordings, self.layers = script, recordings, layers
        self._weights = weights
        self._measured = [[self._measure(one) for one in layer] for layer in layers]
        self._typical = [_typical(row) for row in self._measured]

    def weighed(self, costs: Mapping[str, float]) -> Costs:
        """The costs by their weights; those of nothing are left out."""
        weighty = {name: value * self._weights.get(name, 1.0) for name, value in costs.items()}
        return {name: value for name, value in weighty.items() if value > 0}

    @cached_property
    def words(self) -> list[list[Costs]]:
        """What each candidate of each word costs."""
        return [
            [self._word(layer, number) for number in range(len(self.layers[layer]))]
            for layer in range(len(self.layers))
        ]

    @cached_property
    def steps(self) -> list[list[list[Step]]]:
        """How each candidate goes on with each of the next word."""
        return [
            [
                [self._step(layer, a, b) for b in range(len(self.layers[layer + 1]))]
                for a in range(len(self.layers[layer]))
            ]
            for layer in range(len(self.layers) - 1)
        ]

    @cached_property
    def lattice(self) -> Lattice:
        nodes = tuple(np.array([sum(c.values()) for c in row], float) for row in self.words)
        edges = tuple(
            np.array([[step.total for step in row] for row in rows], float) for rows in self.steps
        )
        return Lattice(nodes, edges)

    # ------------------------------------------------------------------------------- the words

    def _measure(self, one: Candidate) -> _Measured:
        own = self.recordings[one.recording]
        start, end = own.edges[one.heard]
        octaves, paces = own.contours
        return _Measured(
            max(end - start, 0.02),
            octaves[one.heard],
            _beside(octaves, one.heard),
            _beside(paces, one.heard) or 0.0,
            own.loudness(start, end) - own.room((start + end) / 2)[0],
            own.spectrum(start, end) - own.spoken,
            float(own.levels(start, end).max(initial=-100.0)) - own.spoken,
            own.sharpness.mean(start, end) if own.sharpness else None,
            own.eyes.mean(start, end) if own.eyes else None,
        )

    def _word(self, layer: int, number: int) -> Costs:
        one, own = self.layers[layer][number], self._measured[layer][number]
        recording, typical = self.recordings[one.recording], self._typical[layer]
        heard = recording.words[one.heard].text
        costs = {
            "unsure": beyond(1 - recording.sureness[one.heard], 0.4, 1.0)
            + difference(self.script[layer], heard),
            "noise": self._noise(own, typical),
            "pitch": 0.0,
            "pace": 0.7 * beyond(abs(own.paced - typical.paced), 0.6, 1.6),
        }
        if own.pitched is not None and typical.pitched is not None:
            costs["pitch"] = 0.7 * beyond(12 * abs(own.pitched - typical.pitched), 3, 9)
        if own.sharpness is not None and typical.sharpness:
            costs["blur"] = beyond(1 - own.sharpness / typical.sharpness, 0.25, 0.75)
        if own.eyes is not None:
            costs["eyes"] = 0.6 * own.eyes
        return self.weighed(costs)

    def _noise(self, own: _Measured, typical: _Typical) -> float:
        """Noise only ever adds: what is louder than in the quieter takes is noise."""
        unclear = beyond(typical.clearness - own.clearness, 6, 26)
        more = np.sort(own.bands - typical.bands)[-3:].mean()
        return min(1.5, unclear + beyond(float(more), 8, 20) + 0.5 * beyond(own.loudest, 12, 20))

    # ------------------------------------------------------------------------------- the steps

    def _step(self, layer: int, a: int, b: int) -> Step:
        joined = Step(True, self.weighed(self._join(layer, a, b)))
        one, other = self.layers[layer][a], self.layers[layer + 1][b]
        if one.take != other.take:
            return joined
        played = Step(False, self.weighed(self._played(layer, one, other)))
        return played if played.total <= joined.total else joined

    def _played(self, layer: int, one: Candidate, other: Candidate) -> dict[str, float]:
        """What lies between two words of a take, where it just plays on."""
        own = self.recordings[one.recording]
        end, start = own.edges[one.heard][1], own.edges[other.heard][0]
        between = own.edges[one.heard + 1 : other.heard]
        quiet = max(0.0, start - end - sum(b - a for a, b in between))
        longer = quiet - self.pauses[layer] - _LONGER
        costs = {
            "extra": _EXTRA * (other.heard - one.heard - 1),
            "pause": 1.5 * beyond(longer, 0.0, 1.5),
        }
        inside = own.levels(end + 2 * own.step, start - 2 * own.step)
        if not between and start - end > 6 * own.step and len(inside):
            costs["noise"] = beyond(float(inside.max()) - own.spoken, -20, -5)
        return costs

    @cached_property
    def pauses(self) -> list[float]:
        """Seconds between each word and the next, as in most takes that say both."""
        found = []
        for layer in range(len(self.layers) - 1):
            own = [
                max(0.0, r.edges[b.heard][0] - r.edges[a.heard][1])
                for a, b in self._neighbours(layer)
                for r in (self.recordings[a.recording],)
            ]
            found.append(float(np.median(own)) if own else 0.15)
        return found

    def _neighbours(self, layer: int) -> list[tuple[Candidate, Candidate]]:
        """The pairs of a word and the next one right after it in the same take."""
        later = {(one.recording, one.heard): one for one in self.layers[layer + 1]}
        pairs = ((one, later.get((one.recording, one.heard + 1))) for one in self.layers[layer])
        return [(a, b) for a, b in pairs if b is not None and b.take == a.take]

    def _join(self, layer: int, a: int, b: int) -> dict[str, float]:
        one, other = self.layers[layer][a], self.layers[layer + 1][b]
        first, second = self.recordings[one.recording], self.recordings[other.recording]
        tail, lead = first.rooms[one.heard][1], second.rooms[other.heard][0]
        end, start = first.edges[one.heard][1], second.edges[other.heard][0]
        costs = {
            "join": _JOIN,
            "edge": 0.7 * (2 - beyond(tail, 0, 0.06) - beyond(lead, 0, 0.06)),
            "breath": _breath(first, end, min(tail, 0.2)) + _breath(second, start, -min(lead, 0.2)),
            "voice": self._voice(layer, a, b),
        }
        if one.recording != other.recording:
            costs["room"] = _rooms_apart(first, end, second, start)
        if first.heads is not None and second.heads is not None:
            costs["head"] = _heads_apart(first.heads.at(end), second.heads.at(start))
        return costs

    def _voice(self, layer: int, a: int, b: int) -> float:
        """Steps of pitch and pace that no take has there."""
        one, other = self._measured[layer][a], self._measured[layer + 1][b]
        before, after = self._typical[layer], self._typical[layer + 1]
        cost = 0.0
        octaves = (one.octaves, other.octaves, before.octaves, after.octaves)
        if None not in octaves:
            o, p, q, r = (value or 0.0 for value in octaves)
            cost = 0.6 * beyond(12 * abs((p - o) - (r - q)), 3, 10)
        paces = np.log2([one.duration / before.duration, other.duration / after.duration])
        return cost + 0.4 * beyond(float(abs(paces[1] - paces[0])), 0.6, 1.6)


@dataclass(frozen=True, slots=True)
class _Typical:
    """What a word is like in its takes."""

    duration: float
    octaves: float | None
    pitched: float | None
    paced: float
    clearness: float
    bands: np.ndarray
    sharpness: float | None


def _typical(row: Sequence[_Measured]) -> _Typical:
    octaves = [m.octaves for m in row if m.octaves is not None]
    sharp = [m.sharpness for m in row if m.sharpness is not None]
    return _Typical(
        float(np.median([m.duration for m in row])),
        float(np.median(octaves)) if octaves else None,
        _middle([m.pitched for m in row]),
        _middle([m.paced for m in row]) or 0.0,
        max(m.clearness for m in row),
        # The quietest ones; of many takes not the quietest of all, which may be a whisper.
        np.quantile([m.bands for m in row], 0.0 if len(row) <= 3 else 0.25, axis=0),
        max(sharp, default=None),
    )


def _beside(values: Sequence[float | None], number: int) -> float | None:
    """A word's value beside the middle one of the words around it, itself not among them."""
    own = values[number]
    near = [*values[max(0, number - _AROUND) : number], *values[number + 1 : number + 1 + _AROUND]]
    others = [value for value in near if value is not None]
    return own - float(np.median(others)) if own is not None and others else None


def _middle(values: Sequence[float | None]) -> float | None:
    """The middle one; of two, which tell nothing of each other, the one nearer to nothing."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return float(np.median(known)) if len(known) > 2 else min(known, key=abs)


def _breath(recording: TakeRecording, edge: float, room: float) -> float:
    """What is heard beside a word where it is cut: a breath, or a noise."""
    first, last = sorted((edge, edge + room))
    inside = recording.levels(first + recording.step, last - recording.step)
    if abs(room) < 4 * recording.step or not len(inside):
        return 0.0
    above = float(np.quantile(inside, 0.75)) - recording.room(edge)[0]
    return 0.5 * beyond(above, 10, 35)


def _rooms_apart(first: TakeRecording, end: float, second: TakeRecording, start: float) -> float:
    """How differently two rooms sound where the voices are equally loud."""
    (one, bands), (other, more) = first.room(end), second.room(start)
    if not len(first.level) or not len(second.level):
        return 0.0
    step = abs((one - first.spoken) - (other - second.spoken))
    shape = np.abs((bands - bands.mean()) - (more - more.mean())).mean()
    return 0.5 * beyond(step, 3, 20) + 0.3 * beyond(float(shape), 4, 16)


def _heads_apart(one: np.ndarray | None, other: np.ndarray | None) -> float:
    """How far a head jumps, in its own widths, and how much it changes its size."""
    if one is None or other is None:
        return 0.0
    width = max(float(one[2] + other[2]) / 2, 1e-3)
    moved = float(np.hypot(*(one[:2] - other[:2]))) / width
    return min(
        1.0, beyond(moved, 0.1, 0.8) + beyond(abs(float(np.log2(one[2] / other[2]))), 0.1, 0.8)
    )
