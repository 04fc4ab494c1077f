"""The look that explains what is seen of captions best: drawn, compared, and drawn again.

Looks are ranked by their colours, which need neither the size of letters nor the number of words.
Of the nearest, each number of words is drawn as large, and as far from the edge, as what is seen;
the best are compared at all moments of all films, and the last one is refined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from smartcut.learning_style.caption_look import (
    CaptionLook,
    DrawnBeside,
    SpokenFilm,
    compared,
    drawn_captions,
    look_named,
    spoken_near,
)
from smartcut.learning_style.caption_seen import SeenMoment
from smartcut.learning_style.estimates import Estimate, between, drawn_again
from smartcut.looks import look_names
from smartcut.text_style import Position

# Moments of the first film that looks are tried at, looks that are tried with each number of words,
# and those that are compared at all moments of all films.
_FIRST, _NEAR, _BEST = 8, 6, 3
_WORDS = (None, 1, 2, 3, 4, 5, 6, 7)
# How often a look is drawn until it is as large as what is seen.
_ROUNDS = 3
# A share of its size that does not count meanwhile.
_SETTLED = 0.01
# Steps of the size, as shares, and of the margin, in pixels: what is drawn fits best in a range of
# a few thousandths of the size. At some moments first, then at all.
_COARSE = ((0.04, 1.0), (0.02, 1.0), (0.01, 0.5))
_FINE, _FINEST = ((0.005, 0.5), (0.0025, 0.25)), ((0.0025, 0.5), (0.0012, 0.25))
# How often one step is taken at most.
_AGAIN = 3
# Looks that leave no more than this share of what is seen above the best are refined further.
_CLOSE = 0.3
_SIZES, _MARGINS = (0.02, 0.25), (0.0, 0.4)
# Levels of each channel that are one bin of the histograms of colours.
_BIN = 32
# Looks explain as much where no more than this share of what is seen is between them.
_ALIKE = 1e-3

Seen = tuple[SpokenFilm, Sequence[SeenMoment]]


class LookSearch:
    """Draws captions of films in looks, and keeps how well each did at each moment."""

    def __init__(self, films: Sequence[Seen], names: Sequence[str] = ()) -> None:
        """``names`` are those of the looks that are tried; all of them else."""
        self._names = names or look_names()
        self._films = [(spoken_near(spoken, own), own) for spoken, own in films]
        self._kept: dict[CaptionLook, np.ndarray] = {}
        self._tried: dict[CaptionLook, float] = {}
        self.moments = sum(one.is_covered for _, own in films for one in own)
        """At which something is seen."""
        self._film = np.concatenate([[k] * len(own) for k, (_, own) in enumerate(films)])
        most = max(films, key=lambda one: sum(moment.is_covered for moment in one[1]))
        spoken, own = _few(most)
        self._few = (spoken_near(spoken, own), own)

    def found(self) -> tuple[CaptionLook, CaptionLook | None] | None:
        """The best look, and the best one of another name; None where none can be drawn."""
        near = [self._worded(look) for look in self._nearest()]
        tried = sorted((one for one in near if one is not None), key=lambda one: one[1])
        looks = [self._refined(look, _COARSE, self._left_of_few) for look, _ in tried[:_BEST]]
        least = min(map(self._left_of_few, looks), default=0.0)
        close = [look for look in looks if self._left_of_few(look) < least + _CLOSE]
        finer = [self._plainest(self._refined(look, _FINE, self._left_of_few)) for look in close]
        finer = [self._refined(look, _FINEST, self.left) for look in finer]
        ranked = sorted([*finer, *(look for look in looks if look not in close)], key=self.left)
        if not ranked or not self._kept:
            return None
        plainest = self._plainest(ranked[0])
        is_alike = self.left(plainest) <= self.left(ranked[0]) + _ALIKE
        return plainest if is_alike else ranked[0], next(iter(ranked[1:]), None)

    def left(self, look: CaptionLook) -> float:
        """The share of what is seen that a look leaves; more than 1 where it adds to it."""
        rows = self._all(look)
        return float("inf") if rows is None else _left(rows)

    def held_back(self, number: int) -> tuple[float, float]:
        """How the look that is best for all other films does in one: overlap, share explained."""
        others = self._film != number
        look = min(self._kept, key=lambda one: _left(self._kept[one][others]))
        rows = self._kept[look][~others]
        return float(rows[:, 2].sum() / max(rows[:, 3].sum(), 1)), 1 - _left(rows)

    def interval(self, look: CaptionLook, of: Callable[[CaptionLook], float]) -> Estimate:
        """A number of the look, with those of looks that are best of moments drawn again."""
        same = [one for one in self._kept if _other_geometry(one, look)]
        left = np.stack([self._kept[one][:, 0] for one in same])
        values = np.array([of(one) for one in same])
        whole = float(self._kept[look][:, 1].sum())

        def ends(some: np.ndarray) -> tuple[float, float]:
            sums = left[:, some].sum(axis=1)
            best = values[sums <= sums.min() + _ALIKE * whole]
            return float(best.min()), float(best.max())

        lows, highs = zip(*drawn_again(left.shape[1], ends), strict=True)
        low, high = between(lows, highs)
        value, floor = of(look), 0.5 / look.style.pixels(self._films[0][0].size)
        return Estimate(value, min(low, value - floor), max(high, value + floor), self.moments)

    # ------------------------------------------------------------------------------ few moments

    def _nearest(self) -> list[CaptionLook]:
        """Looks whose colours are like those that are seen, the likest first."""
        _, own = self._few
        where = _position(own)
        seen = _histogram([one.film[one.differs] for one in own])
        ranked = []
        for name in self._names:
            look = replace(look_named(name), position=where)
            settled = self._settled(look)
            if settled is not None:
                near, _, rows = settled
                drawn = _histogram([one.colours for one in rows])
                ranked.append((1 - float(np.sqrt(seen * drawn).sum()), near))
        ranked.sort(key=lambda one: one[0])
        return [look for _, look in ranked[:_NEAR]]

    def _worded(self, look: CaptionLook) -> tuple[CaptionLook, float] | None:
        """The look with the words at a time that suit, and what it leaves."""
        plain = look_named(look.name)
        look, usual = replace(look, size=plain.size), plain.words
        looks = [replace(look, words=words) for words in dict.fromkeys((usual, *_WORDS))]
        if self._few[0].brought:
            given = dict.fromkeys((usual, None))
            looks += [replace(look, words=words, as_given=True) for words in given]
        tried = [found for one in looks if (found := self._settled(one)) is not None]
        best = min(tried, key=lambda one: one[1], default=None)
        return None if best is None else best[:2]

    def _settled(self, look: CaptionLook) -> tuple[CaptionLook, float, list[DrawnBeside]] | None:
        """The look as large, and as far from its edge, as what is seen; with what it leaves."""
        best: tuple[CaptionLook, float, list[DrawnBeside]] | None = None
        for _ in range(_ROUNDS):
            rows = _compared([self._few], look)
            if rows is None:
                return best
            left = _left(_numbers(rows))
            if best is None or left < best[1]:
                best = look, left, rows
            nearer = self._nearer(look, rows)
            if nearer.margin == look.margin and abs(nearer.size / look.size - 1) < _SETTLED:
                return best
            look = nearer
        return best

    def _nearer(self, look: CaptionLook, rows: Sequence[DrawnBeside]) -> CaptionLook:
        seen = sum(one.either - one.drawn + one.both for one in rows)
        drawn = max(sum(one.drawn for one in rows), 1)
        by = min(max((seen / drawn) ** 0.5, 0.6), 1.6)
        look = replace(look, size=_within(look.size * by, _SIZES))
        further = [one.further for one in rows if np.isfinite(one.further)]
        return self._moved(look, float(np.median(further))) if further else look

    # ------------------------------------------------------------------------------ all moments

    def _refined(
        self,
        look: CaptionLook,
        steps: Sequence[tuple[float, float]],
        left: Callable[[CaptionLook], float],
    ) -> CaptionLook:
        """The look with the size and the margin near its own that leave least."""
        for share, pixels in steps:
            for _ in range(_AGAIN):
                best = min([look, *self._around(look, share, pixels)], key=left)
                if best == look:
                    break
                look = best
        return look

    def _plainest(self, look: CaptionLook) -> CaptionLook:
        """The look at the margin, within a pixel, that leaves least.

        Captions stand at whole pixels, so that margins within one look the same: of these, and of
        sizes that look the same, it is the usual one of the look, or that in the middle.
        """
        usual = look_named(look.name)
        near = [self._moved(look, quarter / 4) for quarter in range(-5, 6)]
        least = min(map(self._left_of_few, near)) + _ALIKE
        margins = [one.margin for one in near if self._left_of_few(one) <= least]
        low, high = min(margins), max(margins)
        is_usual = low <= usual.margin <= high
        margin = usual.margin if is_usual else _within((low + high) / 2, _MARGINS)
        sized = replace(look, size=usual.size, margin=margin)
        found = sized if self._left_of_few(sized) <= least else replace(look, margin=margin)
        return found if self._left_of_few(found) <= least else look

    def _around(self, look: CaptionLook, share: float, pixels: float) -> Iterator[CaptionLook]:
        """Looks a step larger or smaller, nearer to the edge or further from it, or both."""
        moves = (0.0,) if look.position == "middle" else (0.0, -pixels, pixels)
        for by, move in product((0.0, -share, share), moves):
            if by or move:
                sized = replace(look, size=_within(look.size * (1 + by), _SIZES))
                yield self._moved(sized, move)

    def _moved(self, look: CaptionLook, pixels: float) -> CaptionLook:
        """The look so much further from its edge; in the middle it has none."""
        if look.position == "middle":
            return look
        by = pixels / look.style.pixels(self._films[0][0].size)
        return replace(look, margin=_within(look.margin + by, _MARGINS))

    def _left_of_few(self, look: CaptionLook) -> float:
        if look not in self._tried:
            rows = _compared([self._few], look)
            self._tried[look] = float("inf") if rows is None else _left(_numbers(rows))
        return self._tried[look]

    def _all(self, look: CaptionLook) -> np.ndarray | None:
        if look not in self._kept:
            rows = _compared(self._films, look)
            if rows is None:
                return None
            self._kept[look] = _numbers(rows)
        return self._kept[look]


def _other_geometry(one: CaptionLook, other: CaptionLook) -> bool:
    """Whether nothing but the size and the margin are different."""
    return replace(one, size=other.size, margin=other.margin) == other


def _few(film: Seen) -> Seen:
    """Some of the moments at which something is seen, evenly."""
    spoken, own = film
    covered = [one for one in own if one.is_covered]
    places = np.linspace(0, len(covered) - 1, min(_FIRST, len(covered))).astype(int)
    return spoken, [covered[place] for place in places]


def _within(value: float, ends: tuple[float, float]) -> float:
    return round(min(max(value, ends[0]), ends[1]), 5)


def _compared(films: Sequence[Seen], look: CaptionLook) -> list[DrawnBeside] | None:
    """At each moment of all films; None where one of them cannot have such captions."""
    rows: list[DrawnBeside] = []
    for spoken, own in films:
        drawn = drawn_captions(spoken, look)
        if drawn is None:
            return None
        rows += compared(drawn, own)
    return rows


def _numbers(rows: Sequence[DrawnBeside]) -> np.ndarray:
    """float64 (moments, 4): what is left, what is without captions, both, either."""
    return np.array([(one.left, one.bare, one.both, one.either) for one in rows], float)


def _left(rows: np.ndarray) -> float:
    return float(rows[:, 0].sum() / max(rows[:, 1].sum(), 1e-9))


def _histogram(colours: Sequence[np.ndarray]) -> np.ndarray:
    """How often colours occur, by bins whose edges are soft; the sum is 1."""
    whole = np.concatenate([*colours, np.zeros((0, 3), np.float32)]) / _BIN
    count = 256 // _BIN + 1
    low = np.clip(np.floor(whole), 0, count - 2).astype(int)
    part = np.clip(whole - low, 0, 1)
    found = np.zeros((count, count, count))
    for corner in product((0, 1), repeat=3):
        weight = np.prod(np.where(corner, part, 1 - part), axis=1)
        np.add.at(found, tuple((low + corner).T), weight)
    return found / max(float(found.sum()), 1e-9)


def _position(moments: Sequence[SeenMoment]) -> Position:
    """Where most of what lies over the pictures stands."""
    rows = [np.flatnonzero(one.differs.any(axis=1)) / len(one.differs) for one in moments]
    middle = float(np.median(np.concatenate(rows)))
    return "top" if middle < 0.36 else "middle" if middle < 0.64 else "bottom"
