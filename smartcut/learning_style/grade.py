"""The grade that films share: settings of `colour`, or a table where these do not explain it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from smartcut.learning_style.colour_pairs import StretchColours
from smartcut.learning_style.grading import FittedGrade, fitted_grade

#: No grade is claimed of fewer films whose pictures were compared, stretches, stretches of each.
FEWEST_FILMS, FEWEST_STRETCHES, FEWEST_EACH = 2, 12, 3
#: Nothing was graded where less of the difference is explained, and stretches are not off by more:
#: encoding changes colours as much.
LEAST_GAIN = 0.15
#: Of the difference, on films held back, at least so much has to be explained.
LEAST_EXPLAINED = 0.5
#: A stretch is graded otherwise when it is off, in mean, by so much, and by this share of what the
#: grade changes; no more than this share of the stretches may be, of all and of each film.
OFF, OFF_SHARE, MOST_OFF, MOST_OFF_OF_FILM = 1.5, 0.25, 0.25, 0.5
#: A table is taken where it leaves, on films held back, this much less than settings do.
_BETTER, _BETTER_BY = 0.75, 0.3


class GradedFilm(Protocol):
    """A film, with the colours that were compared."""

    @property
    def name(self) -> str: ...

    @property
    def colours(self) -> tuple[StretchColours, ...]: ...


@dataclass(frozen=True, slots=True)
class HeldBackColour:
    """The usual difference of colours of a film, in CIE 1976 (L*, a*, b*) units."""

    film: str
    before: float
    """From those of its sources."""
    after: float
    """From those of its sources under the grade of the other films."""


@dataclass(frozen=True, eq=False)
class LearnedGrade:
    """What all films did to the colours of their sources."""

    grade: FittedGrade | None
    """As settings of `colour`; None where a table is needed."""
    table: np.ndarray | None
    """float32 (n, n, n, 3): see :mod:`smartcut.render.lut`."""
    films: tuple[HeldBackColour, ...]
    stretches: int
    by_settings: float
    """What settings leave of films held back, where a table was taken; the difference left else."""

    @property
    def before(self) -> float:
        return float(np.mean([one.before for one in self.films]))

    @property
    def after(self) -> float:
        return float(np.mean([one.after for one in self.films]))

    @property
    def explained(self) -> float:
        """The share of the difference, on films held back."""
        return 1 - self.after / self.before


_Map = Callable[[np.ndarray], np.ndarray]


def _same(colours: np.ndarray) -> np.ndarray:
    return colours


def learned_grade(films: Sequence[GradedFilm], left_out: list[str]) -> LearnedGrade | None:
    """The grade of films; None where they carry none, which ``left_out`` then says."""
    compared = [film for film in films if len(film.colours) >= FEWEST_EACH]
    stretches = [one for film in compared for one in film.colours]
    if len(compared) < FEWEST_FILMS or len(stretches) < FEWEST_STRETCHES:
        left_out.append(
            f"colour: {len(stretches)} stretches of {len(compared)} films could be compared with "
            f"their sources; at least {FEWEST_STRETCHES} of {FEWEST_FILMS} are needed, and films "
            "are compared where their cut is found in their sources (--sources)"
        )
        return None
    before = [difference(film.colours) for film in compared]
    graded = fitted_grade(stretches)
    by_settings = _held_back(compared, fitted_grade)
    by_table = _held_back(compared, _tabled)
    least = min(np.mean(by_settings), np.mean(by_table))
    is_off = sum(_is_off(one, _same) for one in stretches) > MOST_OFF * len(stretches)
    if not is_off and least > (1 - LEAST_GAIN) * np.mean(before):
        left_out.append(
            f"colour: the colours are those of the sources, to a usual difference of "
            f"{np.mean(before):.1f} (CIE 1976) as encoding makes it"
        )
        return None
    is_table = np.mean(by_table) < _BETTER * np.mean(by_settings) - _BETTER_BY
    table = _table_of(stretches) if is_table else None
    whole: _Map = graded if table is None else _through(table)
    after = by_table if is_table else by_settings
    held = tuple(
        HeldBackColour(film.name, b, a) for film, b, a in zip(compared, before, after, strict=True)
    )
    found = LearnedGrade(
        None if is_table else graded, table, held, len(stretches), float(np.mean(by_settings))
    )
    reason = _refused(compared, found, whole)
    if reason:
        left_out.append(f"colour: {reason}")
        return None
    return found


def _refused(films: Sequence[GradedFilm], found: LearnedGrade, whole: _Map) -> str | None:
    """Why no grade is claimed; None where it is."""
    off = [[_is_off(one, whole) for one in film.colours] for film in films]
    count = sum(map(sum, off))
    each = [sum(own) / len(own) for own in off]
    if count > MOST_OFF * found.stretches or max(each) > MOST_OFF_OF_FILM:
        told = ", ".join(f"{share:.0%}" for share in each)
        return (
            f"stretches are graded in other ways: {count} of {found.stretches} are off by more "
            f"than {OFF:g} and a quarter of what one grade changes ({told} of the films); give "
            "films, or sources, that share one grade"
        )
    if found.explained < LEAST_EXPLAINED:
        return (
            f"of films held back {found.explained:.0%} of the difference is explained ("
            f"{found.before:.1f}, {found.after:.1f} left); {LEAST_EXPLAINED:.0%} are needed"
        )
    if found.grade is not None and not found.grade.settings:
        return "no setting is told apart from none"
    return None


# ------------------------------------------------------------------------------ how far colours lie


def to_cielab(colours: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* (n, 3) under D65, of gamma-coded sRGB (n, 3) in 0..1."""
    import cv2

    rgb = np.ascontiguousarray(colours, np.float32).reshape(1, -1, 3)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)).reshape(-1, 3)


def difference(stretches: Sequence[StretchColours], by: _Map = _same) -> float:
    """How far colours lie from those of the sources: the median of a stretch, the mean of those."""
    each = [np.median(np.linalg.norm(_apart(one, by), axis=1)) for one in stretches]
    return float(np.mean(each))


def _apart(one: StretchColours, by: _Map) -> np.ndarray:
    return to_cielab(one.film) - to_cielab(by(one.source))


def _is_off(one: StretchColours, by: _Map) -> bool:
    """Whether a stretch has another grade: its colours lie off in one direction."""
    off = float(np.linalg.norm(np.median(_apart(one, by), axis=0)))
    changed = float(
        np.linalg.norm(to_cielab(by(one.source)) - to_cielab(one.source), axis=1).mean()
    )
    return off > max(OFF, OFF_SHARE * changed)


def _held_back(
    films: Sequence[GradedFilm], fit: Callable[[Sequence[StretchColours]], _Map]
) -> list[float]:
    """What the grade of all other films leaves of each."""
    return [
        difference(
            film.colours,
            fit([one for other in films if other is not film for one in other.colours]),
        )
        for film in films
    ]


def _table_of(stretches: Sequence[StretchColours]) -> np.ndarray:
    from smartcut.conforming.colour import table_between

    film = np.concatenate([one.film for one in stretches])
    return table_between(film, np.concatenate([one.source for one in stretches]))


def _tabled(stretches: Sequence[StretchColours]) -> _Map:
    return _through(_table_of(stretches))


def _through(table: np.ndarray) -> _Map:
    from smartcut.render.lut import through

    return lambda colours: through(table, colours)
