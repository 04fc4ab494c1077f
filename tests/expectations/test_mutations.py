"""Ways to spoil a film: each is caught by the expectation meant for it, and nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.expectation import Verification
from tests.builders.spoiled import (
    EXPECTED,
    HARMLESS,
    SPOILINGS,
    Spoiling,
    film_of,
    takes,
)

QUICK = ("three frames dropped", "channels exchanged")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return takes(tmp_path_factory.mktemp("shots"))


@pytest.fixture(scope="module")
def film(shots: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SMARTCUT_CACHE", str(folder / "cache"))
        result = film_of(shots, folder / "film.mp4")
    assert told(result.verifications[0]) == {}
    return result.outputs[0]


def told(found: Verification) -> dict[str, list[str]]:
    """What is not met, with the reasons."""
    return {v.name: [m.reason for m in v.misses] or [v.measured] for v in found.failed}


def spoiled(film: Path, tmp_path: Path, spoiling: Spoiling) -> Verification:
    out = tmp_path / "film.mp4"
    spoiling.spoil(film, out)
    shutil.copy(film.with_suffix(".manifest.json"), tmp_path)
    return sc.verify(out)


@pytest.mark.parametrize(
    "spoiling",
    [
        pytest.param(s, id=s.name, marks=[] if s.name in QUICK else [pytest.mark.slow])
        for s in SPOILINGS
    ],
)
def test_a_spoiled_film_is_caught(spoiling: Spoiling, film: Path, tmp_path: Path) -> None:
    found = spoiled(film, tmp_path, spoiling)
    assert found.origin == "the film's manifest"
    (verdict,) = [v for v in found.verdicts if v.name == spoiling.expectation]
    assert verdict.state == "failed", told(found)
    assert any(spoiling.because in miss.reason for miss in verdict.misses), told(found)
    if spoiling.at is not None:
        times = [float(miss.start) for miss in verdict.misses if miss.start is not None]
        assert any(abs(time - spoiling.at) <= 0.09 for time in times), (times, told(found))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) for n in HARMLESS])
def test_nothing_is_found_in_a_film_that_is_not_spoiled(
    name: str, film: Path, tmp_path: Path
) -> None:
    HARMLESS[name](film, tmp_path / "film.mp4")
    shutil.copy(film.with_suffix(".manifest.json"), tmp_path)
    (out,) = [p for p in tmp_path.iterdir() if p.suffix in (".mp4", ".mkv")]
    assert told(sc.verify(out)) == {}


@pytest.mark.slow
def test_nothing_usual_is_found_without_a_manifest(film: Path, tmp_path: Path) -> None:
    shutil.copy(film, tmp_path / "alone.mp4")
    found = sc.verify(tmp_path / "alone.mp4")
    assert found.origin.startswith("what is usual")
    assert told(found) == {}


@pytest.mark.slow
def test_a_cut_within_a_word_is_caught_before_and_after(shots: list[Path], tmp_path: Path) -> None:
    within = (0.3, 1.8)  # of shots whose second words end at 1.9 to 2.1
    film = film_of(shots, tmp_path / "film.mp4", within, no_word_cut=True)
    (verdict,) = film.verifications[0].failed
    assert [miss.reason for miss in verdict.misses] == [
        f"{text!r} lacks its end" for text in ("home", "harbour", "slowly", "night")
    ]
    assert told(sc.verify(film.outputs[0])).keys() == {"no_word_cut"}


def test_thirty_ways_are_tried() -> None:
    assert len(SPOILINGS) >= 30
    assert {s.expectation for s in SPOILINGS} == EXPECTED.keys()


def test_the_page_lists_all_of_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "expectations.md").read_text(encoding="utf-8")
    for one in SPOILINGS:
        assert f"| {one.name} | [`{one.expectation}`]" in page
    rows = [line for line in page.splitlines() if "](all_expectations.md#" in line]
    assert f"({len(rows)} rows)" in page
