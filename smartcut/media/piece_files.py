"""Pieces of a film's picture as packets: encoded ones, and parts of a source to copy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.errors import RenderError
from smartcut.media.container import give_back, open_plain, opened, reading_from
from smartcut.media.headers import sets_in
from smartcut.media.packets import PacketReader
from smartcut.media.splice import Origin

_MOST_FILES = 64
# Pieces say in their header all that packets need: no picture is decoded to find out more.
_QUICKLY = {"probesize": "32", "analyzeduration": "1", "skip_frame": "all"}


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """Frames of a source to take over packet by packet, in the order of their packets."""

    stream: int
    """The stream's index in the file."""
    pts: np.ndarray
    """The source's pts of these frames, in decoding order; the first is a place to start."""
    ticks: np.ndarray
    """The output tick of each."""
    headers: tuple[bytes, ...] = ()
    """The source's parameter sets."""
    messages: tuple[bytes, ...] = ()
    """What else it says that encoded pieces beside it need too; see VideoIndex.messages."""


@dataclass(frozen=True, slots=True, eq=False)
class VideoPiece:
    """An encoded piece, or a part of a source; output ticks of its start and its end."""

    path: Path
    start: int
    end: int
    copied: Copied | None = None
    ticks: np.ndarray | None = None
    """Of each encoded frame, in the order shown; None: as the piece's own clock says."""


class PieceFiles:
    """The files that pieces lie in, open for reading: the few that were used last."""

    def __init__(self, most: int = _MOST_FILES) -> None:
        self._most = most
        self._open: OrderedDict[Path, Any] = OrderedDict()
        self._readers: OrderedDict[tuple[Path, int], PacketReader] = OrderedDict()

    def __enter__(self) -> PieceFiles:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def stream(self, piece: VideoPiece, thorough: bool = False) -> Any:
        """The piece's stream; ``thorough`` has all its properties found out, which takes longer."""
        streams = self._container(piece.path, thorough).streams
        return streams[piece.copied.stream] if piece.copied else streams.video[0]

    @contextmanager
    def opened(self, path: Path) -> Iterator[Any]:
        """A file that the block reads the header of: open already where a piece lies in it."""
        if path in self._open:
            with reading_from(path):
                yield self._open[path]
        else:
            with opened(path) as file:
                yield file

    def packets(self, piece: VideoPiece) -> Iterator[Any]:
        """The piece's packets in decoding order."""
        if piece.copied is None:
            container = self._container(piece.path)
            container.seek(0)
            yield from (p for p in container.demux(container.streams.video[0]) if p.size)
            return
        wanted = numbers_in(piece.copied.pts)
        due = next(wanted, None)
        reader = self._reader(piece.path, piece.copied.stream)
        for packet in reader.from_key(int(piece.copied.pts[0])):
            if packet.pts == due and not packet.is_discard:
                yield packet
                due = next(wanted, None)
                if due is None:
                    return
        raise RenderError(f"{piece.path} has other packets than when it was indexed")

    def ticks(self, piece: VideoPiece, timebase: Fraction) -> np.ndarray:
        """The output ticks of the piece's frames, in decoding order."""
        if piece.copied is not None:
            return piece.copied.ticks
        pts = np.array([p.pts for p in self.packets(piece)], dtype=np.int64)
        if piece.ticks is not None:
            if len(pts) != len(piece.ticks):
                raise RenderError(f"{piece.path} has {len(pts)} frames, not {len(piece.ticks)}")
            return piece.ticks[np.argsort(np.argsort(pts))]
        own = Fraction(self.stream(piece).time_base)
        pts -= pts.min()
        ratio = own / timebase
        if ratio != 1:
            pts = np.array([round(int(p) * ratio) for p in pts], dtype=np.int64)
        return pts + piece.start

    def origin(self, piece: VideoPiece, codec: str) -> Origin:
        """What a splice has to know of where the piece's packets come from."""
        extradata = self.stream(piece).codec_context.extradata
        sets = piece.copied.headers if piece.copied else sets_in(codec, extradata)
        messages = piece.copied.messages if piece.copied else ()
        return Origin(extradata, sets, piece.copied is not None, messages)

    def done_with(self, paths: Iterable[Path]) -> None:
        """These files' headers are not looked at again."""
        for path in paths:
            if path in self._open:
                self._open.pop(path).close()
        give_back()

    def close(self) -> None:
        """Close all of them; they are opened again when they are asked for."""
        while self._open:
            self._open.popitem()[1].close()
        while self._readers:
            self._readers.popitem()[1].close()

    def _container(self, path: Path, thorough: bool = False) -> Any:
        if path not in self._open:
            quick = path.suffix == ".nut" and not thorough
            self._open[path] = open_plain(path, **(_QUICKLY if quick else {}))
        self._open.move_to_end(path)
        while len(self._open) > self._most:
            self._open.popitem(last=False)[1].close()
        return self._open[path]

    def _reader(self, path: Path, stream: int) -> PacketReader:
        if (path, stream) not in self._readers:
            self._readers[path, stream] = PacketReader(path, stream)
        self._readers.move_to_end((path, stream))
        while len(self._readers) > self._most:
            self._readers.popitem(last=False)[1].close()
        return self._readers[path, stream]


def numbers_in(array: np.ndarray) -> Iterator[int]:
    """The array's numbers, made a few at a time."""
    for first in range(0, len(array), 1024):
        yield from array[first : first + 1024].tolist()
