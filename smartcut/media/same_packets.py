"""Whether packets of two files are the same pictures, without a look at the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from smartcut.media.headers import length_size
from smartcut.media.index import VideoIndex
from smartcut.media.packets import PacketReader
from smartcut.media.splice import NAL_CODECS, coded_units
from smartcut.source import Source


@dataclass(frozen=True, slots=True)
class Place:
    """A frame of a file at which decoding can start, by its number."""

    source: Source
    index: VideoIndex
    number: int


def decodes_alike(copy: Place, original: Place, count: int) -> bool:
    """Whether ``count`` packets from a place on decode to the same bits as those of the original.

    True only where that is certain: the packets hold the same bytes, and every parameter set of
    the original is in the copy under its number. Anything else has to be decoded and compared.
    """
    known = set(copy.index.headers)
    if not (copy.index.is_one_sequence and known.issuperset(original.index.headers)):
        return False
    codec, data = _coded(copy, count)
    return (codec, data) == _coded(original, count) and len(data) == count


def _coded(place: Place, count: int) -> tuple[tuple[str, bytes | None], list[tuple[bytes, ...]]]:
    """What decodes: (codec and, where it has no parameter sets, its header; the packets)."""
    video = place.source.video
    assert video is not None
    codec = video.codec
    with PacketReader(place.source.path, video.index) as reader:
        extradata = reader.decoder.extradata
        packets = islice(reader.from_key(int(place.index.pts[place.number])), count)
        if codec not in NAL_CODECS:
            return (codec, extradata), [(bytes(packet),) for packet in packets]
        length = length_size(codec, extradata)
        return (codec, None), [coded_units(codec, packet, length) for packet in packets]
