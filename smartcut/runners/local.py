"""Runs a pipeline in this process: one decode for each source, then the stages in order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from smartcut.algebra import identified
from smartcut.cache import Cache
from smartcut.context import LocalContext, Stored
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.files import only_writer
from smartcut.in_notebooks import InNotebooks
from smartcut.inputs import opening_cut
from smartcut.layering import assembled
from smartcut.models.pool import held
from smartcut.plan import Plan, due_work, expected_in, finished, make_plan, target_of
from smartcut.runners.failures import in_words
from smartcut.runners.looking import look_and_listen
from smartcut.spec import Begin, StageLine, files_of, parts_of
from smartcut.stage import Progress

if TYPE_CHECKING:
    from smartcut.expectation import Verification

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result(InNotebooks):
    """What a run made: the finished cut, and the files written.

    result = film.render("film.mp4")
    print(result.outputs, float(result.cut.duration), result.notes)
    """

    cut: Cut
    outputs: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    verifications: tuple[Verification, ...] = ()
    """Of each film that was written, where the pipeline expects something of it."""

    @property
    def is_met(self) -> bool:
        """Whether all that was written is as the pipeline expects it."""
        return all(found.is_met for found in self.verifications)

    def verify(self, **expectations: Any) -> Verification:
        """Whether the film that was written is as expected: see :func:`smartcut.verify`.

        Without expectations, as the pipeline said, or as is usual.

            film.render("film.mp4").verify(loudness=-16, no_black="0.2s").is_met
        """
        if not self.outputs:
            raise PipelineError("nothing was written that could be verified: give -o OUT.mp4")
        verify = import_module("smartcut.api.expecting").verify
        found: Verification = verify(self.outputs[0], **expectations)
        return found

    def report(self, output: str | Path, *, previews: bool = False, **options: Any) -> None:
        """Write a page on what was made: see :meth:`smartcut.playable.Playable.report`.

        Of the first film that has a manifest it also says what was copied, encoded and generated,
        and whether film, manifest and signature agree.
        """
        made = import_module("smartcut.api.reporting")
        made.write_report(self, output, previews=previews, **options)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: where to compute, and what is allowed."""

    device: str = "auto"
    jobs: int = 1
    cache: bool | str = True
    """The user's, none that stays, or one at a URL such as ``s3://bucket/folder``."""
    allow_net: bool = False
    progress: Progress | None = field(default=None, compare=False)
    runner: Literal["local", "ray"] = "local"
    address: str | None = None
    """Of a Ray cluster; without one, ``ray`` starts one here, with ``jobs`` workers."""
    stopping: Event | None = field(default=None, compare=False)
    """Set from outside, it ends the run."""


@contextmanager
def opened_cache(use: bool | str) -> Iterator[Cache]:
    """The user's cache, one in a folder or at a URL, or one that is thrown away afterwards."""
    with ExitStack() as stack:
        if isinstance(use, str):
            from smartcut.cache.remote import opened

            cache = opened(use)
        elif use:
            cache = Cache()
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="smartcut-"))
            cache = Cache(Path(folder), limited=False)
        stack.callback(cache.close)  # what was found in it may be pruned from now on
        yield cache


def run(
    steps: Sequence[StageLine],
    inputs: Sequence[Begin],
    output: Path | None = None,
    options: Options | None = None,
) -> Result:
    """The finished cut, with whatever the stages wrote."""
    with opened_context(options or Options(), output) as context:
        return run_in(context, steps, inputs)


@contextmanager
def opened_context(options: Options, output: Path | None = None) -> Iterator[LocalContext]:
    """What stages work in here, with a cache and networks that are given back afterwards."""
    with opened_cache(options.cache) as cache, held() as networks:
        context = LocalContext(
            cache,
            device=options.device,
            allow_net=options.allow_net,
            jobs=options.jobs,
            progress=options.progress,
            output=output,
            networks=networks,
        )
        context.stopping = options.stopping or context.stopping
        yield context


def run_in(context: LocalContext, steps: Sequence[StageLine], inputs: Sequence[Begin]) -> Result:
    """The finished cut; how and where is worked is the context's.

    Raises RenderError at once where another run writes one of the outputs.
    """
    steps, note = finished(steps, context)
    context.target, context.expected = target_of(steps), expected_in(steps)
    outputs = [path for step in steps for path in step.stage.writes(context)]
    with in_words(context.cache.root, *outputs), only_writer(*outputs):
        if note:
            context.progress.note(note)
        cut = worked(context, steps, inputs, note)
        if context.outputs:
            from smartcut.runners.run_record import keep_record

            keep_record(context, steps, inputs, cut)
        verifications = _verifications(context, steps)
        if said := context.cache.tidy():
            context.progress.note(said)
        return Result(cut, tuple(context.outputs), cut.notes, verifications)


def _verifications(context: LocalContext, steps: Sequence[StageLine]) -> tuple[Verification, ...]:
    """Whether the films that were written are as the stages say."""
    if not context.expected:
        return ()
    from smartcut.verifying import verify_outputs

    return verify_outputs(steps, context.outputs, context)


def worked(
    context: LocalContext, steps: Sequence[StageLine], inputs: Sequence[Begin], note: str = ""
) -> Cut:
    """The cut after these stages, over files, or over parts that are worked before."""
    if parts := parts_of(inputs):
        cuts = [worked(context, part.steps, part.inputs) for part in parts]
        cut = assembled(cuts, [part.laying for part in parts])
        sources = cut.footage
    else:
        sources = context.open(files_of(inputs), steps)
        cut = opening_cut(files_of(inputs), sources)
    # What is known already tells what is due: `context` would compute each on its own. Sound is
    # listened to while the weights of networks that see are identified.
    known = context.known()
    due = (due_work(steps, sources, known, hears=hears)[0] for hears in (True, False))
    look_and_listen(due, context, [step.stage for step in steps])
    cut = identified(cut.with_note(note) if note else cut)
    for step in steps:
        cut = identified(step.stage.apply(cut, context))
    return cut


def plan(
    steps: Sequence[StageLine],
    inputs: Sequence[Begin],
    output: Path | None = None,
    options: Options | None = None,
) -> Plan:
    """What :func:`run` would do."""
    options = options or Options()
    with opened_cache(options.cache) as cache:
        context = Stored(
            cache,
            device=options.device,
            allow_net=options.allow_net,
            jobs=options.jobs,
            output=output,
        )
        return make_plan(steps, inputs, context)
