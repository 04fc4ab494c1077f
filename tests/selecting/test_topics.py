"""Talks with known sections are divided where the subject changes."""

from __future__ import annotations

import random
from itertools import accumulate

import numpy as np
import pytest

from smartcut.selecting.key_phrases import titles
from smartcut.selecting.topics import section_starts
from tests.builders.sections import SECTIONS


def talk(lengths: list[int], noise: float, seed: int = 0) -> np.ndarray:
    """Rows about one direction in each section."""
    random = np.random.default_rng(seed)
    rows = [random.normal(size=24) for _ in lengths]
    made = np.vstack(
        [row + noise * random.normal(size=(n, 24)) for row, n in zip(rows, lengths, strict=True)]
    )
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_sections_begin_where_the_direction_changes() -> None:
    rows = talk([5, 9, 4, 7], 0.5)
    starts = [float(3 * n) for n in range(25)]
    assert section_starts(rows, starts, 75.0, 6.0) == [0, 5, 14, 18]


def test_no_section_is_shorter_than_asked() -> None:
    rows = talk([5, 2, 8, 7], 0.3)
    starts = [float(3 * n) for n in range(22)]
    for shortest in (6.0, 9.0, 20.0, 60.0, 500.0):
        found = section_starts(rows, starts, 66.0, shortest)
        edges = [*(starts[n] for n in found), 66.0]
        lengths = np.diff(edges)
        assert found[0] == 0
        assert len(found) == 1 or lengths.min() >= shortest


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_there_are_as_many_as_asked_for(count: int) -> None:
    rows = talk([6, 6, 6, 6, 6], 0.4)
    assert len(section_starts(rows, [float(n) for n in range(30)], 30.0, 1.0, count)) == count


def test_one_sentence_and_none() -> None:
    rows = talk([1], 0.1)
    assert section_starts(rows, [0.0], 2.0, 20.0) == [0]
    assert section_starts(rows[:0], [], 0.0, 20.0) == []


@pytest.mark.weights("minilm-l6-v2")
def test_made_talks_are_divided_where_their_subjects_change() -> None:
    """Boundary F1 over talks of two to six sections in random order; exact sentences count."""
    from smartcut.models.embedded_scorer import sentence_model

    model = sentence_model()
    vectors = {name: model(section) for name, section in SECTIONS.items()}
    names, chance = list(SECTIONS), random.Random(5)
    hits = found_all = true_all = 0
    for _ in range(40):
        order = chance.sample(names, chance.randint(2, 6))
        rows = np.vstack([vectors[name] for name in order])
        true = set(accumulate(len(vectors[name]) for name in order[:-1]))
        found = set(section_starts(rows, [5.0 * n for n in range(len(rows))], 5.0 * len(rows), 20))
        found -= {0}
        hits, found_all = hits + len(found & true), found_all + len(found)
        true_all += len(true)
    assert 2 * hits / (found_all + true_all) >= 0.8
    for name, section in SECTIONS.items():
        alone = [5.0 * n for n in range(len(section))]
        assert section_starts(vectors[name], alone, 5.0 * len(section), 20) == [0], name


@pytest.mark.slow
@pytest.mark.weights("minilm-l6-v2")
def test_titles_are_phrases_of_their_own_sections() -> None:
    from smartcut.models.embedded_scorer import sentence_model

    found = titles(list(SECTIONS.values()), sentence_model())
    assert len(set(found)) == len(SECTIONS)
    for title, section in zip(found, SECTIONS.values(), strict=True):
        assert title.casefold() in " ".join(section).casefold()
        assert 1 <= len(title.split()) <= 3
    assert {"Volcanoes", "Violin", "Whales"} <= set(found)


def test_a_section_without_a_phrase_is_numbered() -> None:
    def vectors(texts: object) -> np.ndarray:
        return np.ones((len(list(texts)), 3)) / np.sqrt(3)  # type: ignore[call-overload]

    assert titles([["It is what it is."], ["Bread."]], vectors) == ["Part 1", "Bread"]
