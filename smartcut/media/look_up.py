"""Frames through a colour table, read by tetrahedra in float by FFmpeg's ``lut3d``."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from threading import get_ident
from typing import Any, cast

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from smartcut.effect import Image
from smartcut.media.colour import FILTER_MATRIX, described, frame_colour, resolved
from smartcut.media.image import of_frame, to_frame
from smartcut.media.pixel_formats import pixel_format
from smartcut.media.planes import colour_codes, from_planes, tag, to_planes
from smartcut.once import once
from smartcut.source import Colour

_EXACT = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp:sws_dither=none"

Box = tuple[int, int, int, int]
"""Left, top, width and height, all even."""


@once
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="smartcut-cubes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def cube_file(table: np.ndarray) -> Path:
    """A .cube file of a table (n, n, n, 3), which goes when the process ends."""
    name = hashlib.sha256(np.ascontiguousarray(table, np.float32).tobytes()).hexdigest()[:32]
    path = _folder() / f"{name}.cube"
    if not path.exists():
        rows = np.asarray(table).transpose(2, 1, 0, 3).reshape(-1, 3)  # red changes fastest
        lines = [f"LUT_3D_SIZE {len(table)}", *(f"{r:.7f} {g:.7f} {b:.7f}" for r, g, b in rows)]
        waiting = path.with_suffix(f".{get_ident()}")
        waiting.write_text("\n".join(lines) + "\n")
        waiting.replace(path)
    return path


class LookUp:
    """A colour table in a .cube file, as a function of frames; for one thread.

    The same colour comes out the same, wherever and whenever it is. Frames keep their format;
    ``colour`` says their matrix and range. On the way to RGB swscale is off by up to a level of
    eight bits; a table that changes nothing gives back the same RGB, and YUV within a level.
    """

    def __init__(self, cube: Path, colour: Colour | None = None) -> None:
        self._cube, self._colour = cube, colour or Colour()
        self._graphs: dict[tuple[int, int, str, tuple[str, str], str], Graph] = {}

    def converted(self, frame: VideoFrame, name: str, colour: Colour) -> VideoFrame:
        """The frame through the table in another format, whose colours are others, too."""
        there, _ = self._yuv_scales(frame, self._colour, frame.format.name)
        _, back = self._yuv_scales(frame, colour, name)
        return tag(self._through(frame, (there, back), name), described(colour))

    def __call__(self, frame: VideoFrame, box: Box | None = None) -> VideoFrame:
        """The frame through the table; what lies outside ``box`` stays as it is."""
        name, tagged = frame.format.name, frame_colour(frame)
        colour = tagged if tagged.matrix else self._colour
        shown = self._through(frame, self._yuv_scales(frame, colour, name), name)
        tag(shown, colour_codes(frame))
        if box is None or box == (0, 0, frame.width, frame.height):
            return shown
        planes = to_planes(frame)
        for plane, new in zip(planes, to_planes(shown), strict=True):
            sx, sy = -(-frame.width // plane.shape[1]), -(-frame.height // plane.shape[0])
            left, top, width, height = box[0] // sx, box[1] // sy, box[2] // sx, box[3] // sy
            part = np.s_[top : top + height, left : left + width]
            plane[part] = new[part]
        return from_planes(planes, frame)

    def on_image(self, image: Image) -> Image:
        """The picture through the table; its alpha stays."""
        frame = self(to_frame(image, self._colour))
        return replace(of_frame(frame, image.space), alpha=image.alpha)

    def _yuv_scales(self, frame: VideoFrame, colour: Colour, name: str) -> tuple[str, str]:
        """Options of the ways to RGB and back, for samples in pixel format ``name``."""
        colour = resolved(colour, frame.height, name)
        matrix, kind = FILTER_MATRIX.get(colour.matrix or "", "bt709"), colour.range
        there = f"in_color_matrix={matrix}:in_range={kind}:out_range=full:{_EXACT}"
        back = f"in_range=full:out_color_matrix={matrix}:out_range={kind}:{_EXACT}"
        return there, back

    def _through(self, frame: VideoFrame, scales: tuple[str, str], name: str) -> VideoFrame:
        key = (frame.width, frame.height, frame.format.name, scales, name)
        graph = self._graphs.get(key)
        if graph is None:
            graph = self._graphs[key] = self._graph(*key)
        frame.pts = None
        graph.push(frame)
        return cast(VideoFrame, graph.pull())

    def _graph(
        self, width: int, height: int, given: str, scales: tuple[str, str], name: str
    ) -> Graph:
        graph = Graph()
        chain: list[Any] = [
            graph.add_buffer(
                width=width,
                height=height,
                format=VideoFormat(given, width, height),
                time_base=Fraction(1, 1000),
            ),
            graph.add("scale", scales[0]),
            graph.add("format", "gbrapf32" if pixel_format(name).has_alpha else "gbrpf32"),
            graph.add("lut3d", file=str(self._cube), interp="tetrahedral"),
            graph.add("scale", scales[1]),
            graph.add("format", name),
            graph.add("buffersink"),
        ]
        for one, other in pairwise(chain):
            one.link_to(other)
        graph.configure()
        return graph
