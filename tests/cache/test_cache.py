from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from smartcut.cache import Cache, canonical, file_sha256, key_of
from smartcut.errors import CacheError
from smartcut.interchange.json import tells


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


def resum(file: Path) -> None:
    """Write the sum that fits a file, whatever it holds."""
    file.with_name(file.name + ".sum").write_text(file_sha256(file))


@pytest.mark.parametrize("other", [b"{}", b"[]", b"7", b"null", b'"x"', b"{", b"[[1,", b"\xff"])
def test_a_value_of_another_shape_is_a_miss(cache: Cache, other: bytes) -> None:
    fits = tells(dict[Literal["x"], list[int]])
    cache.store("ab" * 32, {"x": [1]})
    assert cache.load("ab" * 32, lambda kept: fits(kept) and bool(kept)) == {"x": [1]}
    file = cache.place("ab" * 32, ".json")
    file.write_bytes(other)
    resum(file)
    assert cache.load("ab" * 32, lambda kept: fits(kept) and bool(kept)) is None


def _another_array(file: Path) -> None:
    np.save(file, np.zeros(5))


def _numpy_archive(file: Path) -> None:
    with file.open("wb") as opened:
        np.savez(opened, x=np.zeros(5))


def _vast_array(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"(2, 3)", b"(2**9,)"[:6]))


def _garbage(file: Path) -> None:
    file.write_bytes(os.urandom(300))


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(
    "damage", [_another_array, _numpy_archive, _vast_array, _garbage, _cut_short, _emptied]
)
def test_an_array_is_the_one_of_its_key_or_a_miss(
    cache: Cache, damage: Callable[[Path], None]
) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    key = cache.store_array(array)
    file = cache.place(key, ".npy")
    damage(file)
    resum(file)
    assert cache.load_array(key) is None
    assert cache.load_array(key, mapped=True) is None
    assert cache.verify().damaged == [file]
    assert cache.store_array(array) == key
    assert np.array_equal(cache.load_array(key), array)  # type: ignore[arg-type]


def test_arrays_without_elements_come_back(cache: Cache) -> None:
    for array in (np.zeros((3, 0), np.int64), np.zeros(0, bool)):
        for mapped in (False, True):
            found = cache.load_array(cache.store_array(array), mapped=mapped)
            assert found is not None
            assert (found.shape, found.dtype) == (array.shape, array.dtype)


def test_a_hit_needs_no_right_to_write(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a cache is mounted read-only; the rights of files do not bind every user."""
    cache.store("ab" * 32, {"x": 1})

    def refuse(*arguments: object, **named: object) -> None:
        raise PermissionError(errno.EROFS, "read-only file system")

    for name in ("utime", "mkdir", "rename", "replace"):
        monkeypatch.setattr(os, name, refuse)
    shared = Cache(cache.root)
    assert shared.load("ab" * 32) == {"x": 1}
    with pytest.raises(CacheError, match="cannot be pruned.*read-only"):
        shared.prune(0)


def test_a_full_disk_is_told_as_such(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as an error of the cache: whoever runs all knows what else lies on that disk."""

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        cache.store("ab" * 32, 1)
    assert [p for p in (cache.root / "artifacts").rglob("*") if p.is_file()] == []


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


def test_who_may_read_an_entry_is_left_to_the_mask(cache: Cache) -> None:
    before = os.umask(0o027)
    try:
        cache.store("ab" * 32, 1)
    finally:
        os.umask(before)
    files = [p for p in cache.root.rglob("*") if p.is_file() and p.parent.name == "ab"]
    assert len(files) == 2
    assert {p.stat().st_mode & 0o777 for p in files} == {0o640}
