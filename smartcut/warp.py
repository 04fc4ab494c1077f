"""How time of a source passes within a segment: fast, slow, frozen, backwards, or changing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from smartcut.timebase import Range, nearest

Point = tuple[Fraction, Fraction]

# Steps of a second in which the times of ramps are counted.
_FINEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A straight line of a warp: so much segment time, over so much source time."""

    start: Fraction
    """In segment time."""
    end: Fraction
    first: Fraction
    """Source time at ``start``."""
    last: Fraction
    """Source time at ``end``; before ``first`` where it plays backwards."""

    @property
    def slope(self) -> Fraction:
        """Seconds of the source for each second of the segment: the speed."""
        return (self.last - self.first) / (self.end - self.start)

    @property
    def seen(self) -> Range:
        """The source time that is shown; empty where it stands still."""
        return Range(min(self.first, self.last), max(self.first, self.last))

    def at(self, time: Fraction) -> Fraction:
        """The source time at a segment time."""
        return self.first + (time - self.start) * self.slope

    def time_of(self, source_time: Fraction) -> Fraction:
        """The segment time of a source time within :attr:`seen`, the first one."""
        slope = self.slope
        return self.start + (source_time - self.first) / slope if slope else self.start


@dataclass(frozen=True, slots=True)
class Warp:
    """(segment time, source time) points with straight lines between them.

    A slope of 1 plays, 2 is fast, 0 freezes and -1 reverses. The first point is at segment time 0.
    Raises ValueError where there are fewer than two points, or segment times do not rise.
    """

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 2 or self.points[0][0] != 0:
            raise ValueError("a warp needs two points or more, the first at segment time 0")
        for (one, _), (other, _) in pairwise(self.points):
            if other <= one:
                raise ValueError(f"the segment times of a warp must rise: {one} s, then {other} s")

    @classmethod
    def frozen(cls, at: Fraction, duration: Fraction) -> Warp:
        """The frame of one source time, held."""
        return cls(((Fraction(0), at), (duration, at)))

    @property
    def duration(self) -> Fraction:
        """Seconds of the segment."""
        return self.points[-1][0]

    @property
    def seen(self) -> Range:
        """All source time between the earliest and the latest that is shown."""
        times = [source for _, source in self.points]
        return Range(min(times), max(times))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(Piece(a[0], b[0], a[1], b[1]) for a, b in pairwise(self.points))

    @property
    def is_rising(self) -> bool:
        """It nowhere plays backwards."""
        return all(b[1] >= a[1] for a, b in pairwise(self.points))

    def piece_at(self, time: Fraction) -> Piece:
        """The piece that plays at a segment time, the first or last one beyond the ends."""
        after = bisect_right(self.points, time, key=lambda point: point[0])
        number = min(max(after, 1), len(self.points) - 1)
        return Piece(
            self.points[number - 1][0], self.points[number][0],
            self.points[number - 1][1], self.points[number][1],
        )  # fmt: skip

    def at(self, time: Fraction) -> Fraction:
        """The source time at a segment time; beyond the ends it stands still."""
        time = min(max(time, Fraction(0)), self.duration)
        return self.piece_at(time).at(time)

    def along(self, time: Fraction) -> Fraction:
        """The source time at a segment time; beyond the ends it goes on as it began, or ended."""
        return self.piece_at(time).at(time)

    def time_along(self, source_time: Fraction) -> Fraction:
        """The first segment time at which :meth:`along` comes to a source time.

        Where none does, that is the segment's beginning.
        """
        inside = next(self.times_of(source_time), None)
        if inside is not None:
            return inside
        first, last = self.pieces[0], self.pieces[-1]
        if last.slope and last.time_of(source_time) >= last.end:
            return last.time_of(source_time)
        if first.slope and first.time_of(source_time) <= first.start:
            return first.time_of(source_time)
        return Fraction(0)

    def times_of(self, source_time: Fraction) -> Iterator[Fraction]:
        """The segment times at which a source time is shown, in order."""
        known: Fraction | None = None
        for piece in self.pieces:
            if piece.seen.start <= source_time <= piece.seen.end:
                time = piece.time_of(source_time)
                if time != known:
                    yield time
                known = time

    def part(self, start: Fraction, end: Fraction) -> Warp:
        """What is shown from one segment time to another, as a warp of its own."""
        inner = [(t - start, s) for t, s in self.points if start < t < end]
        return straightened([(Fraction(0), self.at(start)), *inner, (end - start, self.at(end))])

    def composed(self, inner: Warp) -> Warp:
        """This one at the segment times that ``inner`` gives; beyond the ends it goes on."""
        kinks = [time for time, _ in self.points[1:-1]]
        times = {time for time, _ in inner.points}
        for piece in inner.pieces:
            low, high = sorted((piece.first, piece.last))
            times |= {piece.time_of(kink) for kink in kinks if low < kink < high}
        return straightened([(time, self.along(inner.at(time))) for time in sorted(times)])

    @property
    def is_monotonous(self) -> bool:
        """It plays forwards all through, or backwards, and is nowhere held."""
        slopes = [piece.slope for piece in self.pieces]
        return all(slope > 0 for slope in slopes) or all(slope < 0 for slope in slopes)

    def is_like(self, other: Warp) -> bool:
        """Whether both pass at the same constant speed, the same way, wherever they begin."""
        paces = {piece.slope for warp in (self, other) for piece in warp.pieces}
        return len(paces) == 1 or self == other

    @property
    def is_identity(self) -> bool:
        """Every segment time shows itself."""
        return self.points == ((0, 0), (self.duration, self.duration))

    def reversed(self) -> Warp:
        """The same backwards."""
        return Warp(tuple((self.duration - t, s) for t, s in reversed(self.points)))

    @classmethod
    def steady(cls, start: Fraction, end: Fraction, speed: Fraction = Fraction(1)) -> Warp:
        """From one time straight to a later one."""
        return cls(((Fraction(0), start), ((end - start) / speed, end)))

    def faster(self, factor: Fraction) -> Warp:
        """The same, ``factor`` times as fast."""
        return Warp(tuple((t / factor, s) for t, s in self.points))

    def moved(self, edge: Callable[[Fraction], Fraction]) -> Warp | None:
        """The same slopes with its ends, turning points and still pictures moved by ``edge``.

        None where nothing is left.
        """
        pieces = self.pieces
        times = [self.points[0][1], *(piece.last for piece in pieces)]
        for i in range(len(times)):
            before = pieces[i - 1].slope if i else Fraction(0)
            after = pieces[i].slope if i < len(pieces) else Fraction(0)
            if before * after <= 0:
                times[i] = edge(times[i])
        points: list[Point] = [(Fraction(0), times[0])]
        for piece, source_time in zip(pieces, times[1:], strict=True):
            at, before = points[-1]
            lasts = piece.end - piece.start
            if piece.slope:
                lasts = (source_time - before) / piece.slope
            if lasts > 0:
                points.append((at + lasts, source_time))
        return straightened(points) if len(points) > 1 else None


