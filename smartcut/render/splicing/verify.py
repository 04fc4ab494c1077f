"""Checks a file after it was written: everything planned is there, in order, in time, and decodes.

All packets are looked at. Where a copied part begins its packets are compared to the source's, and
pictures are decoded at the first such place of each source, where packets differ, and where an
encoded part follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from smartcut.errors import SourceError
from smartcut.media.decode import DecoderPool
from smartcut.media.numbered import files_of
from smartcut.media.planes import same_pixels
from smartcut.media.probe import colour_of, examined
from smartcut.media.same_packets import Place, decodes_alike
from smartcut.render.job import Rendering
from smartcut.render.splicing.spans import Span
from smartcut.source import Source
from smartcut.timebase import format_time

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

# Matroska's clock; MP4's is finer.
_CLOCK = Fraction(1, 1000)
# Seconds that prime any decoder, at most.
_PRIMING = Fraction(1, 20)
#: Frames decoded after each seam: a copied one refers to others, and so on.
_LOOK = {"copy": 2, "encode": 1}
_WORKERS = 2
# In place of the written file's digest: it is looked at once.
_WRITTEN = "written"


class Problem(NamedTuple):
    """What is wrong with a written file, and which span is to blame (None: any)."""

    text: str
    span: int | None = None

    def spans(self, rendering: Rendering) -> Sequence[Span]:
        """The copied spans that may be the cause."""
        copied = [s for s in rendering.spans if s.kind == "copy"]
        if self.span is None:
            return copied
        near = rendering.spans[max(0, self.span - 1) : self.span + 1]
        return [s for s in near if s.kind == "copy"] or copied


def verify(rendering: Rendering) -> tuple[Problem, ...]:
    """What is not as planned: frames, times, sound, and the pictures at seams.

    The written file is left in place for a look.
    """
    if rendering.output.container.kind == "images":
        return tuple(_wrong_images(rendering))
    written, index = examined(rendering.output.path, digest=_WRITTEN)
    found = list(_wrong_sound(rendering, written))
    if rendering.output.picture is not None:
        if index is None:
            return (*found, Problem("the picture is missing from the written file"))
        found.extend(_wrong_times(rendering, index))
        if not found:
            found.extend(_wrong_pictures(rendering, written, index))
    return tuple(found)


def _wrong_sound(rendering: Rendering, written: Source) -> Iterator[Problem]:
    found, planned = written.sounds, rendering.sounds
    if len(found) != len(planned):
        yield Problem(f"it has {len(found)} sound tracks that decode; {len(planned)} were planned")
        return
    begins = written.video.start if written.video and rendering.output.picture else None
    for number, (stream, plan) in enumerate(zip(found, planned, strict=True), 1):
        name = "the sound" if len(found) == 1 else f"sound track {number}"
        is_exact = rendering.job.mode != "copy"  # else it begins where a packet does
        apart = 0 if begins is None else float(abs(stream.start - begins)) * 1000
        if is_exact and apart > 2000 * _CLOCK and not _is_primed(rendering, begins, stream.start):
            yield Problem(f"{name} and the picture start {apart:.1f} ms apart")
        if stream.channels != plan.sound.channels:
            yield Problem(f"{name} has {stream.channels} channels, not {plan.sound.channels}")


def _is_primed(rendering: Rendering, begins: Fraction | None, heard: Fraction) -> bool:
    """Whether sound begins early by what primes its decoder, in a file that cannot say so."""
    early = (begins or 0) - heard
    return rendering.output.container.primes and 0 < early < _PRIMING


def _wrong_times(rendering: Rendering, index: VideoIndex) -> Iterator[Problem]:
    assert rendering.output.picture is not None
    planned = np.concatenate([s.stretch.pts for s in rendering.spans])
    if len(index) != len(planned):
        yield Problem(f"it has {len(index)} frames; {len(planned)} were planned")
        return
    times = _shown(rendering, planned)
    off = np.abs(index.seconds - index.seconds[0] - times)
    worst = int(np.argmax(off))
    if off[worst] > float(_CLOCK):
        span = int(np.searchsorted(_firsts(rendering), worst, side="right")) - 1
        yield Problem(f"frame {worst} is {off[worst] * 1000:.1f} ms off its time", span)


def _shown(rendering: Rendering, planned: np.ndarray) -> np.ndarray:
    """Seconds at which the pictures planned for these ticks are shown."""
    picture, container = rendering.output.picture, rendering.output.container
    assert picture is not None
    if container.kind != "animation":
        return planned * float(picture.timebase)
    from smartcut.media.animated.writing import shown_times

    end = rendering.spans[-1].stretch.end
    times = shown_times(planned.tolist(), end, picture.timebase, container)
    return np.array([float(time) for time in times[:-1]])


def _wrong_images(rendering: Rendering) -> Iterator[Problem]:
    """Of pictures one by one: how many there are, and the size of each."""
    picture, pattern = rendering.output.picture, rendering.output.path
    assert picture is not None
    planned = sum(len(span.stretch) for span in rendering.spans)
    found = list(files_of(pattern))
    if [number for number, _ in found] != list(range(1, planned + 1)):
        yield Problem(f"there are {len(found)} pictures; {planned} were planned")
        return
    for _, file in found:
        video = examined(file, digest=_WRITTEN)[0].video
        if video is None or (video.width, video.height) != (picture.width, picture.height):
            yield Problem(f"{file.name} is not as planned")
            return


def _firsts(rendering: Rendering) -> np.ndarray:
    """The number of each span's first frame in the written file."""
    return np.cumsum([0, *(len(s.stretch) for s in rendering.spans[:-1])])


