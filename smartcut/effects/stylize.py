"""`stylize`: the colours of a reference picture, or the style of a network; see the stage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from smartcut.cache import Cache, file_sha256
from smartcut.effect import Bench, Image, Pixels, View, Work
from smartcut.errors import ModelError, RenderError
from smartcut.render.repainting import REACH, Repainter
from smartcut.stage import Network

if TYPE_CHECKING:
    from smartcut.models.style import StylePainter


class Stylize(Pixels):
    """Gives pictures the colours of others by tables in the cache, or repaints them by a network.

    ``tables[i]`` holds from ``starts[i]`` on, in source time.
    """

    name: ClassVar[str] = "stylize"

    method: str
    strength: float = Field(1.0, ge=0, le=1)
    sha256: str
    """Of what the look comes from."""
    origin: str = Field("", alias="from")
    """The name of that file."""
    moment: Fraction | None = Field(None, alias="at")
    tables: tuple[str, ...] = ()
    starts: tuple[Fraction, ...] = ()
    file: Path | None = None
    """The network's weights."""

    @property
    def uses_network(self) -> bool:
        return self.file is not None

    def reach(self) -> tuple[int, int]:
        return (REACH, 0) if self.file else (0, 0)

    def open(self, bench: Bench) -> Work:
        return self._graded(bench) if self.file is None else self._repainted(bench, self.file)

    def _graded(self, bench: Bench) -> Work:
        from smartcut.media.look_up import LookUp

        tables = [LookUp(_table(bench.cache, key), bench.colour) for key in self.tables]

        def work(view: View) -> Image:
            place = bisect_right(self.starts, view.source_time + 1 / (4 * bench.rate))
            return tables[max(place - 1, 0)].on_image(view.image)

        return work

    def _repainted(self, bench: Bench, file: Path) -> Work:
        paint = bench.network(StyleNetwork(file.name, self.sha256, file))
        numbers: dict[int, View] = {}
        repainter = Repainter(paint, lambda number: numbers[number].rgb(), self.strength)

        def work(view: View) -> np.ndarray:
            here = view.number
            numbers.clear()
            numbers.update({here - k: view.before(k) for k in range(min(REACH, here) + 1)})
            return repainter.at(here)

        return work


def _table(cache: Cache, key: str) -> Path:
    path = cache.find(key, ".cube")
    if path is None:
        raise RenderError(
            f"the colour table {key[:12]} is no longer in the cache; run the pipeline with "
            "its stage `stylize` again"
        )
    return path


@dataclass(frozen=True)
class StyleNetwork(Network[Callable[[np.ndarray], np.ndarray]]):
    """A network that repaints pictures; one thread computes at a time."""

    file: Path

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        from smartcut.models.style import load_style

        if file_sha256(self.file) != self.weights:
            raise ModelError(f"{self.file} has changed since the stage `stylize`; run it again")
        painter: StylePainter = load_style(self.file, device)
        lock = Lock()

        def paint(rgb: np.ndarray) -> np.ndarray:
            with lock:
                return painter.paint(rgb)

        return paint
