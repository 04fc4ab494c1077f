"""Runs that are killed, crowded, starved or robbed of their folders: nothing whole is lost.

What the runs do and how they are ended is in benchmarks/faults.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.faults.workplace import (
    Ended,
    Reference,
    Trial,
    Workplace,
    digests,
    points,
)

ROOT = Path(__file__).parents[2]

slowly = pytest.mark.slow
_OWN_MOUNTS, _AS_ROOT = ("unshare", "-m"), ("unshare", "-Urm")


@contextmanager
def working(wrapper: tuple[str, ...] = ()) -> Iterator[Workplace]:
    """A workplace in a new folder, which is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="smartcut-faults-"))
    try:
        workplace = Workplace(folder, wrapper=wrapper)
        workplace.make()
        with workplace:
            yield workplace
    finally:
        shutil.rmtree(folder)


def can_mount(wrapper: tuple[str, ...]) -> bool:
    if not shutil.which("unshare"):
        return False
    command = [*wrapper, "mount", "-t", "tmpfs", "none", tempfile.gettempdir()]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def place() -> Iterator[Workplace]:
    with working(_OWN_MOUNTS if can_mount(_OWN_MOUNTS) else ()) as workplace:
        yield workplace


@pytest.fixture(scope="module")
def whole(place: Workplace) -> Reference:
    return place.reference()


@pytest.fixture(autouse=True)
def _clean(place: Workplace, whole: Reference) -> None:
    place.clear()


def resumes(place: Workplace, whole: Reference) -> Ended:
    """The next run makes what the undisturbed one made, and leaves nothing beside it."""
    again = place.run()
    assert (again.code, list(place.finished(whole))) == (0, []), again.text
    return again


def told(ended: Ended, *words: str) -> None:
    """The run failed with one line that holds these words."""
    assert ended.code == 1, ended.text
    assert "Traceback" not in ended.text
    assert ended.text.count("error: ") == 1
    for word in words:
        assert word in ended.error


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# ----------------------------------------------------------------------------------------- kills


