"""A recording as takes are compared by it: its words, and what was measured of it over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from smartcut.best_takes.aligning import HeardWord

#: Seconds around a time from which the room's own sound is taken, on each side.
_AROUND = 1.5
#: Share of the readings there that are the room's alone, dB above which something is heard, and dB
#: by which readings of the room differ.
_QUIET, HEARD, _STEADY = 0.2, 9.0, 4.0
#: Seconds by which a recogniser's edges may be wrong, outwards and inwards.
_OUTWARDS, _INWARDS = 0.15, 0.1


@dataclass(frozen=True, slots=True)
class Curve:
    """Numbers over seconds of a recording."""

    times: np.ndarray
    values: np.ndarray

    def mean(self, start: float, end: float) -> float | None:
        """Of what lies between, or the nearest one; None where there is none."""
        if not len(self.times):
            return None
        inside = (self.times >= start) & (self.times < end)
        if not inside.any():
            inside[np.abs(self.times - (start + end) / 2).argmin()] = True
        return float(self.values[inside].mean())


@dataclass(frozen=True, slots=True)
class Heads:
    """Where the largest face is: middle x, middle y and width, in shares of the picture."""

    times: np.ndarray
    places: np.ndarray
    """(n, 3)."""

    def at(self, time: float) -> np.ndarray | None:
        """The place within half a second of a time."""
        if not len(self.times):
            return None
        nearest = int(np.abs(self.times - time).argmin())
        return self.places[nearest] if abs(self.times[nearest] - time) <= 0.5 else None


@dataclass(frozen=True)
class TakeRecording:
    """One source with takes in it. Times are seconds of the source."""

    name: str
    words: tuple[HeardWord, ...]
    sureness: tuple[float, ...]
    """Of each word: how sure the recogniser is, 0..1."""
    duration: float
    step: float
    """Seconds from one reading to the next; the first is about time 0."""
    level: np.ndarray
    """dB."""
    pitch: np.ndarray
    """Hz; 0 without one."""
    bands: np.ndarray
    """(bands, n) in dB."""
    sharpness: Curve | None = None
    eyes: Curve | None = None
    """How far eyes are closed, 0..1."""
    heads: Heads | None = None
    _floors: dict[int, tuple[float, np.ndarray]] = field(default_factory=dict, repr=False)

    def _readings(self, start: float, end: float) -> slice:
        """The readings whose middles lie between, one at least where there is any."""
        first = int(np.ceil(start / self.step))
        last = max(first + 1, int(np.ceil(end / self.step)))
        first = min(max(first, 0), max(len(self.level) - 1, 0))
        return slice(first, max(first + 1, last))

    def levels(self, start: float, end: float) -> np.ndarray:
        """dB; of a recording without sound nothing."""
        return self.level[self._readings(start, end)]

    def loudness(self, start: float, end: float) -> float:
        """dB of the mean power."""
        levels = self.levels(start, end)
        return float(10 * np.log10((10 ** (levels / 10)).mean())) if len(levels) else -100.0

    def spectrum(self, start: float, end: float) -> np.ndarray:
        """dB of the mean power of each band."""
        found = self.bands[:, self._readings(start, end)]
        if not found.shape[1]:
            return np.full(len(self.bands), -100.0)
        return np.asarray(10 * np.log10((10 ** (found / 10)).mean(axis=1)))

    def octaves(self, start: float, end: float) -> float | None:
        """log2 of the pitch, where there is one in a third of the time or more."""
        found = self.pitch[self._readings(start, end)]
        voiced = found[found > 0]
        return float(np.median(np.log2(voiced))) if 3 * len(voiced) >= len(found) > 0 else None

    def room(self, time: float) -> tuple[float, np.ndarray]:
        """The level and the bands of the room around a time, in dB."""
        key = round(time / _AROUND * 2)
        if key not in self._floors:
            self._floors[key] = self._room(key * _AROUND / 2)
        return self._floors[key]

    def _room(self, time: float) -> tuple[float, np.ndarray]:
        place = self._readings(time - _AROUND, time + _AROUND)
        levels, bands = self.level[place], self.bands[:, place]
        if not len(levels):
            return -100.0, np.full(len(self.bands), -100.0)
        floor = float(np.quantile(levels, _QUIET / 2))
        quiet = levels <= floor + _STEADY
        return float(levels[quiet].mean()), np.asarray(bands[:, quiet].mean(axis=1))

    # ------------------------------------------------------------------------------- its words

    @cached_property
    def spoken(self) -> float:
        """dB: how loud its words are, in the middle."""
        own = [self.loudness(word.start, word.end) for word in self.words]
        return float(np.median(own)) if own and len(self.level) else 0.0

    @cached_property
    def edges(self) -> tuple[tuple[float, float], ...]:
        """When each word begins and ends, as far as it is heard; none reaches into another."""
        found = []
        for number, word in enumerate(self.words):
            before = self.words[number - 1].end if number else 0.0
            after = self.words[number + 1].start if number + 1 < len(self.words) else self.duration
            start = self._edge(word.start, -1, min(before, word.start), word)
            found.append((start, self._edge(word.end, 1, max(after, word.end), word)))
        return tuple(found)

    def _edge(self, time: float, way: int, bound: float, word: HeardWord) -> float:
        """A word's edge moved to where its sound begins or ends, near where it is said to be."""
        if not len(self.level):
            return time
        heard = self.room(time)[0] + HEARD
        middle = (word.start + word.end) / 2
        inner = time - way * min(_INWARDS, abs(time - middle))
        outer = min(time + _OUTWARDS, bound) if way > 0 else max(time - _OUTWARDS, bound)
        first, last = sorted((inner, outer))
        place = self._readings(first, last)
        numbers = np.arange(place.start, min(place.stop, len(self.level)))[::way]
        # From inside: the end of what is heard in one go; what comes after is another sound.
        is_loud = self.level[numbers] >= heard
        if not is_loud.any():
            return inner
        begun = int(is_loud.argmax())
        quiet = ~is_loud[begun:]
        over = begun + int(quiet.argmax()) if quiet.any() else len(numbers)
        # A reading is heard over half a step on each side of its middle, and a little more.
        edge = (numbers[over - 1] + way / 2) * self.step
        return float(min(max(edge, first), last))

    @cached_property
    def contours(self) -> tuple[tuple[float | None, ...], tuple[float, ...]]:
        """Of each word the log2 of its pitch, and of its seconds a letter."""
        octaves = tuple(self.octaves(start, end) for start, end in self.edges)
        lasts = (max(end - start, 0.02) for start, end in self.edges)
        paces = (
            float(np.log2(seconds / (len(word.text) + 1)))
            for seconds, word in zip(lasts, self.words, strict=True)
        )
        return octaves, tuple(paces)

    @cached_property
    def rooms(self) -> tuple[tuple[float, float], ...]:
        """Of each word the seconds without another word before it and after it."""
        edges = self.edges
        befores = [0.0, *(end for _, end in edges[:-1])]
        afters = [*(start for start, _ in edges[1:]), self.duration]
        return tuple(
            (max(0.0, start - before), max(0.0, after - end))
            for (start, end), before, after in zip(edges, befores, afters, strict=True)
        )

    def pauses(self, least: float) -> Sequence[tuple[float, float]]:
        """(start, end) of the stretches without words that last so long, the longest first."""
        edges = self.edges
        befores = [0.0, *(end for _, end in edges)]
        afters = [*(start for start, _ in edges), self.duration]
        gaps = [(a, b) for a, b in zip(befores, afters, strict=True) if b - a >= least]
        return sorted(gaps, key=lambda gap: gap[0] - gap[1])
