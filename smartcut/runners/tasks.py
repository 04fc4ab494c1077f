"""What runs on a worker: one piece of work, whose result goes into the shared cache.

A task is sent little (a source, names, frame numbers) and answers little (what the user should
know): what is big lies in the cache, under the digest of all that it depends on. So a task that
was lost can be done again anywhere, and one that was done is not done twice.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.cache import Cache
from smartcut.cache.remote import RemoteCache
from smartcut.context import Due, LocalContext, Quiet, analyse
from smartcut.errors import CacheError, PipelineError, SmartcutError
from smartcut.render.job import Rendering
from smartcut.render.span_encoding import make_span
from smartcut.render.splicing.spans import Span
from smartcut.runners import parts
from smartcut.runners.answers import Failure, TaskAnswer
from smartcut.runners.cores import lent_cores
from smartcut.runners.networks import Hosted, kept_for
from smartcut.source import Source
from smartcut.spec import Input
from smartcut.version import __version__

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """How a worker is to work."""

    cache: Path
    """The root of the cache, which all nodes share; or of a node's copies of one at ``url``."""
    token: str
    """The name of a file there, by which a worker knows that it is the same cache."""
    folder: Path
    """What paths are relative to."""
    version: str
    """Of smartcut; see :func:`installed`."""
    device: str = "cpu"
    cores: int = 1
    allow_net: bool = False
    url: str | None = None
    hosted: tuple[Hosted, ...] = ()
    """Networks whose rows go to actors."""

    def opened(self) -> Cache:
        """The cache, on this node."""
        return RemoteCache(self.url, self.cache) if self.url else Cache(self.cache)


class KeptNotes(Quiet):
    """Progress that keeps what the user should know."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str) -> None:
        self.said.append(message)


def done(setup: WorkerSetup, work: Callable[[LocalContext], None]) -> TaskAnswer:
    """Do the work in a context of this worker, on cores of its own."""
    notes = KeptNotes()
    try:
        _check(setup)
        with lent_cores(setup.cores), chdir(setup.folder):
            cache = setup.opened()
            with kept_for(setup.token, setup.hosted) as networks:
                context = LocalContext(
                    cache,
                    device=setup.device,
                    allow_net=setup.allow_net,
                    progress=notes,
                    networks=networks,
                )
                if setup.hosted:
                    context.device = setup.device  # the networks', which need not be here
                work(context)
            cache.tidy()
            cache.close()
    except SmartcutError as error:
        return TaskAnswer(Failure.of(error), tuple(notes.said))
    return TaskAnswer(None, tuple(notes.said))


def installed() -> str:
    """The version of smartcut on this node."""
    return __version__


def _check(setup: WorkerSetup) -> None:
    """Raise an error where this node cannot do the same as the one that gives out the work."""
    node = socket.gethostname()
    if setup.version != installed():
        raise PipelineError(
            f"the node {node} has smartcut {installed()}, and the run is of {setup.version}; "
            "install one version everywhere"
        )
    if setup.url:
        if not RemoteCache(setup.url, setup.cache).is_signed(setup.token):
            raise CacheError(f"the node {node} does not see the cache at {setup.url} as it is here")
    elif not (setup.cache / setup.token).is_file():
        raise CacheError(
            f"the node {node} does not share the cache folder {setup.cache}; set SMARTCUT_CACHE "
            "to a folder that all nodes see under the same path"
        )
    if not setup.folder.is_dir():
        raise PipelineError(
            f"the node {node} has no folder {setup.folder}, in which the run was started; start it "
            "in a folder that all nodes see under the same path"
        )


# -------------------------------------------------------------------------------------- the work


def look_at(setup: WorkerSetup, item: Input) -> TaskAnswer:
    """Probe a file, so that what it says of itself and its digest are in the cache."""
    from smartcut.media.probe import probe

    def work(context: LocalContext) -> None:
        probe(item.path, video=item.video, audio=item.audio, cache=context.cache)

    return done(setup, work)


def analyse_source(setup: WorkerSetup, source: Source, due: Sequence[Due]) -> TaskAnswer:
    """Do all analyses that are due for a source, from one decode of it."""

    def work(context: LocalContext) -> None:
        _fetch_made([source], context.cache)
        # What was done before its worker died, or by another run since, is not done again.
        analyse(
            source,
            [d for d in due if context.find(d.analysis, d.source, d.inputs) is None],
            context,
        )

    return done(setup, work)


def analyse_part(
    setup: WorkerSetup, source: Source, due: Sequence[Due], first: int, last: int
) -> TaskAnswer:
    """Look at the frames ``first`` to ``last`` - 1 of a source for all analyses that are due."""

    def work(context: LocalContext) -> None:
        _fetch_made([source], context.cache)
        parts.analyse_part(source, due, first, last, context)

    return done(setup, work)


def encode_span(setup: WorkerSetup, rendering: Rendering, span: Span, threads: int) -> TaskAnswer:
    """Encode one span of a render, which comes :func:`slim`."""

    def work(context: LocalContext) -> None:
        shown = _shown_by(rendering, span)
        _fetch_made([s for s in rendering.cut.sources if s.id in shown], context.cache)
        whole = replace(rendering, indexes=_indexes(rendering, span, context.cache))
        make_span(whole, span, context, threads)

    return done(setup, work)


def _shown_by(rendering: Rendering, span: Span) -> set[str | None]:
    """The sources of all that a span shows."""
    segments = (rendering.cut.segments[i] for i in span.segments)
    return {segment.source for segment in (*segments, *(one.segment for one in span.above))}


def _fetch_made(sources: Sequence[Source], cache: Cache) -> None:
    """Brings the files of generated sources from the cache to this node."""
    for source in sources:
        if source.made and not source.is_drawn:
            cache.find(source.digest, source.path.suffix)


def _indexes(rendering: Rendering, span: Span, cache: Cache) -> dict[str, VideoIndex]:
    """Those of the span's sources; and the first of all, whose rate is the nominal one."""
    from smartcut.media.index import video_index

    cut = rendering.cut
    tracks = (cut.programme, *cut.overlays)
    seen = {segment.source for track in tracks for segment in track.segments}
    shown = [source for source in cut.sources if source.video and source.id in seen]
    wanted = _shown_by(rendering, span)
    return {s.id: video_index(s, cache) for s in shown if s.id in wanted or s is shown[0]}


def slim(rendering: Rendering) -> Rendering:
    """The rendering without what a worker finds in the cache, or does not look at."""
    cut = replace(rendering.cut, annotations=(), notes=())
    return replace(
        rendering, cut=cut, heard=cut, indexes={}, spans=(), words=(), cues=(), sounds=()
    )
