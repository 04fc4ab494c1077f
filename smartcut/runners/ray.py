"""Runs a pipeline with its work spread over a Ray cluster: the same cut, files and errors.

Files are probed, sources analysed and spans of the output encoded by workers, each into the cache
that all share; the stages and the joining run here, and find what they ask for in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from smartcut.annotation import Annotation
from smartcut.cache import Cache
from smartcut.context import Due, LocalContext, Stored
from smartcut.effect import checked
from smartcut.errors import CacheError
from smartcut.inputs import cut_file, open_sources
from smartcut.models.pool import held
from smartcut.render.job import Rendering
from smartcut.render.splicing.spans import Span
from smartcut.runners import parts, tasks
from smartcut.runners.cluster import Cluster, Needs, connected, wait_for
from smartcut.runners.local import Options, Result, opened_cache, run_in
from smartcut.runners.local import plan as plan  # planning decodes nothing, and needs no cluster
from smartcut.source import Source
from smartcut.spec import Begin, Input, StageLine
from smartcut.stage import Analysis

# What a worker takes with its libraries, and with a network beside, in bytes.
_PROCESS = 500 << 20
_NETWORK = 2 << 30
# Pictures in memory at once: those in work in decoder threads, referred to, and looked ahead at.
_DECODED, _ENCODED = 24, 96
#: Of a GPU, what a piece of work takes that asks a network.
GPU_SHARE = 0.25


class There(Stored):
    """What is stored already, as the workers' device would have it."""

    def __init__(self, cache: Cache, device: str, allow_net: bool) -> None:
        super().__init__(cache, device="cpu", allow_net=allow_net)
        self.device = device


class RayContext(LocalContext):
    """A context that has analyses and encoded spans done by a cluster."""

    cluster: Cluster

    def join(self, cluster: Cluster) -> None:
        """Give work to this cluster from now on."""
        self.cluster = cluster
        self._there = There(self.cache, cluster.device, self.allow_net)
        self._sending = Lock()
        self._sent: tuple[Rendering, Any] | None = None

    @property
    def at_once(self) -> int:
        """How many sources or spans are given out."""
        return self.cluster.at_once

    def known(self) -> Stored:
        return self._there

    def inputs_of(self, analysis: Analysis, source: Source) -> dict[str, Any]:
        return self._there.inputs_of(analysis, source)

    def open(self, inputs: Sequence[Input], steps: Sequence[StageLine]) -> tuple[Source, ...]:
        """The probed sources: hashed by the cluster, so that all is known when asked for here."""

        def look_at(item: Input) -> None:
            self._do(tasks.look_at, item, needs=Needs(), subject=str(item.path))

        with ThreadPoolExecutor(self.at_once) as pool:
            try:
                list(pool.map(look_at, inputs if cut_file(inputs) is None else ()))
            except BaseException:
                self.stopping.set()
                pool.shutdown(cancel_futures=True)
                raise
        return open_sources(inputs, steps, self.cache)

    def analyse(self, source: Source, due: Sequence[Due]) -> list[Annotation]:
        """The results of all analyses that are due for a source, done by one worker or several."""
        label = f"{source.id}: {', '.join(item.analysis.name for item in due)}"
        advance = self.progress.start(label, float(source.duration))
        from smartcut.media.index import video_index

        divided, whole = parts.divides(due)
        cuts = parts.stretches(video_index(source, self.cache)) if divided else []
        if len(cuts) > 1:
            self._analyse_parts(source, divided, whole, cuts)
        else:
            self._analyse_whole(source, due)
        results = [self._result(item) for item in due]
        advance(float(source.duration))
        self.progress.done(label)
        return results

    def _analyse_whole(self, source: Source, due: Sequence[Due]) -> None:
        needs = analysis_needs(source, due, self.cluster, self._there)
        self._do(tasks.analyse_source, source, list(due), needs=needs, subject=str(source.path))

    def _analyse_parts(
        self,
        source: Source,
        divided: Sequence[Due],
        whole: Sequence[Due],
        cuts: Sequence[tuple[int, int]],
    ) -> None:
        """Have each part looked at, beside what hears the whole; join what was found."""
        needs = analysis_needs(source, divided, self.cluster, self._there)

        def look(cut: tuple[int, int]) -> None:
            subject = f"{source.path}, frames {cut[0]} to {cut[1] - 1}"
            self._do(tasks.analyse_part, source, list(divided), *cut, needs=needs, subject=subject)

        with ThreadPoolExecutor(self.at_once) as pool:
            work = [pool.submit(self._analyse_whole, source, whole)] if whole else []
            work += [pool.submit(look, cut) for cut in cuts]
            try:
                for future in work:
                    future.result()
            except BaseException:
                self.stopping.set()
                pool.shutdown(cancel_futures=True)
                raise
        among = parts.all_wishes(divided)
        for item in divided:
            data = wait_for(partial(parts.joined, item, among, cuts, self))
            if data is None:
                raise self._lost(item)
            self.keep(item.analysis, source, data, item.inputs)

    def _result(self, item: Due) -> Annotation:
        found = wait_for(lambda: self.find(item.analysis, item.source, item.inputs))
        if found is None:
            raise self._lost(item)
        result: Annotation = found
        return result

    def _lost(self, item: Due) -> CacheError:
        return CacheError(
            f"{item.source.path}: {item.analysis.name} was worked out, but is not in the cache "
            f"{self.cache.root}; do all nodes share it, and is the disk full?"
        )

    def encode(self, rendering: Rendering, span: Span, threads: int) -> None:
        """Have a worker encode the span; returns when its piece is in the cache."""
        from smartcut.render.span_pieces import known_piece

        needs = span_needs(rendering, span, threads, self.cluster)
        subject = f"{rendering.output.path} from {float(span.range.start):.3f} s"
        sent = self._slim(rendering)
        self._do(tasks.encode_span, sent, span, threads, needs=needs, subject=subject)
        wait_for(lambda: known_piece(span, self))

    def _slim(self, rendering: Rendering) -> Any:
        """A reference to the rendering, which goes to each node once for all of its spans."""
        import ray

        with self._sending:
            if self._sent is None or self._sent[0] is not rendering:
                self._sent = (rendering, ray.put(tasks.slim(rendering)))
            return self._sent[1]

    def _do(self, task: Any, *arguments: Any, needs: Needs, subject: str) -> None:
        """Runs the task on the cluster; forwards its notes and re-raises its error here."""
        answer = self.cluster.do(
            task, *arguments, needs=needs, stopping=self.stopping, subject=subject
        )
        for note in answer.notes:
            self.progress.note(note)
        if answer.failure:
            raise answer.failure.error()


