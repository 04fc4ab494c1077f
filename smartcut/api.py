"""The Python interface: ``sc.open("talk.mp4") | sc.shots() | sc.highlights(duration="30s")``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.plan import Plan
from smartcut.report.progress_calls import as_progress
from smartcut.runners import local
from smartcut.runners.choice import chosen
from smartcut.runners.local import Options, Result
from smartcut.spec import (
    WRITERS,
    Begin,
    Input,
    Part,
    Search,
    Spec,
    StageLine,
    load_spec,
    missing_needs,
    parse_spec,
    parts_of,
)
from smartcut.stage import Progress, Stage
from smartcut.timebase import parse_time

if TYPE_CHECKING:
    import numpy as np

PathLike = str | os.PathLike[str]

_RUN_OPTIONS = ("device", "jobs", "cache", "allow_net", "progress", "runner", "address")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages, and the files they work on. Nothing is read or decoded before a method runs it.

    ``pipeline | stage`` gives a longer pipeline; the one before is unchanged.
    """

    steps: tuple[StageLine, ...] = ()
    inputs: tuple[Begin, ...] = ()
    output: Path | None = None
    yaml: str | None = field(default=None, repr=False)
    path: Path | None = None
    search: Search | None = None
    """What a library is asked for when it runs, in place of ``inputs``."""
    notes: tuple[str, ...] = ()
    """What the user should know of how the YAML was read."""

    @classmethod
    def from_yaml(cls, path: PathLike, **params: Any) -> Pipeline:
        """The pipeline of a YAML file; ``params`` replace the file's own.

        Raises PipelineError, which lists every mistake with its line.
        """
        return cls._from_spec(load_spec(Path(path), params), Path(path))

    @classmethod
    def from_text(cls, text: str, **params: Any) -> Pipeline:
        """The pipeline that a YAML text describes."""
        return cls._from_spec(parse_spec(text, settings=params), None)

    @classmethod
    def _from_spec(cls, spec: Spec, path: Path | None) -> Pipeline:
        output = Path(spec.output) if spec.output else None
        return cls(spec.steps, spec.inputs, output, spec.text, path, spec.search, spec.notes)

    def with_params(self, params: Mapping[str, Any]) -> Pipeline:
        """The same YAML with other parameters; raises PipelineError for unknown ones."""
        if not params:
            return self
        if self.yaml is None:
            names = ", ".join(params)
            raise PipelineError(f"this pipeline was made in Python: it has no parameters ({names})")
        spec = parse_spec(self.yaml, path=self.path, settings=params)
        inputs = spec.inputs or self.inputs
        return replace(self, steps=spec.steps, inputs=inputs, search=spec.search)

    def __or__(self, stage: Stage) -> Pipeline:
        if not isinstance(stage, Stage):
            return NotImplemented
        return replace(self, steps=(*self.steps, StageLine(stage)))

    def run(
        self,
        inputs: Sequence[PathLike] | PathLike | None = None,
        output: PathLike | None = None,
        *,
        device: str = "auto",
        jobs: int = 1,
        cache: bool | str = True,
        allow_net: bool = False,
        progress: Progress | Callable[..., Any] | None = None,
        runner: Literal["local", "ray"] = "local",
        address: str | None = None,
        **params: Any,
    ) -> Result:
        """Run every stage; the answer holds the finished cut and the files written.

        ``params`` set the parameters of a YAML pipeline. ``device`` is auto, cpu, cuda or
        cuda:N; ``jobs`` how many sources or spans are worked on at once. The runner ``ray`` has
        the work done by the Ray cluster at ``address``, or by ``jobs`` workers of one here.
        ``cache`` is also the URL of one that machines share, such as ``s3://bucket/folder``.
        ``progress`` is a function that is called with (label, done, total), the last two seconds of
        media and total None where it is not known; or a class such as ``tqdm.tqdm``; or a
        :class:`~smartcut.stage.Progress`.
        """
        pipeline = self.with_params(params)._checked()
        told = as_progress(progress)
        options = Options(device, jobs, cache, allow_net, told, runner, address)
        result = chosen(options).run(
            pipeline.steps, pipeline._inputs(inputs, options), pipeline._output(output), options
        )
        return replace(result, notes=(*pipeline.notes, *result.notes))

    def plan(
        self,
        inputs: Sequence[PathLike] | PathLike | None = None,
        output: PathLike | None = None,
        *,
        device: str = "auto",
        jobs: int = 1,
        cache: bool | str = True,
        allow_net: bool = False,
        **params: Any,
    ) -> Plan:
        """What :meth:`run` would do; decodes nothing."""
        pipeline = self.with_params(params)._checked()
        options = Options(device, jobs, cache, allow_net)
        return local.plan(
            pipeline.steps, pipeline._inputs(inputs, options), pipeline._output(output), options
        )

    def cut(self, **options: Any) -> Cut:
        """Run every stage; the answer is the finished cut. ``options`` as for :meth:`run`."""
        return self.run(**options).cut

    def frame(
        self,
        time: float | str | Fraction,
        inputs: Sequence[PathLike] | PathLike | None = None,
        output: PathLike | None = None,
        **options: Any,
    ) -> np.ndarray:
        """The picture that the film will show at a timeline time: uint8 RGB (height, width, 3).

        All stages but the last render are run, and that one picture is made: upright, HDR in SDR.
        ``output`` is what the film will be called; without a name its container is Matroska.
        ``options`` as for :meth:`run`. Raises RenderError where there is no picture then.
        """
        from smartcut.stages._still import StillStage
        from smartcut.stages.export import Export
        from smartcut.stages.render import Render

        params = {name: options.pop(name) for name in [*options] if name not in _RUN_OPTIONS}
        whole = self.with_params(params)
        renders = [s.stage for s in whole.steps if isinstance(s.stage, Render)]
        render = renders[-1] if renders else Render()
        film = output or whole.output or render.output or "film.mkv"
        still = StillStage.of(render, parse_time(time), Path(film))
        kept = [s for s in whole.steps if not isinstance(s.stage, (Render, Export))]
        replace(whole, steps=(*kept, StageLine(still)), output=None).run(inputs, **options)
        return still.picture

    def render(self, output: PathLike, *, mode: str = "auto", **settings: Any) -> Result:
        """Run every stage and write the cut to ``output``.

        ``settings`` are the parameters of the ``render`` stage, and options as for :meth:`run`; a
        pipeline that already ends in a ``render`` keeps it, and takes no parameters here.
        """
        from smartcut.report.stage_functions import made
        from smartcut.stages.render import Render

        options = {name: settings.pop(name) for name in _RUN_OPTIONS if name in settings}
        if any(isinstance(step.stage, Render) for step in self.steps):
            if settings or mode != "auto":
                raise PipelineError("this pipeline has a `render` stage: give the settings there")
            return self.run(output=output, **options)
        return (self | made(Render, {"mode": mode, **settings})).run(output=output, **options)

    def _checked(self) -> Pipeline:
        problems = missing_needs(self.steps, self.inputs)
        if problems:
            raise problems[0]
        return self

    def _inputs(
        self, given: Sequence[PathLike] | PathLike | None, options: Options
    ) -> tuple[Begin, ...]:
        if given is None:
            return _found(self.inputs, self.search, options)
        if parts_of(self.inputs):
            raise PipelineError("this pipeline has parts, which name their inputs: leave files out")
        return as_inputs(given)

    def _output(self, given: PathLike | None) -> Path | None:
        return self.output if given is None else Path(given)


