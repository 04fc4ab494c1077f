"""Vectors that belong together."""

from __future__ import annotations

import numpy as np
import pytest

from smartcut.diarising.clusters import clusters_after, merges_of, voices_of
from tests.builders.voices import ALIKE, directions


def test_merges_are_those_of_average_linkage() -> None:
    """Against the definition: the pair with the least mean distance is merged next."""
    rows = np.random.default_rng(3).normal(size=(14, 5))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    far = 1 - rows @ rows.T
    left = [[i] for i in range(14)]
    for merge in merges_of(rows):
        means = {
            (a[0], b[0]): float(np.mean([far[i, j] for i in a for j in b]))
            for a in left for b in left if a[0] < b[0]
        }  # fmt: skip
        nearest = min(means, key=lambda pair: means[pair])
        assert (merge.kept, merge.gone) == nearest
        assert merge.nearness == pytest.approx(means[nearest])
        kept, gone = (next(c for c in left if c[0] == n) for n in nearest)
        left = [sorted(kept + gone) if c is kept else c for c in left if c is not gone]
    assert left == [list(range(14))]


def test_clusters_are_numbered_from_0() -> None:
    rows = directions(3, 0.2).repeat(4, axis=0)
    merges = merges_of(rows)
    assert clusters_after(merges[:9], 12).tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert set(clusters_after(merges, 12).tolist()) == {0}
    assert clusters_after([], 3).tolist() == [0, 1, 2]


def _windows(voices: np.ndarray, of: list[int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(vectors, times) of windows of these voices, one after the other."""
    noise = np.random.default_rng(seed).normal(size=(len(of), 64)) / 8
    rows = voices[of] + noise * np.sqrt((1 - ALIKE) / ALIKE)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), np.arange(len(of)) / 4


@pytest.mark.parametrize("cosine", [0.3, 0.5, 0.65])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_number_of_voices(cosine: float, count: int) -> None:
    """At 0.65, the mean cosine of windows of two voices is 0.51, and of one voice 0.78."""
    of = np.random.default_rng(count).integers(0, count, 120).tolist()
    found = voices_of(*_windows(directions(count, cosine), of, seed=count))
    assert len(set(found.tolist()) - {-1}) == count
    names = {voice: [found[i] for i in range(120) if of[i] == voice] for voice in range(count)}
    assert all(len(set(labels) - {-1}) == 1 for labels in names.values())


def test_of_very_many_vectors_some_are_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartcut.diarising.clusters.MOST", 200)
    found = voices_of(*_windows(directions(2, 0.4), [0] * 150 + [1] * 150, seed=1))
    assert (found >= 0).sum() == 200
    assert set(found[:150].tolist()) == {-1, 0}
    assert set(found[150:].tolist()) == {-1, 1}