def _all_right(trials: list[Trial]) -> None:
    assert [t for t in trials if t.problems] == []
    # What was whole is not made again, but for the index of a source whose digest was not kept: it
    # is made while that is worked out. And the later the kill, the more is whole.
    assert all(t.known - t.kept <= 1 for t in trials)
    assert sum(t.known - t.kept for t in trials) <= max(1, len(trials) // 40)
    events = [t.known for t in sorted(trials, key=lambda t: t.at) if t.how == "event"]
    assert events == sorted(events)
    assert events[0] == 0
    assert events[-1] == trials[0].entries


def test_a_killed_run_is_taken_up(place: Workplace, whole: Reference) -> None:
    trials = [
        place.trial(how, at, whole, old=i % 2 == 1) for i, (how, at) in enumerate(points(whole, 6))
    ]
    _all_right(trials)
    assert len({t.phase for t in trials}) >= 3


@slowly
@pytest.mark.timeout(1800)
def test_two_hundred_kills_and_two_hundred_resumes(place: Workplace, whole: Reference) -> None:
    trials = [
        place.trial(how, at, whole, old=i % 2 == 1)
        for i, (how, at) in enumerate(points(whole, 200))
    ]
    _all_right(trials)
    phases = {t.phase for t in trials}
    assert phases >= {"starting", "looking", "encoding", "joining", "writing beside"}


@slowly
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seconds", [3.0, 4.0, 5.0])
def test_a_killed_batch_is_taken_up(place: Workplace, seconds: float) -> None:
    """Its parent alone is killed; the next run begins before its workers have noticed."""
    arguments = [*place.arguments[:-1], str(place.out / "{stem}.mp4"), "--each"]
    command = [sys.executable, "-m", "smartcut.cli", *arguments]
    environment = {**os.environ, **place.environment}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    expected, sources = digests(place.out), digests(place.sources)
    place.clear()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as first:
        with suppress(subprocess.TimeoutExpired):
            first.wait(seconds)
        first.kill()
        left = {n: d for n, d in digests(place.out).items() if not n.startswith(".")}
        assert left.items() <= expected.items()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert digests(place.out) == expected
    assert digests(place.sources) == sources


@slowly
@pytest.mark.timeout(1200)
@pytest.mark.skipif(
    find_spec("ray") is None,
    reason="Ray is not installed: pip install 'smartcut-pipelines[ray]'",
)
def test_a_cluster_that_loses_its_driver_a_worker_or_its_raylet(tmp_path: Path) -> None:
    from benchmarks.faults.on_ray import tried

    trials, _ = tried(tmp_path, 20, 0)
    assert [t for t in trials if t.problems] == []
    assert [t for t in trials if t.kept < t.known] == []
    assert {"driver", "worker", "raylet"} <= {t.phase for t in trials}


# ----------------------------------------------------------------------------------- two at once


def _to(place: Workplace, output: str) -> list[str]:
    return [*place.arguments[:-1], str(place.out / output)]


def test_of_two_runs_to_one_output_the_second_is_refused(
    place: Workplace, whole: Reference
) -> None:
    ended = place.runs({}, {}, {"arguments": _to(place, "reel.mov")})
    (first,) = [e for e in ended if e.code == 0]
    for other in ended:
        if other is not first:
            told(other, "is being written already (process ", "choose another output")
            assert other.events < first.events / 4  # at once
    (name,) = {n for n in names(place.out) if n in ("reel.mp4", "reel.mov")}
    assert len(names(place.out)) == len(whole.outputs)
    if name == "reel.mp4":
        assert digests(place.out) == whole.outputs


def test_two_runs_may_share_the_cache(place: Workplace, whole: Reference) -> None:
    ended = place.runs({}, {"arguments": _to(place, "other.mp4")})
    assert [e.code for e in ended] == [0, 0], ended
    found = digests(place.out)
    for name, expected in whole.outputs.items():
        assert found[name] == expected
        if "manifest" not in name:  # which says its own name
            assert found[name.replace("reel", "other")] == expected
    assert len(found) == 2 * len(whole.outputs)
    kept = place.entries().keys()
    assert kept >= whole.entries.keys()
    # A run that finds some of what one decode would have given keeps how long the rest took.
    for name in kept - whole.entries.keys():
        measured = json.loads((place.seen(place.cache) / name).read_text())
        assert all(amount > 0 and seconds > 0 for amount, seconds in measured)


# ------------------------------------------------------------------------------------- full disks


@pytest.fixture(scope="module")
def small(place: Workplace) -> Iterator[Workplace]:
    """Where file systems of any size can be mounted."""
    if can_mount(_OWN_MOUNTS):
        yield place
    elif can_mount(_AS_ROOT):
        with working(_AS_ROOT) as workplace:
            yield workplace
    else:
        pytest.skip("no file system can be mounted here, not even in a namespace")


@contextmanager
def disk(place: Workplace, folder: Path, size: int) -> Iterator[None]:
    """A disk of that many bytes, in place of a folder."""
    assert place.order(mount={"place": str(folder), "size": size})["mounted"]
    try:
        yield
    finally:
        place.order(mount={"place": str(folder), "size": 0})


def grow(place: Workplace, folder: Path) -> None:
    assert place.order(mount={"place": str(folder), "size": 1 << 24})["mounted"]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(4096, marks=slowly),
        pytest.param(100_000, marks=slowly),
        200_000,
        pytest.param(320_000, marks=slowly),
    ],
)
def test_a_full_disk_under_the_cache(small: Workplace, whole: Reference, size: int) -> None:
    whole = small.reference() if whole.folder != small.folder else whole
    small.clear()
    with disk(small, small.cache, size):
        told(small.run(), "the disk is full", f"left at {small.cache}", "make room")
        assert list(small.left(whole, {})) == []
        known = small.inodes(small.entries())
        grow(small, small.cache)
        resumes(small, whole)
        now = small.inodes(whole.entries)
        assert {n: now[n] for n in known} == known  # what was there is not made again


@pytest.mark.parametrize(
    "size", [pytest.param(8192, marks=slowly), 60_000, pytest.param(200_000, marks=slowly)]
)
def test_a_full_disk_under_the_output(small: Workplace, whole: Reference, size: int) -> None:
    whole = small.reference() if whole.folder != small.folder else whole
    small.clear()
    with disk(small, small.out, size):
        older = small.seen(small.out) / "reel.mp4"
        older.write_text("older")
        before = digests(older.parent)
        told(small.run(), "the disk is full", f"left at {small.out}", "make room")
        assert list(small.left(whole, before)) == []
        assert not [n for n in names(older.parent) if n.startswith(".")]
        known = small.inodes(whole.entries)
        grow(small, small.out)
        resumes(small, whole)
        now = small.inodes(whole.entries)
        assert {n: now[n] for n in known} == known


