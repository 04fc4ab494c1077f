"""Whose voice it is, as a vector: the speaker encoder of Resemblyzer.

Li Wan, Quan Wang, Alan Papir and Ignacio Lopez Moreno, "Generalized end-to-end loss for speaker
verification", ICASSP 2018: three LSTM layers over 1.6 s of a mel spectrogram (power, not its
logarithm). Windows of one voice have a cosine of about 0.7 to 0.9, centroids of two voices one of
0.45 to 0.75.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from smartcut.models import weights
from smartcut.models.voice_spectrum import BANDS

NAME: Final = "voice-embedding"
DIMENSIONS: Final = 256


class VoiceEncoder:
    """The network: rows of a voice's spectrum, float32 (N, 160, 40), to (N, 256) of length 1."""

    def __init__(self, device: str, allow_net: bool = False) -> None:
        import torch

        file = weights.path(NAME, allow_net=allow_net)
        state: dict[str, Any] = weights.load_state(file)["model_state"]
        self._torch, self._device = torch, device
        self.engine = f"torch {torch.__version__}, fp32"
        self._lstm = torch.nn.LSTM(BANDS, DIMENSIONS, 3, batch_first=True)
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
