"""What is kept of pauses, and which stay: the margins and the shortest cut of `tighten`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.learning_style.estimates import Estimate, between, drawn_again
from smartcut.learning_style.studied import SourcePause

#: Seconds within which a cut is as it was predicted.
NEAR = 0.1
#: Seconds within which `tighten` takes edges from floating point.
_NONE = 1e-9


@dataclass(frozen=True, slots=True)
class SilenceRule:
    """In seconds, as `tighten` takes them."""

    before: float
    after: float
    min_cut: float

    def left_out(self, pause: SourcePause) -> tuple[float, float] | None:
        """What it leaves out of a pause; edges go outwards to where frames begin, or may."""
        if pause.length - self.before - self.after < self.min_cut - _NONE:
            return None
        half = pause.frame / 2
        return pause.start + self.after + half, pause.end - self.before - half


#: What `tighten` does where nothing is said.
DEFAULT_RULE = SilenceRule(0.15, 0.15, 0.2)


@dataclass(frozen=True, slots=True)
class Silences:
    """What was found out about pauses."""

    before: Estimate
    after: Estimate
    min_cut: Estimate | None
    """None where all pauses were cut, or none stayed that says what is too short."""
    shortest: float
    """Seconds of the shortest pause of which something was left out."""
    speed: float | None
    """How fast pauses are played, where they are not left out."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Of each pause: how much of it was kept on either side, its length, whether it was cut."""

    before: np.ndarray
    after: np.ndarray
    length: np.ndarray
    is_cut: np.ndarray

    def drawn(self, places: np.ndarray) -> _Rows:
        return _Rows(*(row[places] for row in (self.before, self.after, self.length, self.is_cut)))

    def margins(self) -> tuple[float, float] | None:
        if not self.is_cut.any():
            return None
        return tuple(float(np.median(r[self.is_cut])) for r in (self.before, self.after))  # type: ignore[return-value]

    def limits(self) -> tuple[float, float] | None:
        """Between which two lengths of a cut the shortest one lies; None where nothing says so."""
        margins = self.margins()
        if margins is None or self.is_cut.all():
            return None
        return divided(self.length - sum(margins), self.is_cut)


def divided(lengths: np.ndarray, is_cut: np.ndarray) -> tuple[float, float]:
    """The longest that stays and the shortest that goes, where a limit makes fewest mistakes.

    Of several such limits, from the first to the last.
    """
    order = np.argsort(lengths, kind="stable")
    ordered, gone = lengths[order], is_cut[order]
    # Mistakes of a limit before each place: what goes though it is shorter, what stays though not.
    below = np.concatenate([[0], np.cumsum(gone)])
    above = np.concatenate([np.cumsum(~gone[::-1])[::-1], [0]])
    best = np.flatnonzero(below + above == (below + above).min())
    first, last = int(best[0]), int(best[-1])
    low = ordered[first - 1] if first else min(0.0, ordered[0])
    high = ordered[last] if last < len(ordered) else ordered[-1]
    return max(0.0, float(low)), max(0.0, float(high))


def _rows(pauses: Sequence[SourcePause]) -> _Rows:
    table = np.array(
        [
            (p.end - p.left_out[1] - p.frame / 2, p.left_out[0] - p.start - p.frame / 2)
            if p.left_out
            else (0.0, 0.0)
            for p in pauses
        ]
    ).reshape(-1, 2)
    length = np.array([p.length for p in pauses])
    return _Rows(
        table[:, 0], table[:, 1], length, np.array([p.left_out is not None for p in pauses])
    )


def fitted(pauses: Sequence[SourcePause]) -> SilenceRule | None:
    """The rule that these pauses were cut by; None where none was."""
    rows = _rows(pauses)
    margins = rows.margins()
    if margins is None:
        return None
    limits = rows.limits()
    shortest = DEFAULT_RULE.min_cut if limits is None else sum(limits) / 2
    return SilenceRule(*margins, shortest)


def studied_silences(pauses: Sequence[SourcePause]) -> Silences:
    """The same with intervals; at least one pause was cut."""
    rows = _rows(pauses)
    draws = drawn_again(len(pauses), lambda places: rows.drawn(places).margins())
    own, count = rows.margins(), int(rows.is_cut.sum())
    assert own is not None
    half = max(pause.frame for pause in pauses) / 2
    before, after = (_margin(own[i], [draw[i] for draw in draws], half, count) for i in (0, 1))
    gone = [pause for pause in pauses if pause.left_out]
    speeds = [pause.speed for pause in gone if pause.speed]
    is_faster = len(speeds) > len(gone) / 2
    shortest = min(pause.length for pause in gone)
    return Silences(
        before, after, _min_cut(rows), shortest, float(np.median(speeds)) if is_faster else None
    )


def _margin(value: float, draws: list[float], half: float, count: int) -> Estimate:
    """With its interval: half a frame at least on either side, since cuts lie on frames."""
    low, high = between(draws, draws)
    return Estimate(value, min(low, value - half), max(high, value + half), count)


def _min_cut(rows: _Rows) -> Estimate | None:
    limits = rows.limits()
    if limits is None:
        return None
    draws = drawn_again(len(rows.length), lambda places: rows.drawn(places).limits())
    low, high = between([d[0] for d in draws], [d[1] for d in draws])
    return Estimate(sum(limits) / 2, min(low, limits[0]), max(high, limits[1]), len(rows.length))


@dataclass(frozen=True, slots=True)
class Predicted:
    """How well a rule tells the cuts in pauses of films that it was not learned from."""

    near: int
    """Edges within a tenth of a second."""
    edges: int
    extra: int
    """Pauses that it would cut and that stayed."""

    @property
    def share(self) -> float:
        return self.near / self.edges if self.edges else 0.0

    def __add__(self, other: Predicted) -> Predicted:
        return Predicted(self.near + other.near, self.edges + other.edges, self.extra + other.extra)


def predicted(rule: SilenceRule, pauses: Sequence[SourcePause]) -> Predicted:
    """What the rule says of pauses, compared with what became of them."""
    near = edges = extra = 0
    for pause in pauses:
        told = rule.left_out(pause)
        if pause.left_out is None:
            extra += told is not None
            continue
        edges += 2
        if told is not None:
            pairs = zip(told, pause.left_out, strict=True)
            near += sum(abs(one - other) <= NEAR for one, other in pairs)
    return Predicted(near, edges, extra)
