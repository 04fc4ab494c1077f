"""`highlights`: the best moments, as many as fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.algebra import as_shown
from smartcut.annotation import Features, Signal
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.offers import OfferedMoment, Offers, best_apart
from smartcut.selecting.asked import PickRules
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
from smartcut.selecting.choice import (
    TOLERANCE,
    Budget,
    select_diversely,
    select_exactly,
    value,
)
from smartcut.selecting.scoring import SIGNALS, measure, present, weighted
from smartcut.selecting.silence import marked
from smartcut.source import Source
from smartcut.stage import Context, Group, Stage, Step
from smartcut.stages._constrained import kept_to, steps_of_notes
from smartcut.stages._copy_slack import (
    Sliding,
    copy_slack_field,
    sliding_cuts,
    steps_of_moves,
    with_moves,
)
from smartcut.stages._select import MOST_PICKS, by_source, pick_note, selected, speech_of
from smartcut.stages._selector import Selector
from smartcut.stages.loudness import loudness_of
from smartcut.timebase import Range, TimeParam, total

_NAMES = (*SIGNALS, "speech")


class Highlights(Stage):
    """Picks the best moments of all sources until the asked duration is filled.

    Candidates begin and end at shot cuts, around sentences and in silence, never inside a
    word; one in which something is said begins with it. Their score is the weighted mean of the
    signals that were made before, each as its rank over all sources, so that signals of any unit
    can be weighed. The budget is filled exactly (`knapsack`), or so that the moments differ from
    each other (`mmr`).

    What `expect` says of the film (its length, words cut off, what is said, how fast captions
    are, what was generated) is kept to while choosing, exactly; notes say what it costs.

    `select` has a program or a language model choose by what is said; its answer is checked
    (docs/talks.md): moments of whole sentences, each and all as long as asked.

    It is not filled with nothing. Silent stretches of sources in which somebody speaks (where
    `speech` or `loudness` has a weight) and stretches of which no signal says anything are left
    out: the reel may be shorter than asked, and a note says so.

    Where shots are known and the picture is copied, moments begin and end where that can be done
    without encoding, within `copy_slack`; one that has to be encoded is worth as much less as so
    many seconds of a perfect one.

    ```yaml
    - highlights: {duration: 30s}
    ```
    """

    name: ClassVar[str] = "highlights"
    group: ClassVar[Group] = "choose"
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("relevance", "transcript", "motion", "loudness", "sharpness"),
    )

    duration: TimeParam = Field(Fraction(30), gt=0, description="How long the reel shall be.")
    weights: dict[str, float] = Field(
        {"relevance": 2.0, "speech": 1.0, "motion": 1.0, "loudness": 0.5, "sharpness": 0.5},
        description="What counts how much: " + ", ".join(_NAMES) + ".",
    )
    speaker: str | None = Field(
        None, description="Whose words count as `speech`, where speakers are known: by name."
    )
    min_length: TimeParam = Field(Fraction(3, 2), gt=0, description="Shortest moment.")
    max_length: TimeParam = Field(
        Fraction(8), gt=0, description="Longest moment; a single sentence may be longer."
    )
    per_source: TimeParam | None = Field(None, gt=0, description="Most seconds from one source.")
    method: Literal["auto", "knapsack", "mmr"] = Field(
        "auto", description="`auto` is mmr where pictures can be compared, else knapsack."
    )
    diversity: float = Field(0.3, ge=0, le=1, description="How much mmr avoids likeness.")
    order: Literal["time", "score"] = Field("time", description="How the moments follow.")
    joins: TimeParam = Field(
        Fraction(0), description="Seconds that a later `transitions` takes from each join."
    )
    keep_sentences: bool = Field(True, description="Never cut inside a sentence.")
    copy_slack: TimeParam = copy_slack_field()
    select: Selector | None = Field(
        None, description="A program or a language model that chooses, in place of the scores."
    )

    @field_validator("weights")
    @classmethod
    def _known_names(cls, value: dict[str, float]) -> dict[str, float]:
        for name, weight in value.items():
            if name not in _NAMES:
                raise ValueError(f"unknown signal {name!r}; accepted: {', '.join(_NAMES)}")
            if weight < 0:
                raise ValueError(f"the weight of {name!r} is negative")
        return value

    def offers(self, cut: Cut, context: Context) -> Offers | None:
        field = self._field(cut, context)
        candidates, scores = field.candidates, field.scores
        best = best_apart([(c.source, c.range) for c in candidates], scores)
        return Offers(
            self.name,
            tuple((n, w) for n, w in self.weights.items() if w),
            tuple(field.offered(number) for number in best),
            len(candidates),
        )

    def _field(self, cut: Cut, context: Context) -> _Field:
        names = [n for n in present(cut) if self.weights.get(n, 0.0) > 0]
        if not names:
            raise StageError(
                "`highlights` has nothing to go by: none of the signals with a weight "
                f"({', '.join(n for n, w in self.weights.items() if w)}) found anything in these "
                "sources"
            )
        self._check_speaker(cut)
        return _Field.of(cut, names, self, context)

    def apply(self, cut: Cut, context: Context) -> Cut:
        field = self._field(cut, context)
        if self.select is not None:
            chosen, cut = self._selected(cut, self.select, field, context)
            return self._reel(cut, field, chosen)
        if not field.candidates:
            raise StageError(
                f"`highlights` finds no moment of at least {float(self.min_length):g} s"
                f"{field.besides()}; lower min_length"
            )
        if field.note:
            cut = cut.with_note(field.note)
        caps = {s.id: self.per_source for s in cut.footage} if self.per_source else None
        budget = Budget(self.duration, self.joins, caps)
        numbers, cut = self._choose(cut, field, budget, context)
        return self._reel(cut, field, self._ordered(cut, field, numbers))

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        made = self.apply(cut, context)
        told = steps_of_notes(self.name, cut, made)
        return made, (*told, *steps_of_moves(self.name, cut, made))

    def _reel(self, cut: Cut, field: _Field, segments: list[Segment]) -> Cut:
        """The cut of the chosen moments, with notes on what is not as asked."""
        parts = [_with_effects(cut, segment) for segment in segments]
        if self.select is None:
            field.show(segments)
        cut = with_moves(self.name, cut, field.sliding)
        if lost := [s.source for s, own in zip(segments, parts, strict=True) if not own]:
            cut = cut.with_note(
                f"`highlights` chooses from whole sources: what was done before to some of the "
                f"moments of {', '.join(sorted({str(id) for id in lost}))} is not in the reel; put "
                "those stages after it"
            )
        kept = (p for s, own in zip(segments, parts, strict=True) for p in own or (s,))
        cut = cut.with_segments(tuple(kept))
        lasts = total(s.range for s in segments) - self.joins * max(0, len(segments) - 1)
        if lasts < self.duration - TOLERANCE:
            cut = cut.with_note(
                f"the reel lasts {float(lasts):.1f} s, not {float(self.duration):g} s: "
                f"the sources have no more that fits{field.besides()}"
            )
        return cut

    def _check_speaker(self, cut: Cut) -> None:
        if self.speaker is None:
            return
        known = {w.speaker for s in cut.footage for w in words_of(cut, s)} - {None}
        if self.speaker not in known:
            names = (
                f"speakers: {', '.join(sorted(map(str, known)))}"
                if known
                else ("no speakers are known; `- speakers` after `- transcribe` finds out")
            )
            raise StageError(f"`highlights`: {self.speaker!r} says nothing there; {names}")

    def _choose(
        self, cut: Cut, field: _Field, budget: Budget, context: Context
    ) -> tuple[list[int], Cut]:
        """The choice that is best, and keeps to what is expected; the cut with notes on that."""
        free = self._freely(cut, field, budget, context)
        rows = zip(field.candidates, field.scores, field.costs, strict=True)
        values = [value(candidate, score) - cost for candidate, score, cost in rows]
        return kept_to(self.name, cut, field.candidates, values, budget.filled, free, context)

    def _freely(self, cut: Cut, field: _Field, budget: Budget, context: Context) -> list[int]:
        """The best choice, whatever is expected."""
        likeness = None
        if self.method != "knapsack" and self.diversity > 0:
            likeness = _similarity(cut, field.candidates, context)
        if likeness is None:
            return select_exactly(field.candidates, field.scores, budget, field.costs)
        return select_diversely(
            field.candidates, field.scores, budget, likeness, self.diversity, field.costs
        )

    def _selected(
        self, cut: Cut, selector: Selector, field: _Field, context: Context
    ) -> tuple[list[Segment], Cut]:
        """The moments that the selector picks, and the cut with a note on each."""
        offered = by_source(cut)
        if not offered:
            raise StageError("`highlights`: `select` chooses by what is said, but nobody speaks")
        speech = {s.id: speech_of(cut, s.id) for s in cut.footage}

        def part(first: int, last: int) -> Range:
            own = offered[first]
            whole = Range(own.start, offered[last - 1].end)
            return speech[own.source].padded(whole, cut.source(own.source).duration)

        rules = PickRules(
            (1, MOST_PICKS),
            (self.min_length, self.max_length),
            self.duration,
            self.per_source,
            may_alone_be_longer=True,
        )
        picks = selected(
            self.name, selector, offered, rules, lambda a, b: part(a, b).duration, context
        )
        if self.order == "time":
            picks.sort(key=lambda pick: pick.first)
        cut = cut.with_note(f"highlights: chosen by {selector.called}")
        segments = []
        for number, pick in enumerate(picks, 1):
            source, asked = offered[pick.first].source, part(pick.first, pick.last)
            place = field.slid(source, asked, self.min_length)
            segments.append(field.of_range(cut, source, place, pick.title))
            cut = cut.with_note(pick_note("highlight", number, pick, place, source))
        return segments, cut

    def _ordered(self, cut: Cut, field: _Field, chosen: Sequence[int]) -> list[Segment]:
        place = {s.id: i for i, s in enumerate(cut.sources)}
        if self.order == "score":
            numbers = sorted(chosen, key=lambda i: -field.scores[i])
        else:
            numbers = sorted(
                chosen,
                key=lambda i: (place[field.candidates[i].source], field.candidates[i].range),
            )
        return [field.segment(cut, i) for i in numbers]


@dataclass(frozen=True, slots=True)
class _Field:
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
    def of(cls, cut: Cut, names: list[str], params: Highlights, context: Context) -> _Field:
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
        scores = [m for id, own in runs.items() for m in _means(values[id], atoms[id], own)]
        slack = float(params.copy_slack)
        costs = [
            slack * sliding[one.source].share(one.range) if one.source in sliding else 0.0
            for one in candidates
        ]
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
            name: round(_means([row[name] for row in rows], atoms, [candidate])[0], 4)
            for name in rows[0]
        }


def _with_effects(cut: Cut, chosen: Segment) -> tuple[Segment, ...]:
    """A chosen moment with the effects that the programme has on it.

    Nothing where they cannot be had: where it is not shown there once, and at its own speed.
    """
    parts = as_shown(cut, chosen)
    edges = [chosen.range.start, *(part.range.end for part in parts)]
    follow = all(part.range.start == edge for part, edge in zip(parts, edges, strict=False))
    if not follow or edges[-1] != chosen.range.end or not all(part.is_plain for part in parts):
        return ()
    return tuple(replace(p, label=chosen.label, scores=chosen.scores) for p in parts)


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


def _means(
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


def _similarity(
    cut: Cut, candidates: Sequence[Candidate], context: Context
) -> Callable[[int, int], float] | None:
    """Cosine of the candidates' mean picture features, or None where there are none."""
    import numpy as np

    vectors: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for source in cut.footage:
        features = cut.data(Features, "image-features", source.id)
        array = context.cache.load_array(features.array) if features else None
        if features is not None and array is not None and len(array):
            times = np.array([float(t * features.timebase) for t in features.pts])
            vectors[source.id] = (times, array)
    if not vectors:
        return None
    means = [_mean_vector(vectors.get(c.source), c) for c in candidates]

    def likeness(a: int, b: int) -> float:
        one, two = means[a], means[b]
        return 0.0 if one is None or two is None else float(one @ two)

    return likeness


def _mean_vector(known, candidate: Candidate):  # type: ignore[no-untyped-def]
    """The mean of the vectors inside the candidate (or the nearest), of length 1."""
    import numpy as np

    if known is None:
        return None
    times, array = known
    start, end = float(candidate.range.start), float(candidate.range.end)
    inside = (times >= start) & (times < end)
    if not inside.any():
        inside[np.argmin(np.abs(times - (start + end) / 2))] = True
    mean = array[inside].mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length else mean


def _loudness_of(cut: Cut, source: Source, context: Context) -> Signal | None:
    """The loudness of a source in which something is said."""
    if source.audio is None or not words_of(cut, source):
        return None
    return loudness_of(cut, source, context)
