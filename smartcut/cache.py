"""Content-addressed artifacts: what was worked out once is not worked out again.

An entry is a file whose name is the digest of everything that its content depends on. It is
written to a temporary name, and renamed only when whole; a companion ``.sum`` file holds its
sha256, so that a damaged entry counts as absent. Reading an entry marks it as used, and
:meth:`Cache.prune` deletes those that were not used for longest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.errors import CacheError

if TYPE_CHECKING:
    import numpy as np

_BLOCK = 1 << 20


def cache_root() -> Path:
    """``SMARTCUT_CACHE``, or ``smartcut`` in the user's cache folder."""
    if given := os.environ.get("SMARTCUT_CACHE"):
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("smartcut"))


def canonical(value: Any) -> str:
    """One JSON text for equal values: sorted keys, exact fractions, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    raise TypeError(f"{type(value).__name__} cannot be part of a cache key")


def key_of(kind: str, version: int, inputs: Mapping[str, Any]) -> str:
    """The cache key of an artifact: sha256 over its kind, version and inputs."""
    return hashlib.sha256(canonical([kind, version, inputs]).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """sha256 of the file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a cache holds: entries and bytes, by kind (the file's suffix)."""

    entries: int
    size: int
    by_kind: tuple[tuple[str, int, int], ...]


class Cache:
    """The artifact store below ``root``; every method is safe beside other processes."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or cache_root()
        self._folder = self.root / "artifacts"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheError(
                f"the cache folder {self._folder} cannot be made ({error.strerror}); "
                "set SMARTCUT_CACHE to a folder that can be written"
            ) from error

    def place(self, key: str, suffix: str) -> Path:
        """Where the entry's file lies, or will lie."""
        return self._folder / key[:2] / f"{key}{suffix}"

    # ------------------------------------------------------------------------------- files

    def find(self, key: str, suffix: str) -> Path | None:
        """The entry's file, checked against its sum; None where it is absent or damaged."""
        path = self.place(key, suffix)
        try:
            expected = path.with_name(path.name + ".sum").read_text().strip()
            if file_sha256(path) != expected:
                return None
            os.utime(path)
        except OSError:
            return None
        return path

    @contextmanager
    def create(self, key: str, suffix: str) -> Iterator[Path]:
        """A temporary path to write; it becomes the entry when the block ends without error."""
        path = self.place(key, suffix)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-", suffix=suffix)
        except OSError as error:
            raise CacheError(f"cannot write to the cache at {path.parent}: {error}") from error
        os.close(handle)
        temporary = Path(name)
        note = temporary.with_name(temporary.name + ".sum")
        try:
            yield temporary
            note.write_text(file_sha256(temporary))
            os.replace(temporary, path)
            os.replace(note, path.with_name(path.name + ".sum"))
        finally:
            temporary.unlink(missing_ok=True)
            note.unlink(missing_ok=True)

    # ---------------------------------------------------------------------- JSON and arrays

    def load(self, key: str) -> Any | None:
        """The JSON value stored under ``key``; None where it is absent or damaged."""
        path = self.find(key, ".json")
        if path is None:
            return None
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def store(self, key: str, value: Any) -> None:
        """Keep a JSON-able value (never None) under ``key``."""
        with self.create(key, ".json") as path:
            path.write_text(canonical(value), encoding="utf-8")

    def store_array(self, array: np.ndarray) -> str:
        """Keep an array; the answer is its key, which depends on its content alone."""
        import numpy as np

        array = np.ascontiguousarray(array)
        content = hashlib.sha256(array.tobytes()).hexdigest()
        key = key_of("array", 1, {"dtype": str(array.dtype), "shape": array.shape, "data": content})
        if self.find(key, ".npy") is None:
            with self.create(key, ".npy") as path, path.open("wb") as file:
                np.save(file, array, allow_pickle=False)
        return key

    def load_array(self, key: str) -> np.ndarray | None:
        """The array stored under ``key``; None where it is absent or damaged."""
        import numpy as np

        path = self.find(key, ".npy")
        return None if path is None else np.load(path, allow_pickle=False)

    # --------------------------------------------------------------------------- sources

    def source_digest(self, path: Path) -> str:
        """sha256 of a source file; remembered for as long as its size and times stay."""
        stat = path.stat()
        known = {
            "path": str(path.resolve()),
            "size": stat.st_size,
            "mtime": stat.st_mtime_ns,
            "ctime": stat.st_ctime_ns,
            "inode": stat.st_ino,
        }
        key = key_of("source-digest", 1, known)
        found = self.load(key)
        if not isinstance(found, str):
            found = file_sha256(path)
            self.store(key, found)
        return found

    # --------------------------------------------------------------------------- upkeep

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.glob("*/*"):
            if path.suffix != ".sum" and not path.name.startswith(".tmp-"):
                with suppress(OSError):
                    yield path, path.stat()

    def usage(self) -> Usage:
        kinds: dict[str, tuple[int, int]] = {}
        for path, stat in self._entries():
            count, size = kinds.get(path.suffix, (0, 0))
            kinds[path.suffix] = (count + 1, size + stat.st_size)
        rows = tuple((kind, *kinds[kind]) for kind in sorted(kinds))
        return Usage(sum(r[1] for r in rows), sum(r[2] for r in rows), rows)

    def prune(self, max_bytes: int) -> int:
        """Delete what was not used for longest until ``max_bytes`` are left; bytes freed."""
        entries = sorted(self._entries(), key=lambda e: e[1].st_mtime_ns)
        excess = sum(stat.st_size for _, stat in entries) - max_bytes
        freed = 0
        for path, stat in entries:
            if freed >= excess:
                break
            path.unlink(missing_ok=True)
            path.with_name(path.name + ".sum").unlink(missing_ok=True)
            freed += stat.st_size
        return freed

    def clear(self) -> int:
        """Delete every artifact (never weights); the answer is the bytes freed."""
        freed = self.usage().size
        for folder in self._folder.iterdir():
            shutil.rmtree(folder, ignore_errors=True)
        return freed
