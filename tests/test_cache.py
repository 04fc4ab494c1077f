from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from smartcut.cache import Cache, canonical, key_of
from smartcut.errors import CacheError


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_json_and_arrays_come_back(cache: Cache) -> None:
    cache.store("ab" * 32, {"x": [1, 2.5, "é"]})
    assert cache.load("ab" * 32) == {"x": [1, 2.5, "é"]}
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    key = cache.store_array(array)
    assert cache.store_array(array.copy()) == key
    assert np.array_equal(cache.load_array(key), array)  # type: ignore[arg-type]
    assert cache.load("cd" * 32) is None


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"x": 2'])
def test_a_damaged_entry_is_a_miss(cache: Cache, damage: bytes) -> None:
    cache.store("ab" * 32, {"x": 1})
    file = next(cache.root.rglob("*.json"))
    file.write_bytes(damage)
    assert cache.load("ab" * 32) is None
    cache.store("ab" * 32, {"x": 3})
    assert cache.load("ab" * 32) == {"x": 3}


def test_a_failed_write_leaves_nothing(cache: Cache) -> None:
    with pytest.raises(RuntimeError), cache.create("ab" * 32, ".nut") as path:
        path.write_bytes(b"half")
        raise RuntimeError
    assert cache.find("ab" * 32, ".nut") is None
    assert [p for p in (cache.root / "artifacts").rglob("*") if p.is_file()] == []


def test_writers_of_one_key_do_not_disturb_each_other(cache: Cache) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: cache.store("ab" * 32, {"same": 1}), range(50)))
    assert cache.load("ab" * 32) == {"same": 1}
    assert not list(cache.root.rglob(".tmp-*"))


def test_prune_deletes_what_was_not_used_for_longest(cache: Cache) -> None:
    keys = [f"{i:02d}" * 32 for i in range(3)]
    for i, key in enumerate(keys):
        with cache.create(key, ".nut") as path:
            path.write_bytes(b"x" * 100)
        file = cache.find(key, ".nut")
        assert file is not None
        os.utime(file, (1000 + i, 1000 + i))
    assert cache.usage().size == 300
    assert cache.prune(200).freed == 100
    assert [cache.find(k, ".nut") is not None for k in keys] == [False, True, True]
    assert cache.clear().freed == 200
    assert cache.usage().entries == 0


def test_keys_depend_on_everything_and_on_no_order() -> None:
    assert key_of("a", 1, {"x": 1, "y": 2}) == key_of("a", 1, {"y": 2, "x": 1})
    keys = {key_of("a", 1, {"x": 1}), key_of("a", 2, {"x": 1}), key_of("b", 1, {"x": 1})}
    assert len(keys | {key_of("a", 1, {"x": "1"})}) == 4
    with pytest.raises(TypeError, match="cannot be part"):
        canonical(object())


def test_the_digest_of_a_changed_file_changes(cache: Cache, tmp_path: Path) -> None:
    file = tmp_path / "media"
    file.write_bytes(b"one")
    before = cache.source_digest(file)
    assert cache.source_digest(file) == before
    file.write_bytes(b"two!")
    assert cache.source_digest(file) != before


def test_an_unusable_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="SMARTCUT_CACHE"):
        Cache(tmp_path / "file" / "cache")
