"""The look that the burned-in captions of films share, by drawing them in every look there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from smartcut.cut import Cut
from smartcut.learning_style.caption_look import (
    CaptionLook,
    DrawnBeside,
    compared,
    drawn_captions,
    look_named,
)
from smartcut.learning_style.caption_seen import SeenMoment
from smartcut.learning_style.estimates import Estimate, between, drawn_again
from smartcut.looks import look_names
from smartcut.render.captions.fit import FittedCaptions
from smartcut.text_style import Position

#: No look is claimed of fewer films with captions, moments with captions, moments of each film.
FEWEST_FILMS, FEWEST_MOMENTS, FEWEST_EACH = 2, 12, 3
#: A film has captions where they are seen at this share of the moments.
SEEN = 0.25
#: On films held back, captions that are drawn have to explain so much of what is seen.
LEAST_EXPLAINED = 0.5
# Sizes that are tried first, as shares of that of the look; then finer steps about the best.
_SIZES = (0.7, 0.85, 1.0, 1.2, 1.4)
_FINER = (
    ((0.93, 1.07), (-0.03, -0.015, 0.015, 0.03)),
    ((0.965, 1.035), (-0.008, 0.008)),
    ((0.98, 0.99, 1.01, 1.02), (-0.004, 0.004)),
)
"""Shares of the size, and what is added to the margin, by turns."""
_WORDS = (None, 1, 2, 3, 4, 5, 6, 7)
# Moments of the first film that all looks are tried at, looks that are tried with other numbers of
# words, and those that are tried at all moments of all films.
_FIRST, _NEAR, _BEST = 6, 5, 2


class CaptionedFilm(Protocol):
    """A film, with what lies over its pictures."""

    @property
    def name(self) -> str: ...

    @property
    def cut(self) -> Cut: ...

    @property
    def moments(self) -> tuple[SeenMoment, ...]: ...


@dataclass(frozen=True, slots=True)
class HeldBackCaptions:
    """How well the look of all other films tells the captions of one."""

    film: str
    overlap: float
    """Pixels that differ both where captions are drawn and where they are seen, of all that do."""
    explained: float
    """The share of what the captions change that is explained."""


@dataclass(frozen=True)
class LearnedCaptions:
    """The look of captions."""

    look: CaptionLook
    size: Estimate
    margin: Estimate
    films: tuple[HeldBackCaptions, ...]
    moments: int
    """With captions."""
    second: str
    """The look that comes next, and how much of all films that explains."""
    second_explained: float
    language: str | None

    @property
    def overlap(self) -> float:
        return float(np.mean([one.overlap for one in self.films]))

    @property
    def explained(self) -> float:
        return float(np.mean([one.explained for one in self.films]))


def learned_captions(
    films: Sequence[CaptionedFilm], left_out: list[str], language: str | None = None
) -> LearnedCaptions | None:
    """The look of the captions of films; None where they carry none, which ``left_out`` says."""
    looked = [film for film in films if film.moments]
    captioned = [film for film in looked if _share(film) >= SEEN]
    if not looked or (len(looked) >= FEWEST_FILMS and not captioned):
        why = "no captions are seen in them" if looked else "no film was compared with its sources"
        left_out.append(f"subtitles: {why}")
        return None
    count = sum(len(_covered(film)) for film in captioned)
    enough = [film for film in captioned if len(_covered(film)) >= FEWEST_EACH]
    if len(enough) < FEWEST_FILMS or count < FEWEST_MOMENTS or len(enough) < len(looked):
        left_out.append(
            f"subtitles: something lies over the pictures of {len(captioned)} of {len(looked)} "
            f"films, at {count} moments; captions have to be in all, and at {FEWEST_MOMENTS} "
            f"moments of {FEWEST_FILMS} films at least"
        )
        return None
    search = _Search(enough, language)
    if not search.is_told:
        left_out.append(
            "subtitles: there are captions, but what is said in the sources is not known: give "
            "that of each (--from), so that looks can be compared with what is seen"
        )
        return None
    found = search.found()
    if found is None or found.explained < LEAST_EXPLAINED:
        near = "none could be drawn" if found is None else (
            f"the nearest, `{found.look.name}`, explains {found.explained:.0%} of what is seen in "
            f"films held back"
        )  # fmt: skip
        left_out.append(f"subtitles: no look explains the captions: {near}")
        return None
    return found


def _covered(film: CaptionedFilm) -> list[SeenMoment]:
    return [one for one in film.moments if one.is_covered]


def _some(moments: Sequence[SeenMoment], count: int) -> list[SeenMoment]:
    """So many of them, evenly."""
    places = np.linspace(0, len(moments) - 1, min(count, len(moments))).astype(int)
    return [moments[place] for place in places]


def _share(film: CaptionedFilm) -> float:
    return len(_covered(film)) / len(film.moments)


Seen = Mapping[CaptionLook, np.ndarray]
"""Of each look: float64 (moments, 4): what is left, what is without captions, both, either."""


class _Search:
    """Draws captions of films in looks, and keeps how well each did at each moment."""

    def __init__(self, films: Sequence[CaptionedFilm], language: str | None) -> None:
        self._films, self._language = films, language
        self._kept: dict[CaptionLook, np.ndarray] = {}
        self._own = np.concatenate([[k] * len(f.moments) for k, f in enumerate(films)])

    @property
    def is_told(self) -> bool:
        """Whether it is known what is said in each film."""
        style = look_named("clean")
        return all(self._drawn(film, style) is not None for film in self._films)

    def found(self) -> LearnedCaptions | None:
        near = sorted(self._first(), key=lambda one: one[1])[:_NEAR]
        starts = sorted((self._worded(look) for look, _ in near), key=lambda one: one[1])
        finer = [self._finer(look) for look, _ in starts[:_BEST]]
        best = sorted((look for look in finer if look is not None), key=self._left)
        if not best:
            return None
        second = best[1] if len(best) > 1 else best[0]
        look = best[0]
        held = tuple(self._held_back(k) for k in range(len(self._films)))
        count = sum(len(_covered(film)) for film in self._films)
        pixel = 1 / min(self._films[0].moments[0].film.shape[:2])
        return LearnedCaptions(
            look,
            self._interval(look, lambda one: one.size, pixel / 2, count),
            self._interval(look, lambda one: one.margin, pixel / 2, count),
            held,
            count,
            second.name,
            1 - self._left(second),
            self._language,
        )

    def _first(self) -> Iterator[tuple[CaptionLook, float]]:
        """Each look at its best of some sizes, by a few moments; with what it leaves."""
        where = _position(self._films)
        for name in look_names():
            plain = replace(look_named(name), position=where)
            tried = [replace(plain, size=plain.size * by) for by in _SIZES]
            found = [one for look in tried if (one := self._placed(look)) is not None]
            if found:
                yield min(found, key=lambda one: one[1])

    def _placed(self, look: CaptionLook) -> tuple[CaptionLook, float] | None:
        """The look as far from its edge as captions of the first film are, with what it leaves."""
        film = self._films[0]
        few = _some(_covered(film), _FIRST)
        best: tuple[CaptionLook, float] | None = None
        for _ in range(2):
            drawn = self._drawn(film, look)
            if drawn is None:
                return best
            rows = compared(drawn, few)
            left = sum(one.left for one in rows) / max(sum(one.bare for one in rows), 1e-9)
            if best is None or left < best[1]:
                best = look, left
            lower = [one.lower for one in rows if np.isfinite(one.lower)]
            pixels = look.style.pixels(drawn.size)
            move = float(np.median(lower)) / pixels if lower else 0.0
            if look.position == "middle" or abs(move) * pixels < 1:
                return best
            look = replace(look, margin=round(min(max(look.margin + move, 0.0), 0.4), 4))
        return best

    def _worded(self, look: CaptionLook) -> tuple[CaptionLook, float]:
        """The look with the words at a time, and the size, that suit the first film."""
        tried = [
            one
            for words in dict.fromkeys((look.words, *_WORDS))
            for by in (0.85, 1.0, 1.18)
            if (one := self._placed(replace(look, words=words, size=look.size * by))) is not None
        ]
        return min(tried, key=lambda one: one[1])

    def _finer(self, look: CaptionLook) -> CaptionLook | None:
        """The look with what fits best otherwise in it: by turns, at all moments."""
        if self._all(look) is None:
            return None
        for turn, (steps, moves) in enumerate(_FINER):
            look = self._best([look, *(replace(look, size=look.size * by) for by in steps)])
            if turn == 0:
                look = self._best([look, *(replace(look, words=words) for words in _WORDS)])
            margins = [round(look.margin + by, 4) for by in moves]
            look = self._best([look, *(replace(look, margin=m) for m in margins if 0 <= m <= 0.4)])
        return look

    def _best(self, looks: Sequence[CaptionLook]) -> CaptionLook:
        return min((look for look in looks if self._all(look) is not None), key=self._left)

    def _left(self, look: CaptionLook) -> float:
        rows = self._all(look)
        return float("inf") if rows is None else _left(rows)

    def _all(self, look: CaptionLook) -> np.ndarray | None:
        if look not in self._kept:
            rows = self._rows(look, [film.moments for film in self._films])
            if rows is None:
                return None
            self._kept[look] = rows
        return self._kept[look]

    def _rows(
        self, look: CaptionLook, moments: Sequence[Sequence[SeenMoment]]
    ) -> np.ndarray | None:
        """float64 (moments, 4) of all films; None where one of them cannot have such captions."""
        rows: list[DrawnBeside] = []
        for film, own in zip(self._films, moments, strict=True):
            drawn = self._drawn(film, look)
            if drawn is None:
                return None
            rows += compared(drawn, own)
        return np.array([(one.left, one.bare, one.both, one.either) for one in rows], float)

    def _drawn(self, film: CaptionedFilm, look: CaptionLook) -> FittedCaptions | None:
        size = film.moments[0].film.shape[1::-1]
        return drawn_captions(film.cut, look, (size[0], size[1]), self._language)

    def _held_back(self, number: int) -> HeldBackCaptions:
        """How the look that is best for all other films does in one."""
        others = self._own != number
        look = min(self._kept, key=lambda one: _left(self._kept[one][others]))
        rows = self._kept[look][~others]
        overlap = rows[:, 2].sum() / max(rows[:, 3].sum(), 1)
        return HeldBackCaptions(self._films[number].name, float(overlap), 1 - _left(rows))

    def _interval(
        self, look: CaptionLook, of: Callable[[CaptionLook], float], floor: float, count: int
    ) -> Estimate:
        """A number of the look, with those of the best look of moments drawn again."""
        same = [one for one in self._kept if one.name == look.name]
        left = np.stack([self._kept[one][:, 0] for one in same])
        values = np.array([of(one) for one in same])
        places = np.array(
            drawn_again(left.shape[1], lambda some: values[left[:, some].sum(axis=1).argmin()])
        )
        low, high = between(places, places)
        value = of(look)
        return Estimate(value, min(low, value - floor), max(high, value + floor), count)


def _left(rows: np.ndarray) -> float:
    return float(rows[:, 0].sum() / max(rows[:, 1].sum(), 1e-9))


def _position(films: Sequence[CaptionedFilm]) -> Position:
    """Where most of what lies over the pictures stands."""
    rows = np.concatenate(
        [
            np.flatnonzero(one.differs.any(axis=1)) / len(one.differs)
            for film in films
            for one in _covered(film)
        ]
    )
    middle = float(np.median(rows))
    return "top" if middle < 0.36 else "middle" if middle < 0.64 else "bottom"