@pytest.mark.parametrize(
    "limit", [1000, pytest.param(20_000, marks=slowly), pytest.param(120_000, marks=slowly)]
)
def test_files_that_may_not_be_so_large(place: Workplace, whole: Reference, limit: int) -> None:
    ended = place.run(limits={"FSIZE": limit})
    assert "larger than may be written" in ended.error or "files are limited" in ended.error
    told(ended)
    assert list(place.left(whole, {})) == []
    resumes(place, whole)


# ------------------------------------------------------------------- permissions, vanished folders


@pytest.fixture
def modes(place: Workplace) -> Iterator[None]:
    """What a test forbids is allowed again after it."""
    yield
    for folder in (place.out, place.cache):
        folder.chmod(0o755)


def test_an_output_folder_that_may_not_be_written(
    place: Workplace, whole: Reference, modes: None
) -> None:
    place.out.chmod(0o555)
    ended = place.run(obeys_modes=True)
    told(ended, f"{place.out / 'reel.mp4'} cannot be written: Permission denied")
    assert ended.events < whole.events / 4  # before anything was worked out
    place.out.chmod(0o755)
    assert place.run(obeys_modes=True).code == 0
    assert digests(place.out) == whole.outputs


def test_a_cache_that_may_not_be_written(place: Workplace, modes: None) -> None:
    place.cache.chmod(0o555)
    told(place.run(obeys_modes=True), f"the cache folder {place.cache}", "Permission denied")
    assert names(place.out) == set()


def test_a_cache_that_may_be_read_alone(place: Workplace, whole: Reference) -> None:
    assert place.run().code == 0
    for name in whole.outputs:
        (place.out / name).unlink()
    folders = [place.cache, *(p for p in place.cache.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert place.run(obeys_modes=True).code == 0  # all is there
        assert digests(place.out) == whole.outputs
        piece = next(place.cache.rglob("*.nut"))
        piece.parent.chmod(0o755)
        piece.unlink()
        piece.parent.chmod(0o555)
        told(place.run(obeys_modes=True), f"cannot write to the cache at {piece.parent}")
        assert digests(place.out) == whole.outputs
    finally:
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.parametrize("moment", ["os.rename", pytest.param(".nut", marks=slowly)])
def test_sources_whose_share_is_gone(place: Workplace, whole: Reference, moment: str) -> None:
    away = place.folder / "away"
    ended = place.run(rename_at=[moment, str(place.sources), str(away)])
    away.rename(place.sources)
    told(ended, f"there is no file {place.sources}")
    assert list(place.left(whole, {})) == []
    resumes(place, whole)


@pytest.mark.parametrize("moment", [".part.mp4", pytest.param(".part.srt", marks=slowly)])
def test_an_output_folder_that_is_gone(place: Workplace, whole: Reference, moment: str) -> None:
    away = place.folder / "away"
    ended = place.run(rename_at=[moment, str(place.out), str(away)])
    told(ended, str(place.out / "reel."), "a folder is gone")
    shutil.rmtree(away)
    resumes(place, whole)


@slowly
def test_a_cache_that_is_gone(place: Workplace, whole: Reference) -> None:
    away = place.folder / "away"
    told(place.run(rename_at=[".nut", str(place.cache), str(away)]), str(place.cache))
    assert list(place.left(whole, {})) == []
    shutil.rmtree(place.cache, ignore_errors=True)
    away.rename(place.cache)
    resumes(place, whole)


# ---------------------------------------------------------------------------------------- memory


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("AS", 200),
        *(pytest.param("AS", more, marks=slowly) for more in (20, 60, 100, 300, 400)),
        *(pytest.param("DATA", more, marks=slowly) for more in (5, 20, 40, 60, 80, 100)),
    ],
)
def test_too_little_memory(place: Workplace, whole: Reference, kind: str, more: int) -> None:
    """With so many MiB more than it has when it starts."""
    ended = place.run(limits={kind: more << 20})
    if ended.code == 1:
        told(ended, "there is not enough memory")
    elif ended.code == 127:  # glibc itself ends a process that has no memory for a thread's data
        assert ended.text.splitlines()[-1].endswith("ABORT")
    else:  # so does native code that does not look whether it was given any
        assert ended.code == -signal.SIGSEGV
    assert list(place.left(whole, {})) == []
    resumes(place, whole)
