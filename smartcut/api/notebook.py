"""What notebooks show, and fast previews for them."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from smartcut.annotation import Shots, Transcript
from smartcut.api.options import divided
from smartcut.api.pipeline import Pipeline
from smartcut.cut import Cut
from smartcut.errors import PipelineError, SmartcutError
from smartcut.in_notebooks import InNotebooks
from smartcut.plan import Plan
from smartcut.report import storyboard
from smartcut.runners.local import Result
from smartcut.spec import Begin, Part, StageLine

if TYPE_CHECKING:
    import numpy as np

_THUMBNAIL = 90  # pixels of the shorter side


def page_of(value: Any) -> str:
    """The HTML of a value that is :class:`~smartcut.in_notebooks.InNotebooks`."""
    if isinstance(value, Cut):
        return storyboard.page(_board(value))
    if isinstance(value, Pipeline):
        return storyboard.page(*_described(value))
    if isinstance(value, Result):
        return storyboard.page(*map(storyboard.player, _shown(value)), _board(value.cut))
    if isinstance(value, Plan):
        return storyboard.plan_page(value)
    if isinstance(value, Shots):
        return storyboard.shots_page(value)
    if isinstance(value, Transcript):
        return storyboard.transcript_page(value)
    assert isinstance(value, Preview)
    return storyboard.page(storyboard.player(value.path, is_named=False))


def _board(cut: Cut) -> str:
    thumbnails: dict[int, np.ndarray] = {}
    why_none = ""
    try:
        thumbnails.update(_thumbnails(cut))
    except SmartcutError as error:
        why_none = f"without pictures: {error}"
    return storyboard.storyboard(cut, thumbnails, why_none)


def _thumbnails(cut: Cut) -> Iterator[tuple[int, np.ndarray]]:
    """A small picture of the middle of each segment, as the film shows it."""
    from smartcut.api.opening import opened
    from smartcut.api.report_pictures import pictures_of

    placed = list(cut.programme.placed())[: storyboard.MOST]
    times = [place.middle for segment, place in placed if segment.source]
    numbers = [number for number, (segment, _) in enumerate(placed) if segment.source]
    if not times or not any(s.video or s.is_drawn for s in cut.sources):
        return
    yield from zip(numbers, pictures_of(opened(cut), times, _THUMBNAIL, {}), strict=True)


def _shown(result: Result) -> list[Path]:
    """The film or the films among what was written, not what lies beside them."""
    beside = (".json", ".srt", ".vtt", ".ass", ".txt", ".rttm")
    films = [path for path in result.outputs if path.suffix.lower() not in beside]
    return films[:4]


# ------------------------------------------------------------------------------------- pipelines


def _described(pipeline: Pipeline) -> Iterator[str]:
    """What a pipeline is over, and its stages; nothing is read."""
    yield f"<b>{storyboard.escape(_inputs(pipeline.inputs))}</b>"
    rows = [(line.stage.name, _parameters(line)) for line in pipeline.steps]
    if rows:
        yield storyboard.table(("stage", "parameters"), rows)
    yield '<p class="note">.plan() says what would run, .render("film.mp4") runs it</p>'


def _inputs(inputs: tuple[Begin, ...]) -> str:
    names = []
    for item in inputs:
        if isinstance(item, Part):
            inner = [_inputs(item.inputs), *(line.stage.name for line in item.steps)]
            shown = " | ".join(name for name in inner if name)
            names.append(f"({shown})" if len(inputs) > 1 else shown)
        else:
            names.append(str(item.path))
    is_layered = any(isinstance(item, Part) and item.laying for item in inputs)
    return (" above " if is_layered else " + ").join(reversed(names) if is_layered else names)


def _parameters(line: StageLine) -> str:
    stage = line.stage
    given = ((name, getattr(stage, name)) for name in stage.model_fields_set)
    return ", ".join(f"{name}={_value(value)}" for name, value in sorted(given))


def _value(value: Any) -> str:
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    text = repr(str(value)) if isinstance(value, Path) else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def described(pipeline: Pipeline) -> str:
    """The pipeline in one line."""
    lines = (f"{line.stage.name}({_parameters(line)})" for line in pipeline.steps)
    return " | ".join([f"<film of {_inputs(pipeline.inputs) or 'nothing yet'}>", *lines])


# -------------------------------------------------------------------------------------- previews


@dataclass(frozen=True, eq=False)
class Preview(InNotebooks):
    """A small film in a file of its own, which goes when the preview does."""

    path: Path

    def __repr__(self) -> str:
        return f"<preview {self.path}>"


def preview(film: Pipeline, height: int, settings: Mapping[str, Any]) -> Preview:
    """See :meth:`smartcut.playable.Playable.preview`."""
    if isinstance(height, bool) or not isinstance(height, int) or not 16 <= height <= 2160:
        raise PipelineError(
            f"height={height!r} is not accepted; accepted: pixels of the shorter side, 16 to 2160"
        )
    folder = Path(tempfile.mkdtemp(prefix="smartcut-preview-"))
    path = folder / "preview.mp4"
    fast = {
        "resolution": f"{height}p", "codec": "h264", "encoder_preset": "veryfast", "crf": 26,
        "audio_codec": "aac", "manifest": False, "mode": "encode", "pixel_format": "yuv420p",
    }  # fmt: skip
    options, given = divided(settings)
    try:
        film.unwritten().render(path, **{**fast, **given}, **options)
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise
    made = Preview(path)
    weakref.finalize(made, rmtree, folder, ignore_errors=True)
    return made
