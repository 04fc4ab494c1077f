"""The style that several films share: each setting where the films carry it, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from smartcut.errors import SourceError
from smartcut.learning_style.captions import LearnedCaptions, learned_captions
from smartcut.learning_style.chosen import ChoicePairs, pairs_of
from smartcut.learning_style.estimates import Estimate, estimated, median, spread
from smartcut.learning_style.grade import LearnedGrade, learned_grade
from smartcut.learning_style.silences import (
    DEFAULT_RULE,
    Predicted,
    Silences,
    fitted,
    predicted,
    studied_silences,
)
from smartcut.learning_style.studied import StudiedFilm
from smartcut.learning_style.weighing import Weighing, weighed
from smartcut.selecting.scoring import present

#: No style is claimed of fewer films, cuts in pauses, cuts in pauses of each film, passages.
FEWEST_FILMS, FEWEST_CUTS, FEWEST_EACH, FEWEST_PASSAGES = 2, 12, 3, 12
#: Seconds: a margin, or a shortest cut, whose interval is wider is not known.
WIDEST_MARGIN, WIDEST_CUT = 0.2, 0.4
#: A setting that tells less of films that it was not learned from is none.
LEAST_SHARE, LEAST_AUC = 0.5, 0.6
#: What it is relevant to cannot be learned: no cut says what was asked for.
_ASKED = "relevance"
#: Films that show more of their sources have not chosen.
_WHOLE = 0.95
_SHORT, _LONG = 0.05, 0.95

Basis = Literal["words", "voice"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long shots of the films last, and passages of the sources that they show, in seconds."""

    shot: Estimate
    spread: Estimate
    """Of shots, between the quartiles."""
    per_minute: float
    """Cuts in a minute of film."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of the passages that were chosen, in seconds of the sources."""

    shortest: Estimate
    """One in twenty is shorter."""
    longest: Estimate
    """One in twenty is longer."""
    whole: tuple[float, ...]
    """All passages of each film."""


@dataclass(frozen=True, slots=True)
class HeldBackSilences:
    """How well pauses of each film are told by the others; and by a rule that nobody learned."""

    films: tuple[Predicted, ...]
    default: Predicted

    @property
    def whole(self) -> Predicted:
        return sum(self.films, Predicted(0, 0, 0))


@dataclass(frozen=True, slots=True)
class LearnedStyle:
    """What films have in common; None where they do not carry it, which ``left_out`` says."""

    films: tuple[str, ...]
    basis: Basis
    pace: Pace
    silences: Silences | None
    held_back: HeldBackSilences | None
    lengths: Lengths | None
    weighing: Weighing | None
    grade: LearnedGrade | None
    captions: LearnedCaptions | None
    left_out: tuple[str, ...]


def check_enough(films: Sequence[StudiedFilm]) -> tuple[np.ndarray, int]:
    """The lengths of all shots, and how many cuts there are; raises SourceError for too few.

    What is active in the sources does not have to be known yet.
    """
    shots = np.array([length for film in films for length in film.shots])
    cuts = len(shots) - len(films)
    if len(films) < FEWEST_FILMS:
        raise SourceError(
            f"{films[0].name} alone, with {cuts} cuts, tells no style: a style is what films have "
            f"in common, and is tried on films that it was not learned from; give at least "
            f"{FEWEST_FILMS}, better three or more"
        )
    if cuts < FEWEST_CUTS:
        raise SourceError(
            f"{len(films)} films with {cuts} cuts in all tell no style; there have to be at least "
            f"{FEWEST_CUTS}: give more films of the same kind"
        )
    return shots, cuts


def learned(films: Sequence[StudiedFilm], basis: Basis) -> LearnedStyle:
    """The style of films; raises SourceError where they carry none."""
    shots, cuts = check_enough(films)
    left_out: list[str] = []
    silences, held_back = _silences(films, left_out)
    lengths, weighing = _choice(films, left_out)
    grade = learned_grade(films, left_out)
    captions = learned_captions(films, left_out)
    if not (silences or weighing or grade or captions):
        reasons = "\n".join(f"- {reason}" for reason in left_out)
        raise SourceError(
            f"{len(films)} films with {cuts} cuts carry no setting; give more films that were cut "
            f"in the same way:\n{reasons}"
        )
    pace = Pace(estimated(shots, median), estimated(shots, spread), 60 * cuts / float(shots.sum()))
    names = tuple(film.name for film in films)
    return LearnedStyle(
        names, basis, pace, silences, held_back, lengths, weighing, grade, captions, tuple(left_out)
    )


# ------------------------------------------------------------------------------------ pauses


