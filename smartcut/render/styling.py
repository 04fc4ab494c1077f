"""The effect ``stylize`` on frames: through a colour table, or repainted by a network."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.cache import Cache, file_sha256
from smartcut.cut import STYLIZE, Colour, Effect, Segment
from smartcut.errors import ModelError, RenderError
from smartcut.media.look_up import Box, LookUp
from smartcut.render.repainting import Repainter

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex
    from smartcut.models.style import StylePainter

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the effect does: ``tables[i]`` holds from ``starts[i]`` on, in source time."""

    method: str
    strength: float
    digest: str
    tables: tuple[str, ...] = ()
    starts: tuple[Fraction, ...] = ()
    file: Path | None = None
    """The network's weights."""

    @classmethod
    def of(cls, effect: Effect) -> Style:
        """From the effect's parameters."""
        given: dict[str, Any] = dict(effect.params)
        return cls(
            method=given["method"],
            strength=given["strength"],
            digest=given["sha256"],
            tables=tuple(given.get("tables", ())),
            starts=tuple(Fraction(start) for start in given.get("starts", ())),
            file=Path(given["file"]) if given.get("file") else None,
        )

    @property
    def is_table(self) -> bool:
        return self.file is None


def graded_styles(segment: Segment) -> list[Style]:
    """The styles of a segment that are colour tables, in order."""
    found = [Style.of(e) for e in segment.effects if e.name == STYLIZE]
    return [style for style in found if style.is_table]


def painted_style(segment: Segment) -> Style | None:
    """The style of a segment that a network paints; at most one, and before other effects."""
    found = [Style.of(e) for e in segment.effects if e.name == STYLIZE]
    return next((style for style in found if not style.is_table), None)


class Looks:
    """The colour tables and networks of a render."""

    def __init__(self, cache: Cache, device: str) -> None:
        self.cache, self._device = cache, device
        self._painters: dict[Path, StylePainter] = {}
        self._lock = Lock()

    def grading(self, style: Style, index: VideoIndex, colour: Colour) -> Grading:
        """The style as a function of frames; raises RenderError where a table is gone."""
        return Grading(style, index, [LookUp(self._table(key), colour) for key in style.tables])

    def repainter(self, style: Style, fetch: Callable[[int], np.ndarray]) -> Repainter:
        """What repaints pictures in the style, from now on; see Repainter.

        Raises ModelError where the weights are not those that were planned with.
        """
        from smartcut.models.style import load_style

        file = style.file
        assert file is not None
        with self._lock:
            if file not in self._painters:
                if file_sha256(file) != style.digest:
                    raise ModelError(f"{file} has changed since the stage `stylize`; run it again")
                self._painters[file] = load_style(file, self._device)
            painter = self._painters[file]

        def paint(rgb: np.ndarray) -> np.ndarray:
            with self._lock:
                return painter.paint(rgb)

        return Repainter(paint, fetch, style.strength)

    def _table(self, key: str) -> Path:
        path = self.cache.find(key, ".cube")
        if path is None:
            raise RenderError(
                f"the colour table {key[:12]} is no longer in the cache; run the pipeline with "
                "its stage `stylize` again"
            )
        return path


class Grading:
    """One style, for the frames of one source; for one thread."""

    def __init__(self, style: Style, index: VideoIndex, tables: list[LookUp]) -> None:
        self._style, self._index, self._tables = style, index, tables

    def _table(self, number: int) -> LookUp:
        time = self._index.time_of(number)
        return self._tables[max(bisect_right(self._style.starts, time) - 1, 0)]

    def frames(
        self, shown: Iterator[Frame], numbers: np.ndarray, box: Box | None
    ) -> Iterator[Frame]:
        """The frames in the style; ``numbers`` say which of the source each is, or follows."""
        before: Frame = None
        styled: Frame = None
        for number, frame in zip(numbers.tolist(), shown, strict=True):
            if frame is not before:
                before, styled = frame, self._table(number)(frame, box)
            yield styled

    def of_times(
        self, shown: Callable[[Fraction], np.ndarray], segment: Segment, box: Box | None
    ) -> Callable[[Fraction], np.ndarray]:
        """RGB pictures in the style, by their time in the segment."""

        def styled(time: Fraction) -> np.ndarray:
            number = self._index.frame_at(segment.range.start + time * segment.speed)
            return self._table(number).on_rgb(shown(time), box)

        return styled
