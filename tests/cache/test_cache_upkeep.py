"""A cache that others use: its limit, what runs have in use, verifying, and many at once."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from smartcut.cache import Cache, key_of, parse_size
from smartcut.cache.shelf import Listing, Shelf
from smartcut.cache.upkeep import VARIABLE, limit_of
from smartcut.cli import app
from smartcut.errors import CacheError


def key(number: int) -> str:
    return key_of("test", 1, {"number": number})


def put(cache: Cache, number: int, size: int = 100_000) -> None:
    with cache.create(key(number), ".nut") as path:
        path.write_bytes(bytes([number % 256]) * size)


def there(root: Path) -> set[int]:
    """The numbers of the entries that are there, without use of them."""
    names = {path.stem for path in (root / "artifacts").rglob("*.nut")}
    return {number for number in range(100) if key(number) in names}


@pytest.fixture
def small(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that may hold a megabyte."""
    monkeypatch.setenv(VARIABLE, "1M")
    return own_cache


# -------------------------------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("text", "size"),
    [("20G", 20 * 10**9), ("2", 2 * 10**9), ("0.5", 5 * 10**8), ("1.5 TB", 15 * 10**11),
     ("500m", 5 * 10**8), ("500MiB", 500 << 20), ("64KiB", 64 << 10), ("0", 0)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "-1", "1e9", "10 apples", "10B", "nan", "1GG", "1,5G"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(CacheError, match="is no size; accepted"):
        parse_size(text)


def test_the_limit_is_the_users_or_a_part_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    default = limit_of(tmp_path)
    assert default is not None
    assert 0 < default <= 20 * 10**9
    for text, limit in (("3G", 3 * 10**9), ("none", None), ("0", None), ("None", None)):
        monkeypatch.setenv(VARIABLE, text)
        assert Cache(tmp_path).limit == limit
    monkeypatch.setenv(VARIABLE, "lots")
    with pytest.raises(CacheError, match=f"{VARIABLE}: 'lots' is no size.*or `none`"):
        Cache(tmp_path)


# -------------------------------------------------------------------------------- by itself


def test_a_cache_keeps_to_its_limit_by_itself(small: Path) -> None:
    for number in range(30):
        run = Cache()
        put(run, number)
        if number >= 5:
            assert run.find(key(5), ".nut")  # used again and again
        assert run.tidy() is None
        run.close()
        assert Cache().usage().size <= 1_000_000
    assert 5 in there(small)
    assert 29 in there(small)
    assert there(small) - {5} == set(range(31 - len(there(small)), 30))  # the others: the latest


def test_a_long_run_is_not_waited_for(small: Path) -> None:
    old = Cache()
    for number in range(9):
        put(old, number)
    old.close()
    busy = Cache()
    for number in range(10, 15):
        put(busy, number)
    until = time.monotonic() + 10
    while Cache().usage().size > 1_000_000 and time.monotonic() < until:
        put(busy, 14)  # it goes on: what a look came too early for, the next one sees
        time.sleep(0.02)
    assert Cache().usage().size <= 1_000_000
    assert there(small) >= set(range(10, 15))


def test_nobody_walks_through_the_cache_at_each_store(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = []
    listed = Shelf.listed

    def counted(shelf: Shelf) -> Listing:
        walks.append(1)
        return listed(shelf)

    monkeypatch.setattr(Shelf, "listed", counted)
    for number in range(40):
        run = Cache()
        put(run, number, size=10_000)
        run.store(key(number), {"x": 1})
        run.load(key(number))
        run.tidy()
        run.close()
    assert len(walks) == 1  # the first: nobody knew how much there was


def test_a_run_that_needs_more_than_the_limit_has_it_and_says_so(small: Path) -> None:
    run = Cache()
    for number in range(15):
        put(run, number)
    said = run.tidy()
    assert said is not None
    assert "more than its limit of 1.0 MB: this run" in said
    assert VARIABLE in said
    assert there(small) == set(range(15))
    run.close()
    after = Cache()
    (small / "upkeep" / "size").unlink()
    put(after, 20)
    assert after.tidy() is None
    assert Cache().usage().size <= 900_000


def test_a_run_of_no_limit_keeps_all(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "none")
    run = Cache()
    for number in range(15):
        put(run, number)
    assert run.tidy() is None
    assert there(own_cache) == set(range(15))


# ------------------------------------------------------------------------------------- in use


def test_what_a_run_has_found_stays_until_it_ends(own_cache: Path) -> None:
    maker = Cache()
    for number in range(3):
        put(maker, number)
    maker.close()
    time.sleep(0.01)
    run = Cache()
    found = run.find(key(1), ".nut")
    pruned = Cache().prune(0)
    assert there(own_cache) == {1}
    assert found is not None
    assert found.read_bytes() == b"\1" * 100_000
    assert (pruned.freed, pruned.left, pruned.in_use) == (200_000, 100_000, 100_000)
    del run  # a run that is let go is at its end, too
    assert Cache().clear().left == 0
    assert there(own_cache) == set()
    assert not list((own_cache / "upkeep" / "runs").iterdir())


def test_what_is_used_while_the_cache_is_pruned_stays(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Cache()
    for number in range(3):
        put(maker, number)
    maker.close()
    time.sleep(0.01)
    run, listed = Cache(), Shelf.listed

    def late(shelf: Shelf) -> Listing:
        listing = listed(shelf)
        assert run.find(key(2), ".nut")
        return listing

    monkeypatch.setattr(Shelf, "listed", late)
    Cache().prune(0)
    assert there(own_cache) == {2}
    assert run.find(key(2), ".nut")


def test_what_is_half_taken_is_a_miss_and_is_swept_up(own_cache: Path) -> None:
    """A process that prunes was killed between the sum and the file."""
    cache = Cache()
    put(cache, 1)
    place = cache.place(key(1), ".nut")
    place.with_name(place.name + ".sum").unlink()
    assert cache.find(key(1), ".nut") is None
    assert cache.verify().without_sum == [place]
    cache.close()
    Cache().prune(10**9)
    assert there(own_cache) == set()


_RUN = """
import sys, time
from smartcut.cache import Cache
cache = Cache()
assert cache.find(sys.argv[1], ".nut")
with cache.create("ef" * 32, ".bin") as path:
    path.write_bytes(b"half")
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_run(number: int) -> Iterator[subprocess.Popen[str]]:
    """A process that has found an entry, and is about to make another."""
    command = [sys.executable, "-c", _RUN, key(number)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_has_nothing_in_use(own_cache: Path) -> None:
    maker = Cache()
    put(maker, 1)
    put(maker, 2)
    maker.close()
    time.sleep(0.01)
    with another_run(1) as process:
        Cache().prune(0)
        assert there(own_cache) == {1}
        assert Cache().verify(delete=True).left_over == []
        (half,) = (own_cache / "artifacts").rglob(".tmp-*")
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = Cache().verify()
    assert found.left_over == [half]
    assert half.exists()
    Cache().tidy()  # the end of the next run, whatever it did
    assert not half.exists()
    assert not list((own_cache / "upkeep" / "runs").iterdir())
    assert there(own_cache) == {1}
    Cache().prune(0)
    assert there(own_cache) == set()
    assert not list((own_cache / "upkeep" / "runs").iterdir())


def test_runs_of_other_machines_count_for_a_day(own_cache: Path) -> None:
    maker = Cache()
    put(maker, 1)
    maker.close()
    began = Cache().place(key(1), ".nut").stat().st_mtime_ns
    note = own_cache / "upkeep" / "runs" / "0badcafe_0123456789abcdef"
    half = own_cache / "artifacts" / key(1)[:2] / f".tmp-{note.name}-abc.nut"
    note.touch()
    half.write_bytes(b"half")
    for hours, stays in ((23, True), (25, False)):
        os.utime(note, ns=(time.time_ns() - hours * 3600 * 10**9, began))
        Cache().prune(0)
        assert (there(own_cache) == {1}) is stays
        assert note.exists() is stays
    assert half.exists()  # nothing is known of who writes it, but that it did so just now
    os.utime(half, (0, 0))
    Cache().prune(0)
    assert not half.exists()


# ----------------------------------------------------------------------------------- verifying


def test_verify_tells_what_is_damaged_and_deletes_it_when_told(own_cache: Path) -> None:
    cache = Cache()
    for number in range(4):
        put(cache, number, size=1000)
    cache.store(key(1), {"x": 1})
    damaged, unsummed = (cache.place(key(n), ".nut") for n in (2, 3))
    damaged.write_bytes(b"\2" * 999 + b"\3")
    unsummed.with_name(unsummed.name + ".sum").unlink()
    old = damaged.with_name(".tmp-abcdefgh.nut")
    old.write_bytes(b"half")
    os.utime(old, (0, 0))
    used = {path: path.stat().st_mtime_ns for path in (own_cache / "artifacts").rglob("*.nut")}
    run = CliRunner().invoke(app, ["cache", "verify"])
    assert run.exit_code == 1
    assert f"damaged: 1\n  {damaged}\n" in run.stdout
    assert "--delete" in run.stdout
    assert used == {path: path.stat().st_mtime_ns for path in used}
    run = CliRunner().invoke(app, ["cache", "verify", "--delete", "--json"])
    assert run.exit_code == 1
    assert json.loads(run.stdout) == {
        "whole": 3,
        "bytes": 2007,
        "damaged": [str(damaged)],
        "without_sum": [str(unsummed)],
        "left_over": [str(old)],
        "deleted": True,
    }
    run = CliRunner().invoke(app, ["cache", "verify"])
    assert run.exit_code == 0
    assert "whole: 3 entries" in run.stdout
    assert "deleted" not in run.stdout


def test_the_command_line_takes_sizes(small: Path) -> None:
    maker = Cache()
    for number in range(5):
        put(maker, number)
    maker.close()
    time.sleep(0.01)
    invoke = CliRunner().invoke
    assert "limit: 1.0 MB" in invoke(app, ["cache", "info"]).stdout
    assert invoke(app, ["cache", "prune"]).stdout == "freed 0.0 MB, 0.5 MB are left\n"
    assert "freed 0.2 MB, 0.3 MB" in invoke(app, ["cache", "prune", "--max-size", "350K"]).stdout
    run = Cache()
    assert run.find(key(4), ".nut")
    assert "0.1 MB more stay" in invoke(app, ["cache", "clear"]).stdout
    with pytest.raises(CacheError, match="'many' is no size"):
        invoke(app, ["cache", "prune", "--max-size", "many"], catch_exceptions=False)


# --------------------------------------------------------------------------------- many at once


def _worker(root: str, seed: int, seconds: float) -> tuple[int, int, int]:
    """(hits, misses, entries pruned) of a process that does everything, for so long.

    What is written under one key differs, as encoders' output may; it says itself if it is whole.
    """
    chance = random.Random(seed)
    hits = misses = pruned = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        run = Cache(Path(root))
        kept: list[Path] = []
        for _ in range(chance.randrange(1, 12)):
            number = chance.randrange(6)
            path = run.find(key(number), ".nut")
            value, array = run.load(key(number)), run.load_array(_array(number)[1])
            for found in (path, value, array):
                hits, misses = hits + (found is not None), misses + (found is None)
            if path is None:
                content = chance.randbytes(chance.randrange(1, 60_000))
                with run.create(key(number), ".nut") as new:
                    new.write_bytes(hashlib.sha256(content).digest() + content)
                path = run.find(key(number), ".nut")
                assert path is not None, "what was just made is gone"
            kept.append(path)
            assert value in (None, {"number": number, "long": "x" * 500})
            if value is None:
                run.store(key(number), {"number": number, "long": "x" * 500})
            assert array is None or np.array_equal(array, _array(number)[0])
            if array is None:
                assert run.store_array(_array(number)[0]) == _array(number)[1]
        if chance.random() < 0.5:
            pruned += Cache(Path(root)).prune(chance.randrange(100_000)).freed
        for path in kept:  # found a while ago, and there for as long as the run
            content = path.read_bytes()
            assert hashlib.sha256(content[32:]).digest() == content[:32]
        run.close()
    return hits, misses, pruned


def _array(number: int) -> tuple[np.ndarray, str]:
    array = np.full((100, number + 1), number, np.float32)
    content = hashlib.sha256(array.tobytes()).hexdigest()
    inputs = {"dtype": "float32", "shape": array.shape, "data": content}
    return array, key_of("array", 1, inputs)


def _at_once(root: Path, work: Callable[..., tuple[int, int, int]], seconds: float) -> list[int]:
    with get_context("spawn").Pool(4) as pool:
        done = pool.starmap(work, [(str(root), seed, seconds) for seed in range(4)])
    return [sum(column) for column in zip(*done, strict=True)]


@pytest.mark.parametrize("seconds", [1.5, pytest.param(30, marks=pytest.mark.slow)])
def test_many_processes_write_read_and_prune(own_cache: Path, seconds: float) -> None:
    hits, misses, pruned = _at_once(own_cache, _worker, seconds)
    assert hits > 100
    assert misses >= 18  # at first there is nothing: of six numbers three entries each
    assert pruned > 0
    found = Cache().verify()
    assert not found.damaged
    assert not found.without_sum
    assert not found.left_over
    assert Cache().clear().left == 0
