"""What a session works on: a pipeline, the text that it was read from, and where it lies."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from smartcut.api.inputs import PathLike
from smartcut.api.opening import opened
from smartcut.api.pipeline import Pipeline
from smartcut.context import Stored
from smartcut.cut import Cut
from smartcut.editing.model import Edits
from smartcut.errors import PipelineError
from smartcut.interchange.formats import is_cut_file
from smartcut.plan import without_writers
from smartcut.render.job import RenderJob
from smartcut.runners.local import Options
from smartcut.spec import WRITERS, Begin, StageLine, all_steps
from smartcut.spec_edits import place_of_edits, with_edits, without_edits
from smartcut.spec_reading import parse_spec
from smartcut.stages.edits import EditsStage
from smartcut.stages.render import Render
from smartcut.studio.edits_in_text import check_no_edits, named_edits, without_inline_edits

_YAML = (".yaml", ".yml")
#: What a film is called that has neither a file nor an output.
_UNNAMED = "cut"


@dataclass(frozen=True, slots=True)
class StudioFilm:
    """A pipeline with its inputs, and the YAML that says so."""

    pipeline: Pipeline
    begin: tuple[Begin, ...]
    """Its inputs, as files that were found."""
    output: Path
    text: str
    """YAML; empty where the pipeline was made in Python."""
    path: Path | None = None
    """The file that was opened, where there is one."""
    params: tuple[tuple[str, Any], ...] = ()
    edits_named: str | None = None
    """The file of corrections that its text names; None where it names none."""
    given: tuple[Path, ...] = ()
    """Files in place of the pipeline's own inputs."""

    @property
    def name(self) -> str:
        return self.path.stem if self.path else self.output.stem

    @property
    def is_file(self) -> bool:
        """Whether its text is that of a file, to which it can be written back."""
        return self.path is not None and self.path.suffix.lower() in _YAML

    @property
    def folder(self) -> Path | None:
        """Where files are that its text names."""
        return self.path.resolve().parent if self.path else None

    @property
    def steps(self) -> tuple[StageLine, ...]:
        """Every stage that changes the cut, without corrections by hand, but with their place."""
        return without_edits(without_writers(self.pipeline.steps))

    @property
    def before_edits(self) -> tuple[StageLine, ...]:
        """The stages that make the automatic cut, and what is expected, to which they keep."""
        own = self.steps[: place_of_edits(self.steps)]
        return (*own, *(step for step in self.expecting if step not in own))

    @property
    def expecting(self) -> tuple[StageLine, ...]:
        """What the film shall be: it is about the whole, wherever it is written."""
        return tuple(step for step in self.steps if step.stage.name == "expect")

    @property
    def after_edits(self) -> tuple[StageLine, ...]:
        """The stages that work on the cut as it was corrected."""
        rest = self.steps[place_of_edits(self.steps) :]
        return tuple(step for step in rest if step.stage.name != "edits")

    @property
    def stage_names(self) -> list[str]:
        """What its stages are called, those of parts too; each once."""
        steps = all_steps(self.pipeline.steps, self.begin)
        return list(dict.fromkeys(step.stage.name for step in steps))

    def steps_with(self, edits: Edits) -> tuple[StageLine, ...]:
        """All stages, with these corrections among them."""
        stage = edits_stage(edits, self.folder) if edits.edits else None
        return with_edits((*self.steps, *self.writers), stage)

    @property
    def writers(self) -> tuple[StageLine, ...]:
        """The stages that write files."""
        return tuple(s for s in self.pipeline.steps if s.stage.name in WRITERS)

    def job(self, context: Stored) -> RenderJob:
        """The film as it is rendered: by the pipeline's last `render`, or by one's defaults."""
        renders = [s.stage for s in self.pipeline.steps if isinstance(s.stage, Render)]
        stage = renders[-1] if renders else Render()
        return replace(stage.job(self.shown_as, context), each_segment=False, sign=None)

    @property
    def shown_as(self) -> Path:
        """The output, where that is a film; a cut file stands for one beside it."""
        return self.output.with_suffix(".mp4") if is_cut_file(self.output) else self.output

    @property
    def own_edits(self) -> Edits:
        """The corrections that its text holds or names."""
        stages = (s.stage for s in self.pipeline.steps if isinstance(s.stage, EditsStage))
        return next((one.edits for one in stages if one.edits is not None), Edits())

    @property
    def has_inline_edits(self) -> bool:
        """Whether its text holds a list of corrections."""
        return self.edits_named is None and named_edits(self.text) is not None

    def without_own_edits(self, options: Options) -> StudioFilm:
        """The film whose text holds no corrections: they are kept in a file from now on."""
        if not self.has_inline_edits:
            return self
        return self.with_text(without_inline_edits(self.text), options)

    def with_text(self, text: str, options: Options) -> StudioFilm:
        """The film of another YAML; raises PipelineError, which lists every mistake."""
        if not self.text:
            raise PipelineError("this pipeline was made in Python: it has no text to change")
        check_no_edits(text, self.edits_named)
        spec = parse_spec(text, path=self.path, settings=_still_known(text, self.params))
        pipeline = Pipeline.from_spec(spec, self.path).checked()
        begin = pipeline.begin(self.given or None, options)
        return replace(self, pipeline=pipeline, begin=begin, text=text)


