"""One contract for every runner: the same cuts, files, errors and notes, wherever the work is done.

Those that start a Ray cluster are slow ones.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction as F
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from smartcut import errors
from smartcut.annotation import Data, Transcript
from smartcut.cache import Cache, file_sha256
from smartcut.context import Due, LocalContext, Quiet, Stored
from smartcut.interchange.json import to_plain
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.plan import due_work
from smartcut.runners import batch, local, parts, ray_batch
from smartcut.runners import ray as on_ray
from smartcut.runners.choice import chosen
from smartcut.runners.cluster import Cluster, start
from smartcut.runners.cores import lent_cores
from smartcut.runners.jobs import plan_jobs, read_pipeline
from smartcut.runners.local import Options
from smartcut.runners.tasks import Failure
from smartcut.runners.worker import JobSetup
from smartcut.spec import StageLine
from smartcut.spec_reading import parse_spec
from smartcut.testing import write_bar_coded
from tests.builders.marking import Seen, count, frames_counted, inputs, marking
from tests.conftest import SAMPLES

SPEECH = [SAMPLES / name for name in ("harbour.mp4", "match.mp4")]
ANALYSES = """
stages:
  - shots: {detector: adaptive}
  - motion
  - sharpness
  - loudness
"""
REEL = """
stages:
  - trim: {start: 0.5s, end: 9s}
  - effects: {use: moviepy.MirrorX}
  - render: {mode: encode}
