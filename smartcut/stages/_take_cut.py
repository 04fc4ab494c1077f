"""From passages of takes to a cut: segments, equal levels, and what could be there instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from smartcut.algebra import as_shown
from smartcut.best_takes.placing import PlacedPassage
from smartcut.best_takes.recording import TakeRecording
from smartcut.best_takes.weighing import Weighing
from smartcut.cut import Anchor, Cut, Effect, Segment, Track
from smartcut.effects.gain import Gain
from smartcut.params import to_pairs
from smartcut.timebase import Range

#: dB by which takes may differ in level without being changed, and by which one is changed at most.
_ALIKE, _MOST = 0.5, 15.0
_NONE = Fraction(0)


@dataclass(frozen=True)
class TakeCut:
    """Builds a cut of placed passages."""

    cut: Cut
    recordings: Sequence[TakeRecording]
    weighing: Weighing
    placed: Sequence[PlacedPassage]
    label: Callable[[int], str]
    """What a take is called."""

    def gains(self) -> list[float]:
        """dB of each recording, so that all voices are as loud as in the one used most."""
        used = Counter[int]()
        for one in self.placed:
            used[one.passage.recording] += len(one.passage.candidates)
        wanted = self.recordings[used.most_common(1)[0][0]].spoken
        apart = [wanted - r.spoken if len(r.level) and r.words else 0.0 for r in self.recordings]
        return [
            0.0 if abs(gain) < _ALIKE else round(max(-_MOST, min(_MOST, gain)), 1) for gain in apart
        ]

    # -------------------------------------------------------------------------------- segments

    def segments(self, labels: Sequence[str], gains: Sequence[float]) -> list[list[Segment]]:
        """The parts of the programme that each passage is; more than one where it has effects."""
        return [
            self._parts(one, label, gains[one.passage.recording])
            for one, label in zip(self.placed, labels, strict=True)
        ]

    def _parts(self, one: PlacedPassage, label: str, gain: float) -> list[Segment]:
        source = self.recordings[one.passage.recording].name
        costs, count = one.passage.costs, len(one.passage.candidates)
        shares = {name: round(max(0.0, 1 - cost / count), 4) for name, cost in costs.items()}
        score = round(max(0.0, 1 - sum(costs.values()) / count), 4)
        scores = (("score", score), *sorted(shares.items()))
        whole = Segment(source, Range(one.start, one.end))
        parts = as_shown(self.cut, whole)
        is_whole = sum((p.range.duration for p in parts), _NONE) == whole.range.duration
        if not (is_whole and all(part.is_plain for part in parts)):
            parts = (whole,)
        return [
            replace(p, label=label, scores=scores, effects=(*p.effects, *_gain(gain)), id="")
            for p in parts
        ]

    # ---------------------------------------------------------------------------- alternatives

    def alternatives(self, most: int, gains: Sequence[float]) -> tuple[Track, ...]:
        """Tracks with the next best takes of each passage, the best of them on the first."""
        tracks = []
        for rank in range(most):
            segments = [
                segment
                for one in self.placed
                if (segment := self._alternative(one, rank, gains)) is not None
            ]
            if segments:
                sources = [self.cut.source(s.source or "") for s in segments]
                kind = "picture" if any(source.video for source in sources) else "sound"
                track = Track(f"alternative {rank + 1}", tuple(segments), kind=kind)  # type: ignore[arg-type]
                tracks.append(track)
        return tuple(tracks)

    def _alternative(self, one: PlacedPassage, rank: int, gains: Sequence[float]) -> Segment | None:
        others = one.passage.others
        if rank >= len(others):
            return None
        other, passage = others[rank], one.passage
        first = self.weighing.layers[passage.first][other.nodes[0]]
        own, shown = self.recordings[first.recording], self.recordings[passage.recording]
        lead = shown.edges[passage.candidates[0].heard][0] - float(one.start)
        start = max(0.0, own.edges[first.heard][0] - lead)
        begin = Fraction(round(start * 1000), 1000)
        lasts = min(one.end - one.start, self.cut.source(own.name).duration - begin)
        if lasts <= 0:
            return None
        return Segment(
            own.name,
            Range(begin, begin + lasts),
            effects=_gain(gains[first.recording]),
            at=Anchor(shown.name, one.start),
            label=f"{self.label(other.take)} (costs {other.total:.2f})",
        )


def _gain(db: float) -> tuple[Effect, ...]:
    return (Effect("gain", to_pairs(Gain(db=db))),) if db else ()
