"""Indexes that know which pictures need no B picture, where pictures at intervals are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from smartcut.cache import Cache, key_of
from smartcut.media.base_pictures import BasePictures
from smartcut.media.frame_index import VideoIndex
from smartcut.media.headers import length_size
from smartcut.media.index import video_index
from smartcut.media.packets import PacketReader
from smartcut.source import Source
from smartcut.stage import Frames, Sound

VERSION = 1


def index_for(
    wishes: Iterable[Frames | Sound], source: Source, cache: Cache | None = None
) -> VideoIndex:
    """The index of the source's video stream, with what the wishes for pictures need of it.

    Reading the packets for that takes some tenths of a second an hour, once: it is remembered in
    the cache.
    """
    index = video_index(source, cache)
    if not any(_may_be_near(wish) for wish in wishes):
        return index
    return replace(index, is_base=_bases(source, index, cache))


def _may_be_near(wish: Frames | Sound) -> bool:
    return isinstance(wish, Frames) and isinstance(wish.every, Fraction) and wish.within > 0


def _bases(source: Source, index: VideoIndex, cache: Cache | None) -> np.ndarray | None:
    assert source.video is not None
    if source.made or source.video.codec != "h264" or index.is_counted or not index.is_one_sequence:
        return None
    if cache is None:
        return _read(source, index)
    key = key_of("base-pictures", VERSION, {"source": source.digest, "video": source.video.index})
    known = cache.load(key, lambda kept: isinstance(kept, dict) and "array" in kept)
    if known is not None:
        found = None if known["array"] is None else cache.load_array(known["array"])
        if known["array"] is None or (found is not None and found.shape == (len(index),)):
            return found
    found = _read(source, index)
    cache.store(key, {"array": None if found is None else cache.store_array(found)})
    return found


def _read(source: Source, index: VideoIndex) -> np.ndarray | None:
    assert source.video is not None
    are_base = bytearray()
    with PacketReader(source.path, source.video.index) as reader:
        bases = BasePictures(length_size("h264", reader.decoder.extradata), index.headers)
        for packet in reader.from_time(None):
            are_base.append(bases.is_base(memoryview(packet)))
            if not bases.is_known:
                return None
    # Each packet is a picture of the index: those left out are the B pictures and no others.
    if len(are_base) != len(index) or all(are_base):
        return None
    found = np.empty(len(index), np.bool_)
    found[index.order] = np.frombuffer(are_base, np.bool_)
    return found
