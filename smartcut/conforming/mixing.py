"""Dissolves and fades: how two lines are mixed where one gives way to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.tones import Toned, toned
from smartcut.conforming.viewing import reaching, run_views

# Seconds around a change that are looked at, the longest transition, and the longest stretch
# between two lines that may be one.
_AROUND, _LONGEST, _BETWEEN = 1.6, 3.0, 3.0
# Frames of the shortest transition, and how often one is looked for in tones that follow from the
# last that was found.
_SHORTEST, _AGAIN = 2, 3
# Of what a cut leaves unexplained in the frames of a transition, this much at most may be left;
# and of the pictures' own variance, where no line explains them.
_LEFT, _LEFT_ALONE = 0.4, 0.25
# A transition alone may leave this many times the noise of the lines. A cut must leave this many
# times it for each frame, and for all of them: a few frames are fitted by chance, many are not.
_NOISY, _NOISY_FRAME, _NOISY_ALL = 4.0, 1.5, 5.0


@dataclass(frozen=True, slots=True)
class Blend:
    """A transition: frames ``first`` to ``first + count`` - 1 show both lines."""

    kind: str
    first: int
    count: int


def blended(film: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """The runs, overlapping where one dissolves into the next, or fades through black."""
    found = [runs[0]]
    k = 1
    while k < len(runs):
        before, after, step = found[-1], runs[k], 1
        if after.line is None and k + 1 < len(runs) and _is_short(film, after):
            after, step = runs[k + 1], 2
        blend = None
        if before.line is not None and after.line is not None:
            blend = _transition(film, before, after, is_alone=step == 2)
        if blend is None:
            found.append(runs[k])
            k += 1
            continue
        last = blend.first + blend.count
        found[-1] = reaching(before, before.first, last)
        later = reaching(after, blend.first, after.last)
        found.append(replace(later, blend=blend.count, transition=blend.kind))
        k += step
    return found


def _is_short(film: FilmAndSources, run: Run) -> bool:
    return len(run) <= _BETWEEN * film.thumbs.rate


def _transition(film: FilmAndSources, before: Run, after: Run, is_alone: bool) -> Blend | None:
    """The transition between two runs, if there is one.

    ``is_alone`` says that frames between them are explained by neither. The tones of the runs are
    first those of all their frames, the mixed ones among them: then those of the others.
    """
    pure, blend = (before, after), None
    for _ in range(_AGAIN):
        tones = toned(film, pure[0]), toned(film, pure[1])
        found = _blend(film, before, after, *tones, is_alone)
        if found is None or found == blend:
            break
        blend = found
        if blend.first <= before.first + before.blend or blend.first + blend.count >= after.last:
            break
        mixed = reaching(after, blend.first, after.last)
        pure = reaching(before, before.first, blend.first), replace(mixed, blend=blend.count)
    return blend


def _blend(
    film: FilmAndSources, before: Run, after: Run, one: Toned, other: Toned, is_alone: bool
) -> Blend | None:
    """The transition between two runs in these tones; see :func:`_transition`."""
    reach = round(_AROUND * film.thumbs.rate)
    first = max(before.first + before.blend, before.last - reach)
    last = min(after.last, after.first + reach)
    errors = _Errors.of(film, before, after, one, other, first, last)
    noise = max(one.noise, other.noise, 1e-5)
    cut = errors.total_of_cuts(first)
    best: tuple[float, Blend] | None = None
    most = min(round(_LONGEST * film.thumbs.rate), last - first)
    for kind in ("dissolve", "fade"):
        for count in range(_SHORTEST, most + 1):
            film.tick()
            starts, totals = errors.totals(kind, count)
            if len(starts) and (best is None or totals.min() < best[0]):
                at = int(totals.argmin())
                best = float(totals[at]), Blend(kind, first + int(starts[at]), count)
    if best is None:
        return None
    blend = best[1]
    inside = slice(blend.first - first, blend.first - first + blend.count)
    left = errors.of_blend(blend.kind, blend.count, inside.start)[inside].sum()
    plain = errors.of_cut(int(cut.argmin()))[inside].sum()
    variance = errors.variance[inside].sum()
    if is_alone:
        return blend if left < max(_LEFT_ALONE * variance, _NOISY * noise * blend.count) else None
    least = noise * (_NOISY_FRAME * blend.count + _NOISY_ALL)
    return blend if left < _LEFT * plain and plain > least else None


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    """What any mix of two lines and black leaves of each frame, from products of its pictures."""

    products: np.ndarray
    """float64 (n, 3, 3): means of products of the first line, the second and the film."""
    variance: np.ndarray
    """float64 (n,): of the film's pictures."""

    @classmethod
    def of(
        cls,
        film: FilmAndSources,
        before: Run,
        after: Run,
        one: Toned,
        other: Toned,
        first: int,
        last: int,
    ) -> _Errors:
        assert before.line is not None
        assert after.line is not None
        kept = ~(one.covered | other.covered)
        if kept.mean() < 0.3:
            kept[:] = True
        own = np.asarray(film.thumbs.pictures[first:last])[:, kept].astype(np.float64) / 255
        black = BLACK
        layers = np.stack(
            [
                one(run_views(film, before, first, last))[:, kept] - black,
                other(run_views(film, after, first, last))[:, kept] - black,
                own - black,
            ],
            axis=1,
        )
        products = np.einsum("nip,njp->nij", layers, layers) / layers.shape[2]
        return cls(products, own.var(axis=1))

    def left(self, shares: np.ndarray) -> np.ndarray:
        """Mean squares of what (first line, second line) shares (..., n, 2) leave."""
        signed = np.concatenate([shares, -np.ones((*shares.shape[:-1], 1))], axis=-1)
        found: np.ndarray = np.einsum("...ni,nij,...nj->...n", signed, self.products, signed)
        return found

    def total_of_cuts(self, first: int) -> np.ndarray:
        """What a cut leaves, for a cut before each frame and at the end."""
        one, other = self.products, self.products
        a = one[:, 0, 0] - 2 * one[:, 0, 2] + one[:, 2, 2]
        b = other[:, 1, 1] - 2 * other[:, 1, 2] + other[:, 2, 2]
        before = np.concatenate([[0], np.cumsum(a)])
        after = np.concatenate([[0], np.cumsum(b)])
        return np.asarray(before + after[-1] - after)

    def of_cut(self, at: int) -> np.ndarray:
        """What a cut at a frame leaves of each frame."""
        share = (np.arange(len(self.products)) >= at).astype(float)
        return self.left(np.stack([1 - share, share], axis=1))

    def of_blend(self, kind: str, count: int, start: int) -> np.ndarray:
        """What a transition leaves of each frame."""
        return self.left(_shares(kind, count, start, len(self.products)))

    def totals(self, kind: str, count: int) -> tuple[np.ndarray, np.ndarray]:
        """(starts, what the transition leaves in all) for each frame where it can begin."""
        n = len(self.products)
        starts = np.arange(0, n - count + 1)
        pure = self.products
        a = pure[:, 0, 0] - 2 * pure[:, 0, 2] + pure[:, 2, 2]
        b = pure[:, 1, 1] - 2 * pure[:, 1, 2] + pure[:, 2, 2]
        before = np.concatenate([[0], np.cumsum(a)])
        after = np.concatenate([[0], np.cumsum(b)])
        inner = _shares(kind, count, 0, count)
        signed = np.concatenate([inner, -np.ones((count, 1))], axis=1)
        weights = np.einsum("ci,cj->cij", signed, signed)
        windows = np.lib.stride_tricks.sliding_window_view(pure, count, axis=0)
        inside = np.einsum("sijc,cij->s", windows, weights)
        return starts, before[starts] + inside + after[-1] - after[starts + count]


BLACK = 16 / 255


def _shares(kind: str, count: int, start: int, frames: int) -> np.ndarray:
    """float64 (frames, 2): shares of both lines, as :mod:`smartcut.transitions` mixes them."""
    share = np.clip((np.arange(frames) - start + 1) / (count + 1), 0, 1)
    if kind == "dissolve":
        return np.stack([1 - share, share], axis=1)
    return np.stack([np.clip(1 - 2 * share, 0, 1), np.clip(2 * share - 1, 0, 1)], axis=1)
