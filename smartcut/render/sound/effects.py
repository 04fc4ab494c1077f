"""Effects on the sound of a clip, at the source's own speed: a block at a time, of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from smartcut.sound_effect import (
    STEP,
    AppliedSound,
    SoundBench,
    SoundBlock,
    SoundEffect,
    SoundWork,
)
from smartcut.timebase import nearest
from smartcut.warp import Piece

Heard = Callable[[int, int], Iterator[np.ndarray]]
"""float32 blocks (channels, n): the samples of a source from one number to another."""

# Steps in a block where nothing changes.
_STEPS = 32
# An effect for a time comes in and goes within so many seconds outside it, so as not to click.
_RAMP = Fraction(1, 200)


@dataclass(frozen=True, slots=True)
class SegmentTimes:
    """Which time of a segment a source time is: straight lines between (source, segment) points."""

    points: tuple[tuple[Fraction, Fraction], ...] = ()

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> SegmentTimes:
        """Of pieces that play the same way."""
        found: dict[Fraction, Fraction] = {}
        for piece in pieces:
            found.setdefault(piece.first, piece.start)
            found.setdefault(piece.last, piece.end)
        return cls(tuple(sorted(found.items())))

    def __call__(self, source_time: Fraction) -> Fraction:
        """Seconds since the segment began; held before the first point and after the last."""
        if not self.points or source_time <= self.points[0][0]:
            return self.points[0][1] if self.points else Fraction(0)
        for (s, t), (other_s, other_t) in pairwise(self.points):
            if source_time <= other_s:
                return t + (other_t - t) * (source_time - s) / (other_s - s)
        return self.points[-1][1]


def with_effects(
    heard: Heard, applied: Sequence[AppliedSound], times: SegmentTimes, bench: SoundBench
) -> Heard:
    """What is heard of a source, with the effects, one after the other."""
    for one in applied:
        heard = _Changed(heard, one, times, bench)
    return heard


@dataclass(frozen=True, slots=True)
class _Changed:
    """Sound with one effect."""

    heard: Heard
    applied: AppliedSound
    times: SegmentTimes
    bench: SoundBench

    def __call__(self, first: int, last: int) -> Iterator[np.ndarray]:
        effect, delay = self.applied.effect, self.applied.effect.delay()
        settled = nearest(effect.settles() * self.bench.rate)
        start = (first - settled) // STEP * STEP
        work: SoundWork | None = None
        at, due = start, start - delay
        before = np.zeros((self.bench.channels, delay), np.float32)
        for block in _in_steps(self.heard, start, last + delay, self._size()):
            dry = np.concatenate([before, block], axis=1)
            before = dry[:, dry.shape[1] - delay :]
            dry = dry[:, : dry.shape[1] - delay]
            end = at + block.shape[1]
            made = dry
            if self._works(at - delay, end + settled):
                work = work or effect.open(self.bench)
                one, other = self._moment(at), self._moment(end)
                made = self._mixed(dry, work(SoundBlock(block, at, one, other)), due, one, other)
            else:
                work = None  # it settles anew
            at = end
            kept = slice(max(first - due, 0), max(last - due, 0))
            due += dry.shape[1]
            if made[:, kept].shape[1]:
                yield made[:, kept]

    def _size(self) -> int:
        return STEP if self.applied.effect.curves else STEP * _STEPS

    def _moment(self, number: int) -> SoundEffect:
        time = Fraction(number, self.bench.rate)
        return self.applied.at(time, self.times(time))

    def _works(self, first: int, last: int) -> bool:
        during, rate = self.applied.during, self.bench.rate
        if during is None:
            return True
        return first < (during.end + _RAMP) * rate and last > (during.start - _RAMP) * rate

    def _mixed(
        self, dry: np.ndarray, wet: np.ndarray, start: int, one: SoundEffect, other: SoundEffect
    ) -> np.ndarray:
        """As much of the effect as is asked for; ``dry`` begins with sample ``start``."""
        share = np.linspace(one.amount, other.amount, dry.shape[1], endpoint=False)
        if self.applied.during is not None:
            share = share * self._in_time(start, dry.shape[1])
        if (share == 1).all():
            return wet
        if not share.any():
            return dry
        mixed: np.ndarray = dry + (wet - dry) * share.astype(np.float32)
        return mixed

    def _in_time(self, start: int, count: int) -> np.ndarray:
        """0..1: how far an effect for a time has come in, at each sample."""
        assert self.applied.during is not None
        during = self.applied.during
        at = (np.arange(start, start + count) + 0.5) / self.bench.rate
        ramp = float(_RAMP)
        comes = (at - float(during.start)) / ramp + 1
        goes = (float(during.end) - at) / ramp + 1
        return np.clip(np.minimum(comes, goes), 0, 1)


def _in_steps(heard: Heard, first: int, last: int, size: int) -> Iterator[np.ndarray]:
    """The samples from ``first`` on in blocks of ``size``, at least as far as ``last``."""
    last = first + -(-(last - first) // size) * size
    held: list[np.ndarray] = []
    have = 0
    for block in heard(first, last):
        held.append(block)
        have += block.shape[1]
        if have < size:
            continue
        joined = np.concatenate(held, axis=1) if len(held) > 1 else held[0]
        for at in range(0, have - size + 1, size):
            yield joined[:, at : at + size]
        held = [joined[:, have - have % size :]]
        have %= size


def backwards(heard: Heard, first: int, last: int, most: int) -> Iterator[np.ndarray]:
    """The same samples from the last to the first; at most ``most`` are held at a time."""
    while last > first:
        begin = max(first, last - most)
        yield np.ascontiguousarray(np.concatenate([*heard(begin, last)], axis=1)[:, ::-1])
        last = begin
