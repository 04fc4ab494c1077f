"""Clips that are no film yet: a still picture, or what a drawer draws, for so many seconds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from pydantic import Field

from smartcut.cut import Cut, Segment, TimelineFormat
from smartcut.drawer import drawn_source, given_drawer
from smartcut.errors import StageError
from smartcut.source import unused
from smartcut.stage import Context, PathParam, Stage
from smartcut.timebase import Range, RatioParam, TimeParam
from smartcut.warp import Warp


class StillClip(Stage):
    """Adds a still picture to the end of the cut."""

    name: ClassVar[str] = "image"
    makes: ClassVar[bool] = True

    file: PathParam = Field(description="A picture; its alpha counts in a layer.")
    duration: TimeParam = Field(Fraction(4), gt=0, description="Seconds for which it is shown.")

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.media.probe import probe

        id = unused(self.file.stem, (source.id for source in cut.sources))
        source = probe(self.file, id=id, cache=context.cache)
        if source.video is None or source.video.frames > 1:
            raise StageError(
                f"{self.file} is no still picture; a film is opened by sc.open({str(self.file)!r})"
            )
        shown = Range(Fraction(0), source.duration)
        segment = Segment(id, shown, label=id).retimed(Warp.frozen(Fraction(0), self.duration))
        cut = replace(cut, sources=(*cut.sources, source))
        return cut.with_segments((*cut.segments, segment))


class DrawnClip(Stage):
    """Adds what a drawer draws to the end of the cut."""

    name: ClassVar[str] = "drawn"
    makes: ClassVar[bool] = True

    use: str
    params: dict[str, Any] = Field({})
    duration: TimeParam = Field(Fraction(4), gt=0, description="Seconds for which it is shown.")
    size: tuple[int, int] = Field((1280, 720), description="Of a film of such clips alone.")
    fps: RatioParam = Field(Fraction(25), gt=0, le=240)

    def apply(self, cut: Cut, context: Context) -> Cut:
        drawer = given_drawer(self.use, self.params)
        source = drawn_source(self.use, drawer, self.duration, (s.id for s in cut.sources))
        segment = Segment(source.id, Range(Fraction(0), self.duration), label=source.id)
        format = cut.format or TimelineFormat(self.size, self.fps)
        cut = replace(cut, sources=(*cut.sources, source), format=format)
        return cut.with_segments((*cut.segments, segment))
