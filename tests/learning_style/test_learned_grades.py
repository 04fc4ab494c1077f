"""Planted grades are found again within their intervals; none is claimed where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from benchmarks.conform_material import Filmed
from benchmarks.planted_pictures import colour, write_graded
from smartcut.effects.colour import ColourCorrection
from smartcut.learning_style.colour_pairs import StretchColours
from smartcut.learning_style.grade import LearnedGrade, learned_grade
from smartcut.render.lut import read_cube
from tests.builders import conformed

Graded = Callable[[np.ndarray], np.ndarray]
SETTINGS = {"exposure": 0.3, "saturation": 1.3, "temperature": 5200.0}


@dataclass(frozen=True)
class SeenFilm:
    name: str
    colours: tuple[StretchColours, ...]


def films(grades: Sequence[Graded], count: int = 3, stretches: int = 8) -> list[SeenFilm]:
    """Films of scenes with a few colours each, noisy; grades go round among the stretches."""
    random = np.random.default_rng(5)
    found = []
    for number in range(count):
        own = []
        for k in range(stretches):
            hues = random.uniform(0.15, 0.75, (6, 3))
            source = hues[random.integers(0, 6, 60)] + random.normal(0, 0.03, (60, 3))
            shown = grades[(number * stretches + k) % len(grades)](source)
            own.append(StretchColours(shown + random.normal(0, 0.006, (60, 3)), source))
        found.append(SeenFilm(f"film {number}", tuple(own)))
    return found


def grade_of(given: Sequence[SeenFilm]) -> LearnedGrade:
    found = learned_grade(given, reasons := [])
    assert found is not None, reasons
    return found


def refusal(given: Sequence[SeenFilm]) -> str:
    reasons: list[str] = []
    assert learned_grade(given, reasons) is None
    (reason,) = reasons
    return reason


@pytest.mark.parametrize(
    "planted",
    [
        SETTINGS,
        {"exposure": -0.4, "contrast": 1.2},
        pytest.param(
            {"contrast": 0.85, "saturation": 0.6, "temperature": 8500.0, "tint": 0.15},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_planted_settings_lie_in_their_intervals(planted: dict[str, float]) -> None:
    found = grade_of(films([ColourCorrection(**planted).on_colours]))
    assert found.grade is not None
    assert found.table is None
    assert set(found.grade.settings) == set(planted)
    for name, one in found.grade.settings.items():
        assert one.low <= planted[name] <= one.high, (name, one)
        assert one.count == 24
    assert found.explained > 0.8
    assert [one.film for one in found.films] == ["film 0", "film 1", "film 2"]


def test_captions_and_logos_do_not_count() -> None:
    """A fifth of the colours are those of something that lies over the picture."""
    given = films([ColourCorrection(exposure=0.4).on_colours])
    for one in (one for film in given for one in film.colours):
        one.film[::5] = 0.95
    found = grade_of(given).grade
    assert found is not None
    assert set(found.settings) == {"exposure"}
    assert found.settings["exposure"].low <= 0.4 <= found.settings["exposure"].high


def bent(colours: np.ndarray) -> np.ndarray:
    """Shadows to blue, lights to orange: no settings of `colour` do that."""
    luma = colours.mean(axis=1, keepdims=True)
    return np.clip(colours + (luma - 0.45) * np.array([0.35, 0.0, -0.35]), 0, 1)


def test_what_settings_do_not_explain_is_a_table() -> None:
    found = grade_of(films([bent]))
    assert found.grade is None
    assert found.table is not None
    assert found.table.shape == (33, 33, 33, 3)
    assert found.after < 0.6 * found.by_settings
    from smartcut.render.lut import through

    seen = np.random.default_rng(1).uniform(0.2, 0.7, (50, 3))
    assert np.abs(through(found.table, seen) - bent(seen)).max() < 0.03


def test_films_that_were_not_graded_have_no_grade() -> None:
    assert "the colours are those of the sources" in refusal(films([lambda colours: colours]))


def test_stretches_with_grades_of_their_own_are_refused() -> None:
    grades = [ColourCorrection(exposure=value).on_colours for value in (0.5, -0.3)]
    assert "stretches are graded in other ways" in refusal(films(grades))


@pytest.mark.slow
def test_films_with_grades_of_their_own_are_refused() -> None:
    grades = [ColourCorrection(exposure=value).on_colours for value in (0.5, -0.3)]
    one, other = films([grades[0]], 2, 16), films([grades[1]], 1, 8)
    assert "graded in other ways" in refusal([*one, *other])


def test_few_stretches_are_refused() -> None:
    graded = [ColourCorrection(exposure=0.5).on_colours]
    assert "8 stretches of 1 films could be compared" in refusal(films(graded, 1))
    assert "9 stretches of 3 films could be compared" in refusal(films(graded, 3, 3))
    assert "0 stretches of 0 films" in refusal([SeenFilm("cut 1", ()), SeenFilm("cut 2", ())])


@pytest.mark.slow
def test_grades_are_learned_from_finished_films(tmp_path: Path) -> None:
    files = conformed.sources(tmp_path / "rushes", 3, Filmed(12, 61, (192, 108)))
    given = write_graded(tmp_path, files, 3, (colour(SETTINGS),), count=6)
    found = sc.learn(given, sources=tmp_path / "rushes")
    grade = found.learned.grade
    assert grade is not None
    assert grade.grade is not None
    for name, planted in SETTINGS.items():
        one = grade.grade.settings[name]
        assert one.low <= planted <= one.high, (name, one)
    assert grade.after < 0.4 * grade.before
    (step,) = [s.stage for s in found.pipeline().steps if s.stage.name == "colour"]
    assert step.exposure == pytest.approx(0.3, abs=0.06)  # type: ignore[attr-defined]
    assert found.to_plain()["colour"]["settings"]["exposure"]["n"] == grade.stretches


@pytest.mark.slow
def test_a_table_is_written_beside_the_style(tmp_path: Path) -> None:
    from benchmarks.learned_grades import split_tone
    from smartcut.cut import Effect

    files = conformed.sources(tmp_path / "rushes", 3, Filmed(12, 62, (192, 108)))
    lut = Effect("lut", (("file", str(split_tone(tmp_path / "planted.cube"))),))
    given = write_graded(tmp_path / "films", files, 4, (lut,), count=6)
    found = sc.learn(given, sources=tmp_path / "rushes")
    style = tmp_path / "the style.yaml"
    assert found.write(style) == (style, tmp_path / "the style.cube")
    read_cube(tmp_path / "the style.cube")
    (step,) = [s.stage for s in sc.Pipeline.from_yaml(style).steps if s.stage.name == "lut"]
    assert step.file == tmp_path / "the style.cube"  # type: ignore[attr-defined]
    found.pipeline()
