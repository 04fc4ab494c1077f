"""Loudness and true peak of a finished mix, kept in a temporary file between the passes.

Gain to the asked loudness (ITU-R BS.1770), then a look-ahead limiter that holds the true peak. What
the limiter takes from the loudness is given back as gain, as far as that helps.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Protocol

import numpy as np

from smartcut.cut import Mix
from smartcut.media.layouts import channel_count, layout_name
from smartcut.media.loudness import LoudnessMeter

_BLOCK = 48_000
_OVERSAMPLING = 4
_TAPS = 12
_LOOK_AHEAD = 240  # samples: 5 ms at 48 kHz
_CLOSE = 0.2  # LU
# Kept free in dB: lossy encoders overshoot by about as much, and peaks lie between the
# oversampled points too.
_HEADROOM = 0.5
_MOST_ROUNDS = 5


class Recorded(Protocol):
    """A mix of so many samples, of which parts can be read."""

    length: int

    def read(self, first: int, last: int) -> np.ndarray:
        """Samples (channels, last - first); silence outside the mix."""


@dataclass(slots=True)
class Tape:
    """A mix in a file: float32, samples of all channels side by side."""

    file: IO[bytes]
    channels: int
    length: int = 0
    notes: list[str] = field(default_factory=list)

    def append(self, block: np.ndarray) -> None:
        self.file.write(np.ascontiguousarray(block.T, dtype="<f4").tobytes())
        self.length += block.shape[1]

    def read(self, first: int, last: int) -> np.ndarray:
        """Samples (channels, last - first); silence outside the mix."""
        inside = max(first, 0), min(last, self.length)
        width = 4 * self.channels
        self.file.seek(inside[0] * width)
        raw = self.file.read(max(0, inside[1] - inside[0]) * width)
        values = np.frombuffer(raw, dtype="<f4").reshape(-1, self.channels).T
        return np.pad(values, ((0, 0), (inside[0] - first, last - inside[1])))


class Passing:
    """A mix that is read from ``first`` on while it is made; what was read last is kept."""

    def __init__(self, blocks: Iterator[np.ndarray], first: int, length: int) -> None:
        self.length = length
        self._blocks = blocks
        self._held: deque[tuple[int, np.ndarray]] = deque()
        self._next = first

    def read(self, first: int, last: int) -> np.ndarray:
        """As of a :class:`Tape`; each part begins after the one before, or within it."""
        begin, end = max(first, 0), min(last, self.length)
        while self._next < end:
            block = next(self._blocks)
            self._held.append((self._next, block))
            self._next += block.shape[1]
        while len(self._held) > 1 and self._held[1][0] <= begin:
            self._held.popleft()
        start, held = self._held[0][0], np.concatenate([b for _, b in self._held], axis=1)
        inside = held[:, begin - start : end - start]
        return np.pad(inside, ((0, 0), (begin - first, last - end)))


@contextmanager
def mastered(
    blocks: Iterable[np.ndarray], settings: Mix, rate: int, layout: int | str
) -> Iterator[tuple[Iterator[np.ndarray], list[str]]]:
    """(blocks, notes): the mix at its loudness, under its true peak; notes say what could not be.

    Without a loudness to reach, the mix only passes the limiter.
    """
    with _recorded(blocks, rate, layout) as (tape, meter):
        gain = _gain(tape, meter, settings, ceiling_of(settings))
        yield limited(tape, gain, ceiling_of(settings)), tape.notes


def measured_gain(
    blocks: Iterable[np.ndarray], settings: Mix, rate: int, layout: int | str
) -> float:
    """The factor with which :func:`mastered` brings the mix to its loudness."""
    with _recorded(blocks, rate, layout) as (tape, meter):
        return _gain(tape, meter, settings, ceiling_of(settings))


@contextmanager
def _recorded(
    blocks: Iterable[np.ndarray], rate: int, layout: int | str
) -> Iterator[tuple[Tape, LoudnessMeter]]:
    with tempfile.TemporaryFile(prefix="smartcut-mix-") as file:
        layout = layout_name(layout)
        tape = Tape(file, channel_count(layout))
        meter = LoudnessMeter(rate, layout)
        for block in blocks:
            tape.append(block)
            meter.add(block)
        yield tape, meter


def ceiling_of(settings: Mix) -> float:
    """The factor under which peaks are held."""
    return float(10 ** (settings.true_peak / 20))


def _gain(tape: Tape, meter: LoudnessMeter, settings: Mix, ceiling: float) -> float:
    """The factor before the limiter that brings the limited mix to its loudness."""
    target, measured = settings.loudness, meter.integrated
    if target is None:
        return 1.0
    if measured is None or measured <= -70:
        tape.notes.append("the mix is silent: its loudness was left as it is")
        return 1.0
    decibels = target - measured
    peak = 10 ** (meter.true_peak / 20) if meter.true_peak is not None else 0.0
    if peak * 10 ** (decibels / 20) <= ceiling * 10 ** (-_HEADROOM / 20):
        return float(10 ** (decibels / 20))
    reached = measured
    for _ in range(_MOST_ROUNDS):
        again = LoudnessMeter(meter.rate, meter.layout)
        for block in limited(tape, 10 ** (decibels / 20), ceiling):
            again.add(block)
        reached = again.integrated if again.integrated is not None else -70.0
        if abs(reached - target) <= _CLOSE:
            break
        decibels += target - reached
    if abs(reached - target) > 0.5:
        tape.notes.append(
            f"loudness is {reached:.1f} LUFS, not {target:.1f}: the true-peak limit of "
            f"{settings.true_peak:g} dBTP allows no more"
        )
    return float(10 ** (decibels / 20))


def limited(tape: Recorded, gain: float, ceiling: float, start: int = 0) -> Iterator[np.ndarray]:
    """The mix times ``gain``, its true peak held under ``ceiling`` (a factor, not dB).

    It begins with sample ``start``, a whole number of blocks.
    """
    halo = 2 * _LOOK_AHEAD + _TAPS
    ceiling *= 10 ** (-_HEADROOM / 20)
    for first in range(start, tape.length, _BLOCK):
        last = min(first + _BLOCK, tape.length)
        around = tape.read(first - halo, last + halo) * np.float32(gain)
        peaks = true_peaks(around)
        inner = slice(halo, halo + last - first)
        if peaks.max(initial=0.0) <= ceiling:
            yield around[:, inner]
            continue
        needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
        held = _sliding_min(needed, _LOOK_AHEAD)
        smooth = np.convolve(held, np.full(_LOOK_AHEAD, 1 / _LOOK_AHEAD), "same")
        yield (around * smooth).astype(np.float32)[:, inner]


def _sliding_min(values: np.ndarray, size: int) -> np.ndarray:
    """The least value within ``size`` samples on either side."""
    padded = np.pad(values, size, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * size + 1)
    return np.asarray(windows.min(axis=-1))


def true_peaks(values: np.ndarray) -> np.ndarray:
    """The highest magnitude at or between each sample and the next, over all channels.

    Four times oversampled by a windowed sinc, as BS.1770-5 Annex 2 asks.
    """
    result = np.abs(values).max(axis=0)
    at = np.arange(-_TAPS // 2 + 1, _TAPS // 2 + 1)
    for k in range(1, _OVERSAMPLING):
        offset = k / _OVERSAMPLING - at
        taps = np.sinc(offset) * np.cos(np.pi * offset / (_TAPS + 1)) ** 2
        taps /= taps.sum()
        for channel in values:
            between = np.convolve(channel, taps[::-1], "full")[
                _TAPS // 2 : _TAPS // 2 + len(channel)
            ]
            result = np.maximum(result, np.abs(between))
    return result