def _still_known(text: str, params: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """The settings of those parameters that the text still has."""
    from smartcut.spec_text import known_params

    known = known_params(text)
    return {name: value for name, value in params if name in known}


def edits_stage(edits: Edits, folder: Path | None) -> EditsStage:
    """The stage that lays corrections over a cut."""
    return EditsStage.model_validate({"edits": edits}, context={"folder": folder})


def film_of(
    what: Any,
    inputs: Sequence[PathLike] | PathLike = (),
    output: PathLike | None = None,
    params: Mapping[str, Any] | None = None,
    options: Options | None = None,
) -> StudioFilm:
    """The film of a pipeline's YAML, a cut or its file, media, or a pipeline of Python.

    Raises PipelineError and SourceError for what cannot be opened.
    """
    given = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    path = Path(what) if isinstance(what, (str, os.PathLike)) else None
    if path is not None and path.suffix.lower() not in _YAML:
        text = _whole(path, given)
        pipeline = Pipeline.from_text(text)
        given = []
    else:
        pipeline = opened(what) if path is None else Pipeline.from_yaml(path, edits=False)
        text = pipeline.yaml or ""
    pipeline = pipeline.with_params(dict(params or {})).checked()
    begin = pipeline.begin(given or None, options or Options())
    asked = Path(output) if output is not None else pipeline.output or _of_render(pipeline)
    name = path.stem if path else _UNNAMED
    shown = asked or Path(f"{name}-cut.mp4")
    files = tuple(map(Path, given))
    named = named_edits(text)
    file = named if isinstance(named, str) else None
    known = tuple((params or {}).items())
    return StudioFilm(pipeline, begin, shown, text, path, known, file, files)


def _whole(path: Path, others: Sequence[PathLike]) -> str:
    """The YAML of a pipeline that shows files as they are."""
    from smartcut.absent import no_file

    files = [path, *map(Path, others)]
    for file in files:
        if not file.exists():
            raise PipelineError(no_file(file))
    names = "\n".join(
        f"  - {json.dumps(str(file.resolve()), ensure_ascii=False)}" for file in files
    )
    return f"inputs:\n{names}\nstages:\n  - render\n"


def _of_render(pipeline: Pipeline) -> Path | None:
    outputs = [s.stage.output for s in pipeline.steps if isinstance(s.stage, Render)]
    return Path(outputs[-1]) if outputs and outputs[-1] else None


def given_cut(cut: Cut) -> tuple[Begin, ...]:
    """A cut as what a pipeline begins with."""
    return opened(cut).inputs
