"""What a stretch is worth: signals averaged over it, made comparable by rank, and weighted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from smartcut.annotation import Signal
from smartcut.cut import Cut
from smartcut.selecting.candidates import Atom, words_of
from smartcut.selecting.silence import FLOOR

#: Signals that can be weighted, and the annotation and channel that each is read from.
SIGNALS: Mapping[str, tuple[str, str | None]] = {
    "relevance": ("relevance", None),
    "motion": ("motion", None),
    "loudness": ("loudness", None),
    "sharpness": ("sharpness", None),
}
#: What a signal reads where there is nothing: no movement, no detail, no sound, no word.
_NOTHING: Mapping[str, float] = {"motion": 0.0, "sharpness": 0.0, "loudness": FLOOR, "speech": 0.0}

Scores = list[dict[str, float]]


def present(cut: Cut) -> list[str]:
    """The names of the signals that there is anything of."""
    found = [
        name
        for name, (annotation, _) in SIGNALS.items()
        if any(cut.data(Signal, annotation, s.id) for s in cut.footage)
    ]
    if any(words_of(cut, s) for s in cut.footage):
        found.append("speech")
    return found


def measure(
    cut: Cut, atoms: Sequence[Atom], names: Sequence[str], speaker: str | None = None
) -> Scores:
    """For each atom its signals' ranks, in 0..1 over all atoms of all sources.

    An atom whose source lacks a signal counts as lowest there; one in which it says nothing, such
    as silence, has 0. With a ``speaker``, speech is what that one says.
    """
    columns = {
        name: ranks(_values(cut, atoms, name, speaker), _NOTHING.get(name)) for name in names
    }
    return [{name: columns[name][i] for name in names} for i in range(len(atoms))]


def _values(cut: Cut, atoms: Sequence[Atom], name: str, speaker: str | None) -> list[float | None]:
    values: list[float | None] = []
    series: dict[str, tuple[list[float], Sequence[float]] | None] = {}
    for atom in atoms:
        if name == "speech":
            values.append(_speech_share(cut, atom, speaker) if atom.is_spoken else 0.0)
            continue
        if atom.source not in series:
            signal = cut.data(Signal, SIGNALS[name][0], atom.source)
            times = [float(t) for t in signal.times()] if signal else []
            series[atom.source] = (times, signal.values[0]) if signal and times else None
        values.append(_mean(series[atom.source], atom))
    return values


def _mean(series: tuple[list[float], Sequence[float]] | None, atom: Atom) -> float | None:
    """The mean of the values inside the atom, or the value nearest to its middle."""
    if series is None:
        return None
    times, values = series
    first = bisect_left(times, float(atom.range.start))
    last = bisect_left(times, float(atom.range.end))
    if last > first:
        return sum(values[first:last]) / (last - first)
    middle = float(atom.range.middle)
    beside = range(max(0, first - 1), min(len(times), first + 1))
    return values[min(beside, key=lambda i: abs(times[i] - middle))]


def _speech_share(cut: Cut, atom: Atom, speaker: str | None) -> float:
    """How much of the atom is spoken, weighted by how sure the recogniser was."""
    total = 0.0
    for word in words_of(cut, cut.source(atom.source)):
        common = word.range.intersect(atom.range)
        if common is not None and speaker in (None, word.speaker):
            total += float(common.duration) * word.probability
    return total / float(atom.range.duration)


def ranks(values: Sequence[float | None], nothing: float | None = None) -> list[float]:
    """Each value's share of the others that it exceeds, in 0..1; equal values share a rank.

    What is no greater than ``nothing`` has the rank 0.
    """
    if nothing is not None and any(v is not None and v <= nothing for v in values):
        some = ranks([None if v is None else max(v, nothing) for v in values])
        return [0.0 if v is None or v <= nothing else r for v, r in zip(values, some, strict=True)]
    known = sorted(v for v in values if v is not None)
    if not known or known[0] == known[-1]:
        return [0.0 if v is None else 0.5 for v in values]
    place: dict[float, float] = {}
    i = 0
    while i < len(known):
        j = i
        while j < len(known) and known[j] == known[i]:
            j += 1
        place[known[i]] = (i + j - 1) / 2 / (len(known) - 1)
        i = j
    return [0.0 if v is None else place[v] for v in values]


def weighted(scores: Scores, weights: Mapping[str, float]) -> list[float]:
    """Each atom's weighted mean over the signals that there are, in 0..1."""
    total = sum(weights.get(name, 0.0) for name in (scores[0] if scores else {}))
    if total <= 0:
        return [0.5] * len(scores)
    return [sum(weights.get(n, 0.0) * v for n, v in row.items()) / total for row in scores]
