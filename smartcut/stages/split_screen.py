"""`split_screen`: several pictures side by side, at the same time."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from math import ceil, sqrt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from smartcut.colours import ColourParam
from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.drawer import drawn_source
from smartcut.drawers.colour import SolidColour
from smartcut.effect import Placement, find_effect, to_effect
from smartcut.effects.cell import Cell
from smartcut.errors import StageError
from smartcut.source import Source, unused
from smartcut.stage import Context, PathParam, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.timebase import Range

Share = Annotated[float, Field(ge=0, le=1)]
CellBox = tuple[Share, Share, Share, Share]
"""Left, top, width and height, in shares of the frame."""
Name = Literal["auto", "columns", "rows", "grid", "main-left", "main-top"]
_GRID = re.compile(r"(\d{1,2})\s*x\s*(\d{1,2})")


_ALSO = {"side-by-side": "columns", "stacked": "rows"}


def _layout(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    match = _GRID.fullmatch(given.strip())
    return (int(match[1]), int(match[2])) if match else _ALSO.get(given, given)


Layout = Annotated[Name | tuple[int, int] | tuple[CellBox, ...], BeforeValidator(_layout)]


class SplitScreen(Stage):
    """Shows segments of the cut side by side at the same time, instead of one after the other.

    They have to follow each other; `files` come after them. Each keeps its effects, and stays
    beside the others wherever later stages cut or move them. Put it before titles and other
    things that are connected to what it shows.

        - split_screen: {layout: 2x2, gap: 0.01, background: "#101418"}

    ```yaml
    - split_screen: {layout: 2x2, gap: 0.01}
    ```
    """

    name: ClassVar[str] = "split_screen"

    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    files: tuple[PathParam, ...] = Field((), description="More: images or videos, whole.")
    layout: Layout = Field(
        "auto",
        description="`columns` (or side-by-side), `rows` (or stacked), `grid`, `2x2` and the like "
        "(columns x rows), `main-left` or `main-top` (the first one large), or a list of boxes "
        "[x, y, width, height] in shares of the frame; auto takes columns for two, else a grid.",
    )
    fit: Literal["fill", "whole"] = Field(
        "fill", description="Whether pictures fill their cells, or all of them is seen."
    )
    gap: float = Field(
        0.0, ge=0, lt=0.5, description="Between cells, as a share of the frame's shorter side."
    )
    margin: float = Field(0.0, ge=0, lt=0.5, description="Along the frame's edges, the same.")
    background: ColourParam = Field("#000000", description="Behind and between them.")
    sound: Literal["first", "all", "none"] | Annotated[int, Field(ge=0)] = Field(
        "first", description="What is heard: of the first cell with sound, of all, or of one."
    )
    ends: Literal["longest", "shortest"] = Field(
        "longest", description="When it is over; what is shorter goes, and shows the background."
    )

    @model_validator(mode="after")
    def _has_room(self) -> SplitScreen:
        if isinstance(self.layout, tuple) and isinstance(self.layout[0], tuple):
            for x, y, width, height in self.layout:
                if x + width > 1.000001 or y + height > 1.000001 or not width or not height:
                    raise ValueError(
                        f"the box [{x:g}, {y:g}, {width:g}, {height:g}] does not lie in the frame; "
                        "give [x, y, width, height] within 0..1"
                    )
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        numbers = sorted(chosen(self.on, len(cut.segments), self.name))
        if numbers and numbers != list(range(numbers[0], numbers[-1] + 1)):
            raise StageError(
                f"`split_screen`: the segments {', '.join(map(str, numbers))} do not follow each "
                "other; choose those that do, or put them in order before"
            )
        cut, added = self._with_files(cut, context)
        shown = [replace(cut.segments[n], transition=None) for n in numbers]
        cells = [*(s for s in shown if s.source and cut.source(s.source).video), *added]
        if len(cells) < 2:
            raise StageError(
                f"`split_screen` needs two pictures or more, and has {len(cells)}: it shows "
                "segments of the cut at the same time; `split` divides one, `files` adds others"
            )
        boxes = self.boxes(len(cells))
        lasts = self._lasts(cut, cells)
        used = [source.id for source in cut.sources]
        behind = drawn_source("split screen", SolidColour(colour=self.background), lasts, used)
        entry = cut.segments[numbers[0]].transition if numbers else None
        place = Segment(behind.id, Range(Fraction(0), lasts), transition=entry, label=behind.id)
        first, end = (numbers[0], numbers[-1] + 1) if numbers else (0, 0)
        segments = (*cut.segments[:first], place, *cut.segments[end:])
        cut = replace(cut.with_segments(segments), sources=(*cut.sources, behind))
        anchor = Anchor(behind.id, Fraction(0))
        placed = [replace(_cut_to(s, lasts), at=anchor) for s in cells]
        tracks = [*cut.tracks]
        for segment, box in zip(placed, boxes, strict=True):
            tracks.append(Track("overlay", (self._in_cell(segment, box),)))
        return replace(cut, tracks=(*tracks, *self._sounds(cut, placed)))

    def _with_files(self, cut: Cut, context: Context) -> tuple[Cut, list[Segment]]:
        from smartcut.media.probe import probe

        added = []
        for file in self.files:
            id = unused(file.stem, (source.id for source in cut.sources))
            source: Source = probe(file, id=id, cache=context.cache)
            if source.video is None:
                raise StageError(f"`split_screen`: {file} has no picture; `audio` adds sound")
            cut = replace(cut, sources=(*cut.sources, source))
            added.append(Segment(id, Range(Fraction(0), source.duration), label=id))
        return cut, added

    def _lasts(self, cut: Cut, cells: list[Segment]) -> Fraction:
        """How long it is: what stands still lasts as long as the rest."""
        moving = [s.duration for s in cells if not _is_still(cut, s)]
        found = moving or [s.duration for s in cells]
        return max(found) if self.ends == "longest" else min(found)

    def boxes(self, count: int) -> list[CellBox]:
        """Where each of so many cells lies; raises StageError where there is no room for all."""
        layout = self.layout
        if isinstance(layout, tuple) and isinstance(layout[0], tuple):
            found = [*layout]
        elif isinstance(layout, tuple):
            found = _grid(*layout, layout[0] * layout[1])
        else:
            found = _named(layout, count)
        if len(found) < count:
            raise StageError(
                f"`split_screen` has {count} pictures for a layout of {len(found)}; choose fewer "
                "by `on`, or a layout with more cells"
            )
        return found[:count]

    def _in_cell(self, segment: Segment, box: CellBox) -> Segment:
        x, y, width, height = box
        cell = Cell(
            x=x, y=y, width=width, height=height, fit=self.fit, margin=self.margin, gap=self.gap
        )
        kept = tuple(e for e in segment.effects if not issubclass(find_effect(e.name), Placement))
        return replace(segment, effects=(*kept, to_effect(cell)))

    def _sounds(self, cut: Cut, placed: list[Segment]) -> list[Track]:
        gain = cut.mix.programme_gain
        if gain is None or self.sound == "none":
            return []
        heard = [
            (n, s) for n, s in enumerate(placed)
            if cut.source(s.source or "").audio and s.sound != "muted"
        ]  # fmt: skip
        if self.sound == "first":
            heard = heard[:1]
        elif self.sound != "all":
            if self.sound >= len(placed):
                raise StageError(
                    f"`split_screen`: there is no cell {self.sound}; cells: 0..{len(placed) - 1}"
                )
            heard = [(n, s) for n, s in heard if n == self.sound]
        return [
            Track("overlay", (replace(s, effects=()),), gain=gain, kind="sound") for _, s in heard
        ]


def _is_still(cut: Cut, segment: Segment) -> bool:
    video = cut.source(segment.source or "").video
    return video is not None and video.frames <= 1


def _cut_to(segment: Segment, lasts: Fraction) -> Segment:
    """The segment, no longer than that."""
    return segment if segment.duration <= lasts else segment.part(Fraction(0), lasts)


def _named(name: str, count: int) -> list[CellBox]:
    if name == "columns" or (name == "auto" and count == 2):
        return _grid(count, 1, count)
    if name == "rows":
        return _grid(1, count, count)
    if name in ("main-left", "main-top"):
        rest = max(count - 1, 1)
        small = [(2 / 3, n / rest, 1 / 3, 1 / rest) for n in range(count - 1)]
        boxes = [(0.0, 0.0, 2 / 3 if small else 1.0, 1.0), *small]
        return boxes if name == "main-left" else [(y, x, h, w) for x, y, w, h in boxes]
    across = ceil(sqrt(count))
    return _grid(across, ceil(count / across), count)


def _grid(across: int, down: int, count: int) -> list[CellBox]:
    """So many cells, row by row; a last row that is not full stands in the middle."""
    boxes = []
    for number in range(min(count, across * down)):
        row = number // across
        missing = max(0, across - (count - row * across))
        x = (number % across + missing / 2) / across
        boxes.append((x, row / down, 1 / across, 1 / down))
    return boxes
