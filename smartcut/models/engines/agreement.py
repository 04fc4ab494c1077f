"""How well answers agree with those of torch in fp32, and how well they have to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.models.engines.choice import Precision

#: Least cosine of a picture's vector to its exact one.
COSINE = {"fp32": 0.99999, "bf16": 0.995, "int8": 0.995}
#: Least correlation of the vectors, each less the mean of all, with the exact ones: that of any
#: score which is linear in them, so the bound of what a prompt's ranking may lose.
CORRELATION = {"fp32": 0.9999, "bf16": 0.99, "int8": 0.99}
#: Most that a chance, 0..1, may be off.
CHANCE = {"fp32": 0.001, "bf16": 0.02, "int8": 0.02}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of a comparison, and whether they keep the bounds."""

    holds: bool
    figures: dict[str, float]

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.5f}" for name, value in self.figures.items())


def of_vectors(exact: np.ndarray, other: np.ndarray, precision: Precision) -> Agreement:
    """Of rows (N, D), each a picture's vector."""
    cosine = float(_cosines(exact, other).min())
    centred = [rows - rows.mean(axis=0) for rows in (exact, other)]
    correlation = float(_cosines(*(rows.reshape(1, -1) for rows in centred))[0])
    holds = cosine >= COSINE[precision] and correlation >= CORRELATION[precision]
    return Agreement(holds, {"cosine": cosine, "correlation": correlation})


def of_chances(exact: np.ndarray, other: np.ndarray, precision: Precision) -> Agreement:
    """Of chances in 0..1, of any shape."""
    off = float(np.abs(exact - other).max())
    return Agreement(off <= CHANCE[precision], {"largest difference": off})


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one, other = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    # not a number fails every comparison: a network that answers so holds no bound
    return np.asarray((one * other).sum(axis=1) / np.maximum(lengths, 1e-12))
