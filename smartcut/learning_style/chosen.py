"""What a film shows of its sources against what it leaves: pairs with the signals of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.cut import Cut
from smartcut.learning_style.studied import StudiedFilm
from smartcut.selecting.candidates import Atom, atoms_of
from smartcut.selecting.scoring import measure
from smartcut.tightening.ranges import Ranges, common, union

#: With so many passages that were left is each chosen one compared.
_MOST = 40


@dataclass(frozen=True, slots=True)
class ChoicePairs:
    """Chosen passages, those left, and which pairs of them are of one source."""

    chosen: np.ndarray
    """(passages, signals): the mean ranks that `highlights` knows, 0..1."""
    left: np.ndarray
    pairs: np.ndarray
    """(n, 2): a chosen passage and one that was left."""

    @property
    def rows(self) -> np.ndarray:
        """The signals of the chosen one less those of the other, of each pair."""
        difference: np.ndarray = self.chosen[self.pairs[:, 0]] - self.left[self.pairs[:, 1]]
        return difference

    def counts(
        self, of_chosen: np.ndarray | None = None, of_left: np.ndarray | None = None
    ) -> np.ndarray:
        """How much each pair counts: those of a chosen passage 1 in all, or as often as given."""
        first, second = self.pairs[:, 0], self.pairs[:, 1]
        shares = np.ones(len(first)) if of_left is None else of_left[second].astype(float)
        whole = np.bincount(first, shares, minlength=len(self.chosen))
        counts = shares / np.where(whole > 0, whole, 1.0)[first]
        return counts if of_chosen is None else counts * of_chosen[first]


def joined(films: Sequence[ChoicePairs]) -> ChoicePairs:
    """The pairs of several films as those of one."""
    pairs, chosen, left = [], 0, 0
    for film in films:
        pairs.append(film.pairs + np.array([chosen, left]))
        chosen, left = chosen + len(film.chosen), left + len(film.left)
    return ChoicePairs(
        np.concatenate([film.chosen for film in films]),
        np.concatenate([film.left for film in films]),
        np.concatenate(pairs),
    )


def pairs_of(film: StudiedFilm, names: Sequence[str]) -> ChoicePairs:
    """The pairs of a film, by these signals; there may be none."""
    cut = film.cut
    used = list(dict.fromkeys(passage.source for passage in film.passages))
    own = {id: atoms_of(cut, cut.source(id)) for id in used}
    flat = [atom for id in used for atom in own[id]]
    table = _table(cut, flat, names)
    shown: dict[str, Ranges] = {
        id: union(p.range for p in film.passages if p.source == id) for id in used
    }
    length = float(np.median([float(p.range.duration) for p in film.passages] or [0.0]))
    chosen: list[np.ndarray] = []
    left: list[np.ndarray] = []
    pairs: list[tuple[int, int]] = []
    at = 0
    for id in used:
        rows = table[at : at + len(own[id])]
        seconds = np.array([float(atom.range.duration) for atom in own[id]])
        shares = np.array([_share(atom, shown[id]) for atom in own[id]])
        at += len(own[id])
        first, second = len(chosen), len(left)
        for passage in shown[id]:
            inside = [n for n, a in enumerate(own[id]) if passage.contains(a.range.middle)]
            chosen += _means(rows, seconds, [_from_speech(inside, own[id])])
        runs = _runs(shares, seconds, rows, length)
        left += _means(rows, seconds, [_from_speech(run, own[id]) for run in runs])
        pairs += list(_pairs(range(first, len(chosen)), range(second, len(left))))
    return ChoicePairs(
        np.array(chosen).reshape(-1, len(names)),
        np.array(left).reshape(-1, len(names)),
        np.array(pairs, dtype=int).reshape(-1, 2),
    )


def _table(cut: Cut, atoms: Sequence[Atom], names: Sequence[str]) -> np.ndarray:
    rows = measure(cut, atoms, names)
    return np.array([[row[name] for name in names] for row in rows]).reshape(-1, len(names))


def _share(atom: Atom, shown: Ranges) -> float:
    """How much of an atom is shown, 0..1."""
    total = sum((part.duration for part in common(shown, (atom.range,))), Fraction(0))
    return float(total / atom.range.duration)


def _means(
    rows: np.ndarray, seconds: np.ndarray, runs: Sequence[Sequence[int]]
) -> list[np.ndarray]:
    """The mean signals of each run of atoms, each for as long as it lasts."""
    return [np.average(rows[list(run)], axis=0, weights=seconds[list(run)]) for run in runs if run]


def _runs(
    shares: np.ndarray, seconds: np.ndarray, rows: np.ndarray, length: float
) -> list[list[int]]:
    """Runs of atoms that are not shown, about as long as a passage; where all is empty, none."""
    found: list[list[int]] = [[]]
    for number, share in enumerate(shares):
        full = seconds[found[-1]].sum() >= length if found[-1] else False
        if share > 0 or not rows[number].any():
            found.append([])
        elif full:
            found.append([number])
        else:
            found[-1].append(number)
    return [run for run in found if run and seconds[run].sum() >= length / 2]


def _from_speech(run: Sequence[int], atoms: Sequence[Atom]) -> Sequence[int]:
    """A run without the pauses at its ends, as moments are: they begin and end with speech."""
    spoken = [place for place, number in enumerate(run) if atoms[number].is_spoken]
    return run[spoken[0] : spoken[-1] + 1] if spoken else run


def _pairs(chosen: range, left: range) -> Iterator[tuple[int, int]]:
    """Each chosen one with all that were left, or so many of them, evenly."""
    count = min(len(left), _MOST)
    for number, one in enumerate(chosen):
        for i in range(count):
            yield one, left[(number + i * len(left) // count) % len(left)]