def _wrong_pictures(rendering: Rendering, written: Source, index: VideoIndex) -> Iterator[Problem]:
    """Problems of the first frames after each seam at which a copied span begins or ends."""
    firsts = _firsts(rendering)
    seams = [
        (k, after)
        for k, (before, after) in enumerate(pairwise(rendering.spans), 1)
        if "copy" in (before.kind, after.kind)
    ]
    shown = _first_of_sources(rendering, seams)
    with DecoderPool(1) as decoders, ThreadPoolExecutor(_WORKERS) as pool:

        def look(seam: tuple[int, Span]) -> str | None:
            k, after = seam
            first = int(firsts[k])
            if not index.is_entry[first]:
                return "cannot be decoded on its own"
            count = min(_LOOK[after.kind], len(after.stretch))
            if after.kind == "copy" and k not in shown:
                original = _original(rendering, after)
                if decodes_alike(Place(written, index, first), original, count):
                    return None
            try:
                pictures = [p for _, p in decoders.frames(written, index, first, first + count)]
            except SourceError:
                return "does not decode"
            return _unlike(rendering, after, pictures[0], decoders)

        for (k, after), text in zip(seams, pool.map(look, seams), strict=True):
            if text:
                where = format_time(after.range.start)
                yield Problem(f"the picture at {where}, where two parts are joined, {text}", k)


def _first_of_sources(rendering: Rendering, seams: Sequence[tuple[int, Span]]) -> frozenset[int]:
    """The first place of each source at which a copy of it follows another part."""
    firsts: dict[str, int] = {}
    for k, after in seams:
        if after.kind == "copy":
            firsts.setdefault(_original(rendering, after).source.id, k)
    return frozenset(firsts.values())


def _original(rendering: Rendering, span: Span) -> Place:
    """The first frame of a copied span in its source."""
    layer = span.stretch.layers[0]
    source = rendering.cut.source(rendering.cut.segments[layer.segment].source or "")
    return Place(source, rendering.indexes[source.id], int(layer.numbers[0]))


def _unlike(rendering: Rendering, span: Span, frame: Any, decoders: DecoderPool) -> str | None:
    """How a decoded frame differs from what was planned; None where it does not."""
    picture = rendering.output.picture
    assert picture is not None
    width, height, name = frame.width, frame.height, frame.format.name
    if (width, height) != (picture.width, picture.height):
        return f"is {width}x{height}, not {picture.width}x{picture.height}"
    if name.replace("yuvj", "yuv") != picture.pixel_format.replace("yuvj", "yuv"):
        return f"is {name}, not {picture.pixel_format}"
    if picture.colour.matrix and colour_of(frame).matrix != picture.colour.matrix:
        return f"has colours of {colour_of(frame).matrix}, not {picture.colour.matrix}"
    if span.kind == "copy":
        there = _original(rendering, span)
        first, last = there.number, there.number + 1
        ((_, original),) = decoders.frames(there.source, there.index, first, last)
        if not same_pixels(original, frame):
            return "is not the source's, bit by bit"
    return None
