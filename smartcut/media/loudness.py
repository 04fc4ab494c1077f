"""Loudness and true peak of sound that comes in blocks.

ITU-R BS.1770-5 (K-weighting, gating, true peak), EBU R 128, EBU Tech 3341 (momentary and
short-term) and EBU Tech 3342 (loudness range). Memory grows by ten numbers a second, whatever the
length of the blocks.

The two K-weighting filters are applied by FFT: their impulse response is cut where it has fallen
under -150 dB, which changes no reading. numpy has no recursive filter, and a loop in Python would
be hundreds of times slower.
"""

from __future__ import annotations

import math

import numpy as np

from smartcut.media.layouts import channel_count, layout_name, speakers

#: Loudness never reads lower, silence included (the absolute gate of BS.1770), in LUFS.
FLOOR = -70.0
#: Steps of the momentary and short-term readings a second.
STEPS = 10
MOMENTARY_STEPS, SHORT_TERM_STEPS = 4, 30
# Weights of speakers (BS.1770-5, table 4): those at the sides and, without others there, at the
# back are louder to us; the low-frequency channel does not count.
_SURROUND = 1.41
_WEIGHTS = {"BL": _SURROUND, "BR": _SURROUND, "SL": _SURROUND, "SR": _SURROUND, "LFE": 0.0}
_FFT = 1 << 14
_RESPONSE = 1 << 12
_PEAK_RATE = 192_000
_PEAK_TAPS = 24
_PEAK_BLOCK = 512