def _silences(
    films: Sequence[StudiedFilm], left_out: list[str]
) -> tuple[Silences | None, HeldBackSilences | None]:
    pauses = [pause for film in films for pause in film.pauses]
    each = [sum(p.left_out is not None for p in film.pauses) for film in films]
    enough = sum(each) >= FEWEST_CUTS and sum(n >= FEWEST_EACH for n in each) >= FEWEST_FILMS
    if not enough:
        left_out.append(
            f"tighten: {sum(each)} of {len(pauses)} pauses are cut ({', '.join(map(str, each))} "
            f"of the films); at least {FEWEST_CUTS} are needed, {FEWEST_EACH} or more of each of "
            f"{FEWEST_FILMS} films"
        )
        return None, None
    found, held_back = studied_silences(pauses), _held_back(films)
    widest = max(found.before.width, found.after.width)
    share = held_back.whole.share
    if widest > WIDEST_MARGIN:
        left_out.append(
            f"tighten: the margins are not alike: their 95 % interval is {widest:.2f} s wide, and "
            f"may be {WIDEST_MARGIN:g} s (before {_told(found.before)}, after "
            f"{_told(found.after)})"
        )
        return None, None
    if share < LEAST_SHARE:
        left_out.append(
            f"tighten: of films held back only {share:.0%} of the cuts in pauses lie within 0.1 s "
            f"of where the others say; {LEAST_SHARE:.0%} are needed"
        )
        return None, None
    if found.min_cut is None:
        left_out.append(
            "tighten.min_cut: every pause was cut, so that nothing says how short one is too short"
        )
    elif found.min_cut.width > WIDEST_CUT:
        left_out.append(
            f"tighten.min_cut: between {found.min_cut.low:.2f} and {found.min_cut.high:.2f} s, "
            f"which is too wide: it may be {WIDEST_CUT:g} s"
        )
    return found, held_back


def _told(found: Estimate) -> str:
    return f"{found.low:.2f} to {found.high:.2f} s"


def _held_back(films: Sequence[StudiedFilm]) -> HeldBackSilences:
    """What the rule of all other films says of each."""
    found = []
    for film in films:
        rule = fitted([p for other in films if other is not film for p in other.pauses])
        found.append(predicted(rule or DEFAULT_RULE, film.pauses))
    everything = [pause for film in films for pause in film.pauses]
    return HeldBackSilences(tuple(found), predicted(DEFAULT_RULE, everything))


# ------------------------------------------------------------------------------------ choice


def _choice(
    films: Sequence[StudiedFilm], left_out: list[str]
) -> tuple[Lengths | None, Weighing | None]:
    choosing = [film for film in films if film.passages and film.coverage < _WHOLE]
    count = sum(len(film.passages) for film in choosing)
    if len(choosing) < FEWEST_FILMS or count < FEWEST_PASSAGES:
        left_out.append(
            f"highlights: {len(choosing)} of the films choose from their sources, {count} passages "
            f"in all; at least {FEWEST_FILMS} and {FEWEST_PASSAGES} are needed"
        )
        return None, None
    weighing = _weighing(choosing, left_out)
    return (None if weighing is None else _lengths(choosing)), weighing


def _lengths(films: Sequence[StudiedFilm]) -> Lengths:
    each = [[float(p.range.duration) for p in film.passages] for film in films]
    flat = [length for own in each for length in own]
    short, long = (
        estimated(flat, lambda numbers, at=at: float(np.quantile(numbers, at)))  # type: ignore[misc]
        for at in (_SHORT, _LONG)
    )
    return Lengths(short, long, tuple(sum(own) for own in each))


def _weighing(films: Sequence[StudiedFilm], left_out: list[str]) -> Weighing | None:
    known = [present(film.cut) for film in films]
    shared = [name for name in known[0] if all(name in others for others in known)]
    names = [name for name in shared if name != _ASKED]
    if not names:
        left_out.append("highlights: no signal is known of the sources of all films")
        return None
    pairs = [pairs_of(film, names) for film in films]
    with_pairs = [one for one in pairs if len(one.pairs)]
    count = sum(_compared(one) for one in with_pairs)
    if len(with_pairs) < FEWEST_FILMS or count < FEWEST_PASSAGES:
        left_out.append(
            f"highlights: {count} passages of {len(with_pairs)} films can be compared with what "
            f"was left of the same source; at least {FEWEST_PASSAGES} of {FEWEST_FILMS} are needed"
        )
        return None
    found = weighed(with_pairs, names)
    least = max(LEAST_AUC, found.chance)
    if found.auc < least:
        left_out.append(
            f"highlights: of films held back the weights tell what was chosen from what was left "
            f"in {found.auc:.0%} of pairs (chance is 50%; {least:.0%} are needed of so many)"
        )
        return None
    if not any(weight.is_told for weight in found.weights):
        left_out.append("highlights: the weight of no signal is told apart from none")
        return None
    for weight in found.weights:
        if not weight.is_told:
            why = "counts against being chosen" if weight.is_against else "is not told from none"
            left_out.append(
                f"highlights.weights.{weight.signal}: {why} (slope {weight.slope:.2f}, 95 %: "
                f"{weight.slope_low:.2f} to {weight.slope_high:.2f})"
            )
    return found


def _compared(pairs: ChoicePairs) -> int:
    return len(np.unique(pairs.pairs[:, 0]))
