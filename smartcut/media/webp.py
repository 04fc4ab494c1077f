"""Animated WebP, which FFmpeg does not read: its pictures by Pillow, in a file that FFmpeg does."""

from __future__ import annotations

import atexit
import shutil
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from smartcut.errors import SourceError
from smartcut.media.trusted import check_size
from smartcut.once import once

# Pixels of all pictures together: the copy lies in the folder for temporary files.
_MOST_PIXELS = 4_000_000_000
_UNIT = Fraction(1, 1000)
# Of the head of a file: a RIFF of WebP with the extended header, and its flag of animation.
_HEAD, _FLAGS, _ANIMATED = 21, 20, 2


def readable(path: Path) -> Path:
    """The file itself; of an animated WebP a lossless copy, with its times, durations and alpha.

    The copy is made once in a process and deleted at its end. Raises SourceError.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    is_webp = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) == _HEAD
    if not is_webp or not head[_FLAGS] & _ANIMATED:
        return path
    known = path.stat()
    return _copy(path.absolute(), known.st_mtime_ns, known.st_size)


@once
def _folder() -> Path:
    folder = Path(mkdtemp(prefix="smartcut-webp-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@once
def _copy(path: Path, changed: int, size: int) -> Path:
    from PIL import Image

    copy = _folder() / f"{path.stem}-{changed}-{size}.mov"
    try:
        with Image.open(path, formats=["WEBP"]) as image:
            check_size(path, *image.size)
            pixels = image.width * image.height * getattr(image, "n_frames", 1)
            if pixels > _MOST_PIXELS:
                raise SourceError(
                    f"{path} is an animation of {pixels / 1e9:.1f} gigapixels; at most "
                    f"{_MOST_PIXELS / 1e9:.0f} are read: convert it to a video beforehand"
                )
            _write(image, copy)
    except (OSError, EOFError, ValueError, SyntaxError) as error:
        raise SourceError(f"{path} cannot be read as an animated WebP: {error}") from error
    return copy


def _write(image: Any, copy: Path) -> None:
    """Every picture as PNG in a MOV, which says how long each is shown."""
    with av.open(str(copy), "w", format="mov") as output:
        stream: Any = output.add_stream("png", rate=25)
        stream.width, stream.height = image.size
        stream.pix_fmt = "rgba"
        stream.time_base = stream.codec_context.time_base = _UNIT
        at = 0
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pixels = np.asarray(image.convert("RGBA"))
            frame = VideoFrame.from_ndarray(pixels, format="rgba")
            lasts = max(1, round(image.info.get("duration", 0)))
            frame.pts, frame.time_base = at, _UNIT
            for packet in stream.encode(frame):
                packet.duration = lasts
                output.mux(packet)
            at += lasts
        output.mux(stream.encode(None))
