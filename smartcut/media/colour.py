"""The names of colour properties: their codes, and what is assumed where none is given."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from av.video.frame import VideoFrame

from smartcut.media.pixel_formats import pixel_format
from smartcut.source import Colour

#: FFmpeg's numbers of the properties that are known by name (ITU-T H.273).
_CODES: dict[str, dict[str, int]] = {
    "primaries": {
        "bt709": 1,
        "bt470m": 4,
        "bt470bg": 5,
        "smpte170m": 6,
        "smpte240m": 7,
        "bt2020": 9,
        "smpte431": 11,
        "smpte432": 12,
    },
    "transfer": {
        "bt709": 1,
        "gamma22": 4,
        "gamma28": 5,
        "smpte170m": 6,
        "smpte240m": 7,
        "linear": 8,
        "iec61966-2-1": 13,
        "bt2020-10": 14,
        "bt2020-12": 15,
        "smpte2084": 16,
        "arib-std-b67": 18,
    },
    "matrix": {
        "gbr": 0,
        "bt709": 1,
        "fcc": 4,
        "bt470bg": 5,
        "smpte170m": 6,
        "smpte240m": 7,
        "bt2020nc": 9,
        "bt2020c": 10,
    },
    "range": {"limited": 1, "full": 2},
}
_UNSPECIFIED = 2

#: Red and blue weights of luma (ITU-R BT.601, BT.709, BT.2020).
_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "bt2020nc": (0.2627, 0.0593),
    "bt2020c": (0.2627, 0.0593),
    "smpte240m": (0.212, 0.087),
    "fcc": (0.30, 0.11),
}
_BT601 = (0.299, 0.114)

#: What FFmpeg's filters call the matrices.
FILTER_MATRIX = {
    "bt709": "bt709",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
    "fcc": "fcc",
}


def luma_weights(matrix: str) -> tuple[float, float]:
    """The shares of red and blue in luma."""
    return _WEIGHTS.get(matrix, _BT601)


def colour_code(kind: str, name: str | None) -> int:
    """FFmpeg's number for a colour property; 2 (0 for the range) where it is not known."""
    return _CODES[kind].get(name or "", 0 if kind == "range" else _UNSPECIFIED)


def assumed_matrix(colour: Colour, height: int) -> str:
    """The matrix as tagged, or what players take for pictures of that height."""
    return colour.matrix or ("bt709" if height >= 720 else "smpte170m")


def described(colour: Colour) -> tuple[int, int, int, int]:
    """The numbers of primaries, transfer, matrix and range, as frames carry them."""
    codes = [colour_code(kind, getattr(colour, kind)) for kind in _CODES]
    return codes[0], codes[1], codes[2], codes[3]


def resolved(colour: Colour, height: int, name: str) -> Colour:
    """The same with the matrix and the range that samples in pixel format ``name`` are taken for.

    The one place that assumes what a file does not say: sources go by their coded height and
    outputs by theirs. Every conversion is from one resolved description to another, and frames on
    the way are tagged with theirs, whatever their own size is.
    """
    if pixel_format(name).is_rgb:
        return replace(colour, matrix="gbr", range="full")
    if colour.matrix == "gbr":
        return replace(colour, matrix="bt709", range="limited")
    full = colour.range == "full" or name.startswith("yuvj")
    matrix = assumed_matrix(colour, height)
    return replace(colour, matrix=matrix, range="full" if full else "limited")


def frame_colour(frame: VideoFrame) -> Colour:
    """What a frame is tagged with, as far as it is known by name."""
    ranges: dict[int, Literal["limited", "full"]] = {1: "limited", 2: "full"}
    numbers = (frame.color_primaries, frame.color_trc, frame.colorspace)
    kinds = ("primaries", "transfer", "matrix")
    primaries, transfer, matrix = (
        next((name for name, code in _CODES[kind].items() if code == int(number)), None)
        for kind, number in zip(kinds, numbers, strict=True)
    )
    return Colour(primaries, transfer, matrix, ranges.get(int(frame.color_range)))
