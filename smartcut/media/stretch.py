"""Sound played faster or slower with its pitch kept, by Signalsmith Stretch (a spectral method)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.errors import MissingExtra
from smartcut.timebase import nearest

# Seconds of input that are stretched in one go: at most, and at least where the speed changes.
_LONGEST, _SHORTEST = Fraction(20), Fraction(1, 4)
# Seconds of input beside a part that are stretched with it, and seconds of output in which parts
# fade into each other.
_CONTEXT, _FADE = Fraction(1, 5), Fraction(1, 50)
# What the library draws at random is the same each time.
_SEED = 1


@dataclass(frozen=True, slots=True)
class _StretchedPart:
    """Samples ``start`` to ``end`` of the input that become ``first`` to ``last`` of the output."""

    start: int
    end: int
    first: int
    last: int


def stretched(
    blocks: Iterable[np.ndarray],
    paces: Sequence[tuple[Fraction, Fraction]],
    rate: int,
    count: int,
    channels: int,
) -> Iterator[np.ndarray]:
    """Exactly ``count`` samples of the blocks (``channels``, n), played faster or slower.

    ``paces`` holds (seconds of the blocks, speed), one after the other; the last goes on. What is
    heard at a time of the input stays within some milliseconds of where it belongs.
    """
    return stretched_from(lambda start: blocks, paces, rate, count, channels, 0)


def stretched_from(
    read: Callable[[int], Iterable[np.ndarray]],
    paces: Sequence[tuple[Fraction, Fraction]],
    rate: int,
    count: int,
    channels: int,
    first: int,
) -> Iterator[np.ndarray]:
    """What :func:`stretched` gives from its sample ``first`` on, which reads no more than it takes.

    ``read`` gives the blocks from one of their samples on.
    """
    context, half = nearest(_CONTEXT * rate), nearest(_FADE * rate / 2)
    parts = _parts(paces, rate, count)
    opens = max([i for i, part in enumerate(parts) if part.first + half <= first], default=0)
    tape: _Tape | None = None
    tail: np.ndarray | None = None
    for i, part in enumerate(parts[opens:], opens):
        begins, ends = max(0, part.start - context), part.end + context
        tape = tape or _Tape(read(begins), channels, begins)
        before = half if i else 0
        after = half if i + 1 < len(parts) else 0
        values = _stretch(tape.between(begins, ends), part, begins, rate, before, after)
        if tail is not None:
            share = (np.arange(tail.shape[1]) + 0.5) / tail.shape[1]
            values[:, : tail.shape[1]] *= share
            values[:, : tail.shape[1]] += tail * (1 - share)
        tail = values[:, values.shape[1] - 2 * after :].copy() if after else None
        made = values[:, : values.shape[1] - 2 * after] if after else values
        yield made[:, max(0, first - (part.first - before)) :]


def _parts(
    paces: Sequence[tuple[Fraction, Fraction]], rate: int, count: int
) -> list[_StretchedPart]:
    """Parts of one speed each, or of speeds that change little; together ``count`` samples."""
    parts: list[_StretchedPart] = []
    time = heard = Fraction(0)
    start = first = 0
    total = Fraction(count, rate)
    for i, (seconds, speed) in enumerate(paces):
        is_last = i + 1 == len(paces)
        if is_last:
            seconds = max((total - heard) * speed, Fraction(0))
        # what gathers at changing speeds ends where a speed begins that stays
        stays = is_last or paces[i + 1][0] >= _SHORTEST
        least = 2 * _FADE if stays else _SHORTEST
        pieces = max(1, -(-seconds // _LONGEST))
        for _ in range(int(pieces)):
            time, heard = time + seconds / pieces, heard + seconds / pieces / speed
            end, last = nearest(time * rate), min(nearest(heard * rate), count)
            if last - first >= least * rate:
                parts.append(_StretchedPart(start, end, first, last))
                start, first = end, last
    if count > first:  # what is left is too short for a part of its own, unless it is the only one
        before = parts.pop() if parts else _StretchedPart(0, 0, 0, 0)
        parts.append(_StretchedPart(before.start, end, before.first, count))
    return parts


def _stretch(
    values: np.ndarray, part: _StretchedPart, begins: int, rate: int, before: int, after: int
) -> np.ndarray:
    """float32 (channels, n): the part's output, and ``before`` and ``after`` samples around it."""
    speed = (part.end - part.start) / (part.last - part.first)
    place = round((part.start - begins) / speed) - before
    wanted = part.last - part.first + before + after
    made = _at_speed(values, speed, rate) if values.shape[1] else values
    made = made[:, place : place + wanted]
    short = wanted - made.shape[1]
    return np.pad(made, ((0, 0), (0, short))) if short else np.ascontiguousarray(made)


def _at_speed(values: np.ndarray, speed: float, rate: int) -> np.ndarray:
    if abs(speed - 1) < 1e-9:
        return values.copy()
    try:
        from python_stretch import Signalsmith
    except ImportError as error:
        purpose = "sound at another speed with its pitch kept"
        raise MissingExtra("python-stretch", "stretch", purpose) from error
    stretch = Signalsmith.Stretch(_SEED)
    stretch.preset(values.shape[0], float(rate))
    stretch.setTimeFactor(speed)
    return np.asarray(stretch.process(np.ascontiguousarray(values, dtype=np.float32)))


class _Tape:
    """Blocks of which any stretch can be had that begins no earlier than the last one asked for."""

    def __init__(self, blocks: Iterable[np.ndarray], channels: int, start: int) -> None:
        self._channels = channels
        self._blocks = iter(blocks)
        self._start = start
        self._held: list[np.ndarray] = []
        self._size = 0

    def between(self, start: int, end: int) -> np.ndarray:
        """float32 (channels, up to ``end`` - ``start``): fewer where the blocks end before."""
        while self._start + self._size < end and (block := next(self._blocks, None)) is not None:
            self._held.append(block)
            self._size += block.shape[1]
        if not self._held:
            return np.zeros((self._channels, 0), dtype=np.float32)
        joined = np.concatenate(self._held, axis=1)[:, start - self._start :]
        self._start, self._held, self._size = start, [joined], joined.shape[1]
        return joined[:, : end - start]
