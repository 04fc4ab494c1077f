"""The moments that `highlights` chooses from: what they are, what each is worth, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.annotation import Signal
from smartcut.cut import Cut, Segment
from smartcut.offers import OfferedMoment
from smartcut.selecting.candidates import (
    Atom,
    Candidate,
    Slide,
    atoms_of,
    candidates_of,
    whole_moments,
    without_emptiness,
    words_of,
)
from smartcut.selecting.scoring import measure, weighted
from smartcut.selecting.silence import marked
from smartcut.source import Source
from smartcut.stage import Context
from smartcut.stages._copy_slack import Sliding, SlidingCuts, sliding_cuts
from smartcut.stages.loudness import loudness_of
from smartcut.timebase import Range, total

if TYPE_CHECKING:
    from smartcut.stages.highlights import Highlights


@dataclass(frozen=True, slots=True)
class MomentField:
    """All candidates with their scores."""

    atoms: dict[str, list[Atom]]
    breakdown: dict[str, list[dict[str, float]]]
    candidates: list[Candidate]
    scores: list[float]
    costs: list[float]
    """What encoding takes from the value of each candidate."""
    sliding: Sliding
    note: str | None = None

    @classmethod
    def of(cls, cut: Cut, names: list[str], params: Highlights, context: Context) -> MomentField:
        sliding = sliding_cuts(cut, params.copy_slack, context)
        atoms = _atoms(cut, names, params, sliding, context)
        flat = [atom for own in atoms.values() for atom in own]
        rows = measure(cut, flat, names, params.speaker)
        worth = weighted(rows, params.weights)
        breakdown, values, at = {}, {}, 0
        for id, own in atoms.items():
            breakdown[id] = rows[at : at + len(own)]
            values[id] = worth[at : at + len(own)]
            # Where no signal says anything there is nothing to see or to hear.
            atoms[id] = [
                replace(a, is_empty=a.is_empty or not v)
                for a, v in zip(own, values[id], strict=True)
            ]
            at += len(own)
        runs, note = _runs(atoms, params)
        candidates = [run for own in runs.values() for run in own]
        scores = [m for id, own in runs.items() for m in means(values[id], atoms[id], own)]
        costs = [c for id, own in runs.items() for c in _costs(atoms[id], own, sliding.get(id))]
        return cls(atoms, breakdown, candidates, scores, costs, sliding, note)

    def slid(self, source: str, asked: Range, shortest: Fraction) -> Range:
        """A moment chosen elsewhere, made shorter where the source can be copied then."""
        own = self.sliding.get(source)
        return asked if own is None else own.part(asked, asked, lambda p: p.duration >= shortest)

    def show(self, segments: Sequence[Segment]) -> None:
        """Remember what is shown of sources whose cuts may be moved."""
        for segment in segments:
            if (one := self.sliding.get(segment.source or "")) is not None:
                one.show(one.as_asked(segment.range), segment.range)

    def besides(self) -> str:
        """What was left out, for a note."""
        empty = [a.range for own in self.atoms.values() for a in own if a.is_empty]
        return f"; {float(total(empty)):.1f} s are silent or blank" if empty else ""

    def segment(self, cut: Cut, number: int) -> Segment:
        candidate = self.candidates[number]
        parts = self._parts(candidate)
        scores = (("score", round(self.scores[number], 4)), *sorted(parts.items()))
        label = _label(cut, candidate, parts)
        return Segment(candidate.source, candidate.range, label=label, scores=scores)

    def offered(self, number: int) -> OfferedMoment:
        candidate = self.candidates[number]
        scores = tuple(sorted(self._parts(candidate).items()))
        score = round(self.scores[number], 4)
        return OfferedMoment(candidate.source, candidate.range, score, scores)

    def of_range(self, cut: Cut, source: str, place: Range, title: str) -> Segment:
        """A moment chosen elsewhere, with the signals of the atoms that it touches."""
        atoms = self.atoms[source]
        touched = [n for n, atom in enumerate(atoms) if atom.range.overlaps(place)]
        if not touched:
            return Segment(source, place, label=title)
        candidate = Candidate(source, touched[0], touched[-1] + 1, place)
        parts = self._parts(candidate)
        label = title or _label(cut, candidate, parts)
        return Segment(source, place, label=label, scores=tuple(sorted(parts.items())))

    def _parts(self, candidate: Candidate) -> dict[str, float]:
        """The mean rank of each signal."""
        rows, atoms = self.breakdown[candidate.source], self.atoms[candidate.source]
        return {
            name: round(means([row[name] for row in rows], atoms, [candidate])[0], 4)
            for name in rows[0]
        }


def _atoms(
    cut: Cut, names: Sequence[str], params: Highlights, sliding: Sliding, context: Context
) -> dict[str, list[Atom]]:
    """The atoms of each source; where sound counts, silence in sources that speak is empty."""
    slides: dict[str, Slide] = {id: one.moved for id, one in sliding.items()}
    atoms = {s.id: atoms_of(cut, s, params.keep_sentences, slides.get(s.id)) for s in cut.footage}
    if not {"speech", "loudness"}.intersection(names):
        return atoms
    return {s.id: marked(atoms[s.id], _loudness_of(cut, s, context)) for s in cut.footage}


def _runs(
    atoms: dict[str, list[Atom]], params: Highlights
) -> tuple[dict[str, list[Candidate]], str | None]:
    """The candidates of each source, and a note where silence makes all of them too short."""
    shortest, longest = params.min_length, params.max_length
    runs = {id: candidates_of(own, shortest, longest) for id, own in atoms.items()}
    if any(runs.values()):
        return runs, None
    if not any(candidates_of(without_emptiness(a), shortest, longest) for a in atoms.values()):
        return runs, None  # it is the shots that are too short
    whole = {id: whole_moments(own, longest) for id, own in atoms.items()}
    most = max((run.range.duration for own in whole.values() for run in own), default=Fraction(0))
    return whole, (
        f"highlights: no moment lasts {float(shortest):g} s (min_length) without silence; the "
        f"longest of {float(most):.1f} s is taken as it is"
    )


def _costs(
    atoms: Sequence[Atom], candidates: Sequence[Candidate], own: SlidingCuts | None
) -> list[float]:
    """What encoding takes from the value of each: so many seconds of a perfect moment at most."""
    if own is None:
        return [0.0] * len(candidates)
    slack = float(own.around.slack)
    edges = [own.places.edges(atom.range) for atom in atoms]
    return [slack * edges[c.first].share_up_to(edges[c.last - 1]) for c in candidates]


def means(
    values: Sequence[float], atoms: Sequence[Atom], candidates: Sequence[Candidate]
) -> list[float]:
    """Of each candidate: the mean over its atoms, each for as long as it lasts.

    Candidates that begin with the same atom go on from each other's sums, the shortest first.
    """
    seconds = [float(atom.range.duration) for atom in atoms]
    means = []
    first, reached, total, length = -1, 0, 0.0, 0.0
    for candidate in candidates:
        if candidate.first != first or candidate.last < reached:
            first = reached = candidate.first
            total = length = 0.0
        for i in range(reached, candidate.last):
            total += values[i] * seconds[i]
            length += seconds[i]
        reached = candidate.last
        means.append(min(1.0, max(0.0, total / length)))
    return means


def _label(cut: Cut, candidate: Candidate, parts: dict[str, float]) -> str:
    """Why it was chosen, in a few words: what is said, or the signal that stands out."""
    words = words_of(cut, cut.source(candidate.source))
    said = [w.text for w in words if candidate.range.contains(w.range.middle)]
    if said:
        text = " ".join(said[:6])
        return f"{text} …" if len(said) > 6 else text
    best = max(parts, key=lambda name: parts[name])
    return best if parts[best] > 0 else ""


def _loudness_of(cut: Cut, source: Source, context: Context) -> Signal | None:
    """The loudness of a source in which something is said."""
    if source.audio is None or not words_of(cut, source):
        return None
    return loudness_of(cut, source, context)
