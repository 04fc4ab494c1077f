"""Loudness and true peak of sound that comes in blocks.

FFmpeg's filter `ebur128` weights the sound and takes the momentary and short-term readings (ITU-R
BS.1770-5, EBU Tech 3341); gated here, they give the integrated loudness (EBU R 128) and the range
(EBU Tech 3342): the filter's own counts lie in bins of 0.01 LU, and its range of sound with fewer
than five readings is wrong. Memory grows by twenty numbers a second, whatever the length of the
blocks.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property

import numpy as np
from av.error import BlockingIOError as Waiting
from av.filter import Graph

from smartcut.media.layouts import channel_count, layout_name, speakers
from smartcut.media.sound_frames import float_format, to_frame
from smartcut.media.true_peak import TruePeakMeter

#: Loudness never reads lower, silence included (the absolute gate of BS.1770), in LUFS.
FLOOR = -70.0
#: Steps of the momentary and short-term readings a second.
STEPS = 10
MOMENTARY_STEPS, SHORT_TERM_STEPS = 4, 30
# Weights of speakers (BS.1770-5, table 4): those at the sides and, without others there, at the
# back are louder to us; the low-frequency channel does not count.
_SURROUND = 1.41
_WEIGHTS = {"BL": _SURROUND, "BR": _SURROUND, "SL": _SURROUND, "SR": _SURROUND, "LFE": 0.0}


def weights(layout: str) -> np.ndarray:
    """float64 (channels,): how much the power of each channel of a layout counts."""
    names = speakers(layout)
    backs = 1.0 if "SL" in names and "BL" in names else _SURROUND
    found = {**_WEIGHTS, "BL": backs, "BR": backs}
    return np.array([found.get(name, 1.0) for name in names])


class LoudnessMeter:
    """Measures sound as it comes; the first reading ends the sound.

    ``rate`` is in samples a second; ``layout`` FFmpeg's name of the channels' layout, or their
    number. A single channel counts once, as in BS.1770: played from two speakers it is 3 dB louder.
    """

    def __init__(self, rate: int, layout: int | str) -> None:
        if rate < 8000:
            raise ValueError(f"{rate} samples a second are too few to weight; at least 8000")
        self.rate, self.layout = rate, layout_name(layout)
        self.channels = channel_count(self.layout)
        self.count = 0
        self._step = rate // STEPS
        self._is_ended = False
        self._windows = _Windows(self._step, self.layout)
        self._peak = TruePeakMeter(rate, self.channels)
        # What the windows that begin before the sound see of it.
        self._beginning: list[np.ndarray] = []

    def add(self, samples: np.ndarray) -> None:
        """Take float samples (channels, n), full scale at 1.0; NaN and infinity count as 0.

        Raises ValueError for another number of channels, and after a reading.
        """
        if samples.ndim != 2 or samples.shape[0] != self.channels:
            raise ValueError(f"samples {samples.shape} given, ({self.channels}, n) accepted")
        if self._is_ended:
            raise ValueError("sound given after a reading; a new meter measures what follows")
        for at in range(0, samples.shape[1], self.rate):
            part = np.asarray(samples[:, at : at + self.rate], np.float32)
            if not np.isfinite(part).all():
                part = np.nan_to_num(part, nan=0.0, posinf=0.0, neginf=0.0)
            if self.count < SHORT_TERM_STEPS * self._step:
                self._beginning.append(part.copy())
            self._windows.add(part)
            self._peak.add(part)
            self.count += part.shape[1]

    # ------------------------------------------------------------------------------ readings

    @property
    def momentary(self) -> np.ndarray:
        """LUFS over 400 ms, every 100 ms: reading i covers the steps i..i+3. Never under -70."""
        return self._whole("M", MOMENTARY_STEPS)

    @property
    def short_term(self) -> np.ndarray:
        """LUFS over 3 s, every 100 ms: reading i covers the steps i..i+29. Never under -70."""
        return self._whole("S", SHORT_TERM_STEPS)

    @property
    def momentary_around(self) -> np.ndarray:
        """LUFS of the 400 ms around the start of each step, or of what of them is in the sound."""
        return self._around("M", MOMENTARY_STEPS)

    @property
    def short_term_around(self) -> np.ndarray:
        """LUFS of the 3 s around the start of each step, or of what of them is in the sound."""
        return self._around("S", SHORT_TERM_STEPS)

    @property
    def integrated(self) -> float | None:
        """Gated loudness of everything, in LUFS; None where nothing passes the gates."""
        loud = _gated(self.momentary, 10)
        return _mean(loud) if len(loud) else None

    @property
    def range(self) -> float | None:
        """Loudness range in LU (Tech 3342); None without 3 s of sound above the gates."""
        loud = _gated(self.short_term, 20)
        if not len(loud):
            return None
        low, high = np.percentile(loud, (10, 95))
        return float(high - low)

    @property
    def true_peak(self) -> float | None:
        """Highest level between the samples, in dBTP; None for digital silence."""
        self._end()
        return 20 * math.log10(self._peak.peak) if self._peak.peak > 0 else None

    def _end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            self._peak.finish()

    def _whole(self, name: str, steps: int) -> np.ndarray:
        """The windows that lie in the sound."""
        self._end()
        values = self._windows.readings[name][steps - 1 : self.count // self._step]
        return _from_floor(np.array(values))

    def _around(self, name: str, steps: int) -> np.ndarray:
        half, length = steps // 2, self.count / self._step
        early, later = (windows.readings[name] for windows in self._with_silence)
        # By the step with which each window ends.
        values = np.array([*early[SHORT_TERM_STEPS:][: steps - 1], *later[steps - 1 :]])
        at = np.arange(int(length))
        inside = np.minimum(at + half, length) - np.maximum(at - half, 0)
        return _from_floor(values[at + half - 1] + 10 * np.log10(steps / inside))

    @cached_property
    def _with_silence(self) -> tuple[_Windows, _Windows]:
        """The beginning after 3 s of silence, and all of the sound; both with silence after."""
        self._end()
        silence = np.zeros((self.channels, SHORT_TERM_STEPS * self._step), np.float32)
        early = _Windows(self._step, self.layout)
        for part in (silence, *self._beginning, silence):
            early.add(part)
        self._windows.add(silence)
        return early, self._windows


class _Windows:
    """FFmpeg's filter over one stream: the readings after each step of so many samples, in LUFS.

    A step is 100 ms: the filter measures as if there were ten in a second. At rates that no ten
    divides, time is off by up to 0.1 % with that.
    """

    def __init__(self, step: int, layout: str) -> None:
        self._rate = STEPS * step
        # By itself the filter weights all channels at the sides and the back alike; of channels
        # that have no names it weights none.
        self._weights = np.sqrt(weights(layout)).astype(np.float32)[:, None]
        self._layout = f"{len(self._weights)} channels"
        self._graph, self._at = Graph(), 0
        source = self._graph.add_abuffer(
            format=float_format(self._layout),
            sample_rate=self._rate,
            layout=self._layout,
            time_base=Fraction(1, self._rate),
        )
        measuring = self._graph.add("ebur128", metadata="1", framelog="quiet")
        source.link_to(measuring)
        measuring.link_to(self._graph.add("abuffersink"))
        self._graph.configure()
        #: Momentary (M) and short-term (S), of the 400 ms and the 3 s up to there.
        self.readings: dict[str, list[float]] = {"M": [], "S": []}

    def add(self, samples: np.ndarray) -> None:
        if not samples.shape[1]:
            return
        frame = to_frame(samples * self._weights, self._layout, self._rate)
        frame.pts, frame.time_base = self._at, Fraction(1, self._rate)
        self._at += samples.shape[1]
        self._graph.push(frame)
        while True:
            try:
                metadata = self._graph.pull().metadata
            except Waiting:
                return
            for name, values in self.readings.items():
                values.append(float(metadata[f"lavfi.r128.{name}"]))


def _gated(readings: np.ndarray, below: float) -> np.ndarray:
    """The readings over -70 LUFS, and so many LU under the mean of those, or above that."""
    loud = readings[readings > FLOOR]
    return loud[loud > _mean(loud) - below] if len(loud) else loud


def _from_floor(readings: np.ndarray) -> np.ndarray:
    """Readings of FLOOR at least: silence too, whose sums of power, rounded, may be below 0."""
    found: np.ndarray = np.fmax(readings, FLOOR)
    return found


def _mean(readings: np.ndarray) -> float:
    """LUFS of the mean power."""
    return float(10 * np.log10(np.mean(10 ** (readings / 10))))
