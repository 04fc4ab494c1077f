"""Fields: which of a picture's two comes first, and whole pictures made of them.

An interlaced picture is woven of two fields, its even and its odd lines, taken one after the other
in time. "tff" says that the even lines (the top field) come first, "bff" that the odd ones do.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, cast

import av.error
from av.filter import Graph
from av.video.frame import VideoFrame

from smartcut.media.container import opened
from smartcut.source import FieldOrder, VideoStream

Numbered = tuple[int, VideoFrame]

# Frames looked at, at the beginning and in the middle.
_LOOK = 12
# Decoders of these say of each frame whether it is interlaced; of others the container does.
_FLAGGED = (
    "h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "dvvideo", "prores", "ffv1", "vc1",
    "wmv3", "dnxhd", "mjpeg",
)  # fmt: skip
# AVFieldOrder: TT, BB, TB and BT, the last two as FFmpeg itself writes and reads them.
_OF_CONTAINER: dict[int, FieldOrder] = {2: "tff", 3: "bff", 4: "tff", 5: "bff"}
#: The same for what is written.
FIELD_CODES: dict[FieldOrder, int] = {"tff": 2, "bff": 3}


@dataclass(frozen=True, slots=True)
class Fields:
    """What the frames of a stream are."""

    order: FieldOrder = "progressive"
    """Of most of the interlaced ones, where there are any."""
    mixed: bool = False
    """Not all frames that were looked at are of that kind."""


def fields_of(path: Path, stream: int, told: int, first: Any, suspected: bool) -> Fields:
    """What the frames of a stream are: as most of those are flagged that are looked at.

    ``told`` is what the container says (AVFieldOrder), ``first`` the first frame. More are decoded
    only where one of them speaks of fields, or where ``suspected``.
    """
    of_container = _OF_CONTAINER.get(told, "progressive")
    woven = first is not None and first.interlaced_frame
    if of_container == "progressive" and not woven and not suspected:
        return Fields()
    with opened(path) as container:
        again = container.streams[stream]
        if not woven and again.codec_context.name not in _FLAGGED:
            return Fields(of_container)
        try:
            counted = Counter(orders(_samples(container, again)))
        except av.error.FFmpegError:
            counted = Counter(orders([] if first is None else [first]))
    found = [order for order, _ in counted.most_common() if order != "progressive"]
    return Fields(found[0], len(counted) > 1) if found else Fields()


def _samples(container: Any, stream: Any) -> Iterator[VideoFrame]:
    """Some frames from the beginning, and some from the middle where that can be reached."""
    yield from islice(container.decode(stream), _LOOK)
    if stream.duration:
        container.seek((stream.start_time or 0) + stream.duration // 2, stream=stream)
        yield from islice(container.decode(stream), _LOOK)


def orders(frames: Iterable[VideoFrame]) -> Iterator[FieldOrder]:
    """What each frame is flagged as; only a filter gives the flag of the first field."""
    graphs: dict[tuple[int, int, str], Graph] = {}
    for frame in frames:
        if not frame.interlaced_frame:
            yield "progressive"
            continue
        key = frame.width, frame.height, frame.format.name
        if key not in graphs:
            graphs[key] = _graph(frame, ("select", "eq(interlace_type,TOPFIRST)"))
        frame.pts = None
        graphs[key].push(frame)
        yield "tff" if _pulled(graphs[key]) else "bff"


def flagged(order: FieldOrder) -> Callable[[VideoFrame], VideoFrame]:
    """A function that flags interlaced frames, so that encoders know which field comes first."""
    graphs: dict[tuple[int, int, str], Graph] = {}

    def flag(frame: VideoFrame) -> VideoFrame:
        if order == "progressive":
            return frame
        key = frame.width, frame.height, frame.format.name
        if key not in graphs:
            graphs[key] = _graph(frame, ("setfield", order))
        frame.pts = None
        graphs[key].push(frame)
        return cast(VideoFrame, graphs[key].pull())

    return flag


def deinterlaced(
    decode: Callable[[int, int], Iterator[Numbered]],
    video: VideoStream,
    count: int,
    first: int,
    last: int,
) -> Iterator[Numbered]:
    """(number, whole picture) for the frames ``first`` to ``last`` - 1 of ``count``.

    Of each frame the first field is kept and the lines between are made by FFmpeg's bwdif, from the
    frames before and after as well, whichever part of the source is asked for: ``decode`` gives
    (number, frame) from one number to before another. Frames that are flagged as progressive stay
    as they are.
    """
    waiting: deque[int] = deque()
    graph: Graph | None = None
    key: tuple[int, int, str] | None = None

    def done() -> Iterator[Numbered]:
        for frame in _pulled(graph) if graph is not None else ():
            number = waiting.popleft()
            if first <= number < last:
                yield number, frame

    for number, frame in decode(max(0, first - 1), min(count, last + 1)):
        if key != (frame.width, frame.height, frame.format.name):
            if graph is not None:
                graph.push(None)
                yield from done()
            key = frame.width, frame.height, frame.format.name
            graph = _graph(frame, *_to_whole_pictures(video))
        assert graph is not None
        frame.pts, frame.time_base = number, Fraction(1, 25)
        waiting.append(number)
        graph.push(frame)
        yield from done()
    if graph is not None:
        graph.push(None)
        yield from done()


def _to_whole_pictures(video: VideoStream) -> Iterator[tuple[str, str]]:
    if video.codec not in _FLAGGED or video.made_whole == "all":
        yield "setfield", video.field_order
    which = "all" if video.made_whole == "all" else "interlaced"
    yield "bwdif", f"mode=send_frame:parity=auto:deint={which}"


def _graph(like: VideoFrame, *filters: tuple[str, str]) -> Graph:
    graph = Graph()
    first = graph.add_buffer(
        width=like.width, height=like.height, format=like.format, time_base=Fraction(1, 25)
    )
    chain = [first, *(graph.add(*one) for one in filters), graph.add("buffersink")]
    graph.link_nodes(*chain).configure()
    return graph


def _pulled(graph: Graph) -> list[VideoFrame]:
    """What a graph has ready."""
    found = []
    while True:
        try:
            found.append(cast(VideoFrame, graph.pull()))
        except (av.error.BlockingIOError, av.error.EOFError):
            return found
