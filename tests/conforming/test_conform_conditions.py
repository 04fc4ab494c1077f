"""Films with all that a finished film may have had done to it, brought back to their cuts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import smartcut as sc
from benchmarks.conform import score
from benchmarks.conform_films import FilmCase, cases, made_film, made_sources
from benchmarks.conform_material import Filmed

CASES = cases(Fraction(30))


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    """Sources, and others that are not given to `conform`."""
    return made_sources(tmp_path_factory.mktemp("rushes"), 6, Filmed(14, 100, (256, 144)), 2)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_film_is_brought_back_to_its_cut(
    case: FilmCase, material: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    files, foreign = material
    path = tmp_path / "film.mp4"
    cut = made_film(path, replace(case, segments=14), files, foreign)
    found = score(cut, sc.conform(path, files).parts, case.rate or Fraction(25)).to_plain()
    assert found["cuts exact"] >= 0.99, found
    assert found["frames exact"] >= 0.97, found
    assert found["blends within 2"] == 1, found
    assert found["speeds within 1 %"] >= 0.9, found
    assert found["foreign precision"] >= 0.95, found
    assert found["foreign recall"] >= 0.95, found
