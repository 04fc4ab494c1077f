"""What the renderer knows of the frames that it made, beside the output: boxes, depth, motion.

Boxes are a JSON file in COCO's terms (Lin et al. 2014): ``images`` are frames of the output, and
``annotations`` have ``bbox`` (left, top, width, height in pixels) and a ``track_id``. Depth and
motion are ``.npy`` arrays with a row for each frame named in ``images``. All are of the size in
which the pictures were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from smartcut.errors import RenderError
from smartcut.files import new_array, whole, write_text
from smartcut.render.job import Rendering
from smartcut.render.output import Output
from smartcut.source import Source
from smartcut.stage import Context

if TYPE_CHECKING:
    from smartcut.models.tracing.truth import Truth

_CHANNELS = {"depth": (), "motion": (2,)}


def write_labels(rendering: Rendering, context: Context) -> list[Path]:
    """Write what is asked for by the sources' recipes; the answer names the files."""
    shown = list(_shown(rendering))
    if not shown:
        return []
    out, asked = rendering.output, {kind for source, *_ in shown for kind in _asked(source)}
    sizes = {(s.video.width, s.video.height) for s, *_ in shown if s.video}
    if len(sizes) > 1:
        raise RenderError(f"labelled sources of several sizes in one output: {sorted(sizes)}")
    (size,) = sizes
    labels = _Labels(size)
    with _Arrays(out, [k for k in _CHANNELS if k in asked], len(shown), size) as arrays:
        for row, (source, number, frame, seconds) in enumerate(shown):
            truth = _truth(source, number, context.device)
            labels.add(source, frame, seconds, truth)
            arrays.put(row, truth)
    written = arrays.paths
    if "boxes" in asked:
        written.append(out.beside(".labels.json"))
        write_text(written[-1], json.dumps(labels.plain()))
    return written


def _asked(source: Source) -> tuple[str, ...]:
    found = dict(source.made.params).get("truth") if source.made else None
    return tuple(str(kind) for kind in found) if isinstance(found, tuple) else ()


def _shown(rendering: Rendering) -> Iterator[tuple[Source, int, int, float]]:
    """(source, its frame, frame of the output, seconds) of each labelled frame."""
    frame = 0
    for span in rendering.spans:
        stretch = span.stretch
        for place, tick in enumerate(stretch.pts):
            if len(stretch.layers) == 1:
                layer = stretch.layers[0]
                id = rendering.cut.segments[layer.segment].source
                if id and _asked(source := rendering.cut.source(id)):
                    seconds = float(int(tick) * span.picture.timebase)
                    yield source, int(layer.numbers[place]), frame + place, seconds
        frame += len(stretch)


def _truth(source: Source, number: int, device: str) -> Truth:
    from smartcut.models.tracing.scenes import setting
    from smartcut.models.tracing.truth import truth_at

    assert source.made is not None
    assert source.video is not None
    video = source.video
    shown = setting(str(dict(source.made.params)["scene"]), source.made.seed)
    size = (video.width, video.height)
    return truth_at(shown, number, video.frames, float(video.rate), size, device)


@dataclass(slots=True)
class _Labels:
    """Boxes in COCO's terms."""

    size: tuple[int, int]
    images: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    tracks: dict[tuple[str, int], int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)

    def add(self, source: Source, frame: int, seconds: float, truth: Truth) -> None:
        from smartcut.models.tracing.scenes import setting

        assert source.made is not None
        things = setting(str(dict(source.made.params)["scene"]), source.made.seed).things
        width, height = self.size
        self.images.append(
            {"id": frame, "time": round(seconds, 6), "width": width, "height": height}
        )
        for number, (thing, box) in enumerate(zip(things, truth.boxes, strict=True)):
            if box[0] < 0:
                continue
            left, top, right, bottom = (float(v) for v in box)
            track = self.tracks.setdefault((source.id, number), len(self.tracks) + 1)
            kind = self.categories.setdefault(thing.category, len(self.categories) + 1)
            self.rows.append(
                {
                    "id": len(self.rows) + 1,
                    "image_id": frame,
                    "category_id": kind,
                    "track_id": track,
                    "bbox": [left, top, right - left, bottom - top],
                    "iscrowd": 0,
                }
            )

    def plain(self) -> dict[str, Any]:
        kinds = [{"id": number, "name": name} for name, number in self.categories.items()]
        return {"images": self.images, "annotations": self.rows, "categories": kinds}


class _Arrays:
    """Arrays on disk, written row by row; they have their names after the block."""

    def __init__(self, out: Output, kinds: list[str], rows: int, size: tuple[int, int]) -> None:
        self._shapes = {k: (rows, size[1], size[0], *_CHANNELS[k]) for k in kinds}
        self._places = {k: out.beside(f".{k}.npy") for k in kinds}
        self._arrays: dict[str, np.ndarray] = {}
        self._files = ExitStack()

    @property
    def paths(self) -> list[Path]:
        return list(self._places.values())

    def __enter__(self) -> Self:
        with ExitStack() as files:
            for kind, shape in self._shapes.items():
                hidden = files.enter_context(whole(self._places[kind]))
                self._arrays[kind] = new_array(hidden, np.float16, shape)
            self._files = files.pop_all()
        return self

    def put(self, row: int, truth: Truth) -> None:
        for kind, array in self._arrays.items():
            array[row] = getattr(truth, kind)

    def __exit__(self, *error: Any) -> None:
        for array in self._arrays.values():
            array.flush()  # type: ignore[attr-defined]
        self._files.__exit__(*error)
