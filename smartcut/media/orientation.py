"""How players turn and mirror pictures: display matrices, and pictures made upright by them.

An orientation is (rotation, mirrored): the coded picture is first mirrored left to right where
``mirrored`` says so, and then turned clockwise by ``rotation``, which is 0, 90, 180 or 270
degrees. The eight of them are those of EXIF. A display matrix is FFmpeg's
(libavutil/display.h), after ISO/IEC 14496-12, 6.2.2: a, b, u, c, d, v, x, y, w.
"""

from __future__ import annotations

from fractions import Fraction
from math import atan2, degrees
from typing import Any

import numpy as np

Orientation = tuple[int, bool]

#: Orientations by the numbers that EXIF has for them (CIPA DC-008, tag 0x0112).
FROM_EXIF: dict[int, Orientation] = {
    1: (0, False), 2: (0, True), 3: (180, False), 4: (180, True),
    5: (270, True), 6: (90, False), 7: (90, True), 8: (270, False),
}  # fmt: skip

_EXIF_DATA = 31  # AV_FRAME_DATA_EXIF
_ONE = 1 << 16
_COSINES = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}
# The first only says that lines go backwards, which arrays cannot.
_UPSIDE_DOWN = (("vflip", None), ("copy", None))
_FILTERS: dict[Orientation, tuple[tuple[str, str | None], ...]] = {
    (0, False): (),
    (0, True): (("hflip", None),),
    (90, False): (("transpose", "clock"),),
    (90, True): (("transpose", "clock_flip"),),
    (180, False): (("hflip", None), *_UPSIDE_DOWN),
    (180, True): _UPSIDE_DOWN,
    (270, False): (("transpose", "cclock"),),
    (270, True): (("transpose", "cclock_flip"),),
}


def orientation_of(frame: Any) -> Orientation:
    """What the display matrix of a decoded frame asks for, to the nearest quarter turn.

    FFmpeg hands on that of the container, H.264's and HEVC's display orientation and EXIF's
    orientation alike.
    """
    for data in _side_data(frame):
        if data.type.name == "DISPLAYMATRIX":
            return orientation_in(np.frombuffer(bytes(data), np.int32).tolist())
    return 0, False


def _side_data(frame: Any) -> Any:
    """The frame's side data; without EXIF's, which PyAV has no name for and fails on."""
    try:
        return frame.side_data
    except ValueError:
        from av.filter import Graph

        graph = Graph()
        chain = (
            graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1)
            ),
            graph.add("sidedata", f"mode=delete:type={_EXIF_DATA}"),
            graph.add("buffersink"),
        )
        graph.link_nodes(*chain).configure()
        graph.push(frame)
        return graph.pull().side_data


def orientation_in(matrix: list[int]) -> Orientation:
    """What a display matrix asks for; its scale and its offset do not count."""
    a, b, _, c, d = matrix[:5]
    size = a * d - b * c
    if size == 0:
        return 0, False
    return round(degrees(atan2(-c, d)) / 90) * 90 % 360, size < 0


def display_matrix(rotation: int, mirrored: bool) -> tuple[int, ...]:
    """The nine numbers that ask for an orientation."""
    cosine, sine = (_ONE * part for part in _COSINES[rotation])
    side = -1 if mirrored else 1
    return (side * cosine, side * sine, 0, -sine, cosine, 0, 0, 0, 1 << 30)


def combined(first: Orientation, then: Orientation) -> Orientation:
    """One orientation and then another: what a turned picture becomes when it is turned again."""
    (rotation, mirrored), (further, mirrors) = first, then
    # Mirrored after a turn is turned the other way after a mirror.
    turned = -rotation if mirrors else rotation
    return (turned + further) % 360, mirrored != mirrors


def upright_filters(rotation: int, mirrored: bool) -> tuple[tuple[str, str | None], ...]:
    """FFmpeg's filters, with their arguments, that make a coded picture upright."""
    return _FILTERS[rotation, mirrored]


def upright(pixels: np.ndarray, rotation: int, mirrored: bool) -> np.ndarray:
    """A coded picture (h, w, ...) made upright."""
    if mirrored:
        pixels = pixels[:, ::-1]
    if rotation:
        pixels = np.rot90(pixels, -rotation // 90)
    return np.ascontiguousarray(pixels)
