"""Whose voice it is, as a vector: the speaker encoder of Resemblyzer.

Li Wan, Quan Wang, Alan Papir and Ignacio Lopez Moreno, "Generalized end-to-end loss for speaker
verification", ICASSP 2018: three LSTM layers over 1.6 s of a mel spectrogram (power, not its
logarithm). Windows of one voice have a cosine of about 0.7 to 0.9, centroids of two voices one of
0.45 to 0.75.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from smartcut.models import weights

NAME: Final = "voice-embedding"
RATE: Final = 16_000
DIMENSIONS: Final = 256
#: Samples that a vector is made from; a shorter window is repeated until it is as long.
WINDOW: Final = 25_600
_FRAMES, _BANDS = 160, 40
_FFT, _HOP = 400, 160
#: dB of full scale to which a quieter window is raised.
_LOUDNESS = -30.0


class VoiceEncoder:
    """The network: float32 (N, 160, 40) of :func:`mel_of` to (N, 256), rows of length 1."""

    def __init__(self, device: str, allow_net: bool = False) -> None:
        import torch

        file = weights.path(NAME, allow_net=allow_net)
        state: dict[str, Any] = weights.load_state(file)["model_state"]
        self._torch, self._device = torch, device
        self._lstm = torch.nn.LSTM(_BANDS, DIMENSIONS, 3, batch_first=True)
        self._linear = torch.nn.Linear(DIMENSIONS, DIMENSIONS)
        for part, name in ((self._lstm, "lstm."), (self._linear, "linear.")):
            own = {k.removeprefix(name): v for k, v in state.items() if k.startswith(name)}
            part.load_state_dict(own)
            part.eval().to(device)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        torch = self._torch
        with torch.inference_mode():
            _, (hidden, _) = self._lstm(torch.from_numpy(rows).to(self._device))
            vectors = torch.relu(self._linear(hidden[-1]))
            vectors = torch.nn.functional.normalize(vectors, dim=1)
        return np.asarray(vectors.cpu().numpy())


def mel_of(samples: np.ndarray) -> np.ndarray:
    """float32 (160, 40): the mel spectrogram of a window, float32 mono samples at 16 kHz.

    Of more than 1.6 s the first 1.6 s count; less is repeated. Quiet sound is made louder.
    """
    level = 10 * np.log10(float(np.mean(samples.astype(np.float64) ** 2)) + 1e-12)
    heard = samples * np.float32(10 ** (max(0.0, _LOUDNESS - level) / 20))
    heard = np.tile(heard, -(-WINDOW // len(heard)))[:WINDOW]
    padded = np.pad(heard, _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:_FRAMES]
    power = np.abs(np.fft.rfft(frames * _hann())) ** 2
    return (power @ _filters().T).astype(np.float32)


@cache
def _hann() -> np.ndarray:
    return np.hanning(_FFT + 1)[:-1]


@cache
def _filters() -> np.ndarray:
    """float64 (40, 201): triangles of equal area over Slaney's mel scale, 0 to 8 kHz."""
    edges = _hertz(np.linspace(0, _mel(RATE / 2), _BANDS + 2))
    at = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    rising = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * (2 / (edges[2:] - edges[:-2]))[:, None])


# Slaney's scale is linear up to 1 kHz, 200/3 Hz a mel; above, 27 mels are a factor of 6.4.
_LINEAR, _BREAK, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def _mel(hertz: float) -> float:
    if hertz < _BREAK:
        return hertz / _LINEAR
    return float(_BREAK / _LINEAR + np.log(hertz / _BREAK) / _STEP)


def _hertz(mels: np.ndarray) -> np.ndarray:
    above = _BREAK * np.exp(_STEP * (mels - _BREAK / _LINEAR))
    return np.where(mels < _BREAK / _LINEAR, mels * _LINEAR, above)
