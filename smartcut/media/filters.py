"""FFmpeg's filters on pictures, for what they do better than arrays; graphs are built once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from smartcut.effect import Image, Size
from smartcut.media.image import of_frame, to_frame
from smartcut.source import Colour


class Filters:
    """A chain of filters that give a picture for each picture, as a function; for one thread.

    Each is a name and its options, as FFmpeg has them. Pictures keep their format and size.
    """

    def __init__(self, *chain: tuple[str, Mapping[str, str]]) -> None:
        self._chain = chain
        self._graphs: dict[tuple[Size, str], Graph] = {}

    def __call__(self, image: Image) -> Image:
        key = image.size, image.space.pixel_format
        if key not in self._graphs:
            self._graphs[key] = self._graph(*key)
        graph = self._graphs[key]
        frame = to_frame(image, Colour())
        frame.pts = None
        graph.push(frame)
        return replace(of_frame(cast(VideoFrame, graph.pull()), image.space), alpha=image.alpha)

    def _graph(self, size: Size, name: str) -> Graph:
        graph = Graph()
        form = VideoFormat(name, *size)
        links: list[Any] = [
            graph.add_buffer(
                width=size[0], height=size[1], format=form, time_base=Fraction(1, 1000)
            ),
            *(graph.add(kind, **options) for kind, options in self._chain),
            graph.add("format", name),
            graph.add("buffersink"),
        ]
        for one, other in pairwise(links):
            one.link_to(other)
        graph.configure()
        return graph
