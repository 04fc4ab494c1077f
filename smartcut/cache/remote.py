"""A cache that lies in an object store, such as S3, with a copy of what is used on this machine.

What is written goes to both; what is not here is fetched, checked against its sum, and kept here.
An entry counts in the store only from when its sum is there, which is written last, so that a
reader never takes half of one; one that does not fit it is a miss, and is written again. Entries
never change under their key, so that writers need no locks. The cache's limit is that of the copies
on this machine: what is pruned here stays in the store, and is fetched when it is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.cache import Cache, file_sha256
from smartcut.errors import CacheError, MissingExtra

if TYPE_CHECKING:
    import numpy as np

_BUCKETS = ("s3", "s3a", "gs", "gcs", "az", "abfs")
#: What fsspec needs for a protocol beside itself, and the extra that brings it.
_EXTRAS = {"s3": ("s3fs", "s3"), "s3a": ("s3fs", "s3")}


class RemoteCache(Cache):
    """The store at ``url`` (of any protocol that fsspec knows), and its copies below ``root``."""

    def __init__(self, url: str, root: Path | None = None) -> None:
        super().__init__(root)
        self.url = url.rstrip("/")
        self._store, self._base = _opened(self.url)

    def find(self, key: str, suffix: str) -> Path | None:
        """The entry's file here, fetched if need be; None where it is absent or damaged."""
        return super().find(key, suffix) or self._fetched(key, suffix)

    def load_array(self, key: str, *, mapped: bool = False) -> np.ndarray | None:
        """The array, here or fetched; None where it is absent or damaged."""
        found = super().load_array(key, mapped=mapped)
        if found is None and self.place(key, ".npy").exists() and self._fetched(key, ".npy"):
            found = super().load_array(key, mapped=mapped)  # what was here is damaged, sum and all
        return found

    def _put(self, temporary: Path, key: str, suffix: str, content: str) -> None:
        # There first: what only this machine has would be missed elsewhere.
        there = self._place(key, suffix)
        with self._told(f"{there} cannot be written"):
            self._make_folder(there.rpartition("/")[0])
            self._store.put_file(str(temporary), there)
            self._store.pipe_file(f"{there}.sum", content.encode())
        super()._put(temporary, key, suffix, content)

    def sign(self, name: str, text: str) -> None:
        """Put a note into the store's root, that others can see which store it is."""
        with self._told(f"{self._base}/{name} cannot be written"):
            self._make_folder(self._base)
            self._store.pipe_file(f"{self._base}/{name}", text.encode())

    def is_signed(self, name: str) -> bool:
        """Whether there is such a note."""
        with self._told("it cannot be read"):
            self._store.invalidate_cache()
            return bool(self._store.exists(f"{self._base}/{name}"))

    def unsign(self, name: str) -> None:
        """Take the note away."""
        with suppress(Exception):  # what stays says nothing wrong
            self._store.rm_file(f"{self._base}/{name}")

    # ------------------------------------------------------------------------------- the store

    def _make_folder(self, path: str) -> None:
        # Where there are buckets there are no folders, and a bucket is the user's to make.
        if self.url.partition("://")[0] not in _BUCKETS:
            self._store.makedirs(path, exist_ok=True)

    def _place(self, key: str, suffix: str) -> str:
        return f"{self._base}/artifacts/{key[:2]}/{key}{suffix}"

    def _fetched(self, key: str, suffix: str) -> Path | None:
        """The entry, copied from the store; None where there is none, or a damaged one."""
        there, here = self._place(key, suffix), self.place(key, suffix)
        self._use.begin()
        with self._told(f"{there} cannot be read"):
            try:
                expected = self._store.cat_file(f"{there}.sum").decode("ascii", "replace").strip()
                path = self._shelf.temporary(here, self._use.name)
                try:
                    self._store.get_file(there, str(path))
                    if file_sha256(path) != expected:
                        return None
                    size = path.stat().st_size
                    self._shelf.put(path, here, expected)
                finally:
                    path.unlink(missing_ok=True)
            except FileNotFoundError:
                return None
        self._keeper.wrote(size)
        return here

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Errors of the store, of whatever library, as ones of the cache."""
        try:
            yield
        except CacheError:
            raise
        except Exception as error:
            raise CacheError(
                f"the cache at {self.url}: {what} ({type(error).__name__}: {error}); check the "
                "address, the credentials and the network"
            ) from error


def _opened(url: str) -> tuple[Any, str]:
    """(file system, path in it) of a URL."""
    protocol = url.partition("://")[0]
    package, extra = _EXTRAS.get(protocol, ("fsspec", "s3"))
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtra("fsspec", extra, f"a cache at {protocol}://") from error
    try:
        # What was listed or absent a moment ago may be there now.
        store, base = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        raise MissingExtra(package, extra, f"a cache at {protocol}://") from error
    except Exception as error:
        raise CacheError(
            f"{url} is no place for a cache: {error}; such as s3://BUCKET/FOLDER"
        ) from error
    return store, str(base).rstrip("/")


def opened(place: str | Path, root: Path | None = None) -> Cache:
    """The cache at a URL, with its copies below ``root``; or in a folder."""
    if isinstance(place, str) and "://" in place:
        return RemoteCache(place, root)
    return Cache(Path(place).expanduser())
