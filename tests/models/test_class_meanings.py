"""The meanings of the classifier's classes are kept beside the weights, and read where whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smartcut.models import embedded_scorer, weights


@pytest.fixture
def meanings() -> np.ndarray:
    drawn = np.random.default_rng(3).normal(size=(1000, 384)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(weights, "find", lambda name: tmp_path)
    return tmp_path


def test_what_is_kept_is_found(folder: Path, meanings: np.ndarray) -> None:
    assert embedded_scorer.kept_classes() is None
    embedded_scorer.keep_classes(meanings)
    found = embedded_scorer.kept_classes()
    assert found is not None
    assert np.array_equal(found, meanings)


def test_what_is_damaged_is_not_believed(folder: Path, meanings: np.ndarray) -> None:
    embedded_scorer.keep_classes(meanings)
    (file,) = folder.iterdir()
    data = file.read_bytes()
    for damaged in (b"", data[:100], data[:-4], data[:5000] + b"\x7f" * 4000 + data[9000:]):
        file.write_bytes(damaged)
        assert embedded_scorer.kept_classes() is None
    embedded_scorer.keep_classes(meanings[:10])
    assert embedded_scorer.kept_classes() is None


def test_without_a_place_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, meanings: np.ndarray, tmp_path: Path
) -> None:
    for place in (None, tmp_path / "gone"):
        monkeypatch.setattr(weights, "find", lambda name, place=place: place)
        embedded_scorer.keep_classes(meanings)
        assert embedded_scorer.kept_classes() is None