"""


@pytest.fixture(params=["local", pytest.param("ray", marks=pytest.mark.slow)])
def runner(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "local":
        return local
    request.getfixturevalue("cluster")
    return on_ray


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("films")
    for i, frames in enumerate((300, 90, 90)):
        write_bar_coded(folder / f"film{i}.mp4", frames=frames, gop=30 + i, size=(160, 90))
    return tuple(sorted(folder.iterdir()))


def steps(text: str) -> tuple[StageLine, ...]:
    return parse_spec(text).steps


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., local.Result]:
    """What the local runner makes with a cache of its own: what any runner has to make."""

    def run(*arguments: Any) -> local.Result:
        with monkeypatch.context() as patched:
            patched.setenv("SMARTCUT_CACHE", str(tmp_path / "alone"))
            return local.run(*arguments)

    return run


# ------------------------------------------------------------------------ stages for these tests


@dataclass
class Heard(Quiet):
    """Keeps the notes."""

    notes: list[str] = field(default_factory=list)

    def note(self, message: str) -> None:
        self.notes.append(message)


# ------------------------------------------------------------------------------- the contract


def test_annotations_are_the_same_to_the_last_bit(
    runner: ModuleType, films: tuple[Path, ...], alone: Callable[..., local.Result]
) -> None:
    made = runner.run(steps(ANALYSES), inputs(films), None, Options(jobs=2))
    assert len(made.cut.annotations) == 4 * len(films)
    assert to_plain(made.cut) == to_plain(alone(steps(ANALYSES), inputs(films)).cut)


def test_files_are_the_same_to_the_last_byte(
    runner: ModuleType, films: tuple[Path, ...], alone: Callable[..., local.Result], tmp_path: Path
) -> None:
    made = runner.run(steps(REEL), inputs(films[:1]), tmp_path / "a.mp4", Options(jobs=2))
    expected = alone(steps(REEL), inputs(films[:1]), tmp_path / "b.mp4")
    assert made.outputs[0] == tmp_path / "a.mp4"
    assert len(made.outputs) == len(expected.outputs)
    assert file_sha256(tmp_path / "a.mp4") == file_sha256(tmp_path / "b.mp4")


@pytest.mark.weights("whisper-tiny.en")
def test_what_is_said_is_written_down_alike(
    runner: ModuleType, tmp_path: Path, alone: Callable[..., local.Result]
) -> None:
    """Speech, where a last bit decides between two words: with a core and two jobs as with all."""
    given = steps("stages: [transcribe]"), inputs(SPEECH)
    expected = alone(*given, None, Options(jobs=1)).cut.annotations
    made = runner.run(*given, None, Options(jobs=2)).cut.annotations
    assert [to_plain(a) for a in made] == [to_plain(a) for a in expected]
    for annotation in made:
        assert isinstance(annotation.data, Transcript)
        assert annotation.data.sentences


def test_a_plan_is_the_same_before_and_after(
    runner: ModuleType, films: tuple[Path, ...], tmp_path: Path
) -> None:
    given = (
        steps(ANALYSES + REEL.partition("stages:\n")[2].replace("9s", "2s")),
        inputs(films[1:2]),
        tmp_path / "out.mp4",
    )
    before = runner.plan(*given)
    assert before.to_plain() == local.plan(*given).to_plain()
    assert not before.is_idle
    runner.run(*given, Options(jobs=2))
    after = runner.plan(*given)
    assert after.to_plain() == local.plan(*given).to_plain()
    assert after.is_idle


def test_what_is_done_is_not_done_again(
    runner: ModuleType, films: tuple[Path, ...], tmp_path: Path
) -> None:
    for _ in range(2):
        made = runner.run(marking(tmp_path), inputs(films), None, Options(jobs=2))
        assert frames_counted(made.cut) == {"film0": 300, "film1": 90, "film2": 90}
        assert count(tmp_path, "started") == len(films)


@pytest.mark.parametrize("does", ["refuses", "lacks", "errs", "crashes"])
def test_an_error_comes_through_as_it_was_raised(
    runner: ModuleType, films: tuple[Path, ...], does: str, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match=r".") as expected:
        local.run(marking(tmp_path, does, "film1"), inputs(films[:1] + films[1:2]))
    with pytest.raises(type(expected.value)) as found:
        runner.run(marking(tmp_path, does, "film1"), inputs(films[:2]), None, Options(jobs=2))
    assert str(found.value) == str(expected.value)
    assert getattr(found.value, "line", None) == getattr(expected.value, "line", None)


def test_a_file_that_is_no_media_is_named(runner: ModuleType, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no media at all")
    with pytest.raises(errors.SourceError) as expected:
        local.run(steps(ANALYSES), inputs([bad]))
    with pytest.raises(errors.SourceError) as found:
        runner.run(steps(ANALYSES), inputs([bad]))
    assert str(found.value) == str(expected.value)
    assert "bad.mp4" in str(found.value)


def test_notes_of_an_analysis_are_told(
    runner: ModuleType, films: tuple[Path, ...], tmp_path: Path
) -> None:
    heard = Heard()
    runner.run(marking(tmp_path, "notes"), inputs(films), None, Options(jobs=2, progress=heard))
    assert sorted(heard.notes) == [f"film{i} is worth a note" for i in range(3)]


def test_an_interruption_ends_all_work_and_leaves_nothing_half_written(
    runner: ModuleType,
    films: tuple[Path, ...],
    tmp_path: Path,
    own_cache: Path,
    request: pytest.FixtureRequest,
) -> None:
    def interrupt() -> None:
        until = time.monotonic() + 60
        while count(tmp_path, "fed") < 3 and time.monotonic() < until:
            time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    main = threading.main_thread().ident
    assert main is not None
    # shells start background jobs deaf to Ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        runner.run(marking(tmp_path, "dawdle"), inputs(films[:1]), None, Options(jobs=2))
    fed = count(tmp_path, "fed")
    assert fed < 300
    time.sleep(0.5)
    assert count(tmp_path, "fed") == fed
    assert not list(own_cache.rglob(".tmp-*"))
    assert not list(own_cache.glob(".shared-*"))
    assert frames_counted(runner.run(marking(tmp_path), inputs(films[:1])).cut) == {"film0": 300}


def test_without_a_cache_nothing_stays(
    runner: ModuleType, films: tuple[Path, ...], tmp_path: Path, own_cache: Path
) -> None:
    made = runner.run(marking(tmp_path), inputs(films[1:]), None, Options(jobs=2, cache=False))
    assert frames_counted(made.cut) == {"film1": 90, "film2": 90}
    assert not [path for path in own_cache.rglob("*") if path.is_file()]


def test_a_cache_at_a_url_serves_machines_that_have_no_copy(
    runner: ModuleType, films: tuple[Path, ...], tmp_path: Path, own_cache: Path
) -> None:
    pytest.importorskip(
        "fsspec", reason="fsspec is not installed: pip install 'smartcut-pipelines[s3]'"
    )
    options = Options(jobs=2, cache=f"file://{tmp_path}/store")
    for _ in range(2):
        made = runner.run(marking(tmp_path), inputs(films[1:]), None, options)
        assert frames_counted(made.cut) == {"film1": 90, "film2": 90}
        assert count(tmp_path, "started") == 2
        shutil.rmtree(own_cache)
    assert not list((tmp_path / "store").glob(".shared-*"))


def test_paths_may_be_relative(
    runner: ModuleType,
    films: tuple[Path, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(films[0].parent)
    made = runner.run(marking(tmp_path), inputs([Path("film1.mp4")]), None, Options(jobs=2))
    assert frames_counted(made.cut) == {"film1": 90}
    assert made.cut.sources[0].path == Path("film1.mp4")


# --------------------------------------------------------------------------------------- parts


DIVISIBLE = """
stages:
  - motion: {method: METHOD, rate: RATE}
  - sharpness
