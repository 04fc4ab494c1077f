"""Content-addressed artifacts: what was worked out once is not worked out again.

An entry is a file whose name is the digest of everything that its content depends on. It is
written to a temporary name, and renamed only when whole; a companion ``.sum`` file holds its
sha256, so that a damaged entry counts as absent. Reading an entry marks it as used: what was not
used for longest is deleted when the cache passes its limit, and what a run has found or made stays
for as long as its :class:`Cache` is there. See docs/cache.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from smartcut.cache.runs import CacheUse
from smartcut.cache.shelf import Shelf, file_sha256, identity_of
from smartcut.cache.upkeep import Keeper, Pruned, limit_of, parse_size, prune
from smartcut.cache.verifying import Verified, verify
from smartcut.errors import CacheError
from smartcut.files import is_full

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Cache",
    "Pruned",
    "Usage",
    "Verified",
    "cache_root",
    "canonical",
    "file_sha256",
    "identity_of",
    "key_of",
    "parse_size",
]

_SHA256 = re.compile("[0-9a-f]{64}")


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


class Usage(NamedTuple):
    """What a cache holds: entries and bytes, by kind (the file's suffix)."""

    entries: int
    size: int
    by_kind: tuple[tuple[str, int, int], ...]


class Cache:
    """The artifact store below ``root``; every method is safe beside other processes.

    What it has found or made is not deleted by anybody until it is closed or let go. ``limited``
    is false for one whose size has no limit.
    """

    def __init__(self, root: Path | None = None, *, limited: bool = True) -> None:
        self.root = root or cache_root()
        self._shelf = Shelf(self.root)
        try:
            self._shelf.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheError(
                f"the cache folder {self._shelf.folder} cannot be made ({error.strerror}); "
                "set SMARTCUT_CACHE to a folder that can be written"
            ) from error
        self._keeper = Keeper(self._shelf, limit_of(self.root) if limited else None)
        self._use = CacheUse(self._shelf.runs)
        weakref.finalize(self, _let_go, self._use, self._keeper)

    @property
    def limit(self) -> int | None:
        """Bytes that it may hold; None for no limit."""
        return self._keeper.limit

    def place(self, key: str, suffix: str) -> Path:
        """Where the entry's file lies, or will lie."""
        return self._shelf.folder / key[:2] / f"{key}{suffix}"

    # ------------------------------------------------------------------------------- files

    def find(self, key: str, suffix: str) -> Path | None:
        """The entry's file, checked against its sum; None where it is absent or damaged."""
        path = self.place(key, suffix)
        if not path.exists():
            return None
        self._use.begin()
        return path if self._shelf.is_whole(path) else None

    @contextmanager
    def create(self, key: str, suffix: str) -> Iterator[Path]:
        """A temporary path to write; it becomes the entry when the block ends without error.

        Raises CacheError where it cannot be kept, and OSError where the disk is full.
        """
        place = self.place(key, suffix)
        self._use.begin()
        with self._named(place.parent):
            temporary = self._shelf.temporary(place, self._use.name)
        try:
            yield temporary
            with self._named(place.parent):
                content, size = file_sha256(temporary), temporary.stat().st_size
            self._put(temporary, key, suffix, content)
        finally:
            temporary.unlink(missing_ok=True)
        self._keeper.wrote(size)

    def _put(self, temporary: Path, key: str, suffix: str, content: str) -> None:
        """Make a file that was written, whose sha256 is ``content``, the entry."""
        place = self.place(key, suffix)
        with self._named(place.parent):
            self._shelf.put(temporary, place, content)

    @contextmanager
    def _named(self, folder: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if is_full(error):  # whoever runs all this says how much room there is, and where
                raise
            raise CacheError(f"cannot write to the cache at {folder}: {error}") from error

    # ---------------------------------------------------------------------- JSON and arrays

    def load(self, key: str, fits: Callable[[Any], bool] | None = None) -> Any | None:
        """The JSON value stored under ``key``; None where it is absent or damaged.

        Where ``fits`` says no (see :func:`smartcut.interchange.json.tells`), it is damaged too.
        """
        path = self.find(key, ".json")
        value = None if path is None else _json_in(path)
        return value if value is not None and (fits is None or fits(value)) else None

    def store(self, key: str, value: Any) -> None:
        """Keep a JSON-able value (never None) under ``key``."""
        with self.create(key, ".json") as path:
            path.write_text(canonical(value), encoding="utf-8")

    def store_array(self, array: np.ndarray) -> str:
        """Keep an array; the answer is its key, which depends on its content alone."""
        import numpy as np

        array = np.ascontiguousarray(array)
        key = _array_key(array)
        if self.load_array(key, mapped=True) is None:
            with self.create(key, ".npy") as path, path.open("wb") as file:
                np.save(file, array, allow_pickle=False)
        return key

    def load_array(self, key: str, *, mapped: bool = False) -> np.ndarray | None:
        """The array stored under ``key``; None where it is absent or damaged.

        Where ``mapped``, it cannot be written to, and is read from the disk as it is looked at.
        """
        import numpy as np

        path = self.find(key, ".npy")
        array = None if path is None else _array_in(path, key)
        return array if array is None or mapped else np.array(array)

    # --------------------------------------------------------------------------- sources

    def source_digest(self, path: Path) -> str:
        """sha256 of a source file; remembered for as long as its size and times stay."""
        key = key_of("source-digest", 1, identity_of(path))
        found = self.load(key, lambda kept: isinstance(kept, str) and bool(_SHA256.fullmatch(kept)))
        if found is None:
            found = file_sha256(path)
            self.store(key, found)
        return str(found)

    # --------------------------------------------------------------------------- upkeep

    def usage(self) -> Usage:
        """What is in it now."""
        kinds: dict[str, tuple[int, int]] = {}
        for entry in self._shelf.listed().entries:
            count, size = kinds.get(entry.path.suffix, (0, 0))
            kinds[entry.path.suffix] = (count + 1, size + entry.size)
        rows = tuple((kind, *kinds[kind]) for kind in sorted(kinds))
        return Usage(sum(r[1] for r in rows), sum(r[2] for r in rows), rows)

    def prune(self, max_bytes: int) -> Pruned:
        """Delete what was not used for longest until ``max_bytes`` are left.

        What other runs have in use stays. Raises CacheError where nothing can be deleted.
        """
        pruned = prune(self._shelf, max_bytes, but_for=self._use.name)
        self._keeper.counted(pruned)
        return pruned

    def clear(self) -> Pruned:
        """Delete every artifact (never weights), but for what other runs have in use."""
        return self.prune(0)

    def verify(
        self, delete: bool = False, advance: Callable[[float], None] | None = None
    ) -> Verified:
        """Read every entry against its sum; ``advance`` gets the bytes read so far."""
        return verify(self._shelf, _reads, delete, advance)

    def tidy(self) -> str | None:
        """Keep to the limit after a run; in words, why that cannot be."""
        return self._keeper.tidy()

    def close(self) -> None:
        """Nothing that was found or made is in use any more."""
        _let_go(self._use, self._keeper)


def _let_go(use: CacheUse, keeper: Keeper) -> None:
    keeper.count()
    use.end()


def _json_in(path: Path) -> Any | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _array_key(array: np.ndarray) -> str:
    content = hashlib.sha256(array.data if array.size else b"").hexdigest()
    return key_of("array", 1, {"dtype": str(array.dtype), "shape": array.shape, "data": content})


def _array_in(path: Path, key: str) -> np.ndarray | None:
    """The array in a file, mapped; None where it is not the one of that key."""
    import numpy as np

    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(array, np.ndarray) and _array_key(array) == key:
            return np.asarray(array)
    except MemoryError:  # nothing of the file's making: it is mapped, not read
        raise
    except Exception:  # NumPy says in many ways that a file holds no array
        return None
    return None


def _reads(path: Path) -> bool:
    """Whether an entry that fits its sum holds what its name says, where that can be checked."""
    if path.suffix == ".json":
        return _json_in(path) is not None
    return path.suffix != ".npy" or _array_in(path, path.stem) is not None
