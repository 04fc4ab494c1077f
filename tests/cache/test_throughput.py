"""How long work is said to take before it begins: by what earlier runs on this machine took."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import smartcut as sc
from smartcut.cache import Cache, throughput
from smartcut.cache.throughput import Work, expected, fitted, remember, spelled, timed
from smartcut.testing import write_bar_coded
from tests.builders.progress import Notes


def test_a_start_and_a_pace_are_told_apart() -> None:
    known = [(amount, 2 + 0.1 * amount) for amount in (10.0, 40.0, 100.0)]
    assert fitted(known, 1000) == pytest.approx(102)
    assert fitted(known, 1) == pytest.approx(2.1)


def test_amounts_that_are_alike_have_a_pace_alone() -> None:
    assert fitted([(10.0, 5.0), (11.0, 5.5), (12.0, 60.0)], 100) == pytest.approx(50)


def test_neither_a_start_nor_a_pace_is_below_nothing() -> None:
    assert fitted([(1.0, 0.1), (10.0, 3.0)], 100) > 10
    assert fitted([(1.0, 5.0), (10.0, 1.0)], 100) > 0


class Place:
    def __init__(self, folder: Path) -> None:
        self.cache, self.progress = Cache(folder), Notes()


def test_long_work_is_told_before_and_kept_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, clock = Place(tmp_path), iter([0.0, 50.0, 100.0, 300.0])
    monkeypatch.setattr(throughput, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    with timed(place, "encode a", None, Work("encode", 10)):
        assert not place.progress.notes
    with timed(place, "encode b", None, Work("encode", 40)):
        assert place.progress.notes == ["encode b: about 3 min, by earlier runs on this machine"]
    assert expected(place.cache, Work("encode", 40)) == pytest.approx(200)
    assert expected(place.cache, Work("decode", 40)) is None


def test_what_is_done_side_by_side_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, clock = Place(tmp_path), iter([0.0, 10.0, 30.0, 35.0])
    monkeypatch.setattr(throughput, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    with timed(place, "a", None, Work("sound", 10)), timed(place, "b", None, Work("pictures", 10)):
        pass  # alone for 10 s, both for 20 s, alone for 5 s
    assert expected(place.cache, Work("sound", 10)) == pytest.approx(10 + 20 / 2 + 5)
    assert expected(place.cache, Work("pictures", 10)) == pytest.approx(20 / 2)


def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with pytest.raises(ValueError), timed(place, "x", None, Work("k", 1)):  # noqa: PT011
        raise ValueError
    assert expected(place.cache, Work("k", 1)) is None


def test_only_the_last_pieces_of_work_count(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for _ in range(30):
        remember(cache, Work("k", 10), 100)
    for _ in range(16):
        remember(cache, Work("k", 10), 1)
    assert expected(cache, Work("k", 100)) == pytest.approx(10)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (42, "42 s"), (100, "1.7 min"), (600, "10 min"), (9000, "2.5 h")],
)
def test_times_in_words(seconds: float, text: str) -> None:
    assert spelled(seconds) == f"about {text}"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("throughput")
    sizes = {"short": 24, "longer": 72, "long": 240}
    for name, frames in sizes.items():
        write_bar_coded(folder / f"{name}.mp4", frames=frames, size=(160, 90))
    return {name: folder / f"{name}.mp4" for name in sizes}


@pytest.mark.parametrize(
    ("stages", "output"),
    [([sc.motion()], None), ([sc.colour(exposure=0.2)], "out.mp4")],
    ids=["analysis", "encode"],
)
def test_a_plan_says_how_long_within_a_factor_of_three(
    stages: list[sc.Stage],
    output: str | None,
    films: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of work ten times as long as the first that was measured; a busy machine has three tries."""
    ratios = []
    for attempt in range(3):
        monkeypatch.setenv("SMARTCUT_CACHE", str(tmp_path / f"cache{attempt}"))

        def pipeline(name: str) -> sc.Pipeline:
            made = sc.open(films[name])
            for stage in stages:
                made = made | stage
            return made

        where = tmp_path / output if output else None
        assert "by earlier runs" not in pipeline("short").plan(output=where).text()
        for name in ("short", "longer"):
            pipeline(name).run(output=where)
        plan = pipeline("long").plan(output=where)
        said = sum(s.expected or 0 for s in (*plan.decodes, *plan.steps))
        assert f"{spelled(said)}, by earlier runs on this machine" in plan.text()
        before = time.monotonic()
        pipeline("long").run(output=where)
        ratios.append(said / (time.monotonic() - before))
        if 1 / 3 < ratios[-1] < 3:
            return
    pytest.fail(f"expected, of what it took: {ratios}")
