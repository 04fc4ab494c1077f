"""Networks on any runner, and in actors that the workers of a cluster send their rows to.

Tests that start a Ray cluster are slow ones.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from fractions import Fraction as F
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

from smartcut import errors
from smartcut.annotation import Data, Signal
from smartcut.cut import Cut
from smartcut.interchange.json import to_plain
from smartcut.library.looking import AnalysisSet
from smartcut.models import batching, weights
from smartcut.runners import local, networks, ray_batch
from smartcut.runners import ray as on_ray
from smartcut.runners.jobs import plan_jobs, read_pipeline
from smartcut.runners.local import Options
from smartcut.runners.networks import Hosts, Node, actors_on_gpus, share
from smartcut.runners.worker import JobSetup
from smartcut.source import Source
from smartcut.spec import StageLine
from smartcut.stage import Analysis, AnalysisStage, Context, Frames
from smartcut.stages._picture_vectors import PictureFeatures
from smartcut.stages.shots import ShotsStage
from tests.builders.marking import Seen, count, inputs
from tests.builders.means import Means, write_films
from tests.builders.toy_clip import TOY, write_toy


class Meaning(Analysis):
    """Asks the network about every frame, four at a time."""

    name: ClassVar[str] = "meaning"
    version: ClassVar[int] = 1

    folder: Path
    does: str = ""
    kills: str = ""
    """The id of a source whose first worker dies in the middle."""

    def wants(self, source: Source) -> Frames:
        return Frames((16, 9), "gray", F(4))

    def asks(self, context: Context) -> Means:
        return Means(folder=self.folder, does=self.does)

    def listener(self, source: Source, context: Context) -> Meaner:
        return Meaner(self, source, context)


class Meaner:
    def __init__(self, params: Meaning, source: Source, context: Context) -> None:
        self.params, self.source, self.context = params, source, context
        self.network = params.asks(context)
        self.rows: list[np.ndarray] = []
        self.answers: list[Any] = []
        (params.folder / f"started-{source.id}-{time.monotonic_ns()}").touch()

    def feed(self, item: Any) -> None:
        self.rows.append(item.pixels.copy())
        if len(self.rows) == 4:
            self.answers.append(self.context.ask(self.network, np.stack(self.rows), self.source))
            self.rows = []
        died = self.params.folder / "died"
        if self.params.kills == self.source.id and len(self.answers) == 2 and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def finish(self) -> Data:
        values = [float(v) for answer in self.answers for v in answer.result()[:, 0]]
        return Signal(F(1), tuple(range(len(values))), ("mean",), (tuple(values),), "level")


class Meanings(AnalysisStage):
    name: ClassVar[str] = "meaning"
    gives: ClassVar[tuple[str, ...]] = ("meaning",)

    folder: Path
    does: str = ""
    kills: str = ""

    def analyses(self) -> tuple[Analysis, ...]:
        return (Meaning(folder=self.folder, does=self.does, kills=self.kills),)


def meanings(folder: Path, **given: str) -> tuple[StageLine, ...]:
    return (StageLine(Meanings(folder=folder, **given)),)


def looks(*asked: Analysis) -> tuple[StageLine, ...]:
    return (StageLine(AnalysisSet(asked=asked)),)


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_toy(tmp_path_factory.mktemp("toy-clip"))


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(params=["local", pytest.param("ray", marks=pytest.mark.slow)])
def runner(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "local":
        return local
    request.getfixturevalue("cluster")
    return on_ray


def alone(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: Any) -> Cut:
    """What the local runner makes with a cache of its own."""
    with monkeypatch.context() as patched:
        patched.setenv("SMARTCUT_CACHE", str(folder))
        return local.run(*arguments).cut


# ------------------------------------------------------------------------------ on any runner


def test_what_networks_say_is_the_same_to_the_last_bit(
    runner: ModuleType,
    films: tuple[Path, ...],
    toy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Analysis] = [PictureFeatures(scorer=toy, rate=F(5))]
    if runner is on_ray and weights.find("efficientnet-lite0") and weights.find("transnetv2"):
        asked.append(PictureFeatures(scorer="embedded", rate=F(2)))
        asked += ShotsStage(detector="transnet").analyses()
    for one in asked:
        made = runner.run(looks(one), inputs(films), None, Options(jobs=2, device="cpu")).cut
        again = alone(monkeypatch, tmp_path / "alone", looks(one), inputs(films))
        # Arrays are named by their sha256.
        assert to_plain(made) == to_plain(again)
        assert len(made.annotations) == len(films)
        assert all(found.engine for found in made.annotations)


@pytest.mark.parametrize("does", ["lacks", "fails", "errs"])
def test_an_error_in_a_network_is_the_same(
    runner: ModuleType, films: tuple[Path, ...], does: str, tmp_path: Path
) -> None:
    given = (meanings(tmp_path, does=does), inputs(films))
    with pytest.raises(Exception, match=r".") as expected:
        local.run(*given)
    with pytest.raises(type(expected.value)) as found:
        runner.run(*given, None, Options(jobs=2))
    assert str(found.value) == str(expected.value)
    if does != "errs":
        assert isinstance(found.value, errors.ModelError)


def test_damaged_weights_are_the_same_error(
    runner: ModuleType, films: tuple[Path, ...], tmp_path: Path
) -> None:
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": TOY}))
    (tmp_path / "open_clip_model.safetensors").write_bytes(b"nothing of the kind")
    asked = PictureFeatures(scorer=f"local-dir:{tmp_path}", rate=F(1))
    with pytest.raises(errors.ModelError, match="open_clip cannot load local-dir") as expected:
        local.run(looks(asked), inputs(films[:1]))
    with pytest.raises(errors.ModelError) as found:
        runner.run(looks(asked), inputs(films[:1]), None, Options(jobs=2))
    assert str(found.value) == str(expected.value)


# -------------------------------------------------------------------------------- on a cluster


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What each actor of a run was asked, once the run has ended."""
    found: list[Any] = []
    close = Hosts.close

    def look_and_close(self: Hosts) -> None:
        for asked in self._started:
            found.extend(self.counts(asked))
        close(self)

    monkeypatch.setattr(Hosts, "close", look_and_close)
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_pictures_of_two_videos_go_through_one_actor_in_one_batch(
    films: tuple[Path, ...],
    toy: str,
    tmp_path: Path,
    counted: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "WAIT", 20.0)  # a busy machine may start the second task late
    asked = PictureFeatures(scorer=toy, rate=F(6, 5), within=F(0), effort="exact")  # six each
    made = on_ray.run(looks(asked), inputs(films), None, Options(jobs=2, device="cpu")).cut
    (counts,) = counted
    assert counts.rows == 12
    assert counts.batches == {1: 2, 2: 1}
    again = alone(monkeypatch, tmp_path / "alone", looks(asked), inputs(films))
    assert to_plain(made) == to_plain(again)


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_an_actor_that_is_killed_costs_the_batches_in_work(
    films: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit, calm = tmp_path / "hit", tmp_path / "calm"
    hit.mkdir()
    calm.mkdir()

    def kill() -> None:
        until = time.monotonic() + 100
        while count(hit, "computed") < 4 and time.monotonic() < until:
            time.sleep(0.05)
        (loaded,) = hit.glob("loaded-*")
        os.kill(int(loaded.name.split("-")[1]), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    made = on_ray.run(meanings(hit, does="dawdles"), inputs(films), None, Options(jobs=2)).cut
    killer.join()
    again = alone(monkeypatch, tmp_path / "alone", meanings(calm), inputs(films))
    assert [a.data for a in made.annotations] == [a.data for a in again.annotations]
    assert count(hit, "loaded") == 2
    assert count(hit, "started") == 2  # no task was done again
    needed = count(calm, "computed")
    lost = count(hit, "computed") - needed
    # An actor has two threads here, and rows of what it had computed may not have been answered.
    assert 0 < lost <= 4, (lost, needed)


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_network_that_kills_every_actor_is_named(films: tuple[Path, ...], tmp_path: Path) -> None:
    with pytest.raises(errors.StageError, match="the network means is no longer there"):
        on_ray.run(meanings(tmp_path, does="dies"), inputs(films[:1]), None, Options(jobs=2))
    assert networks.RETRIES < count(tmp_path, "loaded") <= networks.RETRIES + 5


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_worker_that_is_killed_costs_its_task_and_no_network(
    films: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit, calm = tmp_path / "hit", tmp_path / "calm"
    hit.mkdir()
    calm.mkdir()
    given = (meanings(hit, kills="film1"), inputs(films), None, Options(jobs=2))
    made = on_ray.run(*given).cut
    again = alone(monkeypatch, tmp_path / "alone", meanings(calm), inputs(films))
    assert [a.data for a in made.annotations] == [a.data for a in again.annotations]
    assert count(hit, "loaded") == 1
    assert {i: count(hit, f"started-{i}") for i in ("film0", "film1")} == {"film0": 1, "film1": 2}


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_many_videos_share_the_actors(
    films: tuple[Path, ...], toy: str, tmp_path: Path, counted: list[Any]
) -> None:
    (tmp_path / "reel.yaml").write_text(
        f"stages: [{{relevance: {{prompts: [a dog], model: '{toy}', rate: 6/5, within: 0}}}}, "
        "{trim: {end: 1s}}, {render: {}}]"
    )
    pipeline = read_pipeline(tmp_path / "reel.yaml", {})
    jobs = plan_jobs(pipeline, list(films), tmp_path / "out" / "{stem}.mp4", each=True)
    seen = Seen()
    ray_batch.run_jobs(jobs, JobSetup(pipeline, device="cpu"), seen, workers=2)
    assert seen.errors == []
    assert seen.ends == dict.fromkeys(("film0.mp4", "film1.mp4"), ("done", 1))
    assert [counts.rows for counts in counted] == [12]


# -------------------------------------------------------------------------------------- sizing


def test_actors_take_at_most_half_of_what_there_is() -> None:
    assert [share(i) for i in range(3)] == [0.25, 0.125, 0.0625]
    assert sum(share(i) for i in range(30)) < 0.51


def test_one_actor_serves_many_cores() -> None:
    def count_of(*nodes: tuple[int, float]) -> int:
        return actors_on_gpus([Node(str(i), *cores(n)) for i, n in enumerate(nodes)])

    def cores(node: tuple[int, float]) -> tuple[int, int, float]:
        return node[0], 1 << 30, node[1]

    assert count_of((16, 1)) == 1
    assert count_of((64, 8), (64, 8)) == 8
    assert count_of((64, 0), (64, 2)) == 2
    assert count_of((4, 0.5)) == 1
