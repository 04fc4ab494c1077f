"""Fragments of what is there already: parts of sources, and pieces in the cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from smartcut.media.container import reading_from
from smartcut.media.fragments import TrackHead, head_of, piece_fragments
from smartcut.media.piece_files import PieceFiles, VideoPiece
from smartcut.render.output import OutputPicture

# Sources that are kept open, and heads of tracks that are remembered.
_MOST_OPEN, _MOST_HEADS = 8, 64
# Pictures in a fragment of what need not be waited for.
_EACH = 60


class SourcePackets:
    """Fragments of copied parts; keeps the sources that were used last ready."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._files: OrderedDict[Path, tuple[Lock, PieceFiles]] = OrderedDict()
        self._heads: OrderedDict[tuple[object, ...], TrackHead] = OrderedDict()

    def fragments(self, piece: VideoPiece, digest: str, picture: OutputPicture) -> list[bytes]:
        """Those of a part of the source of that digest."""
        lock, files = self._opened(piece.path)
        with lock, reading_from(piece.path):
            head = self._head(files, piece, digest, picture)
            return list(piece_fragments(files, piece, head, picture.timebase, _EACH))

    def close(self) -> None:
        with self._lock:
            opened, self._files = list(self._files.values()), OrderedDict()
        for lock, files in opened:
            with lock:
                files.close()

    def _opened(self, path: Path) -> tuple[Lock, PieceFiles]:
        surplus: list[tuple[Lock, PieceFiles]] = []
        with self._lock:
            found = self._files.setdefault(path, (Lock(), PieceFiles()))
            self._files.move_to_end(path)
            while len(self._files) > _MOST_OPEN:
                surplus.append(self._files.popitem(last=False)[1])
        for lock, files in surplus:
            with lock:
                files.close()
        return found

    def _head(
        self, files: PieceFiles, piece: VideoPiece, digest: str, picture: OutputPicture
    ) -> TrackHead:
        assert piece.copied is not None
        key = (digest, piece.copied.stream, picture.timebase, picture.orientation)
        with self._lock:
            head = self._heads.get(key)
        if head is None:
            stream = files.stream(piece, thorough=True)
            head = head_of(stream, picture.timebase, picture.orientation, piece.copied.headers)
            files.done_with([piece.path])  # an open MP4 holds a table of all its packets
            with self._lock:
                self._heads[key] = head
                while len(self._heads) > _MOST_HEADS:
                    self._heads.popitem(last=False)
        return head


def cached_fragments(
    piece: VideoPiece, picture: OutputPicture, begin: int | None = None
) -> Iterator[bytes]:
    """Those of a piece that was encoded before; time 0 is the tick ``begin``, or its first."""
    with PieceFiles() as files:
        stream = files.stream(piece, thorough=True)
        head = head_of(stream, picture.timebase, picture.orientation)
        yield from piece_fragments(files, piece, head, picture.timebase, _EACH, begin)
