"""What goes into a file besides picture and sound: subtitles, fonts and other files, a cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from av.packet import Packet
from av.stream import Disposition

from smartcut.media.container import opened
from smartcut.media.containers import Container
from smartcut.media.languages import language_tag
from smartcut.timebase import Range

_UNIT = Fraction(1, 1000)

Packets = Iterator[tuple[float, int, Any]]
"""(seconds, a number that orders streams, packet)."""


class TextTrack(NamedTuple):
    """Soft subtitles: (range, text) pairs, or (range, payload) of packets like a source's."""

    cues: Sequence[tuple[Range, str | bytes]]
    language: str | None = None
    """ISO 639-1 or -2."""
    title: str = ""
    roles: tuple[str, ...] = ()
    """FFmpeg's names of dispositions."""
    like: tuple[Path, int] | None = None
    """A file, and the stream of it whose kind and header the payloads have; None: plain text."""


class Embedded(NamedTuple):
    """A file within the file, such as a font."""

    name: str
    mimetype: str
    data: bytes


class CoverPicture(NamedTuple):
    """The cover picture of a source: a stream of its file."""

    path: Path
    stream: int


def text_packets(output: Any, container: Container, track: TextTrack) -> Packets:
    """The packets of a new subtitle stream."""
    if track.like is None:
        assert container.text is not None
        codec = container.text
        stream = output.add_mux_stream(codec, time_base=_UNIT)
    else:
        path, number = track.like
        with opened(path) as file:
            template = file.streams[number]
            codec = template.codec_context.codec.canonical_name
            stream = output.add_stream_from_template(template, opaque=True)
            stream.time_base = _UNIT
    if language := language_tag(track.language, container.languages):
        stream.metadata["language"] = language
    if track.title:
        stream.metadata["title"] = track.title
    stream.disposition = sum(int(Disposition[role]) for role in track.roles)

    def packets() -> Packets:
        for number, (cue, shown) in enumerate(track.cues):
            packet = Packet(_payload(codec, shown, number))
            packet.stream, packet.time_base = stream, _UNIT
            packet.pts = packet.dts = round(cue.start / _UNIT)
            packet.duration = max(1, round(cue.duration / _UNIT))
            yield float(cue.start), 2, packet

    return packets()


def _payload(codec: str, shown: str | bytes, number: int) -> bytes:
    """What is in the ``number``-th packet of a subtitle stream."""
    if isinstance(shown, bytes):
        # ASS: a field before the first comma orders what is shown at once.
        return b"%d,%b" % (number, shown) if codec in ("ass", "ssa") else shown
    data = shown.encode("utf-8")
    return len(data).to_bytes(2, "big") + data if codec == "mov_text" else data


def embed(output: Any, files: Sequence[Embedded]) -> None:
    """Put files into the file; Matroska alone takes them."""
    for item in files:
        output.add_attachment(item.name, item.mimetype, item.data)


def cover_packets(output: Any, cover: CoverPicture) -> Packets:
    """The only packet of a new stream that is a cover; MP4 alone has such."""
    with opened(cover.path) as container:
        template = container.streams[cover.stream]
        stream = output.add_stream_from_template(template, opaque=True)
        data = bytes(next(p for p in container.demux(template) if p.size))
    stream.disposition = Disposition.attached_pic

    def packets() -> Packets:
        packet = Packet(data)
        packet.stream, packet.time_base = stream, _UNIT
        packet.pts = packet.dts = 0
        packet.is_keyframe = True
        yield 0.0, 3, packet

    return packets()