def k_weighting(rate: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """(b, a) of the two biquads of BS.1770 at ``rate`` samples a second.

    At 48 kHz these are the coefficients in the recommendation; at other rates they are made from
    the analogue prototypes behind those (B. De Man, "Evaluation of implementations of the EBU
    R128 loudness measurement", AES 145, 2018).
    """
    gain = 10 ** (3.999843853973347 / 20)
    q, k = 0.7071752369554196, math.tan(math.pi * 1681.974450955533 / rate)
    bend = gain**0.4996667741545416
    scale = 1 + k / q + k * k
    shelf_b = np.array(
        [gain + bend * k / q + k * k, 2 * (k * k - gain), gain - bend * k / q + k * k]
    )
    shelf_a = np.array([scale, 2 * (k * k - 1), 1 - k / q + k * k])
    q, k = 0.5003270373238773, math.tan(math.pi * 38.13547087602444 / rate)
    high_b = np.array([1.0, -2.0, 1.0])
    high_a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return (shelf_b / scale, shelf_a / scale), (high_b, high_a / high_a[0])


def impulse_response(rate: int, length: int) -> np.ndarray:
    """The first ``length`` samples of both filters together: float64."""
    out = np.zeros(length)
    out[0] = 1.0
    for b, a in k_weighting(rate):
        x1 = x2 = y1 = y2 = 0.0
        b0, b1, b2 = (float(v) for v in b)
        _, a1, a2 = (float(v) for v in a)
        for i, x in enumerate(out.tolist()):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out[i] = y
    return out


class _KWeighting:
    """The filters over a stream, by overlap-save; blocks in, blocks of the same total length."""

    def __init__(self, rate: int, channels: int) -> None:
        scale = max(1, round(rate / 48_000))
        self.length = _RESPONSE * scale
        self.size = _FFT * scale
        self.step = self.size - self.length + 1
        response = np.fft.rfft(impulse_response(rate, self.length), self.size)
        # Single precision is twice as fast; its rounding lies 120 dB under the sound.
        self._response = response.astype(np.complex64)
        self._past = np.zeros((channels, self.length - 1), np.float32)

    def __call__(self, block: np.ndarray) -> np.ndarray:
        parts = []
        for at in range(0, block.shape[1], self.step):
            part = block[:, at : at + self.step]
            line = np.concatenate([self._past, part], axis=1)
            wave = np.fft.irfft(np.fft.rfft(line, self.size) * self._response, self.size)
            parts.append(wave[:, self.length - 1 : self.length - 1 + part.shape[1]])
            self._past = line[:, -(self.length - 1) :]
        return np.concatenate(parts, axis=1)


class _TruePeak:
    """The highest peak between the samples, by oversampling to 192 kHz or more.

    Blocks that cannot reach the highest peak so far, whatever lies between their samples, are
    passed over.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self.factor = min(8, max(1, math.ceil(_PEAK_RATE / rate)))
        half = _PEAK_TAPS // 2
        at = np.arange(-half * self.factor + 1, half * self.factor)
        window = np.kaiser(len(at) + 2, 8.0)[1:-1]
        phases = np.zeros((self.factor, _PEAK_TAPS))
        for position, value in zip(at, np.sinc(at / self.factor) * window, strict=True):
            # Output phase p of sample n weighs sample n + j by the kernel at p - j * factor.
            phase = position % self.factor
            phases[phase, half - 1 + (phase - position) // self.factor] = value
        self._kernel = np.ascontiguousarray(phases.T, dtype=np.float32)
        self._reach = float(np.abs(phases).sum(axis=1).max())
        self._past = np.zeros((channels, _PEAK_TAPS - 1), np.float32)
        self.peak = 0.0

    def add(self, block: np.ndarray) -> None:
        line = np.concatenate([self._past, block.astype(np.float32, copy=False)], axis=1)
        self._past = line[:, -(_PEAK_TAPS - 1) :].copy()
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        if self.factor > 1:
            self._between(line)

    def finish(self) -> None:
        self.add(np.zeros_like(self._past))

    def _between(self, line: np.ndarray) -> None:
        spans = np.lib.stride_tricks.sliding_window_view(line, _PEAK_TAPS, axis=1)
        count = spans.shape[1]
        starts = range(0, count, _PEAK_BLOCK)
        level = np.abs(line)
        highest = np.array([level[:, s : s + _PEAK_BLOCK + _PEAK_TAPS].max() for s in starts])
        for i in np.argsort(-highest):
            if highest[i] * self._reach <= self.peak:
                break
            start = starts[i]
            made = spans[:, start : start + _PEAK_BLOCK] @ self._kernel
            self.peak = max(self.peak, float(np.abs(made).max()))


def weights(layout: str) -> np.ndarray:
    """float64 (channels,): how much the power of each channel of a layout counts."""
    names = speakers(layout)
    backs = 1.0 if "SL" in names and "BL" in names else _SURROUND
    found = {**_WEIGHTS, "BL": backs, "BR": backs}
    return np.array([found.get(name, 1.0) for name in names])


class LoudnessMeter:
    """Measures sound as it comes.

    ``rate`` is in samples a second; ``layout`` FFmpeg's name of the channels' layout, or their
    number. A single channel counts once, as in BS.1770: played from two speakers it is 3 dB louder.
    """

    def __init__(self, rate: int, layout: int | str) -> None:
        if rate < 8000:
            raise ValueError(f"{rate} samples a second are too few to weight; at least 8000")
        self.rate, self.layout = rate, layout_name(layout)
        self.channels = channels = channel_count(self.layout)
        self.count = 0
        self._weights = weights(self.layout)
        self._filter = _KWeighting(rate, channels)
        self._peak = _TruePeak(rate, channels)
        self._waiting: list[np.ndarray] = []
        self._waiting_count = 0
        self._weighted = 0
        self._energy = [0.0]

    def add(self, samples: np.ndarray) -> None:
        """Take float samples (channels, n), full scale at 1.0; NaN and infinity count as 0."""
        if samples.ndim != 2 or samples.shape[0] != self.channels:
            raise ValueError(f"samples {samples.shape} given, ({self.channels}, n) accepted")
        self._waiting.append(np.array(samples, np.float32))
        self.count += samples.shape[1]
        self._waiting_count += samples.shape[1]
        if self._waiting_count >= self._filter.step:
            # What goes beyond whole steps waits: a part of one costs as much as a whole one.
            self._flush(self._waiting_count // self._filter.step * self._filter.step)

    def _flush(self, count: int | None = None) -> None:
        if not self._waiting_count:
            return
        block = np.concatenate(self._waiting, axis=1)
        rest = block[:, self._waiting_count if count is None else count :]
        block = block[:, : self._waiting_count - rest.shape[1]]
        np.nan_to_num(block, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        self._waiting, self._waiting_count = [rest], rest.shape[1]
        self._peak.add(block)
        squares = self._weights @ np.square(self._filter(block), dtype=np.float64)
        first, last = self._weighted, self._weighted + len(squares)
        at = first
        while at < last:
            step = at * STEPS // self.rate
            end = min(self._boundary(step + 1), last)
            while len(self._energy) <= step:
                self._energy.append(0.0)
            self._energy[step] += float(squares[at - first : end - first].sum())
            at = end
        self._weighted = last

    def _boundary(self, step: int) -> int:
        """First sample of a step of 100 ms."""
        return -(-step * self.rate // STEPS)

    # ------------------------------------------------------------------------------ readings

    @property
    def powers(self) -> np.ndarray:
        """Weighted mean square of each whole step of 100 ms: float64."""
        self._flush()
        steps = self.count * STEPS // self.rate
        edges = np.array([self._boundary(i) for i in range(steps + 1)])
        return np.array(self._energy[:steps]) / np.maximum(np.diff(edges), 1)

    @property
    def momentary(self) -> np.ndarray:
        """LUFS over 400 ms, every 100 ms: reading i covers the steps i..i+3. Never under -70."""
        return loudness(self._means(MOMENTARY_STEPS))

    @property
    def short_term(self) -> np.ndarray:
        """LUFS over 3 s, every 100 ms: reading i covers the steps i..i+29. Never under -70."""
        return loudness(self._means(SHORT_TERM_STEPS))

    @property
    def integrated(self) -> float | None:
        """Gated loudness of everything so far, in LUFS; None where nothing passes the gates."""
        blocks = self._means(MOMENTARY_STEPS)
        loud = blocks[blocks > power(FLOOR)]
        if not len(loud):
            return None
        loud = loud[loud > loud.mean() * 0.1]
        return float(loudness(loud.mean()))

    @property
    def range(self) -> float | None:
        """Loudness range in LU (Tech 3342); None without 3 s of sound above the gates."""
        values = self._means(SHORT_TERM_STEPS)
        values = values[values >= power(FLOOR)]
        if not len(values):
            return None
        values = values[values >= values.mean() * 0.01]
        low, high = np.percentile(loudness(values), (10, 95))
        return float(high - low)

    @property
    def true_peak(self) -> float | None:
        """Highest level between the samples, in dBTP; None for digital silence."""
        self._flush()
        ending = _copy_of(self._peak)
        ending.finish()
        return 20 * math.log10(ending.peak) if ending.peak > 0 else None

    def _means(self, steps: int) -> np.ndarray:
        """Mean powers over each run of so many steps."""
        powers = self.powers
        if len(powers) < steps:
            return np.zeros(0)
        return np.lib.stride_tricks.sliding_window_view(powers, steps).mean(axis=1)


def _copy_of(peak: _TruePeak) -> _TruePeak:
    copy = object.__new__(_TruePeak)
    copy.__dict__.update(peak.__dict__)
    return copy


def loudness(mean_square: np.ndarray | float) -> np.ndarray:
    """LUFS of a weighted mean square; at least -70."""
    with np.errstate(divide="ignore"):
        return np.maximum(-0.691 + 10 * np.log10(mean_square), FLOOR)


def power(lufs: float) -> float:
    """The weighted mean square that reads so many LUFS."""
    return float(10 ** ((lufs + 0.691) / 10))
