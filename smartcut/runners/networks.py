"""Networks on a Ray cluster: each stays loaded in actors, which all workers send their rows to.

The run that needs a network starts its actors, before the tasks that will ask it, and ends them
with itself. Workers find them by name. A batch may hold rows of several videos; what comes of a
row is the same as where the network is loaded beside the task (:mod:`smartcut.models.batching`).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Any

import numpy as np

from smartcut.cache import key_of
from smartcut.errors import SmartcutError, StageError
from smartcut.models import batching
from smartcut.models.batching import Batches, Counts
from smartcut.models.pool import Pool, held, loading
from smartcut.runners.answers import Failure
from smartcut.stage import Answer, Network, RowNetwork, Stopped

#: How often rows are sent again after the actor that had them died.
RETRIES = 3
#: How often an actor is started anew in a run; nodes may come and go for days.
RESTARTS = 100
#: One actor with a GPU serves so many cores that decode.
CORES_FOR_A_GPU = 16
# What a loaded network takes with its libraries, in bytes.
_MEMORY = 2500 << 20
# Requests that an actor looks at; more wait with their senders, of which each has a few.
_CALLS = 128
# How long a worker without a task keeps the networks that it loaded itself, in seconds.
_KEPT = 60.0
# How often to look whether the run is to stop, in seconds.
_LOOK = 0.5


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster, and what it has."""

    id: str
    cores: int
    memory: int
    """In bytes."""
    gpus: float


@dataclass(frozen=True, slots=True)
class Hosted:
    """Where the actors of a network are: (node, name) of each; "" where any node will do."""

    asked: RowNetwork
    actors: tuple[tuple[str, str], ...]


class Host:
    """The actor: one loaded network. An error in it is an answer, like any other."""

    def __init__(
        self,
        asked: RowNetwork,
        device: str,
        folder: Path,
        allow_net: bool,
        threads: int,
        wait: float,
    ) -> None:
        os.chdir(folder)

        # Workers start and decode meanwhile.
        loaded = loading(asked, device, allow_net)
        self._batches = Batches(asked, loaded, device, threads=threads, wait=wait)

    def ask(self, rows: np.ndarray, source: str) -> tuple[np.ndarray, str] | Failure:
        """What the network says of each row, and its engine; returns once all are answered."""
        try:
            answer = self._batches.ask(rows, source)
            return answer.result(), answer.engine
        except SmartcutError as error:
            return Failure.of(error)

    def counts(self) -> Counts:
        return self._batches.counts()

    def process(self) -> int:
        """The number of the process that the network is in."""
        return os.getpid()


# ------------------------------------------------------------------------- where a run is given out


