"""Networks that stay loaded in a process, and are given rows of many askers in one batch."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from smartcut import errors
from smartcut.detectors._learned import LearnedShots
from smartcut.models import batching, clip_model, embedded_scorer, pool
from smartcut.models.batching import Batches
from smartcut.models.pool import Pool, held
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.spec import StageLine
from smartcut.stage import RowNetwork, Stopped, engine_of
from smartcut.stages._picture_vectors import PictureVectors
from tests.builders.marking import count, inputs
from tests.builders.means import Means, write_films
from tests.builders.toy_clip import write_toy

# --------------------------------------------------------------------- a network for these tests


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_toy(tmp_path_factory.mktemp("toy-clip"))


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_films(tmp_path_factory.mktemp("films"))


# ------------------------------------------------------------------------------------- batches


def noise(n: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (n, *shape), dtype=np.uint8)


def loaded(network: Any) -> Future[Any]:
    """The network, as one that was loaded before."""
    there: Future[Any] = Future()
    there.set_result(network)
    return there


def in_company(asked: RowNetwork, rows: np.ndarray) -> None:
    """Ask about the same rows in all kinds of batches, and compare to the last bit."""
    network = asked.load("cpu", False)

    def said(threads: int, *handfuls: np.ndarray) -> np.ndarray:
        batches = Batches(asked, loaded(network), "cpu", threads=threads)
        answers = [batches.ask(handful, str(i)) for i, handful in enumerate(handfuls)]
        return np.concatenate([answer.result() for answer in answers])

    whole = said(1, rows)
    assert len(np.unique(whole, axis=0)) == len(rows)
    np.testing.assert_array_equal(said(3, rows), whole)
    np.testing.assert_array_equal(said(2, *np.split(rows, len(rows))), whole)
    np.testing.assert_array_equal(said(2, rows[:1], rows[1:]), whole)
    np.testing.assert_array_equal(said(1, rows[::-1])[::-1], whole)
    np.testing.assert_array_equal(said(1, rows[-1:]), whole[-1:])


def test_a_pictures_vector_is_the_same_in_any_company(toy: str) -> None:
    in_company(PictureVectors("toy", "", toy), noise(7, 32, 32, 3))


@pytest.mark.weights("efficientnet-lite0")
def test_a_pictures_classes_are_the_same_in_any_company() -> None:
    in_company(PictureVectors(*embedded_scorer.identity()), noise(7, 224, 224, 3))


@pytest.mark.weights("transnetv2")
@pytest.mark.slow
def test_a_windows_chances_are_the_same_in_any_company() -> None:
    in_company(LearnedShots("transnetv2", ""), noise(2, 100, 27, 48, 3))


def test_rows_of_several_askers_fill_a_batch(tmp_path: Path) -> None:
    asked = Means(folder=tmp_path)
    batches = Batches(asked, loaded(asked.load("cpu", False)), "cpu", threads=1, wait=30)
    rows = noise(8, 5)
    answers = [batches.ask(rows[:3], "a"), batches.ask(rows[3:6], "b"), batches.ask(rows[6:], "c")]
    assert engine_of(answers) == ""
    answers[0].engine, answers[2].engine = "b", "a"
    assert engine_of(answers) == "a and b"
    found = np.concatenate([answer.result(timeout=20) for answer in answers])
    np.testing.assert_array_equal(found[:, 0], rows.mean(axis=1))
    assert batches.counts() == batching.Counts(8, {2: 2})
    assert count(tmp_path, "computed") == 2


def test_rows_that_nobody_joins_wait_a_moment_only(tmp_path: Path) -> None:
    asked = Means(folder=tmp_path)
    batches = Batches(asked, loaded(asked.load("cpu", False)), "cpu", threads=2)
    assert batches.ask(noise(1, 5), "a").result(timeout=20).shape == (1, 1)
    assert batches.counts() == batching.Counts(1, {1: 1})
    with pytest.raises(ValueError, match="no rows"):
        batches.ask(noise(0, 5), "a")


@dataclass(frozen=True)
class Slow(Means):
    """A network that is loaded when the test says so."""

    may_load: ClassVar[threading.Event]
    engine: ClassVar[str] = "an engine"

    def load(self, device: str, allow_net: bool) -> Any:
        assert self.may_load.wait(20)
        return self

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return self.answer(rows)


def test_nobody_waits_for_a_network_that_is_still_being_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slow, "may_load", threading.Event(), raising=False)
    networks, asked, other = Pool(), Slow(folder=tmp_path), Means(folder=tmp_path)
    networks.begin(asked, "cpu")
    answer = networks.ask(asked, noise(4, 5), "a", "cpu")
    assert len(networks.ask(other, noise(4, 5), "a", "cpu").result(timeout=20)) == 4
    assert not answer.done()
    Slow.may_load.set()
    np.testing.assert_array_equal(answer.result(timeout=20)[:, 0], noise(4, 5).mean(axis=1))
    assert answer.engine == "an engine"


def test_who_asks_a_network_that_cannot_be_loaded_hears_why(tmp_path: Path) -> None:
    networks, asked = Pool(), Means(folder=tmp_path, does="lacks")
    networks.begin(asked, "cpu")
    answer = networks.ask(asked, noise(6, 5), "a", "cpu")
    with pytest.raises(errors.ModelError, match="the weights of means are not here"):
        answer.result(timeout=20)


def test_who_asks_faster_than_is_answered_waits() -> None:
    may_go, under_way = threading.Event(), [0]

    def slow(rows: np.ndarray) -> np.ndarray:
        assert may_go.wait(20)
        return rows

    batches = Batches(Means(size=2), loaded(slow), "cpu", threads=1)

    def ask_often() -> None:
        for _ in range(40):
            batches.ask(noise(2, 5), "a")
            under_way[0] += 1

    asker = threading.Thread(target=ask_often)
    asker.start()
    time.sleep(0.3)
    waited_at = under_way[0]
    may_go.set()
    asker.join(20)
    assert waited_at == 5  # one computed, and four batches that wait
    assert under_way[0] == 40


def test_what_has_not_begun_when_the_run_ends_is_given_up() -> None:
    begun, may_go = threading.Event(), threading.Event()

    def slow(rows: np.ndarray) -> np.ndarray:
        begun.set()
        assert may_go.wait(20)
        return rows

    batches = Batches(Means(size=2), loaded(slow), "cpu", threads=1)
    first, second = batches.ask(noise(2, 5), "a"), batches.ask(noise(6, 5), "a")
    assert begun.wait(20)
    batches.close()
    with pytest.raises(Stopped):
        second.result(timeout=20)
    may_go.set()
    np.testing.assert_array_equal(first.result(timeout=20), noise(2, 5))


def test_an_error_reaches_those_whose_rows_were_there() -> None:
    def picky(rows: np.ndarray) -> np.ndarray:
        if rows.max() > 200:
            raise RuntimeError("CUDA out of memory.\nlong story")
        return rows[:, :1]

    batches = Batches(Means(size=2), loaded(picky), "cpu", threads=1, wait=0.5)
    bad, mixed = np.full((6, 3), 255, np.uint8), np.zeros((1, 3), np.uint8)
    first, second = batches.ask(bad, "a"), batches.ask(mixed, "b")
    with pytest.raises(errors.ModelError, match=r"means failed on the device 'cpu': CUDA out of m"):
        first.result(timeout=20)
    assert second.result(timeout=20).tolist() == [[0]]
    assert "long story" not in str(first.exception())
    assert isinstance(first.exception().__cause__, RuntimeError)  # type: ignore[union-attr]


def test_computing_alone_leaves_other_threads_as_they_were(tmp_path: Path) -> None:
    import torch

    seen: list[int] = []

    def look(rows: np.ndarray) -> np.ndarray:
        seen.append(torch.get_num_threads())
        return rows

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        Batches(Means(), loaded(look), "cpu", threads=1).ask(noise(4, 2), "a").result(timeout=20)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(torch.get_num_threads).result() == 3
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert seen == [1]


# ---------------------------------------------------------------------------- loaded once a run


def test_a_network_is_loaded_once_for_all_threads(tmp_path: Path) -> None:
    networks = Pool()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: networks.get(Means(folder=tmp_path), "cpu"), range(8)))
    assert count(tmp_path, "loaded") == 1
    assert all(one == found[0] for one in found)
    networks.get(Means(folder=tmp_path, weights="other"), "cpu")
    assert count(tmp_path, "loaded") == 2


def test_the_network_that_was_longest_not_asked_for_goes(tmp_path: Path) -> None:
    networks = Pool()
    for i in range(pool.MOST):
        networks.get(Means(folder=tmp_path, weights=str(i)), "cpu")
    networks.get(Means(folder=tmp_path, weights="0"), "cpu")
    networks.get(Means(folder=tmp_path, weights="more"), "cpu")
    assert count(tmp_path, "loaded") == pool.MOST + 1
    networks.get(Means(folder=tmp_path, weights="0"), "cpu")
    assert count(tmp_path, "loaded") == pool.MOST + 1
    networks.get(Means(folder=tmp_path, weights="1"), "cpu")
    assert count(tmp_path, "loaded") == pool.MOST + 2


def test_what_cannot_be_loaded_says_so_each_time(tmp_path: Path) -> None:
    networks = Pool()
    for _ in range(2):
        with pytest.raises(errors.ModelError, match="not here"):
            networks.get(Means(folder=tmp_path, does="lacks"), "cpu")


class Heavy:
    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return rows


@dataclass(frozen=True)
class HeavyNetwork(Means):
    def load(self, device: str, allow_net: bool) -> Heavy:
        return Heavy()


def test_networks_go_when_the_last_run_ends() -> None:
    with held() as outer:
        with held() as inner:
            assert inner is outer
            alive = weakref.ref(inner.get(HeavyNetwork(), "cpu"))
            inner.ask(HeavyNetwork(), noise(4, 2), "a", "cpu").result(timeout=20)
        gc.collect()
        assert alive() is not None
    for _ in range(500):  # its threads may be just ending
        gc.collect()
        if alive() is None:
            break
        time.sleep(0.01)
    assert alive() is None
    ours = Pool()
    with held(ours) as given:
        assert given is ours
        ours.get(HeavyNetwork(), "cpu")
        with held() as inner:
            assert inner is ours
    assert ours.counts(HeavyNetwork(), "cpu") == batching.Counts(0, {})


@pytest.mark.parametrize("jobs", [1, 2])
def test_sources_share_a_network(
    films: tuple[Path, ...], toy: str, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Any] = []
    made = clip_model.ClipModel.__init__

    def counted(self: Any, *given: Any) -> None:
        loaded.append(given)
        made(self, *given)

    monkeypatch.setattr(clip_model.ClipModel, "__init__", counted)
    text = {"prompts": "a dog", "model": toy, "rate": "2"}
    from smartcut.stages.relevance import Relevance

    steps = (StageLine(Relevance.model_validate(text)),)
    cut = local.run(steps, inputs(films), None, Options(device="cpu", jobs=jobs)).cut
    assert len(cut.annotations) == 4
    assert len(loaded) == 1


def test_renders_of_a_run_share_the_engine_that_makes_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from smartcut.render import interpolation

    loaded: list[str] = []
    real = interpolation.load

    def counted(name: Any, **given: Any) -> Any:
        loaded.append(name)
        return real(name, **given)

    monkeypatch.setattr(interpolation, "load", counted)
    flow, blend = interpolation.Making("flow"), interpolation.Making("blend")
    with held():
        engines = [interpolation.Engines("cpu", False) for _ in range(3)]
        assert len({id(one.get(flow)) for one in engines}) == 1
        assert engines[0].get(blend) is not engines[0].get(flow)
    assert loaded == ["flow", "blend"]
    interpolation.Engines("cpu", False).get(flow)
    assert loaded == ["flow", "blend", "flow"]