def passing(paces: Iterable[tuple[Fraction, Fraction]]) -> Warp:
    """A warp from time 0 on at these paces: (seconds that pass, speed), one after the other.

    Its times are whole microseconds, so that however many can be added up exactly.
    """
    time = passed = Fraction(0)
    points: list[Point] = [(time, passed)]
    for seconds, speed in paces:
        time, passed = time + seconds / speed, passed + seconds
        rounded = Fraction(nearest(time * _FINEST), _FINEST)
        if rounded > points[-1][0]:
            points.append((rounded, passed))
    return straightened([*points[:-1], (points[-1][0], passed)])


def straightened(points: Sequence[Point]) -> Warp:
    """The warp through these points, without those on the line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        while len(kept) > 1 and _slope(kept[-2], kept[-1]) == _slope(kept[-1], point):
            kept.pop()
        kept.append(point)
    return Warp(tuple(kept))


def _slope(one: Point, other: Point) -> Fraction:
    return (other[1] - one[1]) / (other[0] - one[0])


def joined(one: Warp, other: Warp) -> Warp:
    """One after the other; raises ValueError where the second does not go on with the first."""
    if one.points[-1][1] != other.points[0][1]:
        raise ValueError(f"{one.points[-1][1]} s is not followed by {other.points[0][1]} s")
    later = [(one.duration + t, s) for t, s in other.points[1:]]
    return straightened([*one.points, *later])
