"""What the renderer knows of the frames that it made, beside the output: boxes, depth, motion.

Boxes are a JSON file in COCO's terms (Lin et al. 2014): ``images`` are frames of the output, and
``annotations`` have ``bbox`` (left, top, width, height in pixels) and a ``track_id``. Depth and
motion are ``.npy`` arrays with a row for each frame named in ``images``. All are of the size in
which the pictures were made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.cut import Source
from smartcut.errors import RenderError
from smartcut.render.job import Rendering
from smartcut.render.manifest import write_text
from smartcut.stage import Context

if TYPE_CHECKING:
    from smartcut.models.tracing.truth import Truth

_CHANNELS = {"depth": (), "motion": (2,)}


def write_labels(rendering: Rendering, context: Context) -> list[Path]:
    """Write what is asked for by the sources' recipes; the answer names the files."""
    shown = list(_shown(rendering))
    if not shown:
        return []
    out, asked = rendering.output.path, {kind for source, *_ in shown for kind in _asked(source)}
    sizes = {(s.video.width, s.video.height) for s, *_ in shown if s.video}
    if len(sizes) > 1:
        raise RenderError(f"labelled sources of several sizes in one output: {sorted(sizes)}")
    (size,) = sizes
    labels = _Labels(size)
    arrays = _Arrays(out, [k for k in _CHANNELS if k in asked], len(shown), size)
    try:
        for row, (source, number, frame, seconds) in enumerate(shown):
            truth = _truth(source, number, context.device)
            labels.add(source, frame, seconds, truth)
            arrays.put(row, truth)
        written = arrays.done()
        if "boxes" in asked:
            written.append(out.with_name(f"{out.stem}.labels.json"))
            write_text(written[-1], json.dumps(labels.plain()))
    finally:
        arrays.drop()
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
    """Arrays on disk, written row by row under other names."""

    def __init__(self, out: Path, kinds: list[str], rows: int, size: tuple[int, int]) -> None:
        self._files: dict[str, tuple[Path, Path, np.ndarray]] = {}
        for kind in kinds:
            path = out.with_name(f"{out.stem}.{kind}.npy")
            partial = path.with_name(f".{path.name}.{os.getpid()}.part")
            shape = (rows, size[1], size[0], *_CHANNELS[kind])
            array = np.lib.format.open_memmap(partial, "w+", np.float16, shape)
            self._files[kind] = (path, partial, array)

    def put(self, row: int, truth: Truth) -> None:
        for kind, (_, _, array) in self._files.items():
            array[row] = getattr(truth, kind)

    def done(self) -> list[Path]:
        for path, partial, array in self._files.values():
            array.flush()  # type: ignore[attr-defined]
            os.replace(partial, path)
        return [path for path, _, _ in self._files.values()]

    def drop(self) -> None:
        for _, partial, _ in self._files.values():
            partial.unlink(missing_ok=True)
