"""Made clips as files: video that says that it was made, or a contact sheet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.cache import key_of
from smartcut.errors import RenderError
from smartcut.files import only_writer, reason, scratch, write_bytes
from smartcut.media import encode, mux
from smartcut.media.codecs import piece_suffix
from smartcut.media.containers import CONTAINERS
from smartcut.media.picture import from_rgb
from smartcut.media.piece_files import VideoPiece
from smartcut.models.generation import preview
from smartcut.render.output import constant_timebase
from smartcut.render.records.provenance import Interval, source_type, tagged
from smartcut.source import Colour
from smartcut.timebase import Range

#: Suffix: (codec, pixel format, crf). What is in .mkv is exact.
_VIDEO = {
    ".mp4": ("h264", "yuv420p", 12),
    ".mov": ("h264", "yuv420p", 12),
    ".mkv": ("ffv1", "bgr0", None),
}
SUFFIXES = (*_VIDEO, ".png")
_COLOUR = Colour("bt709", "bt709", "bt709", "limited")
_RGB = Colour("bt709", "bt709", "gbr", "full")
_KIND = "sample"


def check(path: Path) -> None:
    """Raise RenderError where nothing can be written under that name."""
    if path.suffix.lower() not in SUFFIXES:
        raise RenderError(
            f"{path}: clips cannot be written as {path.suffix or 'a file without a suffix'}; "
            f"accepted: {', '.join(SUFFIXES)}"
        )
    if not path.absolute().parent.is_dir():
        raise RenderError(f"{path}: there is no folder {path.absolute().parent}; make it first")


def write(
    path: Path, clips: np.ndarray, rate: Fraction, *, engine: str, said: dict[str, Any]
) -> None:
    """Write uint8 clips (N, T, H, W, 3) whole or not at all.

    Several are shown side by side in a video, and below each other in a picture. The video's
    metadata tell that ``engine`` made it; ``said`` is all that the outcome depends on.
    Raises RenderError.
    """
    check(path)
    if path.suffix.lower() == ".png":
        _write_picture(path, clips)
    else:
        _write_video(path, grid(clips), rate, engine, said)


def enlarged(clips: np.ndarray, scale: int) -> np.ndarray:
    """Each pixel as a square of ``scale`` pixels a side."""
    return clips.repeat(scale, axis=-3).repeat(scale, axis=-2)


def grid(clips: np.ndarray) -> np.ndarray:
    """uint8 (T, h, w, 3): clips (N, T, H, W, 3) side by side, row by row; what is left is black."""
    count, frames, height, width, _ = clips.shape
    columns = math.ceil(math.sqrt(count))
    rows = -(-count // columns)
    found = np.zeros((frames, rows * height, columns * width, 3), np.uint8)
    for n, clip in enumerate(clips):
        top, left = n // columns * height, n % columns * width
        found[:, top : top + height, left : left + width] = clip
    return found


def _write_picture(path: Path, clips: np.ndarray) -> None:
    import cv2

    picture = clips[0, 0] if clips.shape[:2] == (1, 1) else preview.sheet(clips)
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise RenderError(f"{path}: the picture cannot be encoded")
    try:
        write_bytes(path, data.tobytes())
    except OSError as error:
        raise RenderError(f"{path} cannot be written: {reason(error, path.parent)}") from error


def _write_video(
    path: Path, frames: np.ndarray, rate: Fraction, engine: str, said: dict[str, Any]
) -> None:
    codec, pixel_format, crf = _VIDEO[path.suffix.lower()]
    if pixel_format == "yuv420p":
        odd = frames.shape[1] % 2, frames.shape[2] % 2
        frames = np.pad(frames, ((0, 0), (0, odd[0]), (0, odd[1]), (0, 0)), mode="edge")
    colour = _COLOUR if pixel_format == "yuv420p" else _RGB
    timebase = constant_timebase(rate)
    step = int(1 / (rate * timebase))
    settings = encode.VideoSettings(
        codec, frames.shape[2], frames.shape[1], pixel_format, timebase, rate,
        crf=crf, preset="medium" if crf else None, colour=colour, is_constant=True,
    )  # fmt: skip

    def pictures() -> Iterator[tuple[int, Any]]:
        for number, pixels in enumerate(frames):
            yield number * step, from_rgb(pixels, pixel_format, colour)

    with (
        only_writer(path),
        scratch(path.with_suffix(piece_suffix(codec, pixel_format))) as piece,
    ):
        encode.encode_video(piece, settings, pictures())
        parts = mux.Parts(
            [VideoPiece(piece, 0, len(frames) * step)],
            timebase,
            metadata={"comment": _tag(Fraction(len(frames)) / rate, engine, said)},
        )
        mux.write(path, CONTAINERS[path.suffix.lower()], parts)


def _tag(duration: Fraction, engine: str, said: dict[str, Any]) -> str:
    made = Interval(
        Range(Fraction(0), duration), "picture", _KIND, engine, source_type(is_trained=True)
    )
    return tagged("", key_of(_KIND, 1, said), [made])
