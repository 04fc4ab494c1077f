"""Voices of numbers: vectors about a few directions, as windows of speech give them."""

from __future__ import annotations

import numpy as np

from smartcut.diarising.turns import HeardVoices
from smartcut.diarising.windows import RATE, windows_of

#: Cosines of windows of one voice are about this.
ALIKE = 0.78


def directions(count: int, cosine: float, seed: int = 0) -> np.ndarray:
    """float64 (count, 64): rows of length 1, each with that cosine to each other one."""
    basis, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(64, count + 1)))
    rows = np.sqrt(1 - cosine) * basis.T[:count] + np.sqrt(cosine) * basis.T[count]
    return np.asarray(rows)


def spoken(
    turns: list[tuple[float, float, int]], cosine: float = 0.5, seed: int = 0
) -> HeardVoices:
    """A recording in which these voices speak, from when until when, with pauses between.

    A window over two voices is between both.
    """
    voices = directions(1 + max(voice for _, _, voice in turns), cosine)
    random = np.random.default_rng(seed)
    stretches: list[list[float]] = []
    for start, end, _ in turns:
        if stretches and start - stretches[-1][1] < 0.2:
            stretches[-1][1] = end
        else:
            stretches.append([start, end])
    windows, vectors = [], []
    for start, end in stretches:
        for first, last in windows_of(round(start * RATE), round(end * RATE)):
            a, b = first / RATE, last / RATE
            shares = [max(0.0, min(b, e) - max(a, s)) for s, e, _ in turns]
            mean = sum(share * voices[v] for share, (_, _, v) in zip(shares, turns, strict=True))
            noise = random.normal(size=64) / 8 * np.sqrt((1 - ALIKE) / ALIKE)
            row = mean / np.linalg.norm(mean) + noise
            windows.append((a, b))
            vectors.append(row / np.linalg.norm(row))
    levels = np.full(round(stretches[-1][1] * 100) + 100, -60, np.float32)
    for start, end, _ in turns:
        levels[round(start * 100) : round(end * 100)] = -20
    return HeardVoices(
        np.array(stretches), np.array(windows), np.array(vectors, np.float32), levels
    )
