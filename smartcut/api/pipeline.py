"""Pipelines: stages, and the files that they work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from smartcut.api.inputs import PathLike, as_inputs, found
from smartcut.api.options import (
    RUN_OPTIONS,
    ProgressParam,
    as_options,
    divided,
    unknown_option,
)
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.plan import Plan, without_writers
from smartcut.playable import Playable
from smartcut.runners import local
from smartcut.runners.choice import chosen
from smartcut.runners.local import Options, Result
from smartcut.spec import Begin, Search, Spec, StageLine, missing_needs, parts_of
from smartcut.spec_reading import load_spec, parse_spec, with_hand_edits
from smartcut.stage import Stage, stage_modules

if TYPE_CHECKING:
    from smartcut.api.events import RunEvent
    from smartcut.api.running import Running


@dataclass(frozen=True, slots=True, repr=False)
class Pipeline(Playable):
    """Stages, and the files they work on. Nothing is read or decoded before a method runs it.

    ``pipeline | stage`` gives a longer pipeline; the one before is unchanged.

        film = sc.open("talk.mp4")[3:10] | sc.title(text="Harbour") | sc.fade(fade_in=1)
        film.render("harbour.mp4")
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
    edits: Path | bool = False
    """A file of corrections by hand; or whether those beside the YAML are taken."""

    @classmethod
    def from_yaml(
        cls, path: PathLike, /, *, edits: PathLike | bool = True, **params: Any
    ) -> Pipeline:
        """The pipeline of a YAML file; ``params`` replace the file's own.

        ``edits`` is a file of corrections by hand; without it, ``NAME.edits.yaml`` beside
        ``NAME.yaml`` is taken where it is there, and left out where ``edits`` is False. Raises
        PipelineError, which lists every mistake with its line.
        """
        file = edits if isinstance(edits, bool) else Path(edits)
        return cls.from_spec(load_spec(Path(path), params, file), Path(path), file)

    @classmethod
    def from_text(cls, text: str, /, **params: Any) -> Pipeline:
        """The pipeline that a YAML text describes."""
        return cls.from_spec(parse_spec(text, settings=params), None)

    @classmethod
    def from_spec(cls, spec: Spec, path: Path | None, edits: Path | bool = False) -> Pipeline:
        """The pipeline that was read from a text; ``path`` is that of its file."""
        output = Path(spec.output) if spec.output else None
        return cls(spec.steps, spec.inputs, output, spec.text, path, spec.search, spec.notes, edits)

    def with_params(self, params: Mapping[str, Any], also: Sequence[str] = ()) -> Pipeline:
        """The same YAML with other parameters; raises PipelineError for unknown ones.

        ``also`` are keywords that could have been meant instead.
        """
        if not params:
            return self
        if self.yaml is None:
            raise unknown_option(next(iter(params)), also)
        spec = parse_spec(self.yaml, path=self.path, settings=params)
        spec = with_hand_edits(spec, self.edits)
        inputs = spec.inputs or self.inputs
        return replace(self, steps=spec.steps, inputs=inputs, search=spec.search)

    def __or__(self, stage: Stage) -> Pipeline:
        if not isinstance(stage, Stage):
            raise TypeError(_no_stage(stage))
        return replace(self, steps=(*self.steps, StageLine(stage)))

    def __repr__(self) -> str:
        from smartcut.api.notebook import described

        return described(self)

    def _as_pipeline(self) -> Pipeline:
        return self

    def unwritten(self) -> Pipeline:
        """The pipeline without the stages that write files, and without a name for the output."""
        return replace(self, steps=without_writers(self.steps), output=None)

    def run(
        self,
        inputs: Sequence[PathLike] | PathLike | None = None,
        output: PathLike | None = None,
        *,
        device: str = "auto",
        jobs: int = 1,
        cache: bool | str = True,
        allow_net: bool = False,
        progress: ProgressParam = None,
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
        given = {
            "device": device,
            "jobs": jobs,
            "cache": cache,
            "allow_net": allow_net,
            "progress": progress,
            "runner": runner,
            "address": address,
        }
        return self.with_params(params).run_with(as_options(given), inputs, output)

    def run_with(
        self,
        options: Options,
        inputs: Sequence[PathLike] | PathLike | None = None,
        output: PathLike | None = None,
    ) -> Result:
        """As :meth:`run`, with the options as one value."""
        pipeline = self.checked()
        result = chosen(options).run(
            pipeline.steps, pipeline.begin(inputs, options), pipeline._output(output), options
        )
        return replace(result, notes=(*pipeline.notes, *result.notes))

    def start(
        self,
        output: PathLike | None = None,
        *,
        inputs: Sequence[PathLike] | PathLike | None = None,
        on_event: Callable[[RunEvent], object] | None = None,
        **settings: Any,
    ) -> Running:
        """Render it, or without ``output`` run it, in a thread of its own; returns at once.

        The answer tells of events, is cancelled, waited for and awaited. ``on_event`` is called
        with each event (:mod:`smartcut.api.events`) in the thread that works. ``settings`` are
        those of :meth:`render`, without ``progress``.

            running = film.start("film.mp4", on_event=print)
            running.cancel()
        """
        from smartcut.api.running import started

        return started(self, output, inputs, on_event, settings)

    async def run_async(
        self,
        output: PathLike | None = None,
        *,
        inputs: Sequence[PathLike] | PathLike | None = None,
        on_event: Callable[[RunEvent], object] | None = None,
        **settings: Any,
    ) -> Result:
        """As :meth:`start`, awaited; where the task is cancelled, the run is.

        result = await film.run_async("film.mp4")
        """
        return await self.start(output, inputs=inputs, on_event=on_event, **settings)

    def plan(
        self,
        inputs: Sequence[PathLike] | PathLike | None = None,
        output: PathLike | None = None,
        **options: Any,
    ) -> Plan:
        """What :meth:`run` would do; decodes nothing. ``options`` as for :meth:`run`."""
        given, params = divided(options)
        opts = as_options(given)
        pipeline = self.with_params(params).checked()
        return local.plan(
            pipeline.steps, pipeline.begin(inputs, opts), pipeline._output(output), opts
        )

    def cut(self, inputs: Sequence[PathLike] | PathLike | None = None, **options: Any) -> Cut:
        """The finished cut: every stage is run but those that write files.

        ``options`` as for :meth:`run`.
        """
        given, params = divided(options)
        film = self.with_params(params).unwritten()
        return film.run_with(as_options(given), inputs).cut

    def render(
        self,
        output: PathLike,
        *,
        inputs: Sequence[PathLike] | PathLike | None = None,
        **settings: Any,
    ) -> Result:
        """Run every stage and write the cut to ``output``.

        ``settings`` are the parameters of the ``render`` stage, and options as for :meth:`run`; a
        pipeline that already ends in a ``render`` keeps it, and takes no parameters here.

            film.render("film.mp4", resolution="720p", progress=print)
        """
        options, given = divided(settings)
        pipeline = self.rendering(given)
        return pipeline.run_with(as_options(options), inputs, output)

    def rendering(self, settings: Mapping[str, Any]) -> Pipeline:
        """The pipeline with a ``render`` of these settings at its end, or with its own."""
        from smartcut.report.steps import made
        from smartcut.stages.render import Render

        if not any(isinstance(step.stage, Render) for step in self.steps):
            return self | made(Render, dict(settings), also=RUN_OPTIONS)
        if unknown := [name for name in settings if name in Render.model_fields]:
            raise PipelineError(
                f"this pipeline has a `render` stage: give the settings there ({unknown[0]})"
            )
        return self.with_params(settings)

    def checked(self) -> Pipeline:
        """The pipeline; raises PipelineError where a stage lacks what it needs."""
        problems = missing_needs(self.steps, self.inputs)
        if problems:
            raise problems[0]
        return self

    def begin(
        self, given: Sequence[PathLike] | PathLike | None, options: Options
    ) -> tuple[Begin, ...]:
        """What it begins with, where ``given`` replaces its own inputs."""
        if given is None:
            return found(self.inputs, self.search, options)
        if parts_of(self.inputs):
            raise PipelineError("this pipeline has parts, which name their inputs: leave files out")
        return as_inputs(given)

    def _output(self, given: PathLike | None) -> Path | None:
        return self.output if given is None else Path(given)


def _no_stage(given: Any) -> str:
    """What to say of what stands behind `|` and is no stage."""
    name = getattr(given, "__name__", given)
    if isinstance(name, str) and name in stage_modules():
        return f"film | {name}: a stage is called, as in film | sc.{name}(...)"
    if isinstance(given, Playable):
        return "film | film: films are joined by `+`, and laid above each other by sc.layers(a, b)"
    return f"film | {given!r}: stages come after `|`, such as film | sc.title(text='Harbour')"