def concat(*pipelines: Pipeline) -> Pipeline:
    """A pipeline that shows what others make, one after the other: ``sc.concat(a, b) | ...``.

    Each keeps its own inputs and stages; what is written comes at the end of the whole.
    """
    parts = []
    for number, one in enumerate(pipelines, 1):
        writer = next((s.stage.name for s in one.steps if s.stage.name in WRITERS), None)
        if writer:
            raise PipelineError(f"part {number} of concat() is not written: leave `{writer}` out")
        parts.append(Part(one.inputs, one.steps, one.search))
    if not parts:
        raise PipelineError("concat() needs at least one pipeline")
    return Pipeline(inputs=tuple(parts), notes=tuple(n for p in pipelines for n in p.notes))


def _found(inputs: tuple[Begin, ...], search: Search | None, options: Options) -> tuple[Begin, ...]:
    """The inputs, with what libraries answer where they are asked."""
    if search is not None:
        return found_inputs(search, options)
    return tuple(
        replace(item, inputs=_found(item.inputs, item.search, options), search=None)
        if isinstance(item, Part)
        else item
        for item in inputs
    )


def as_inputs(given: Sequence[PathLike] | PathLike) -> tuple[Input, ...]:
    """Inputs for one path or several."""
    items = [given] if isinstance(given, (str, os.PathLike)) else given
    return tuple(Input(path=Path(item)) for item in items)


def exporting(
    path: Path, output: Path, params: Mapping[str, Any], editor: str | None = None
) -> tuple[Pipeline, Path]:
    """A pipeline that writes a cut, all stages but ``render`` of a YAML file, and where to.

    ``path`` may also be a cut file, which is then converted. ``editor`` is the program that is to
    read it; it says the suffix where ``output`` has none.
    """
    from smartcut.interchange.formats import accepted, is_cut_file, named_for
    from smartcut.stages.export import Export
    from smartcut.stages.render import Render

    if editor is not None:
        output = named_for(editor, output)
    if not is_cut_file(output):
        raise PipelineError(f"{output}: a cut is written to a file of {accepted()}")
    if is_cut_file(path):
        if params:
            raise PipelineError(f"{path} is a cut: it has no parameters ({', '.join(params)})")
        return Pipeline((StageLine(Export()),), as_inputs(path)), output
    whole = Pipeline.from_yaml(path, **params)
    kept = tuple(s for s in whole.steps if not isinstance(s.stage, (Render, Export)))
    return replace(whole, steps=(*kept, StageLine(Export())), output=None), output


def found_inputs(asked: Search, options: Options) -> tuple[Input, ...]:
    """What a library answers, as inputs; raises PipelineError where it finds nothing."""
    from smartcut.library import results
    from smartcut.library.searching import Question, search

    question = Question(asked.words, asked.image, asked.speech, asked.limit, asked.longest)
    answer = search(asked.library, question, store=asked.store, options=options)
    for note in answer.notes:
        if options.progress:
            options.progress.note(note)
    if not answer.hits:
        raise PipelineError(f"the search of {asked.library} found nothing")
    return results.as_inputs(answer)


def open_media(*paths: PathLike, video: int | None = None, audio: int | None = None) -> Pipeline:
    """A pipeline over these files that shows them whole, one after the other.

    ``video`` and ``audio`` choose streams, counted from 0, where a file has several.
    """
    if not paths:
        raise PipelineError("open() needs at least one file")
    return Pipeline(inputs=tuple(Input(path=Path(p), video=video, audio=audio) for p in paths))
