"""`highlights`: the best moments, as many as fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.algebra import as_shown
from smartcut.annotation import Features
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.offers import Offers, best_apart
from smartcut.selecting.asked import PickRules
from smartcut.selecting.candidates import (
    Candidate,
    words_of,
)
from smartcut.selecting.choice import (
    TOLERANCE,
    Budget,
    select_diversely,
    select_exactly,
    value,
)
from smartcut.selecting.scoring import SIGNALS, present
from smartcut.stage import Analysis, Context, Group, Stage, Step
from smartcut.stages._constrained import kept_to, steps_of_notes
from smartcut.stages._copy_slack import (
    copy_slack_field,
    steps_of_moves,
    with_moves,
)
from smartcut.stages._moment_field import MomentField
from smartcut.stages._select import MOST_PICKS, by_source, pick_note, selected, speech_of
from smartcut.stages._selector import Selector
from smartcut.stages.loudness import LoudnessAnalysis
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

    def analyses_after(self, given: Set[str]) -> tuple[Analysis, ...]:
        """The loudness, by which silence is left out where words are known."""
        counts = {"transcript": "speech", "loudness": "loudness"}
        is_heard = any(self.weights.get(counts[name], 0.0) for name in counts if name in given)
        return (LoudnessAnalysis(),) if "transcript" in given and is_heard else ()

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

    def _field(self, cut: Cut, context: Context) -> MomentField:
        names = [n for n in present(cut) if self.weights.get(n, 0.0) > 0]
        if not names:
            raise StageError(
                "`highlights` has nothing to go by: none of the signals with a weight "
                f"({', '.join(n for n, w in self.weights.items() if w)}) found anything in these "
                "sources"
            )
        self._check_speaker(cut)
        return MomentField.of(cut, names, self, context)

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

    def _reel(self, cut: Cut, field: MomentField, segments: list[Segment]) -> Cut:
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
        self, cut: Cut, field: MomentField, budget: Budget, context: Context
    ) -> tuple[list[int], Cut]:
        """The choice that is best, and keeps to what is expected; the cut with notes on that."""
        free = self._freely(cut, field, budget, context)
        rows = zip(field.candidates, field.scores, field.costs, strict=True)
        values = [value(candidate, score) - cost for candidate, score, cost in rows]
        return kept_to(self.name, cut, field.candidates, values, budget.filled, free, context)

    def _freely(self, cut: Cut, field: MomentField, budget: Budget, context: Context) -> list[int]:
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
        self, cut: Cut, selector: Selector, field: MomentField, context: Context
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

    def _ordered(self, cut: Cut, field: MomentField, chosen: Sequence[int]) -> list[Segment]:
        place = {s.id: i for i, s in enumerate(cut.sources)}
        if self.order == "score":
            numbers = sorted(chosen, key=lambda i: -field.scores[i])
        else:
            numbers = sorted(
                chosen,
                key=lambda i: (place[field.candidates[i].source], field.candidates[i].range),
            )
        return [field.segment(cut, i) for i in numbers]


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
