"""Segments of fragmented MP4, as players of HTTP Live Streaming fetch them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from smartcut.media.containers import CONTAINERS
from smartcut.media.mux import Parts, interleave

_HEAD = "init.mp4"
_SOUND = {"aac": "mp4a.40.2", "ac3": "ac-3", "eac3": "ec-3", "opus": "opus", "flac": "fLaC"}


def write_segments(folder: Path, parts: Parts, seconds: int) -> list[tuple[int, Fraction]]:
    """Write ``index.m3u8``, ``init.mp4`` and the segments; (bytes, seconds) of each segment."""
    options = {
        "hls_time": str(seconds),
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_segment_filename": str(folder / "%05d.m4s"),
        "hls_fmp4_init_filename": _HEAD,
        "hls_flags": "independent_segments",
    }
    interleave(folder / "index.m3u8", CONTAINERS[".m3u8"], parts, options)
    lines = (folder / "index.m3u8").read_text().splitlines()
    lasting = [Fraction(x[8:].rstrip(",")) for x in lines if x.startswith("#EXTINF:")]
    sizes = [path.stat().st_size for path in _segments(folder)]
    return list(zip(sizes, lasting, strict=True))


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.m4s"))


@contextmanager
def joined(folder: Path) -> Iterator[Path]:
    """A temporary file of all segments, which is a fragmented MP4."""
    with TemporaryDirectory(prefix="smartcut-segments-") as temporary:
        path = Path(temporary) / "joined.mp4"
        with path.open("wb") as file:
            for part in (folder / _HEAD, *_segments(folder)):
                with part.open("rb") as source:
                    shutil.copyfileobj(source, file)
        yield path


def codec_strings(path: Path) -> str:
    """What playlists call the codecs of a file (RFC 6381)."""
    found = []
    with av.open(str(path)) as container:
        for stream in container.streams:
            context = stream.codec_context
            name = context.codec.canonical_name
            if name == "h264":
                found.append(f"avc1.{bytes(context.extradata or b'')[1:4].hex()}")
            elif name in _SOUND:
                found.append(_SOUND[name])
    return ",".join(found)
