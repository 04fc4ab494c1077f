"""The cache in an object store: what one machine writes another finds, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from smartcut.cache import Cache
from smartcut.cache.remote import RemoteCache, opened
from smartcut.errors import CacheError, MissingExtra

KEY = "ab" + "0" * 62

pytestmark = pytest.mark.skipif(
    find_spec("fsspec") is None,
    reason="fsspec is not installed: pip install 'smartcut-pipelines[s3]'",
)


@pytest.fixture
def memory() -> Iterator[str]:
    import fsspec

    yield "memory://bucket/cache"
    fsspec.filesystem("memory").store.clear()


def machines(url: str, tmp_path: Path) -> tuple[RemoteCache, RemoteCache]:
    return RemoteCache(url, tmp_path / "one"), RemoteCache(url, tmp_path / "other")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "artifacts").rglob("*") if path.is_file())


def test_what_one_machine_writes_another_finds(memory: str, tmp_path: Path) -> None:
    import numpy as np

    one, other = machines(memory, tmp_path)
    assert other.load(KEY) is None
    one.store(KEY, {"shots": [1, 2]})
    array = one.store_array(np.arange(6, dtype=np.float32))
    assert other.load(KEY) == {"shots": [1, 2]}
    found = other.load_array(array)
    assert found is not None
    assert found.tolist() == [0, 1, 2, 3, 4, 5]
    assert files(tmp_path / "one") == files(tmp_path / "other")


def test_what_was_fetched_is_kept_here(memory: str, tmp_path: Path) -> None:
    import fsspec

    one, other = machines(memory, tmp_path)
    one.store(KEY, 7)
    assert other.load(KEY) == 7
    fsspec.filesystem("memory").rm("/bucket/cache/artifacts", recursive=True)
    assert other.load(KEY) == 7
    assert RemoteCache(memory, tmp_path / "third").load(KEY) is None


@pytest.mark.parametrize("which", ["", ".sum"])
def test_half_an_entry_is_none(memory: str, tmp_path: Path, which: str) -> None:
    import fsspec

    one, other = machines(memory, tmp_path)
    one.store(KEY, list(range(100)))
    there = f"/bucket/cache/artifacts/ab/{KEY}.json{which}"
    store = fsspec.filesystem("memory")
    store.pipe_file(there, store.cat_file(there)[:-1])
    assert other.load(KEY) is None
    assert files(tmp_path / "other") == []
    store.rm_file(there)
    assert other.load(KEY) is None


def test_a_damaged_copy_is_fetched_again(memory: str, tmp_path: Path) -> None:
    one, other = machines(memory, tmp_path)
    one.store(KEY, "whole")
    assert other.load(KEY) == "whole"
    other.place(KEY, ".json").write_text('"hole"')
    assert other.load(KEY) == "whole"


def test_what_is_damaged_in_the_store_is_written_again(memory: str, tmp_path: Path) -> None:
    import fsspec

    one, other = machines(memory, tmp_path)
    one.store(KEY, "whole")
    store, there = fsspec.filesystem("memory"), f"/bucket/cache/artifacts/ab/{KEY}.json"
    store.pipe_file(there, b'"hole!"')
    assert other.load(KEY) is None
    other.store(KEY, "whole")
    assert store.cat_file(there) == b'"whole"'
    assert RemoteCache(memory, tmp_path / "third").load(KEY) == "whole"


@pytest.mark.parametrize("here", [True, False])
def test_another_array_is_a_miss_even_where_its_sum_fits(
    memory: str, tmp_path: Path, here: bool
) -> None:
    import fsspec
    import numpy as np

    one, other = machines(memory, tmp_path)
    array = np.arange(6, dtype=np.float32)
    key = one.store_array(array)
    content = one.place(one.store_array(array + 1), ".npy").read_bytes()
    if here:
        assert other.load_array(key) is not None
        other._shelf.put(_file(tmp_path, content), other.place(key, ".npy"), _sum(content))
        assert np.array_equal(other.load_array(key), array)  # type: ignore[arg-type]
        return
    there = f"/bucket/cache/artifacts/{key[:2]}/{key}.npy"
    store = fsspec.filesystem("memory")
    store.pipe_file(there, content)
    store.pipe_file(f"{there}.sum", _sum(content).encode())
    assert other.load_array(key) is None
    assert other.store_array(array) == key
    found = RemoteCache(memory, tmp_path / "third").load_array(key)
    assert np.array_equal(found, array)  # type: ignore[arg-type]


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_limit_is_that_of_the_copies(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTCUT_CACHE_LIMIT", "100K")
    keys = [f"{number:02}" + "0" * 62 for number in range(30)]
    for key in keys:
        one, other = machines(memory, tmp_path)
        for cache in (one, other):
            if cache.find(key, ".bin") is None:
                with cache.create(key, ".bin") as path:
                    path.write_bytes(key.encode() * 200)
            assert cache.tidy() is None
            cache.close()
            assert cache.usage().size <= 100_000
    for key in keys:  # what was pruned here, and what another wrote
        cache = RemoteCache(memory, tmp_path / "other")
        found = cache.find(key, ".bin")
        assert found is not None
        assert found.read_bytes() == key.encode() * 200


def test_what_the_store_does_not_take_is_nowhere(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any, **named: Any) -> None:
        raise RuntimeError("quota exceeded")

    one, _ = machines(memory, tmp_path)
    monkeypatch.setattr(one._store, "put_file", full)
    with pytest.raises(CacheError, match=r"memory://bucket/cache: .*cannot be written.*quota"):
        one.store(KEY, 1)
    assert files(tmp_path / "one") == []
    monkeypatch.undo()
    one.store(KEY, 1)
    assert one.load(KEY) == 1


def test_an_error_while_making_leaves_nothing(memory: str, tmp_path: Path) -> None:
    one, other = machines(memory, tmp_path)
    with pytest.raises(KeyError), one.create(KEY, ".bin") as path:
        path.write_bytes(b"half")
        raise KeyError
    assert files(tmp_path / "one") == []
    assert other.find(KEY, ".bin") is None


def test_notes_tell_that_it_is_the_same_store(memory: str, tmp_path: Path) -> None:
    one, other = machines(memory, tmp_path)
    one.sign("token", "hello")
    assert other.is_signed("token")
    assert not RemoteCache("memory://bucket/elsewhere", tmp_path / "third").is_signed("token")
    one.unsign("token")
    assert not other.is_signed("token")


def test_a_place_is_a_folder_or_a_url(tmp_path: Path, memory: str) -> None:
    assert type(opened(str(tmp_path / "here"))) is Cache
    assert isinstance(opened(memory, tmp_path / "copies"), RemoteCache)
    with pytest.raises(CacheError, match="quantum://x is no place for a cache"):
        opened("quantum://x", tmp_path)


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="s3fs is installed")
def test_s3_names_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match=r"smartcut-pipelines\[s3\]"):
        opened("s3://bucket", tmp_path)


# ------------------------------------------------------------------------------------------- S3


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket on an S3 server of this process, by moto."""
    for package in ("s3fs", "moto", "flask"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install s3fs 'moto[s3]' flask flask-cors")
    import s3fs
    from moto.server import ThreadedMotoServer

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir(f"films-{port}")  # moto remembers those of earlier tests
    yield f"s3://films-{port}/cache"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.mark.slow
def test_s3_keeps_and_gives_back(bucket: str, tmp_path: Path) -> None:
    one, other = machines(bucket, tmp_path)
    assert other.load(KEY) is None
    with one.create(KEY, ".bin") as path:
        path.write_bytes(os.urandom(6 << 20))
    one.store(KEY, {"a": 1})
    assert other.load(KEY) == {"a": 1}
    found = other.find(KEY, ".bin")
    assert found is not None
    assert found.read_bytes() == one.place(KEY, ".bin").read_bytes()
    one.sign("token", "hello")
    assert other.is_signed("token")
    one.unsign("token")
    assert not other.is_signed("token")


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_an_error_of_the_cache(bucket: str, tmp_path: Path) -> None:
    cache = RemoteCache("s3://nobodys/cache", tmp_path)
    with pytest.raises(CacheError, match="s3://nobodys/cache"):
        cache.store(KEY, 1)
    assert files(tmp_path) == []


@pytest.mark.slow
def test_a_run_over_s3_repeats_nothing_elsewhere(bucket: str, tmp_path: Path) -> None:
    from smartcut.context import Stored
    from smartcut.inputs import open_sources
    from smartcut.plan import due_work
    from smartcut.runners import local
    from smartcut.runners.local import Options
    from smartcut.spec import Input
    from smartcut.spec_reading import parse_spec
    from smartcut.testing import write_bar_coded

    film = tmp_path / "film.mp4"
    write_bar_coded(film, frames=60, size=(160, 90))
    steps = parse_spec("stages: [motion, loudness]").steps
    given = (Input(path=film),)
    local.run(steps, given, None, Options(cache=bucket))
    elsewhere = RemoteCache(bucket, tmp_path / "elsewhere")
    due, _ = due_work(steps, open_sources(given, steps, elsewhere), Stored(elsewhere, device="cpu"))
    assert due == []
