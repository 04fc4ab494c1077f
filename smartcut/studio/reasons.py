"""Why a segment is in the film, and what else could be: from what the choosing stage went by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from smartcut.annotation import Shots
from smartcut.cut import Cut, Segment, Track
from smartcut.editing.applying import Mark
from smartcut.editing.drawn import text_of
from smartcut.offers import OfferedMoment, Offers
from smartcut.stages._copy_slack import moves_told
from smartcut.studio.answers import NoSuchThing
from smartcut.studio.said import words_of
from smartcut.timebase import Range

#: What is shown of a moment's words, and how many moments a segment is told to have beaten.
_MOST_WORDS, _MOST_BEATEN = 40, 5
# Less of a source than this, in seconds, is no moment.
_SHORTEST = Fraction(1, 2)
# A moment may be so much longer than the one whose place it takes.
_ROOM = Fraction(6, 5)


@dataclass(frozen=True, slots=True)
class Choosing:
    """What there is to choose from for a cut."""

    automatic: Cut
    """With the transcripts and the shots of its sources."""
    offers: tuple[Offers, ...] = ()
    """What the last stage that chooses went by, or that of each part; none where none chooses."""

    def candidates(self, shown: Cut) -> list[dict[str, Any]]:
        """The moments that could be shown, best first; those that are shown are said to be."""
        taken = list(_shown(shown))
        chosen = [
            self._plain(_of_segment(s), True) for s in shown.segments if s.source in self._ids
        ]
        others = [self._plain(one, False) for one in self._moments(shown) if not _is_in(one, taken)]
        rows = [*chosen, *others]
        return sorted(
            rows, key=lambda row: -1.0 if row["score"] is None else row["score"], reverse=True
        )

    def why(self, id: str, shown: Cut, marks: Mapping[str, Mark]) -> dict[str, Any]:
        """The reasons for a segment; raises NoSuchThing."""
        found = next(((t, s) for t in shown.tracks for s in t.segments if s.id == id), None)
        if found is None:
            raise NoSuchThing(f"the cut has no segment {id!r}")
        track, segment = found
        scores = dict(segment.scores)
        score = scores.pop("score", None)
        offers = self._offers_of(segment)
        weights = dict(offers.weights) if offers else {}
        taken = list(_shown(shown))
        others: list[OfferedMoment | _PlainMoment] = []
        if track is shown.programme:
            others = [one for one in self._moments(shown) if not _is_in(one, taken)]
        beaten = [o for o in others if _worth(o) <= (score or 0.0)] if score is not None else []
        fitting = (o for o in others if o.range.duration <= segment.duration * _ROOM)
        following = next(fitting, None)
        said = words_of(shown, segment.source).text(segment.range)
        return {
            "score": score,
            "parts": [
                {"name": name, "value": value, "weight": weights.get(name)}
                for name, value in scores.items()
            ],
            "words": said,
            "beaten": [self._plain(one, False) for one in beaten[:_MOST_BEATEN]],
            "next": self._plain(following, False) if following else None,
            "text": " ".join(
                [
                    what_it_is(shown, track, segment),
                    *self._told(segment, score, offers, marks.get(id)),
                ]
            ),
        }

    # ------------------------------------------------------------------------------ the moments

    @property
    def _ids(self) -> set[str]:
        return {source.id for source in self.automatic.footage}

    def _offers_of(self, segment: Segment) -> Offers | None:
        """What the stage went by that chose a segment: of several that from the same source."""
        own = (one for one in self.offers if any(m.source == segment.source for m in one.moments))
        return next(own, None)

    def _moments(self, shown: Cut) -> Sequence[OfferedMoment | _PlainMoment]:
        """Those that stages were offered, or else the shots or what is not shown of the sources."""
        if not self.offers:
            return [*self._shots(shown)]
        return sorted((m for one in self.offers for m in one.moments), key=lambda m: -m.score)

    @property
    def _stage(self) -> str:
        return self.offers[-1].stage if self.offers else ""

    def _shots(self, cut: Cut) -> Iterator[_PlainMoment]:
        for source in self.automatic.footage:
            shots = self.automatic.data(Shots, "shots", source.id)
            whole = Range(Fraction(0), source.duration)
            ranges = [shot.range for shot in shots.shots] if shots else [whole]
            shown = sorted(s.range for s in cut.segments if s.source == source.id)
            for place in ranges:
                for rest in _without(place, shown):
                    if rest.duration >= _SHORTEST:
                        yield _PlainMoment(source.id, rest)

    def _plain(self, one: OfferedMoment | _PlainMoment, is_chosen: bool) -> dict[str, Any]:
        return {
            "id": f"{one.source}@{float(one.range.start):.3f}-{float(one.range.end):.3f}",
            "source": one.source,
            "start": str(one.range.start),
            "end": str(one.range.end),
            "score": one.score,
            "scores": dict(one.scores),
            "chosen": is_chosen,
            "text": words_of(self.automatic, one.source).text(one.range, _MOST_WORDS),
            "stage": next((o.stage for o in self.offers if one in o.moments), self._stage),
        }

    def _told(
        self,
        segment: Segment,
        score: float | None,
        offers: Offers | None,
        mark: Mark | None,
    ) -> list[str]:
        """The reasons in words."""
        told = []
        if mark == "added":
            told.append("Added by hand.")
        elif mark is not None:
            told.append(f"{mark.capitalize()} by hand.")
        if score is not None and offers is not None:
            better = sum(one.score > score for one in offers.moments)
            told.append(
                f"`{offers.stage}` chose it from {offers.count} moments: "
                f"its score is {score:.2f}, and {better} that do not overlap scored higher."
            )
        weights = dict(offers.weights) if offers else {}
        weighty = [(v * weights.get(n, 0.0), n) for n, v in segment.scores if n in weights]
        if weighty and max(weighty)[0] > 0:
            told.append(f"What counted most is {max(weighty)[1]}.")
        if not told and segment.source in self._ids:
            told.append("No stage scored it: it is shown because nothing took it out.")
        if segment.source in self._ids:
            told += moves_told(self.automatic, segment.source, segment.range)
        own = [note for note in self.automatic.notes if segment.label and segment.label in note]
        return [*told, *own[:1]]


def what_it_is(cut: Cut, track: Track, segment: Segment) -> str:
    """What a segment shows or plays, in words."""
    if segment.source is None:
        return "A gap: nothing is shown."
    source = cut.source(segment.source)
    if source.made is not None:
        text = text_of(cut, segment)
        kind = source.made.kind.replace("_", " ").capitalize()
        return f"{kind}: {' '.join(text.split())}." if text else f"{kind}, which is drawn."
    shown = "The sound of a part" if track.kind == "sound" else "A part"
    return f"{shown} of {source.path.name}."


@dataclass(frozen=True, slots=True)
class _PlainMoment:
    """A moment that no stage has scored."""

    source: str
    range: Range
    score: float | None = None
    scores: tuple[tuple[str, float], ...] = ()


def _worth(one: OfferedMoment | _PlainMoment) -> float:
    return one.score or 0.0


def _of_segment(segment: Segment) -> _PlainMoment:
    scores = dict(segment.scores)
    score = scores.pop("score", None)
    return _PlainMoment(segment.source or "", segment.range, score, tuple(scores.items()))


def _shown(cut: Cut) -> Iterator[tuple[str, Range]]:
    return ((s.source, s.range) for s in cut.segments if s.source is not None)


def _is_in(one: OfferedMoment | _PlainMoment, taken: Sequence[tuple[str, Range]]) -> bool:
    """Whether a third of it or more is shown."""
    parts = (one.range.intersect(place) for source, place in taken if source == one.source)
    return 3 * sum((p.duration for p in parts if p is not None), Fraction(0)) >= one.range.duration


def _without(place: Range, shown: Sequence[Range]) -> Iterator[Range]:
    """What of a range is not in the others, which are in order."""
    at = place.start
    for other in shown:
        if other.start > at:
            rest = Range(at, min(other.start, place.end))
            if rest.end > rest.start:
                yield rest
        at = max(at, other.end)
        if at >= place.end:
            return
    yield Range(at, place.end)
