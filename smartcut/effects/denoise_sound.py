"""`denoise_sound`: less of the steady noise behind speech."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field

from smartcut.annotation import Spectrum
from smartcut.curve import Animated
from smartcut.errors import RenderError
from smartcut.sound_effect import SoundBench, SoundEffect, SoundWork
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Samples, Sound

if TYPE_CHECKING:
    import numpy as np

_RATE: Final = 48_000
_CHANNELS: Final = 2
# Speech is told apart in so many seconds at a time; a part has so many windows of the spectrum.
_PART_SECONDS = 30
# Windows with less speech than this, as their neighbours, hold noise alone; softer ones than this
# mean power nothing; louder ones than so many times the usual are no steady noise.
_SPEECH, _SILENT, _LOUD = 0.1, 1e-9, 10.0
# Without pauses, so many of the softest windows have to do.
_SOFTEST = 0.15


class NoiseAnalysis(Analysis):
    """The noise behind the speech: the mean spectrum of the pauses, in dB, one for each channel.

    Where nobody pauses, it is that of the softest moments.
    """

    name: ClassVar[str] = "noise"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        return Sound(_RATE, _CHANNELS) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        return NoiseListener()

    def model(self, context: Context) -> tuple[str, str]:
        from smartcut.models.voice_activity import identity

        return identity()

    def empty(self, source: Source) -> Spectrum:
        return Spectrum(Fraction(_RATE, 1024), ())


class NoiseListener:
    """Gathers the spectra of pauses, some seconds at a time."""

    def __init__(self) -> None:
        import numpy as np

        from smartcut.media.spectral import BINS

        self._held: list[np.ndarray] = []
        self._have = 0
        self._pauses = np.zeros((_CHANNELS, BINS))
        self._softest = np.zeros((_CHANNELS, BINS))
        self._counts = [0, 0]

    def feed(self, item: Samples) -> None:
        self._held.append(item.values.copy())
        self._have += item.values.shape[1]
        if self._have >= _PART_SECONDS * _RATE:
            self._take()

    def finish(self) -> Spectrum:
        import numpy as np

        from smartcut.media.spectral import WINDOW

        self._take()
        pauses, others = self._counts
        total, count = (self._pauses, pauses) if pauses else (self._softest, others)
        levels = 10 * np.log10(total / max(count, 1) + 1e-12)
        rows = tuple(tuple(round(float(level), 2) for level in row) for row in levels)
        return Spectrum(Fraction(_RATE, WINDOW), rows)

    def _take(self) -> None:
        import numpy as np

        from smartcut.media.spectral import WINDOW, spectra

        if self._have < WINDOW:
            return
        heard = np.concatenate(self._held, axis=1)
        self._held, self._have = [], 0
        made = spectra(heard)
        power = made.real**2 + made.imag**2
        level = power.mean(axis=(0, 2))
        sounding = level > _SILENT
        paused = sounding & _in_pauses(heard, len(level))
        if paused.any():
            paused &= level < _LOUD * np.median(level[paused])
        self._pauses += power[:, paused].sum(axis=1)
        soft = sounding & (level <= np.quantile(level[sounding], _SOFTEST) if sounding.any() else 0)
        self._softest += power[:, soft].sum(axis=1)
        self._counts[0] += int(paused.sum())
        self._counts[1] += int(soft.sum())


def _in_pauses(heard: np.ndarray, count: int) -> np.ndarray:
    """bool (count,): which windows of the spectrum lie well within a pause."""
    import numpy as np

    from smartcut.media.audio import at_rate
    from smartcut.media.spectral import HOP, WINDOW
    from smartcut.models import voice_activity

    mono = heard.mean(axis=0, keepdims=True)
    slow = [b for _, b in at_rate(iter([(0, mono)]), _RATE, voice_activity.RATE, 1)]
    speech = voice_activity.probabilities(np.concatenate(slow, axis=1)[0]) >= _SPEECH
    near = speech.copy()
    near[1:] |= speech[:-1]
    near[:-1] |= speech[1:]
    middles = (np.arange(count) * HOP + WINDOW // 2) / _RATE
    windows = (middles * voice_activity.RATE / voice_activity.STEP).astype(int)
    return ~near[np.minimum(windows, len(near) - 1)]


class DenoiseSound(SoundEffect):
    """Takes steady noise out of speech: hiss, hum, fans, the room.

    What the noise is, it learns from the pauses of each source.

    ```yaml
    - denoise_sound: {reduction: 12}
    ```
    """

    name: ClassVar[str] = "denoise_sound"

    reduction: Animated = Field(
        12.0, ge=0, le=40, description="dB by which noise becomes softer, at most."
    )

    def is_idle(self) -> bool:
        return self.reduction == 0

    def settles(self) -> Fraction:
        return Fraction(2)

    def delay(self) -> int:
        from smartcut.media.spectral import DELAY

        return DELAY

    def analyses(self) -> tuple[Analysis, ...]:
        return (NoiseAnalysis(),)

    def open(self, bench: SoundBench) -> SoundWork:
        from smartcut.media.denoising import SoundDenoiser

        known = bench.known("noise")
        if not isinstance(known, Spectrum):
            raise RenderError(
                "`denoise_sound` does not know the noise of a source; put the stage into the "
                "pipeline, which learns it"
            )
        denoise = SoundDenoiser(_power(known, bench))
        return lambda block: denoise(block.values, block.first.reduction)


def _power(noise: Spectrum, bench: SoundBench) -> np.ndarray:
    """(channels, BINS): the noise's power at the frequencies of windows at the bench's rate."""
    import numpy as np

    from smartcut.media.spectral import BINS, WINDOW

    levels = np.array(noise.values)
    if bench.channels != len(levels):  # other channels than were heard are as noisy as their mean
        mean = 10 * np.log10((10 ** (levels / 10)).mean(axis=0))
        levels = np.broadcast_to(mean, (bench.channels, len(mean)))
    asked = np.arange(BINS) * bench.rate / WINDOW
    known = np.arange(levels.shape[1]) * float(noise.step)
    return 10 ** (np.array([np.interp(asked, known, row) for row in levels]) / 10)
