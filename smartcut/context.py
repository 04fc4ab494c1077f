"""What stages may use of the machine: the half that looks up, and the half that computes.

:class:`Stored` answers from the cache alone: planning stops there. :class:`LocalContext` computes
what is not stored yet, in this process; runners derive theirs from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from smartcut.annotation import Annotation, Data, Features, Voices
from smartcut.cache import Cache, canonical, key_of
from smartcut.cache.throughput import Work, timed
from smartcut.errors import PipelineError
from smartcut.inputs import open_sources
from smartcut.interchange.json import from_plain, to_plain
from smartcut.models.device import check_device, chip_of, choose_device
from smartcut.models.pool import Pool
from smartcut.source import Source
from smartcut.spec import Input, StageLine
from smartcut.stage import (
    PICTURES,
    Analysis,
    Answer,
    Context,
    Frames,
    Listener,
    Network,
    NotReady,
    Progress,
    RowNetwork,
    Stopped,
)

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


class Quiet:
    """Progress that is not shown."""

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        return lambda done: None

    def done(self, label: str) -> None:
        pass

    def note(self, message: str) -> None:
        pass


class Stored(Context):
    """A context that answers from the cache, and raises NotReady for what is not there."""

    def __init__(
        self,
        cache: Cache,
        *,
        device: str = "auto",
        allow_net: bool = False,
        jobs: int = 1,
        progress: Progress | None = None,
        output: Path | None = None,
        networks: Pool | None = None,
    ) -> None:
        self.cache = cache
        self.networks = networks or Pool()
        self.allow_net = allow_net
        self.jobs = jobs
        self.progress = progress or Quiet()
        self.output = output
        self.outputs = []
        self.stopping = Event()
        check_device(device)
        self.asked_device = device

    @cached_property
    def device(self) -> str:  # type: ignore[override]
        """The device to compute on; asking may import torch."""
        return choose_device(self.asked_device)

    @cached_property
    def chip(self) -> int | None:
        """The number of the GPU that decodes pictures for analyses; see :func:`chip_of`."""
        return chip_of(self.asked_device)

    def result(self, analysis: Analysis, source: Source) -> Annotation:
        inputs = self.inputs_of(analysis, source)
        found = self.find(analysis, source, inputs)
        if found is None:
            raise NotReady(analysis.name, self.why(analysis.name, source.path, inputs))
        return found

    def memo(
        self,
        kind: str,
        version: int,
        inputs: Mapping[str, Any],
        compute: Callable[[], T],
        fits: Callable[[Any], bool] | None = None,
    ) -> T:
        found = self.cache.load(key_of(f"memo:{kind}", version, inputs), fits)
        if found is None:
            subject = Path(str(inputs.get("source", "")))
            raise NotReady(kind, self.why(kind, subject, {"version": version, **inputs}))
        answer: T = found
        return answer

    def network(self, asked: Network[T]) -> T:
        return self.networks.get(asked, self.device, self.allow_net)

    def prepare(self, asked: Network[Any]) -> None:
        self.networks.begin(asked, self.device, self.allow_net)

    def ask(self, asked: RowNetwork, rows: np.ndarray, source: Source) -> Answer:
        return self.networks.ask(asked, rows, source.digest, self.device, self.allow_net)

    # ----------------------------------------------------------------------- keys and history

    def inputs_of(self, analysis: Analysis, source: Source) -> dict[str, Any]:
        """Everything that the result depends on."""
        model = analysis.model(self)
        sees = isinstance(analysis.wants(source), Frames)
        return {
            "version": analysis.version,
            "parameters": analysis.model_dump(mode="json"),
            "source": source.digest,
            "streams": [s.index if s else None for s in (source.video, source.audio)],
            "model": list(model) if model else None,
        } | ({"pictures": PICTURES} if sees else {})

    def key(self, analysis: Analysis, inputs: Mapping[str, Any]) -> str:
        return key_of(f"analysis:{analysis.name}", analysis.version, inputs)

    def find(
        self, analysis: Analysis, source: Source, inputs: Mapping[str, Any]
    ) -> Annotation | None:
        """The stored result; None where it is absent or damaged."""
        plain = self.cache.load(self.key(analysis, inputs))
        if plain is None:
            return None
        try:
            data: Data = from_plain(Data, plain)  # type: ignore[arg-type]
        except PipelineError:
            return None  # a damaged entry is a miss
        rows = _rows_of(data)
        if isinstance(data, (Features, Voices)) and rows:
            array = self.cache.load_array(data.array, mapped=True)
            if array is None or len(array) != rows:
                return None
        return self.annotation(analysis, source, data, inputs)

    def annotation(
        self, analysis: Analysis, source: Source, data: Data, inputs: Mapping[str, Any]
    ) -> Annotation:
        name, weights = inputs["model"] or (None, None)
        producer = f"{analysis.name}/{analysis.version}"
        return Annotation(analysis.name, source.id, data, producer, name, weights)

    def keep(
        self, analysis: Analysis, source: Source, data: Data, inputs: Mapping[str, Any]
    ) -> Annotation:
        """Store a result, and what it came from."""
        self.cache.store(self.key(analysis, inputs), to_plain(data))
        self.remember(analysis.name, source.path, inputs)
        return self.annotation(analysis, source, data, inputs)

    def remember(self, kind: str, subject: Path, inputs: Mapping[str, Any]) -> None:
        """Note the inputs of the last run, so that :meth:`why` can tell what changed."""
        self.cache.store(self._history(kind, subject), json.loads(canonical(inputs)))

    def why(self, kind: str, subject: Path, inputs: Mapping[str, Any]) -> str:
        """In words: why there is no result for these inputs."""
        before = self.cache.load(self._history(kind, subject))
        if not isinstance(before, dict):
            return "not done before"
        changed = list(_changes(before, json.loads(canonical(inputs))))
        return f"{', '.join(changed)} changed" if changed else "its cache entry is gone"

    @staticmethod
    def _history(kind: str, subject: Path) -> str:
        return key_of("last-inputs", 1, {"kind": kind, "subject": str(subject)})


def _rows_of(data: Data) -> int:
    """How many vectors lie in the cache beside it."""
    if isinstance(data, Features):
        return len(data.pts)
    return len(data.windows) if isinstance(data, Voices) else 0


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _changes(old, new)
        else:
            yield name


# -------------------------------------------------------------------------------- computing


class Due(NamedTuple):
    """An analysis that has to run on a source."""

    analysis: Analysis
    source: Source
    inputs: Mapping[str, Any]
    reason: str


class LocalContext(Stored):
    """A context that computes what is not stored yet."""

    def result(self, analysis: Analysis, source: Source) -> Annotation:
        try:
            return super().result(analysis, source)
        except NotReady as missing:
            inputs = self.inputs_of(analysis, source)
            return self.analyse(source, [Due(analysis, source, inputs, missing.reason)])[0]

    @property
    def at_once(self) -> int:
        """How many sources are looked at side by side."""
        return max(1, self.jobs)

    def known(self) -> Stored:
        """What is stored already, without the half that computes."""
        return Stored(self.cache, device=self.asked_device, allow_net=self.allow_net)

    def open(self, inputs: Sequence[Input], steps: Sequence[StageLine]) -> tuple[Source, ...]:
        """The probed sources."""
        return open_sources(inputs, steps, self.cache)

    def analyse(self, source: Source, due: Sequence[Due]) -> list[Annotation]:
        """The results of all analyses that are due for a source."""
        return analyse(source, due, self)

    def memo(
        self,
        kind: str,
        version: int,
        inputs: Mapping[str, Any],
        compute: Callable[[], T],
        fits: Callable[[Any], bool] | None = None,
    ) -> T:
        try:
            return super().memo(kind, version, inputs, compute, fits)
        except NotReady:
            answer = compute()
            self.cache.store(key_of(f"memo:{kind}", version, inputs), answer)
            subject = Path(str(inputs.get("source", "")))
            self.remember(kind, subject, {"version": version, **inputs})
            return answer


def work_of(source: Source, due: Sequence[Due], context: Stored) -> Work:
    """What these analyses of a source, done together, amount to: megapixels decoded, or seconds."""
    kinds = set()
    for item in due:
        model = item.inputs["model"]
        kinds.add(f"{item.analysis.name} {model[0] if model else ''} {item.inputs['parameters']}")
    amount = float(source.duration)
    if source.video and any(isinstance(d.analysis.wants(source), Frames) for d in due):
        width, height = source.video.display_size
        amount *= width * height * float(source.video.nominal_rate) / 1e6
        kinds.add(source.video.codec)
    return Work(f"analyse on {context.asked_device}: {sorted(kinds)}", amount)


class _LateListener:
    """A listener that is made when there is something for it: decoding waits for no import."""

    def __init__(self, make: Callable[[], Listener]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Listener:
        return self._make()

    def feed(self, item: Any) -> None:
        self._made.feed(item)

    def finish(self) -> Data:
        return self._made.finish()


def analyse(source: Source, due: Sequence[Due], context: Stored) -> list[Annotation]:
    """The results of all analyses that are due for a source, from one decode of it."""
    from smartcut.media.base_index import index_for
    from smartcut.media.listen import listen

    fed = []
    results: dict[int, Annotation] = {}
    for i, item in enumerate(due):
        wish = item.analysis.wants(source)
        if wish is None:
            data = item.analysis.empty(source)
            results[i] = context.keep(item.analysis, source, data, item.inputs)
        else:
            late = _LateListener(partial(item.analysis.listener, source, context))
            fed.append((i, item, wish, late))
    if fed:
        sees = any(isinstance(wish, Frames) for _, _, wish, _ in fed)
        asked = [wish for _, _, wish, _ in fed]
        index = index_for(asked, source, context.cache) if sees else None
        label = f"{source.id}: {', '.join(item.analysis.name for _, item, _, _ in fed)}"
        work = work_of(source, [item for _, item, _, _ in fed], context)
        with timed(context, label, float(source.duration), work) as advance:
            wishes = [(wish, late) for _, _, wish, late in fed]

            def report(time: Fraction) -> None:
                if context.stopping.is_set():
                    raise Stopped
                advance(float(time))

            listen(source, wishes, index, on_progress=report, gpu=context.chip)
            for i, item, _, late in fed:
                report(source.duration)  # what is left may take as long as all before
                results[i] = context.keep(item.analysis, source, late.finish(), item.inputs)
    return [results[i] for i in range(len(due))]
