"""Where decoders say that chroma samples lie: what is encoded here is read with it."""

from __future__ import annotations

from fractions import Fraction

from av.filter import Graph
from av.video.frame import VideoFrame

# Whose decoders say "left" where the stream says nothing; the others say nothing.
_LEFT = ("h264", "hevc", "mpeg4", "mpeg2video")
_SHARED = ("yuv420p", "yuvj420p", "yuva420p", "nv12", "p010")


class AsDecoded:
    """Frames as a decoder of that codec would give them, with the chroma siting that it assumes.

    Conversions to RGB look at it, by up to a tenth of full scale at edges of colour. For one
    thread; the samples are not touched.
    """

    def __init__(self, codec: str) -> None:
        self._place = "left" if codec in _LEFT else "unspecified"
        self._graph: Graph | None = None
        self._of: tuple[int, int, str] | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        if not frame.format.name.startswith(_SHARED):
            return frame
        shape = frame.width, frame.height, frame.format.name
        if self._graph is None or self._of != shape:
            self._graph, self._of = self._opened(frame), shape
        self._graph.push(frame)
        pulled = self._graph.pull()
        assert isinstance(pulled, VideoFrame)
        return pulled

    def _opened(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000)
        )
        said = graph.add("setparams", f"chroma_location={self._place}")
        end = graph.add("buffersink")
        source.link_to(said)
        said.link_to(end)
        graph.configure()
        return graph
