"""Packet indexes of files, made once and remembered in the cache."""

from __future__ import annotations

from concurrent.futures import Future, wait
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.cache import Cache, file_sha256, key_of
from smartcut.errors import SourceError
from smartcut.media.bitstream import (
    Start,
)
from smartcut.media.container import give_back
from smartcut.media.demuxing import Tables, demuxed_scan
from smartcut.media.fields import Fields
from smartcut.media.frame_index import AudioSpan, Scan, VideoIndex, replace_origin
from smartcut.media.index_shape import is_index
from smartcut.media.packet_table import PacketTable
from smartcut.media.packets import remember
from smartcut.source import Source, VideoStream

__all__ = ["AudioSpan", "Scan", "VideoIndex", "replace_origin", "scan", "video_index"]

VERSION = 12

# A digest that is known is there after so many seconds.
_SOON = 0.01


def video_index(source: Source, cache: Cache | None = None) -> VideoIndex:
    """The index of the source's video stream, on the source's own time."""
    if source.video is None:
        raise SourceError(f"{source.path} has no video stream")
    if source.made:
        return _regular(source.video)
    audio = source.audio.index if source.audio else None
    found = scan(source.path, source.video.index, audio, source.digest, cache).video
    assert found is not None
    return replace_origin(found, source.origin)


def _regular(video: VideoStream) -> VideoIndex:
    """The index of a stream that is made: evenly spaced frames, each decoded by itself."""
    step = int(1 / (video.rate * video.timebase))
    numbers = np.arange(video.frames, dtype=np.int64)
    everywhere = np.ones(video.frames, dtype=bool)
    return VideoIndex(
        timebase=video.timebase,
        origin=Fraction(0),
        pts=numbers * step,
        is_start=everywhere,
        is_entry=everywhere,
        order=numbers,
        last_duration=step,
        rate=video.rate,
        is_vfr=False,
        is_counted=False,
    )


def scan(
    path: Path,
    video: int | None,
    audio: int | None,
    digest: str | Future[str] | None = None,
    cache: Cache | None = None,
    container: Any = None,
) -> Scan:
    """The packet index of these streams (container indexes), remembered in the cache.

    While a digest is still being worked out, the file is indexed at once: it is new.
    Without a cache, ``container`` may be the file that is open already, at its start.
    """
    if cache is None:
        found, tables = demuxed_scan(path, video, audio, container)
    else:
        found, tables = _scanned(path, video, audio, digest, cache)
    for stream, table in tables.items():
        remember(path, stream, table)
    give_back()
    return found


def _scanned(
    path: Path,
    video: int | None,
    audio: int | None,
    digest: str | Future[str] | None,
    cache: Cache,
) -> tuple[Scan, Tables]:
    made = None
    if isinstance(digest, Future):
        if not wait([digest], _SOON).done:
            made = demuxed_scan(path, video, audio)
        digest = digest.result()
    inputs = {"source": digest or file_sha256(path), "video": video, "audio": audio}
    key = key_of("packet-index", VERSION, inputs)
    known = cache.load(key, is_index) if made is None else None
    if known is not None:
        array, tables = cache.load_array(known["array"]), _tables_from_plain(known["tables"], cache)
        if array is not None and tables is not None:
            return _from_plain(known, array), tables
    found, tables = made or demuxed_scan(path, video, audio)
    plain, array = _to_plain(found)
    kept = _tables_to_plain(tables, cache)
    cache.store(key, {**plain, "array": cache.store_array(array), "tables": kept})
    return found, {**tables, **(_tables_from_plain(kept, cache) or {})}


def _tables_to_plain(tables: Tables, cache: Cache) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stream, table in tables.items():
        if table is not None:
            plain, rows = table.to_plain()
            found[str(stream)] = {**plain, "array": cache.store_array(rows)}
    return found


def _tables_from_plain(kept: dict[str, Any], cache: Cache) -> Tables | None:
    """The tables, of which only what is looked at is read into memory; None where one is gone."""
    found: Tables = {}
    for stream, plain in kept.items():
        rows = cache.load_array(plain["array"], mapped=True)
        if rows is None:
            return None
        found[int(stream)] = PacketTable.from_plain(plain, rows)
    return found


def _to_plain(found: Scan) -> tuple[dict[str, Any], np.ndarray]:
    index = found.video
    sounds = {str(stream): [span.start, span.end] for stream, span in found.sounds.items()}
    plain: dict[str, Any] = {"sounds": sounds}
    plain |= {"rotation": found.rotation, "mirrored": found.mirrored, "colour": found.colour}
    plain["fields"] = [found.fields.order, found.fields.mixed]
    if index is None:
        return plain, np.zeros((3, 0), dtype=np.int64)
    plain |= {
        "timebase": str(index.timebase),
        "last_duration": index.last_duration,
        "rate": str(index.rate),
        "is_vfr": index.is_vfr,
        "is_counted": index.is_counted,
        "pre_roll": index.pre_roll,
        "headers": [h.hex() for h in index.headers],
        "messages": [m.hex() for m in index.messages],
        "is_one_sequence": index.is_one_sequence,
    }
    starts = index.is_start.astype(np.int64) + index.is_entry
    return plain, np.stack([index.pts, starts, index.order])


def _from_plain(plain: dict[str, Any], array: np.ndarray) -> Scan:
    sounds = {int(stream): AudioSpan(*span) for stream, span in plain["sounds"].items()}
    colour = tuple(plain["colour"]) if plain["colour"] else None
    seen = plain["rotation"], plain["mirrored"], Fields(*plain["fields"]), colour
    if "timebase" not in plain:
        return Scan(None, sounds, *seen)
    index = VideoIndex(
        timebase=Fraction(plain["timebase"]),
        origin=Fraction(0),
        pts=array[0],
        is_start=array[1] >= Start.DECODE,
        is_entry=array[1] >= Start.COPY,
        order=array[2],
        last_duration=plain["last_duration"],
        rate=Fraction(plain["rate"]),
        is_vfr=plain["is_vfr"],
        is_counted=plain["is_counted"],
        pre_roll=plain["pre_roll"],
        headers=tuple(bytes.fromhex(h) for h in plain["headers"]),
        messages=tuple(bytes.fromhex(m) for m in plain["messages"]),
        is_one_sequence=plain["is_one_sequence"],
    )
    return Scan(index, sounds, *seen)
