"""A source's pictures for one layer, before its effects: decoded, fitted, and made between."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.cache import Cache
from smartcut.cut import Cut, Segment
from smartcut.media.backwards import backwards, most_held
from smartcut.media.decode import DecoderPool, FrameReader, whole_frames
from smartcut.media.picture import Conform, from_rgb
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.planes import bits, with_alpha
from smartcut.render.fields import keeps_fields
from smartcut.render.fitting import Fitted, as_shown, conformer
from smartcut.render.interpolation import (
    Engines,
    Making,
    Record,
    interpolated,
    made_between,
    needed,
)
from smartcut.render.layout import Layer
from smartcut.render.output import OutputPicture
from smartcut.render.route import Moment
from smartcut.source import Source
from smartcut.timebase import nearest

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

# Frames that are left out in a row from which on a seek is cheaper than decoding them.
_FAR = 30

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pictures of a span are made with; ``record`` gets every frame that is made."""

    decoders: DecoderPool
    engines: Engines
    record: Record
    cache: Cache


@dataclass(frozen=True, slots=True)
class Footage:
    """A segment's source and how its frames are to come."""

    segment: Segment
    source: Source
    index: VideoIndex
    layer: Layer
    picture: OutputPicture
    """The size, format and colour that frames come in."""
    tools: Tools

    @classmethod
    def of(
        cls, cut: Cut, index: VideoIndex, layer: Layer, picture: OutputPicture, tools: Tools
    ) -> Footage:
        segment = cut.segments[layer.segment]
        return cls(segment, cut.source(segment.source or ""), index, layer, picture, tools)

    @property
    def conform(self) -> Fitted:
        """What turns frames of the source into frames as asked for; for one thread."""
        assert self.source.video is not None
        return conformer(self.source.video, self.picture, self.tools.cache, self.keeps_fields)

    @property
    def keeps_fields(self) -> bool:
        """Whether interlaced frames stay woven; else whole ones are made of them."""
        assert self.source.video is not None
        return keeps_fields(self.source.video, self.segment, self.picture)

    @property
    def making(self) -> Making | None:
        """How frames are made between the source's, where they are."""
        between = self.segment.between if self.layer.steps is not None else None
        return Making.of_between(between) if between else None

    @property
    def as_made(self) -> Footage:
        """The same at the size in which frames are made: no larger than the source's own."""
        assert self.source.video is not None
        picture = self.picture
        upright = as_shown(self.source.video, picture).display_size
        scales = [
            Fraction(o, u) for o, u in zip((picture.width, picture.height), upright, strict=True)
        ]
        if picture.fit != "stretch":
            scales = [min(scales) if picture.fit == "pad" else max(scales)] * 2
        if self.making is None or max(scales) <= 1:
            return self
        size = [
            max(2, 2 * nearest(n / max(scale, Fraction(1)) / 2))
            for n, scale in zip((picture.width, picture.height), scales, strict=True)
        ]
        return replace(self, picture=replace(picture, width=size[0], height=size[1]))

    def enlarger(self, made: Footage) -> Callable[[Frame], Frame]:
        """What turns frames of :attr:`as_made` into frames as asked for; for one thread."""
        small, picture = made.picture, self.picture
        if small is picture:
            return lambda frame: frame
        assert self.source.video is not None
        name = planar(picture.pixel_format)
        stream = replace(
            self.source.video,
            width=small.width,
            height=small.height,
            pixel_format=name,
            colour=picture.colour,
            rotation=0,
            mirrored=False,
            sar=Fraction(1),
        )
        size = picture.width, picture.height
        return Conform(stream, *size, name, fit="stretch", colour=picture.colour)

    def in_order(self) -> Generator[Frame]:
        """The layer's frames, one after the other."""
        making, layer, tools = self.making, self.layer, self.tools
        if making is None or layer.steps is None:
            yield from self._fitted(layer.numbers)
            return
        made = self.as_made
        first, last = needed(layer.numbers, making, len(self.index))
        numbers = np.arange(first, last)
        frames = zip(numbers.tolist(), made._fitted(numbers), strict=True)
        shown = interpolated(
            frames, layer.numbers, layer.steps, making, tools.engines, made.picture, tools.record
        )
        yield from map(self.enlarger(made), shown)

    def _fitted(self, numbers: np.ndarray) -> Iterator[Frame]:
        """Frames by their numbers, which may rise and fall; a repeated one is fitted once."""
        conform = self.conform
        turns = np.flatnonzero(np.diff(np.sign(_steps(numbers)))) + 1
        for run in np.split(numbers, sorted({*turns.tolist(), *self._leaps(numbers)})):
            rises = run[-1] >= run[0]
            ends = (run[0], run[-1] + 1) if rises else (run[-1], run[0] + 1)
            read = self._read if rises else self._read_backwards
            decoded = read(*map(int, ends))
            at = -1
            frame: Frame = None
            fitted: Frame = None
            for wanted in run:
                while at != wanted:
                    at, frame = next(decoded)
                    fitted = None
                if fitted is None:
                    fitted = conform(frame)
                yield fitted

    def _leaps(self, numbers: np.ndarray) -> list[int]:
        """The places of frames so far on that what lies between need not be decoded."""
        if self.index.is_counted:
            return []
        far = np.flatnonzero(np.diff(numbers) > _FAR)
        return [
            int(place) + 1
            for place in far
            if self.index.start_before(int(numbers[place + 1])) > numbers[place]
        ]

    def _read(self, first: int, last: int) -> Iterator[tuple[int, Frame]]:
        """(number, frame) of the source, from one number up to another."""
        read = self.tools.decoders.frames
        if self.keeps_fields:
            return read(self.source, self.index, first, last)
        return whole_frames(self.source, self.index, first, last, read)

    def _read_backwards(self, first: int, last: int) -> Iterator[tuple[int, Frame]]:
        video = self.source.video
        assert video is not None
        samples = pixel_format(video.pixel_format).samples_a_pixel
        size = video.width * video.height * samples
        deep = pixel_format(video.pixel_format).depth > 8
        most = most_held(2 * size if deep else size)
        return backwards(self._read, self.index, first, last, most)

    def anywhere(self) -> Anywhere:
        """The frames of any moments of the segment, best asked for in order."""
        return Anywhere(self)


