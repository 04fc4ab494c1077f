"""Weights by which what was chosen stands before what was not: pairwise logistic regression.

For a chosen passage with signals c and one of the same source that was left, u, the chance that c
is chosen is 1 / (1 + exp(-w (c - u))). The weights w are those of the greatest likelihood, less a
small penalty on their squares; found by Newton's method, for which the problem is convex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: On the sum of squares of the weights, where each chosen passage counts 1.
RIDGE = 0.05
_ROUNDS, _NEAR = 60, 1e-9


@dataclass(frozen=True, slots=True)
class Ranking:
    """Of each signal: its weight, and the standard error of that."""

    weights: np.ndarray
    errors: np.ndarray


def loss(weights: np.ndarray, rows: np.ndarray, counts: np.ndarray, ridge: float = RIDGE) -> float:
    """What is made small: rows (n, d) are c - u of each pair, which counts so much."""
    fits = np.logaddexp(0.0, -rows @ weights) @ counts
    return float(fits + ridge / 2 * weights @ weights)


def regressed(rows: np.ndarray, counts: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """The weights of the least loss."""
    weights = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        gradient, hessian = _slopes(weights, rows, counts, ridge)
        step = np.linalg.solve(hessian, gradient)
        size, before = 1.0, loss(weights, rows, counts, ridge)
        while size > _NEAR and loss(weights - size * step, rows, counts, ridge) > before:
            size /= 2
        weights = weights - size * step
        if np.abs(size * step).max() < _NEAR:
            break
    return weights


def _slopes(
    weights: np.ndarray, rows: np.ndarray, counts: np.ndarray, ridge: float
) -> tuple[np.ndarray, np.ndarray]:
    missed = _missed(weights, rows)
    gradient = -rows.T @ (counts * missed) + ridge * weights
    curved = rows * (counts * missed * (1 - missed))[:, None]
    return gradient, rows.T @ curved + ridge * np.eye(len(weights))


def _missed(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Of each pair: the chance that the other way round would have been chosen."""
    margin = np.clip(rows @ weights, -500, 500)
    missed: np.ndarray = 1 / (1 + np.exp(margin))
    return missed


def ranked(
    rows: np.ndarray, counts: np.ndarray, chosen: np.ndarray, ridge: float = RIDGE
) -> Ranking:
    """The weights with standard errors; pairs of one chosen passage (its number) are no news.

    The errors are those of a sandwich, whose middle sums over the pairs of each passage first.
    """
    weights = regressed(rows, counts, ridge)
    _, hessian = _slopes(weights, rows, counts, ridge)
    pulls = rows * (counts * _missed(weights, rows))[:, None]
    each = np.zeros((int(chosen.max()) + 1, rows.shape[1]))
    np.add.at(each, chosen, pulls)
    each -= each.mean(axis=0)
    bread = np.linalg.inv(hessian)
    return Ranking(weights, np.sqrt(np.diag(bread @ (each.T @ each) @ bread)))


def auc(weights: np.ndarray, rows: np.ndarray, counts: np.ndarray) -> float:
    """The share of pairs in which the chosen one has the greater score; equal ones count half."""
    scores = rows @ weights
    right = np.where(np.abs(scores) < _NEAR, 0.5, scores > 0)
    return float(right @ counts / counts.sum())