"""


def in_parts(due: Sequence[Due], length: F, context: Stored) -> tuple[list[Data | None], int]:
    """What all parts of a source, looked at from the last to the first, say together."""
    source = due[0].source
    cuts = parts.stretches(video_index(source, context.cache), length)
    for cut in reversed(cuts):
        parts.analyse_part(source, due, *cut, context)
    among = parts.all_wishes(due)
    return [parts.joined(item, among, cuts, context) for item in due], len(cuts)


@pytest.mark.parametrize(
    ("method", "rate", "b_frames"),
    [
        ("difference", "", 2),
        ("flow", "3", 0),
        pytest.param("difference", "1/3", 2, marks=pytest.mark.slow),
        pytest.param("difference", "90", 2, marks=pytest.mark.slow),
    ],
)
def test_parts_join_to_the_whole_to_the_last_bit(
    method: str, rate: str, b_frames: int, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    write_bar_coded(film, frames=220, gop=20, b_frames=b_frames, size=(160, 90), audio=None)
    text = DIVISIBLE.replace("METHOD", method).replace("RATE", rate or "null")
    context = LocalContext(Cache(tmp_path / "cache"), device="cpu")
    sources = context.open(inputs([film]), steps(text))
    due, _ = due_work(steps(text), sources, context.known())
    found, count = in_parts(due, F(1), context)
    assert count > 5
    assert found == [annotation.data for annotation in context.analyse(sources[0], due)]


def test_parts_begin_at_key_frames_and_leave_nothing_out(films: tuple[Path, ...]) -> None:
    index = video_index(probe(films[0]))
    cuts = parts.stretches(index, F(2))
    assert cuts == [(0, 60), (60, 120), (120, 180), (180, 240), (240, 300)]
    assert parts.stretches(index, F(9)) == [(0, 300)]
    assert all(index.is_start[first] for first, _ in cuts)
    assert parts.stretches(replace(index, is_counted=True), F(2)) == [(0, 300)]


def test_only_what_can_be_is_divided(films: tuple[Path, ...], tmp_path: Path) -> None:
    context = LocalContext(Cache(tmp_path / "cache"), device="cpu")

    def names(text: str) -> list[list[str]]:
        sources = context.open(inputs(films[:1]), steps(text))
        due, _ = due_work(steps(text), sources, context.known())
        return [[item.analysis.name for item in items] for items in parts.divides(due)]

    assert names("stages: [motion, sharpness, loudness]") == [["motion", "sharpness"], ["loudness"]]
    shots = "stages: [motion, {shots: {detector: adaptive}}, loudness]"
    assert names(shots) == [[], ["motion", "shots", "loudness"]]
    assert names("stages: [loudness]") == [[], ["loudness"]]


# ------------------------------------------------------------------------------- on a cluster


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_long_source_is_looked_at_by_several_workers(
    films: tuple[Path, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    alone: Callable[..., local.Result],
) -> None:
    text = steps("stages: [motion, sharpness, loudness]")
    expected = alone(text, inputs(films))
    asked: list[str] = []

    def noted(self: Cluster, task: Any, *rest: Any, **named: Any) -> Any:
        asked.append(task.__name__)
        return whole(self, task, *rest, **named)

    whole = Cluster.do
    monkeypatch.setattr(Cluster, "do", noted)
    monkeypatch.setattr(parts.stretches, "__defaults__", (F(2),))
    made = on_ray.run(text, inputs(films), None, Options(jobs=2))
    assert to_plain(made.cut) == to_plain(expected.cut)
    # Of ten seconds five parts and the sound; the other two are too short to be divided.
    assert Counter(asked) == {"look_at": 3, "analyse_part": 5, "analyse_source": 3}


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_killed_worker_costs_its_task_alone(
    films: tuple[Path, ...], tmp_path: Path, alone: Callable[..., local.Result]
) -> None:
    calm, hit = tmp_path / "calm", tmp_path / "hit"
    calm.mkdir()
    hit.mkdir()
    made = on_ray.run(marking(hit, "dies_once", "film1"), inputs(films), None, Options(jobs=2))
    expected = alone(marking(calm), inputs(films))
    assert [a.data for a in made.cut.annotations] == [a.data for a in expected.cut.annotations]
    assert count(hit, "died") == 1
    starts = {id: count(hit, f"started-{id}") for id in ("film0", "film1", "film2")}
    assert starts == {"film0": 1, "film1": 2, "film2": 1}


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_file_that_kills_every_worker_is_named(films: tuple[Path, ...], tmp_path: Path) -> None:
    with pytest.raises(errors.StageError, match=r"film1\.mp4: the worker died 4 times"):
        on_ray.run(marking(tmp_path, "dies"), inputs(films[1:2]), None, Options(jobs=2))
    assert count(tmp_path, "started") == 4


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_no_more_is_given_out_than_there_is_room_for(
    films: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, now, most = threading.Lock(), [0], [0]
    whole = Cluster.do

    def counted(self: Cluster, *arguments: Any, **named: Any) -> Any:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return whole(self, *arguments, **named)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(Cluster, "do", counted)
    on_ray.run(marking(tmp_path), inputs(films[1:2] * 12), None, Options(jobs=2))
    assert 2 <= most[0] <= 4


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_node_that_does_not_share_the_cache_is_named(
    films: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(self: Cluster, task: Any, *rest: Any, **named: Any) -> Any:
        return whole(replace(self, setup=replace(self.setup, token="gone")), task, *rest, **named)

    whole = Cluster.do
    monkeypatch.setattr(Cluster, "do", elsewhere)
    with pytest.raises(errors.CacheError, match="does not share the cache folder"):
        on_ray.run(marking(tmp_path), inputs(films[1:2]))


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_spans_are_encoded_by_workers_alone(
    films: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any) -> None:
        raise AssertionError("a span was encoded here")

    monkeypatch.setattr("smartcut.render.pieces.encode_span", never)
    given = (steps(REEL), inputs(films[:1]), tmp_path / "out.mp4")
    assert on_ray.run(*given, Options(jobs=2)).outputs[0].is_file()
    with pytest.raises(AssertionError, match="encoded here"):
        local.run(*given[:2], tmp_path / "b.mp4", Options(cache=False))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere"])
def test_an_address_without_a_cluster_is_refused(address: str) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'smartcut-pipelines[ray]'")
    with pytest.raises(errors.PipelineError, match=f"the Ray cluster at '{address}' cannot be use"):
        start(address, 1)


def test_what_no_runner_can_do_is_refused() -> None:
    assert chosen(Options()) is local
    assert chosen(Options(runner="ray", address="auto")) is on_ray
    with pytest.raises(errors.PipelineError, match="unknown runner 'slurm'; accepted: local, ray"):
        chosen(Options(runner="slurm"))  # type: ignore[arg-type]
    with pytest.raises(errors.PipelineError, match="add --runner ray"):
        chosen(Options(address="auto"))


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_many_videos_on_a_cluster_are_those_of_one_machine(
    films: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reel.yaml").write_text("stages: [motion, {trim: {end: 1s}}, {render: {}}]")
    (tmp_path / "bad.mp4").write_bytes(b"no media")
    pipeline = read_pipeline(tmp_path / "reel.yaml", {})

    def run(folder: str, run_jobs: Any) -> Seen:
        given = [*films, tmp_path / "bad.mp4"]
        jobs = plan_jobs(pipeline, given, tmp_path / folder / "{stem}.mp4", each=True)
        seen = Seen()
        run_jobs(jobs, JobSetup(pipeline), seen, workers=2, results=tmp_path / f"{folder}.jsonl")
        return seen

    first = run("ray", ray_batch.run_jobs)
    names = [film.name for film in films]
    assert first.ends == dict.fromkeys(names, ("done", 1)) | {"bad.mp4": ("failed", 2)}
    assert "bad.mp4" in first.errors[0]
    assert len((tmp_path / "ray.jsonl").read_text().splitlines()) == 4
    again = run("ray", ray_batch.run_jobs)
    assert again.ends == dict.fromkeys(names, ("skipped", 1)) | {"bad.mp4": ("failed", 2)}
    with monkeypatch.context() as patched:
        patched.setenv("SMARTCUT_CACHE", str(tmp_path / "alone"))
        assert run("here", batch.run_jobs).ends == first.ends
    for name in names:
        assert file_sha256(tmp_path / "ray" / name) == file_sha256(tmp_path / "here" / name)


# ------------------------------------------------------------------------------------- pieces


@pytest.mark.parametrize(
    "error",
    [
        errors.SmartcutError("plain"),
        errors.SourceError("a.mp4: broken"),
        errors.PipelineError("unknown stage", path="reel.yaml", line=3),
        errors.MissingExtra("ray", "ray", "--runner ray"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_travels_with_its_type_and_all_it_says(error: errors.SmartcutError) -> None:
    arrived = pickle.loads(pickle.dumps(Failure.of(error))).error()
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


def test_cores_are_lent_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    all_cores = os.sched_getaffinity(0)
    with lent_cores(1) as mine:
        assert os.sched_getaffinity(0) == set(mine)
        assert len(mine) == 1
        os.sched_setaffinity(0, all_cores)
        with lent_cores(len(all_cores)) as theirs:
            assert theirs == ()
            assert os.sched_getaffinity(0) == all_cores
        with lent_cores(len(all_cores) - 1) as rest:
            assert set(rest) == all_cores - set(mine)
    assert os.sched_getaffinity(0) == all_cores
    with lent_cores(len(all_cores)) as cores:
        assert set(cores) == all_cores
