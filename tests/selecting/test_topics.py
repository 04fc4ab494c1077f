"""Talks with known sections are divided where the subject changes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers.divide_talks import divided, f1, valleys
from benchmarks.talk_sections import SECTIONS
from smartcut.selecting.key_phrases import titles
from smartcut.selecting.topics import section_starts


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


def test_long_sections_of_several_parts_stay_whole() -> None:
    """What their parts differ by is little beside what the sections do."""
    chance = np.random.default_rng(4)
    rows = []
    for length in (60, 40, 90):
        subject = 1.5 * chance.normal(size=24)
        for _ in range(length // 10):
            part = subject + 0.7 * chance.normal(size=24)
            rows += [part + chance.normal(size=24) for _ in range(10)]
    made = np.stack(rows)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    found = section_starts(made, [5.0 * n for n in range(190)], 950.0, 47.5)
    assert len(found) == 3
    assert all(abs(a - b) <= 1 for a, b in zip(found, (0, 60, 100), strict=True))


def vectors_of(names: list[str]) -> dict[str, np.ndarray]:
    from smartcut.models.embedded_scorer import sentence_model

    model = sentence_model()
    return {name: model(SECTIONS[name]) for name in names}


@pytest.mark.weights("minilm-l6-v2")
def test_made_talks_are_divided_where_their_subjects_change() -> None:
    """Boundary F1 over talks of some sections in random order; exact sentences count."""
    vectors = vectors_of(["coffee", "glacier", "chess", "mortgage", "sleep"])
    assert f1(vectors, divided, 20) >= 0.85
    for name, rows in vectors.items():
        alone = [5.0 * n for n in range(len(rows))]
        assert section_starts(rows, alone, 5.0 * len(rows), 20) == [0], name


@pytest.mark.slow
@pytest.mark.weights("minilm-l6-v2")
def test_many_made_talks_beside_other_ways_to_divide_them() -> None:
    vectors = vectors_of(list(SECTIONS))
    assert f1(vectors, divided, 400) >= 0.85
    assert f1(vectors, divided, 400, apart=1) >= 0.9
    assert f1(vectors, divided, 400) >= f1(vectors, valleys, 400) + 0.2


@pytest.mark.slow
@pytest.mark.weights("minilm-l6-v2")
def test_titles_are_phrases_of_their_own_sections() -> None:
    from smartcut.models.embedded_scorer import sentence_model

    found = titles(list(SECTIONS.values()), sentence_model())
    assert len(set(found)) == len(SECTIONS)
    for title, section in zip(found, SECTIONS.values(), strict=True):
        assert title.casefold() in " ".join(section).casefold()
        assert 1 <= len(title.split()) <= 3
    assert {"Coffee", "Sleep", "Bees", "Glacier", "Chess", "Concrete", "Roads"} <= set(found)


def test_a_section_without_a_phrase_is_numbered() -> None:
    def vectors(texts: object) -> np.ndarray:
        return np.ones((len(list(texts)), 3)) / np.sqrt(3)  # type: ignore[call-overload]

    assert titles([["It is what it is."], ["Bread."]], vectors) == ["Part 1", "Bread"]


def test_titles_know_the_small_words_of_their_language_and_no_comma() -> None:
    """Where all phrases are alike, the first of the most frequent ones is taken."""

    def vectors(texts: object) -> np.ndarray:
        return np.ones((len(list(texts)), 3)) / np.sqrt(3)  # type: ignore[call-overload]

    assert titles([["Mit Mehl und Wasser."]], vectors, "de") == ["Mehl"]
    assert titles([["Und das, das Brot."]], vectors, "de-CH") == ["Brot"]
    assert titles([["Dans le vélo."]], vectors, "fr") == ["Vélo"]