@dataclass(slots=True)
class Hosts:
    """The actors of a run, by network."""

    run: str
    nodes: tuple[Node, ...]
    device: str
    folder: Path
    allow_net: bool
    _lock: Lock = field(default_factory=Lock)
    _started: dict[RowNetwork, tuple[Hosted, list[Any]]] = field(default_factory=dict)
    _ready: set[RowNetwork] = field(default_factory=set)

    @property
    def memory(self) -> int:
        """What actors take of a node at most, in bytes: it is not there for tasks."""
        return sum(self._memory(i) for i in range(len(self._started)))

    def ready(self, asked: RowNetwork, stopping: Event) -> Hosted:
        """Where to ask the network, whose actors are started where they are not yet.

        Returns once they are there, so that no task holds what they wait for.
        """
        import ray

        with self._lock:
            if asked not in self._started:
                self._started[asked] = self._start(asked)
            hosted, actors = self._started[asked]
        waiting = [] if asked in self._ready else [actor.process.remote() for actor in actors]
        while waiting:
            if stopping.is_set():
                raise Stopped
            _, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=_LOOK)
        self._ready.add(asked)
        return hosted

    def counts(self, asked: RowNetwork) -> list[Counts]:
        """What each actor of the network was asked so far."""
        import ray

        _, actors = self._started[asked]
        found: list[Counts] = ray.get([actor.counts.remote() for actor in actors])
        return found

    def close(self) -> None:
        """End all actors."""
        import ray

        with self._lock:
            for _, actors in self._started.values():
                for actor in actors:
                    ray.kill(actor)
            self._started.clear()
            self._ready.clear()

    def _start(self, asked: RowNetwork) -> tuple[Hosted, list[Any]]:
        import ray

        host: Any = ray.remote(Host)
        place, named, actors = len(self._started), [], []
        for number, (node, options) in enumerate(self._places(place)):
            kind = key_of("network", 1, {"is": repr(asked), "device": self.device})[:16]
            name = f"smartcut {self.run} {kind} {number}"
            work = host.options(
                name=name,
                # Its threads compute in place of the tasks that wait for them, whose cores are
                # counted already.
                num_cpus=0,
                memory=self._memory(place),
                max_restarts=RESTARTS,
                max_task_retries=RETRIES,
                max_concurrency=_CALLS,
                **options,
            )
            actors.append(
                work.remote(
                    asked,
                    self.device,
                    self.folder,
                    self.allow_net,
                    node.cores if node else 1,
                    batching.WAIT,
                )
            )
            named.append((node.id if node else "", name))
        return Hosted(asked, tuple(named)), actors

    def _places(self, place: int) -> Sequence[tuple[Node | None, dict[str, Any]]]:
        """One for each actor of a network; on CPUs every node has its own."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if self.device == "cpu":
            return [
                (node, {"scheduling_strategy": NodeAffinitySchedulingStrategy(node.id, soft=False)})
                for node in self.nodes
            ]
        options = {"num_gpus": share(place), "scheduling_strategy": "SPREAD"}
        return [(None, options)] * actors_on_gpus(self.nodes)

    def _memory(self, place: int) -> int:
        least = min((node.memory for node in self.nodes), default=0)
        return min(_MEMORY, int(least * share(place)))


def share(place: int) -> float:
    """Of a GPU or of a node's memory: what the actors of the first, second, ... network take.

    A quarter, an eighth, and so on; so half is left for tasks however many networks there are.
    """
    return max(0.25 / 2**place, 0.0001)


def actors_on_gpus(nodes: Sequence[Node]) -> int:
    """How many actors a network gets: one for so many cores, and no more than there are GPUs."""
    gpus = int(sum(node.gpus for node in nodes))
    wanted = -(-sum(node.cores for node in nodes) // CORES_FOR_A_GPU)
    return max(1, min(gpus, wanted))


# ------------------------------------------------------------------------------------ on a worker


class Asking(Pool):
    """The networks of a worker: rows go to the actors, whatever else is loaded here."""

    def __init__(self) -> None:
        super().__init__()
        self.run = ""
        self.hosted: Mapping[RowNetwork, Hosted] = {}
        self._actors: dict[str, Any] = {}

    def begin(self, asked: Network[Any], device: str, allow_net: bool = False) -> None:
        if asked not in self.hosted:
            super().begin(asked, device, allow_net)

    def ask(
        self,
        asked: RowNetwork,
        rows: np.ndarray,
        source: str,
        device: str,
        allow_net: bool = False,
    ) -> Answer:
        hosted = self.hosted.get(asked)
        if hosted is None:
            return super().ask(asked, rows, source, device, allow_net)
        answer = Answer()
        # A batch is a few megabytes, needed once: it is sent with the call.
        call = self._actor(hosted).ask.remote(rows, source)
        # Not ray.get, which would lend this task's core to another one.
        call.future().add_done_callback(lambda done: _settle(answer, done, asked))
        return answer

    def clear(self) -> None:
        super().clear()
        self._actors.clear()

    def _actor(self, hosted: Hosted) -> Any:
        """One of the actors: that of this node where it has its own."""
        import ray

        here = ray.get_runtime_context().get_node_id()
        near = [name for node, name in hosted.actors if node == here]
        name = random.choice(near or [name for _, name in hosted.actors])
        if name not in self._actors:
            try:
                self._actors[name] = ray.get_actor(name)
            except ValueError as error:
                raise _gone(hosted.asked, error) from error
        return self._actors[name]


_kept = Asking()
_at_work = Lock()
_ending: Timer | None = None


@contextmanager
def kept_for(run: str, hosted: Sequence[Hosted]) -> Iterator[Asking]:
    """The networks of this process for one task, which keep what the run's tasks before loaded.

    They go when a task of another run comes, or when none comes for a while.
    """
    global _ending
    with _at_work:
        if _ending:
            _ending.cancel()
        if _kept.run != run:
            _kept.clear()
        _kept.run, _kept.hosted = run, {one.asked: one for one in hosted}
        try:
            with held(_kept):
                yield _kept
        finally:
            _ending = Timer(_KEPT, _let_go)
            _ending.daemon = True
            _ending.start()


def _let_go() -> None:
    """Drop the networks of this process, unless a task has begun meanwhile."""
    if _at_work.acquire(blocking=False):
        try:
            _kept.clear()
        finally:
            _at_work.release()


def _settle(answer: Answer, done: Future[Any], asked: RowNetwork) -> None:
    """Pass on what an actor said, or why it said nothing."""
    from ray.exceptions import RayError, RayTaskError

    error = done.exception()
    if isinstance(error, RayTaskError):
        answer.set_exception(error.cause)
    elif isinstance(error, RayError):
        answer.set_exception(_gone(asked, error))
    elif error is not None:
        answer.set_exception(error)
    elif isinstance(said := done.result(), Failure):
        answer.set_exception(said.error())
    else:
        rows, answer.engine = said
        answer.set_result(rows)


def _gone(asked: RowNetwork, error: Exception) -> StageError:
    said = str(error).strip().split("\n", 1)[0]
    return StageError(
        f"the network {asked.name} is no longer there: its actor died, as did those that took its "
        f"place ({type(error).__name__}: {said}); out of memory? --runner local shows more"
    )