# ---------------------------------------------------------------------------- what work takes


def analysis_needs(source: Source, due: Sequence[Due], cluster: Cluster, known: Stored) -> Needs:
    """What analysing a source takes of a node; networks in actors take nothing of it."""
    asked = [item.analysis.asks(known) for item in due]
    loads = any(item.inputs["model"] and not n for item, n in zip(due, asked, strict=True))
    memory = _PROCESS + (_NETWORK if loads else 0)
    if source.video:
        memory += _DECODED * _frame_bytes(source.video.width, source.video.height)
    gpu = GPU_SHARE if loads and cluster.device != "cpu" else 0.0
    return Needs(1, memory, gpu, tuple(dict.fromkeys(n for n in asked if n)))


def span_needs(rendering: Rendering, span: Span, threads: int, cluster: Cluster) -> Needs:
    """What encoding a span takes of a node."""
    picture = span.picture
    effects = [e for i in span.segments for e in rendering.cut.segments[i].effects]
    asks_network = span.is_interpolated or any(checked(e).uses_network for e in effects)
    memory = _PROCESS + (_NETWORK if asks_network else 0)
    memory += _ENCODED * _frame_bytes(picture.width, picture.height)
    return Needs(threads, memory, GPU_SHARE if asks_network and cluster.device != "cpu" else 0.0)


def _frame_bytes(width: int, height: int) -> int:
    """At two bytes a sample and 4:2:0, whatever the format is."""
    return 3 * width * height


# -------------------------------------------------------------------------------------- running


def run(
    steps: Sequence[StageLine],
    inputs: Sequence[Begin],
    output: Path | None = None,
    options: Options | None = None,
) -> Result:
    """The finished cut, with whatever the stages wrote; as :func:`smartcut.runners.local.run`."""
    options = options or Options()
    with _context(output, options) as context:
        return run_in(context, steps, inputs)


@contextmanager
def _context(output: Path | None, options: Options) -> Iterator[RayContext]:
    with opened_cache(options.cache) as cache, held() as networks:
        context = RayContext(
            cache,
            device=options.device,
            allow_net=options.allow_net,
            jobs=options.jobs,
            progress=options.progress,
            output=output,
            networks=networks,
        )
        context.stopping = options.stopping or context.stopping
        with connected(
            cache,
            address=options.address,
            workers=max(1, options.jobs),
            device=options.device,
            allow_net=options.allow_net,
        ) as cluster:
            context.join(cluster)
            yield context
