"""What is measured in the sound of a film, for all expectations at once."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from smartcut.annotation import Signal
from smartcut.expectation import CannotCheck, FinishedFilm
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Samples, Sound

if TYPE_CHECKING:
    import numpy as np

RATE = 48_000
#: Steps of the readings a second, and samples of one.
STEPS = 100
STEP = RATE // STEPS
#: dB: nothing reads lower.
SILENT = -100.0
BANDS = 24
_WINDOW = 2 * STEP
# Spectra that are compared lie so many steps apart, so that they share no sample.
_APART = 2
#: A bend (second difference) of the wave below this is no click.
SHARP = 0.04
_CHANNELS = ("level", "new", "click")


class FilmSound(Analysis):
    """Readings every 10 ms of the main sound, in all of its channels, and figures of the whole.

    ``level`` is its power in dB of full scale; ``new`` how much its spectrum changes from the 20 ms
    before to those after (mean of 24 bands, dB); ``click`` how far the sharpest bend of the wave
    stands out of those around it. The summary has ``integrated`` (LUFS) and ``true_peak`` (dBTP,
    ITU-R BS.1770-5) of its own channels, not of a mix of them.
    """

    name: ClassVar[str] = "film-sound"
    version: ClassVar[int] = 2

    def wants(self, source: Source) -> Sound | None:
        return Sound(RATE, source.audio.channels) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        assert source.audio is not None
        return SoundFigures(source.audio.channels, source.audio.layout)

    def empty(self, source: Source) -> Signal:
        return Signal(Fraction(1, STEPS), (), _CHANNELS, ((),) * len(_CHANNELS))


class SoundFigures:
    """Takes the sound of a film; what it keeps grows by some dozen numbers for each step."""

    def __init__(self, channels: int, layout: str) -> None:
        import numpy as np

        from smartcut.media.layouts import channel_count, known_layout
        from smartcut.media.loudness import LoudnessMeter

        named = known_layout(layout)
        fits = channel_count(named) == channels
        self.meter = LoudnessMeter(RATE, named if fits else channels)
        self._steps = WholeSteps(channels)
        self._power: list[np.ndarray] = []
        self._bends: list[np.ndarray] = []
        self._bands: list[np.ndarray] = []
        self._tail = np.zeros(0, np.float32)

    def feed(self, item: Samples) -> None:
        for block in self._steps.feed(item):
            self.meter.add(block)
            self._take(block)

    def _take(self, block: np.ndarray) -> None:
        """Whole steps of sound."""
        import numpy as np

        steps = block.reshape(len(block), -1, STEP)
        self._power.append(np.square(steps, dtype=np.float64).mean(axis=(0, 2)))
        wave = np.concatenate([self._tail, block.mean(axis=0)])
        self._bends.append(_bends(wave, steps.shape[1]))
        self._bands.append(_bands(wave[len(self._tail) % STEP :]))
        self._tail = wave[-STEP - 2 :]

    def finish(self) -> Signal:
        import numpy as np

        for block in self._steps.rest():
            self.meter.add(block)
            self._take(block)
        power = np.concatenate([np.zeros(0), *self._power])
        level = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), SILENT)
        bends = np.concatenate([np.zeros((2, 0)), *self._bends], axis=1)
        bands = np.concatenate([np.zeros((0, BANDS), np.float16), *self._bands])
        rows = (level, _news(bands, len(level)), _clicks(*bends))
        values = tuple(tuple(np.round(row, 2).tolist()) for row in rows)
        figures = {"integrated": self.meter.integrated, "true_peak": self.meter.true_peak}
        summary = tuple((n, round(v, 3)) for n, v in figures.items() if v is not None)
        steps = tuple(range(len(level)))
        return Signal(Fraction(1, STEPS), steps, _CHANNELS, values, "dB", summary)


class FilmChannels(Analysis):
    """The level of each channel of the main sound in each second, in dB of full scale."""

    name: ClassVar[str] = "film-channels"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        return Sound(RATE, source.audio.channels) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        assert source.audio is not None
        return ChannelLevels(source.audio.channels)

    def empty(self, source: Source) -> Signal:
        return Signal(Fraction(1), (), (), ())


class ChannelLevels:
    """Takes the sound of a film, channel by channel."""

    def __init__(self, channels: int) -> None:
        self._steps = WholeSteps(channels)
        self._power: list[np.ndarray] = []

    def feed(self, item: Samples) -> None:
        for block in self._steps.feed(item):
            self._take(block)

    def _take(self, block: np.ndarray) -> None:
        import numpy as np

        steps = block.reshape(len(block), -1, STEP)
        self._power.append(np.square(steps, dtype=np.float64).mean(axis=2))

    def finish(self) -> Signal:
        import numpy as np

        for block in self._steps.rest():
            self._take(block)
        each = np.concatenate([np.zeros((self._steps.channels, 0)), *self._power], axis=1)
        seconds = range(-(-each.shape[1] // STEPS))
        means = [each[:, s * STEPS : (s + 1) * STEPS].mean(axis=1) for s in seconds]
        levels = np.maximum(10 * np.log10(np.maximum(np.array(means), 1e-12)), SILENT)
        rows = levels.T.round(1).tolist() if means else [[] for _ in each]
        names = tuple(f"channel-{number}" for number in range(len(rows)))
        return Signal(Fraction(1), tuple(seconds), names, tuple(map(tuple, rows)), "dB")


class WholeSteps:
    """Cuts sound into blocks of whole steps, with silence where there is none."""

    def __init__(self, channels: int) -> None:
        import numpy as np

        self.channels = channels
        self._waiting = np.zeros((channels, 0), np.float32)
        self._heard = 0

    def feed(self, item: Samples) -> Iterator[np.ndarray]:
        import numpy as np

        while (gap := item.start - self._heard) > 0:
            yield from self._cut(np.zeros((self.channels, min(gap, RATE)), np.float32))
        yield from self._cut(item.values[:, -gap:] if gap else item.values)

    def _cut(self, block: np.ndarray) -> Iterator[np.ndarray]:
        import numpy as np

        self._heard += block.shape[1]
        joined = np.concatenate([self._waiting, block], axis=1)
        whole = joined.shape[1] // STEP * STEP
        self._waiting = joined[:, whole:].copy()
        if whole:
            yield joined[:, :whole]

    def rest(self) -> Iterator[np.ndarray]:
        """What is left at the end, filled up with silence."""
        import numpy as np

        if left := self._waiting.shape[1]:
            yield np.pad(self._waiting, ((0, 0), (0, STEP - left)))
        self._waiting = self._waiting[:, :0]


def _bends(wave: np.ndarray, count: int) -> np.ndarray:
    """(2, steps): the sharpest bend of the wave in each of the last steps, and the usual one."""
    import numpy as np

    padded = np.pad(wave, (max(0, count * STEP + 2 - len(wave)), 0), mode="edge")
    bend = np.abs(np.diff(padded, 2))[-count * STEP :].reshape(count, STEP)
    return np.stack([bend.max(axis=1), np.sqrt(np.square(bend).mean(axis=1))])


def _bands(wave: np.ndarray) -> np.ndarray:
    """float16 (steps, bands): levels of the spectrum from each step on, in dB."""
    import numpy as np

    if len(wave) < _WINDOW:
        return np.zeros((0, BANDS), np.float16)
    edges = np.geomspace(4, _WINDOW // 2, BANDS + 1).round().astype(int)
    spans = np.lib.stride_tricks.sliding_window_view(wave, _WINDOW)[::STEP]
    window = np.hanning(_WINDOW).astype(np.float32)
    power = np.abs(np.fft.rfft(spans * window, axis=1)) ** 2 / _WINDOW
    summed = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    return (10 * np.log10(np.maximum(summed, 1e-5))).astype(np.float16)


def _news(bands: np.ndarray, count: int) -> np.ndarray:
    """How much the spectrum changes at each of so many steps, in dB."""
    import numpy as np

    found = np.zeros(count)
    if len(bands) > _APART:
        change = np.abs(bands[_APART:].astype(np.float32) - bands[:-_APART]).mean(axis=1)
        found[_APART : _APART + len(change)] = change[: count - _APART]
    return found


def _clicks(sharpest: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Of each step: the sharpest bend of the wave over the usual one of the 100 ms around it."""
    import numpy as np

    found = np.zeros(len(usual))
    padded = np.pad(usual, 5, mode="edge") if len(usual) else np.zeros(11)
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 11), axis=1)[: len(usual)]
    sharp = sharpest > SHARP
    found[sharp] = sharpest[sharp] / np.maximum(around[sharp], 1e-3)
    return found


def sound_of(film: FinishedFilm) -> Signal:
    """The readings of the film's sound; raises CannotCheck where it has none."""
    if film.source.audio is None:
        raise CannotCheck("the film has no sound")
    return film.known(FilmSound(), Signal)


def figure(signal: Signal, name: str) -> float | None:
    """A figure of the whole."""
    return dict(signal.summary).get(name)