def _steps(numbers: np.ndarray) -> np.ndarray:
    """Which way each number goes on to the next; one that stays goes the way of those before."""
    steps = np.diff(numbers)
    moving = np.flatnonzero(steps)
    if not len(moving):
        return np.ones(len(steps), dtype=np.int64)
    before = np.searchsorted(moving, np.arange(len(steps)), side="right") - 1
    return np.asarray(steps[moving[np.maximum(before, 0)]])


class Anywhere:
    """Frames by their moments; ``place`` says which picture of the span is being worked on."""

    def __init__(self, footage: Footage) -> None:
        self.place = 0
        self._footage, self._making = footage.as_made, footage.making
        self._enlarged = footage.enlarger(self._footage)
        reader, conform = FrameReader(footage.source, footage.index), self._footage.conform
        self._fitted = lru_cache(maxsize=4)(lambda number: conform(reader.frame(number)))

    def __call__(self, moment: Moment) -> Frame:
        shown = self._fitted(moment.number)
        if self._making is None or not moment.step:
            return self._enlarged(shown)
        picture, tools = self._footage.picture, self._footage.tools
        following = self._fitted(moment.number + 1)
        rgb = made_between(
            (moment.number, shown),
            (moment.number + 1, following),
            moment.step,
            self._making,
            tools.engines,
            self.place,
            tools.record,
            deep=bits(shown) > 8,
        )
        made = from_rgb(rgb, planar(picture.pixel_format), picture.colour)
        return self._enlarged(with_alpha(made, shown, following, moment.step))
