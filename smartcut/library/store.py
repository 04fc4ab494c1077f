"""The folder of a library: its database, its vectors, and the lock held while it is changed.

library.sqlite          the catalogue
vectors/pictures/...    one folder a segment
vectors/speech/...
lock
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from smartcut.cache import cache_root
from smartcut.errors import CacheError, SourceError
from smartcut.library.catalogue import Catalogue, RowRange
from smartcut.library.segments import Rows, VectorSegment, write_segment
from smartcut.library.vectors import Vectors

PICTURES, SPEECH = "pictures", "speech"
KINDS = (PICTURES, SPEECH)
#: More segments of a kind than this are merged, until half of it are left.
_MOST_SEGMENTS = 8
#: A segment with more dead rows than this share is written anew.
_DEAD = 0.3


def default_store(folder: Path) -> Path:
    """Where the library of a folder is kept: in the cache, since media may be read-only."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]
    return cache_root() / "libraries" / name


@dataclass(frozen=True)
class Store:
    """A library's folder."""

    root: Path

    @classmethod
    def of(cls, folder: Path, place: Path | None = None) -> Store:
        return cls(place or default_store(folder))

    def vectors_folder(self, kind: str) -> Path:
        return self.root / "vectors" / kind

    def segment(self, kind: str, name: str) -> VectorSegment:
        return VectorSegment(self.vectors_folder(kind) / name)

    def made(self) -> None:
        """Make the folders; raises CacheError."""
        try:
            for kind in KINDS:
                self.vectors_folder(kind).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheError(
                f"the library's folder {self.root} cannot be made ({error.strerror}); "
                "choose another with --store"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process may change the library; raises CacheError where another one does.

        The lock goes with its process, however that ends.
        """
        from filelock import FileLock, Timeout

        self.made()
        lock = FileLock(self.root / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise CacheError(
                f"another `smartcut library index` is changing the library at {self.root}; "
                "wait for it to end (searching is possible meanwhile), or choose another --store"
            ) from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def catalogue(self, folder: Path) -> Iterator[Catalogue]:
        """The catalogue for reading; raises SourceError where there is none yet."""
        if not (self.root / "library.sqlite").is_file():
            raise SourceError(
                f"there is no index of {folder} (looked at: {self.root}); make one with: "
                f"smartcut library index {folder}"
            )
        opened = Catalogue(self.root)
        try:
            yield opened
        finally:
            opened.close()

    # ----------------------------------------------------------------------------- vectors

    def add(self, kind: str, parts: Sequence[np.ndarray | Rows]) -> str:
        """The name of a new segment; it counts once the catalogue speaks of it."""
        name = uuid.uuid4().hex
        write_segment(self.vectors_folder(kind), name, parts)
        return name

    def opened(self, kind: str, spans: Sequence[RowRange]) -> tuple[list[str], Vectors]:
        """The names of the segments in use, and their vectors; rows of no span do not count."""
        names, segments, alive = [], [], []
        for name, of_it in groupby(spans, key=lambda s: s.segment):
            segment = self.segment(kind, name)
            mask = np.zeros(segment.size, bool)
            for span in of_it:
                mask[span.first : span.first + span.count] = True
            names.append(name)
            segments.append(segment)
            alive.append(None if mask.all() else mask)
        return names, Vectors(segments, alive)

    def tidy(self, kind: str, catalogue: Catalogue) -> None:
        """Merge small segments and drop dead rows, where there are many; embeds nothing anew."""
        spans: dict[str, list[RowRange]] = {}
        for span in catalogue.spans(kind):
            spans.setdefault(span.segment, []).append(span)
        live = {name: sum(s.count for s in of_it) for name, of_it in spans.items()}
        old = [n for n in live if live[n] < (1 - _DEAD) * self.segment(kind, n).size]
        if len(live) > _MOST_SEGMENTS:
            small = sorted(live, key=lambda n: live[n])[: len(live) - _MOST_SEGMENTS // 2]
            old = sorted({*old, *small})
        if not old:
            return
        moved = [span for name in old for span in spans[name]]
        whole = {name: self.segment(kind, name).rows for name in old}
        rows = [whole[span.segment].part(span.first, span.count) for span in moved]
        name, at = self.add(kind, rows), 0
        with catalogue.change():
            for span in moved:
                catalogue.move_span(kind, span.digest, name, at)
                at += span.count

    def sweep(self, catalogue: Catalogue) -> None:
        """Delete the segments that the catalogue does not speak of, as a kill leaves them."""
        for kind in KINDS:
            known = {span.segment for span in catalogue.spans(kind)}
            for folder in self.vectors_folder(kind).iterdir():
                if folder.name not in known:
                    shutil.rmtree(folder, ignore_errors=True)
