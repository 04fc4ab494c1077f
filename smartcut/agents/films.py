"""What tools that work on films are asked: files, a pipeline, its parameters; and how it opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from smartcut.agents.tool import FileName, LongToolParams, ToolCall
from smartcut.api import Pipeline
from smartcut.api.inputs import as_inputs
from smartcut.errors import PipelineError
from smartcut.interchange.formats import is_cut_file
from smartcut.runners.jobs import expanded

_YAML = (".yaml", ".yml")
_WILD = "*?["


class FilmParams(LongToolParams):
    """A film: a file, or files with a pipeline."""

    path: FileName | None = Field(
        None,
        description="A pipeline (.yaml), a cut (.json, .otio, .edl, .fcpxml ...) or a media file.",
    )
    pipeline: Annotated[str, Field(max_length=100_000)] | dict[str, Any] | list[Any] | None = Field(
        None,
        description="The pipeline itself, in place of its file: YAML, or {stages: [...]} as JSON.",
    )
    inputs: tuple[FileName, ...] = Field(
        (), max_length=1000, description="Media files; patterns such as clips/*.mp4 too."
    )
    params: dict[str, Any] = Field({}, description="Values of the pipeline's own `params:`.")


@dataclass(frozen=True, slots=True)
class AskedFilm:
    """A pipeline and the files that it works on."""

    pipeline: Pipeline
    inputs: list[Path] | None
    """In place of the pipeline's own; None leaves those."""
    path: Path | None
    """The file of the pipeline, where it is in one."""

    @property
    def named(self) -> Pipeline:
        """The pipeline over those files."""
        from dataclasses import replace

        if self.inputs is None:
            return self.pipeline
        return replace(self.pipeline, inputs=as_inputs(self.inputs), search=None)


def film_of(call: ToolCall, asked: FilmParams) -> AskedFilm:
    """The film that is asked for; raises PipelineError for what is amiss."""
    files = list(_inputs(call, asked.inputs))
    path = call.folder.file(asked.path) if asked.path is not None else None
    text = _text(asked.pipeline)
    if text is not None:
        place = _named_file(call, text)
        if path is not None and path.suffix.lower() in _YAML:
            raise PipelineError("give the pipeline once: as its file in `path`, or in `pipeline`")
        files = [*([path] if path else []), *files]
        pipeline = _from_file(place, asked) if place else Pipeline.from_text(text, **asked.params)
        return AskedFilm(pipeline, files or None, place)
    if path is None:
        raise PipelineError(
            "there is nothing to work on: give `path`, a pipeline or a media file, or `pipeline`"
        )
    if path.suffix.lower() in _YAML:
        return AskedFilm(_from_file(path, asked), files or None, path)
    if asked.params:
        raise PipelineError(f"`params` are of a pipeline, and {path} is none; give `pipeline` too")
    return AskedFilm(Pipeline(), [path, *files], path if is_cut_file(path) else None)


def _from_file(path: Path, asked: FilmParams) -> Pipeline:
    return Pipeline.from_yaml(path, **asked.params)


def _text(pipeline: str | dict[str, Any] | list[Any] | None) -> str | None:
    """The pipeline as YAML; stages alone are a pipeline too."""
    if pipeline is None or isinstance(pipeline, str):
        return pipeline
    whole = {"stages": pipeline} if isinstance(pipeline, list) else pipeline
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def _named_file(call: ToolCall, text: str) -> Path | None:
    """The file, where only its name was given as the pipeline."""
    name = text.strip()
    return call.folder.file(name) if "\n" not in name and name.endswith(_YAML) else None


def _inputs(call: ToolCall, names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        if any(sign in name for sign in _WILD) and not (call.folder.root / name).exists():
            call.folder.place(name)
            for path in expanded([Path(name)]):
                yield call.folder.file(str(path))
        else:
            yield call.folder.file(name)


# ------------------------------------------------------------------------------------ segments


def segment_rows(pipeline_cut: Any) -> list[dict[str, Any]]:
    """A row for each segment of the programme: where it is from, where it is shown, and why."""
    rows = []
    for number, (segment, place) in enumerate(pipeline_cut.programme.placed(), 1):
        row: dict[str, Any] = {
            "segment": segment.id or str(number),
            "source": segment.source,
            "start": round(float(segment.range.start), 3),
            "end": round(float(segment.range.end), 3),
            "at": round(float(place.start), 3),
        }
        if segment.label and segment.label != segment.source:
            row["label"] = segment.label[:200]
        if segment.scores:
            row["scores"] = {name: round(value, 3) for name, value in segment.scores}
        rows.append(row)
    return rows


def segment_line(row: dict[str, Any]) -> str:
    """A row of :func:`segment_rows` in words."""
    score = row.get("scores", {}).get("score")
    parts = [
        row["segment"],
        f"at {row['at']:g} s",
        f"{row['source'] or 'gap'} {row['start']:g}-{row['end']:g} s",
        f"score {score:g}" if score is not None else "",
        row.get("label", ""),
    ]
    return "  ".join(part for part in parts if part)
