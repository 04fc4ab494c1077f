"""Frames of a source as the output shows them: size, shape, pixel format, colours, light."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cache import Cache, key_of
from smartcut.media.look_up import LookUp
from smartcut.media.picture import Conform
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.transfer_curves import are_alike, curve, primaries, table
from smartcut.render.lut import write_cube
from smartcut.render.output import OutputPicture
from smartcut.source import Colour, VideoStream

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""

#: Raised whenever the same two colour descriptions would give another table.
VERSION = 1
# Colours on a side of a table.
_SIZE = 65
# What is between a source and a table, with alpha or without: RGB with as many bits as sources.
_DEEP = {False: "gbrp16le", True: "gbrap16le"}


class Fitted:
    """Frames of one stream as frames of the output; for one thread."""

    def __init__(self, conform: Conform, look_up: LookUp | None, picture: OutputPicture) -> None:
        self._conform, self._look_up, self._picture = conform, look_up, picture

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of what the frame fills of the picture."""
        return self._conform.box

    def __call__(self, frame: Frame) -> Frame:
        shown = self._conform(frame)
        if self._look_up is None:
            return shown
        name, colour = planar(self._picture.pixel_format), self._picture.colour
        return self._look_up.converted(shown, name, colour)


def conformer(
    stream: VideoStream, picture: OutputPicture, cache: Cache, woven: bool = False
) -> Fitted:
    """What turns frames of that stream into frames of the output; keeps tables in the cache.

    ``woven`` frames stay so.
    """
    stream = as_shown(stream, picture)
    cube = _cube(stream.colour, picture.colour, cache)
    name, colour = planar(picture.pixel_format), picture.colour
    if cube is not None:
        name = _DEEP[pixel_format(name).has_alpha]
        colour = replace(stream.colour, matrix="gbr", range="full")
    size = picture.width, picture.height
    conform = Conform(stream, *size, name, fit=picture.fit, colour=colour, woven=woven)
    return Fitted(conform, None if cube is None else LookUp(cube, colour), picture)


def as_shown(stream: VideoStream, picture: OutputPicture) -> VideoStream:
    """The stream as it is to be turned: not at all where players turn the output likewise."""
    if (stream.orientation, stream.sar) == (picture.orientation, picture.sar):
        return replace(stream, rotation=0, mirrored=False, sar=Fraction(1))
    return stream


def _cube(source: Colour, target: Colour, cache: Cache) -> Path | None:
    """The file of the table from one transfer curve to another; None where none is needed."""
    if are_alike(source, target):
        return None
    kinds = [(curve(colour), primaries(colour)) for colour in (source, target)]
    key = key_of("transfer-curves", VERSION, {"from": kinds[0], "to": kinds[1], "size": _SIZE})
    found = cache.find(key, ".cube")
    if found is None:
        with cache.create(key, ".cube") as path:
            write_cube(path, table(source, target, _SIZE))
        found = cache.find(key, ".cube")
    assert found is not None
    return found
