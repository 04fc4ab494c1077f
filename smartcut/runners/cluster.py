"""A Ray cluster to give work to: one here, or one that runs already.

A piece of work declares what it takes (cores, memory, a share of a GPU), is given out when there
is room for it, and is done again elsewhere when its worker or node dies.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Event
from typing import Any

from smartcut.cache import Cache
from smartcut.cache.remote import RemoteCache
from smartcut.errors import MissingExtra, PipelineError, StageError
from smartcut.models.device import choose_device
from smartcut.runners import tasks
from smartcut.runners.answers import TaskAnswer
from smartcut.runners.networks import Hosts, Node
from smartcut.stage import RowNetwork, Stopped

#: How often a piece of work is tried again after its worker died: of memory, a crash or a kill.
RETRIES = 3
# How often to look whether the run is to stop, in seconds.
_LOOK = 0.5
# How long a piece of work that is to stop has to remove what is half-written, in seconds.
_GRACE = 10.0
# Ray's own store of objects, in bytes: what is big goes through the cache instead.
_OBJECTS = 100 << 20
# Besides, pictures on their way to networks, for each worker.
_ON_THE_WAY = 12 << 20


@dataclass(frozen=True, slots=True)
class Needs:
    """What a piece of work takes of a node."""

    cores: int = 1
    memory: int = 500 << 20
    """In bytes."""
    gpu: float = 0.0
    """A share of one."""
    asks: tuple[RowNetwork, ...] = ()
    """The networks that it sends rows to: their actors are there before it starts."""


def room(cores: int) -> int:
    """How many pieces of work may be given out to so many cores."""
    return max(2, 2 * cores)


@dataclass(frozen=True, slots=True)
class Cluster:
    """What there is, and how to work on it."""

    setup: tasks.WorkerSetup
    device: str
    """What networks compute on there."""
    cores: int
    """Of all nodes together."""
    most: Needs
    """What a piece of work can have: the largest node's."""
    slots: BoundedSemaphore
    """One for each piece that may be given out: what waits for its turn is not in memory."""
    hosts: Hosts
    """The networks that stay loaded for all workers."""

    @property
    def at_once(self) -> int:
        """How many pieces are given out: as many as there are cores, and as many that wait."""
        return room(self.cores)

    def do(
        self,
        task: Callable[..., TaskAnswer],
        *arguments: Any,
        needs: Needs,
        stopping: Event,
        subject: str,
    ) -> TaskAnswer:
        """The answer of ``task(setup, *arguments)``, which runs on some node.

        Raises Stopped soon after ``stopping`` is set, and StageError where the worker died again
        and again; whatever else the task raises comes through.
        """
        while not self.slots.acquire(timeout=_LOOK):
            if stopping.is_set():
                raise Stopped
        try:
            return self._done(task, arguments, needs, stopping, subject)
        finally:
            self.slots.release()

    def _done(
        self,
        task: Callable[..., TaskAnswer],
        arguments: Sequence[Any],
        needs: Needs,
        stopping: Event,
        subject: str,
    ) -> TaskAnswer:
        import ray
        from ray.exceptions import RayError, RayTaskError

        hosted = tuple(self.hosts.ready(asked, stopping) for asked in needs.asks)
        needs = self._possible(needs)
        setup = replace(
            self.setup,
            cores=needs.cores,
            device=self.device if needs.gpu or hosted else self.setup.device,
            hosted=hosted,
        )
        remote: Any = ray.remote(task)
        work = remote.options(
            num_cpus=needs.cores,
            num_gpus=needs.gpu,
            memory=needs.memory,
            max_retries=RETRIES,
            name=f"{task.__name__} {subject}",
        )
        reference = work.remote(setup, *arguments)
        try:
            while not ray.wait([reference], timeout=_LOOK)[0]:
                if stopping.is_set():
                    _cancel(reference)
                    raise Stopped
            answer: TaskAnswer = ray.get(reference)
        except RayTaskError as error:
            raise error.cause from error
        except RayError as error:
            raise StageError(
                f"{subject}: the worker died {RETRIES + 1} times "
                f"({type(error).__name__}: {_first_line(error)}); out of memory, or a file that "
                "crashes a decoder? --runner local shows more"
            ) from error
        return answer

    def _possible(self, needs: Needs) -> Needs:
        """The needs, or as much as there is on any node: what no node has is never given."""
        return replace(
            needs,
            cores=max(1, min(needs.cores, self.most.cores)),
            memory=min(needs.memory, self.most.memory - self.hosts.memory),
            gpu=min(needs.gpu, self.most.gpu),
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def _cancel(reference: Any) -> None:
    """Stop a piece of work, and wait until it is gone; one that does not obey is left behind."""
    import ray

    ray.cancel(reference)
    ray.wait([reference], timeout=_GRACE)


@contextmanager
def connected(
    cache: Cache, *, address: str | None, workers: int, device: str, allow_net: bool
) -> Iterator[Cluster]:
    """The cluster at ``address``; without one, the one in use, or one here with ``workers`` cores.

    Its tasks work with this cache, in the current folder. ``device`` is what was asked for. A
    cluster that was started here ends with the block. Raises MissingExtra, and PipelineError where
    there is none at the address.
    """
    # Elsewhere there may be what is not here.
    elsewhere = address is not None and device != "auto"
    chosen = device if elsewhere else choose_device(device)
    with _token_in(cache) as token:
        setup = tasks.WorkerSetup(
            cache.root.resolve(),
            token,
            Path.cwd(),
            tasks.installed(),
            allow_net=allow_net,
            url=cache.url if isinstance(cache, RemoteCache) else None,
        )
        with _running(setup, address, workers, chosen, device) as cluster:
            yield cluster


@contextmanager
def _running(
    setup: tasks.WorkerSetup, address: str | None, workers: int, device: str, asked: str
) -> Iterator[Cluster]:
    """The cluster for work of that setup; ``device`` is this machine's for the ``asked`` one."""
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("ray", "ray", "--runner ray") from error
    ours = not ray.is_initialized()
    if ours:
        start(address, workers)
    try:
        cluster = _described(setup, device, asked)
        try:
            yield cluster
        finally:
            cluster.hosts.close()
    finally:
        if ours:
            ray.shutdown()


def start(address: str | None, workers: int) -> None:
    """Connect to the cluster at an address, or start one here with so many workers.

    Raises PipelineError where that cannot be.
    """
    import ray

    # Nothing goes over the network that the user did not ask for; a task that is too big for its
    # node ends like one that crashes; and workers here are what the user waits for.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_task_oom_retries", str(RETRIES))
    os.environ.setdefault("RAY_worker_niceness", "0")
    quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    try:
        if address is None:
            ray.init(
                address="local",
                num_cpus=workers,
                object_store_memory=_OBJECTS + workers * _ON_THE_WAY,
                include_dashboard=False,
                **quiet,
            )
        else:
            _knock(address)
            ray.init(address=address, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        where = f"the Ray cluster at {address!r}" if address else "a Ray cluster on this machine"
        raise PipelineError(
            f"{where} cannot be used: {_first_line(error)}; give --address auto, HOST:PORT or "
            "ray://HOST:PORT of a cluster that runs (ray status shows it)"
        ) from error


def _knock(address: str) -> None:
    """Raise OSError or ValueError where no cluster answers; Ray itself takes minutes to notice."""
    if address != "auto":
        host, _, port = address.removeprefix("ray://").rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=_GRACE).close()


def _described(setup: tasks.WorkerSetup, device: str, asked: str) -> Cluster:
    import ray

    nodes = tuple(node for node in _nodes(ray.nodes()) if node.cores)
    if not nodes:
        raise PipelineError("the Ray cluster has no node with a CPU to work on")
    gpu = max(node.gpus for node in nodes)
    if asked == "auto" and gpu:
        device = "cuda"
    if device != "cpu" and not gpu:
        raise PipelineError(
            f"device {asked!r} was asked for, but no node of the Ray cluster has a GPU"
        )
    most = Needs(
        max(node.cores for node in nodes), max(node.memory for node in nodes), min(1.0, gpu)
    )
    cores = sum(node.cores for node in nodes)
    slots = BoundedSemaphore(room(cores))
    device = device.partition(":")[0]
    hosts = Hosts(setup.token, nodes, device, setup.folder, setup.allow_net)
    return Cluster(setup, device, cores, most, slots, hosts)


def _nodes(found: Sequence[Mapping[str, Any]]) -> Iterator[Node]:
    """Those that are alive, of what Ray says of its nodes."""
    for node in found:
        if node["Alive"]:
            has = node["Resources"]
            memory, gpus = int(has.get("memory", 0)), float(has.get("GPU", 0))
            yield Node(node["NodeID"], int(has.get("CPU", 0)), memory, gpus)


def wait_for(find: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What ``find`` finds, which a shared folder may show a little late; None where it does not."""
    until = time.monotonic() + seconds
    while (found := find()) is None and time.monotonic() < until:
        time.sleep(0.1)
    return found


@contextmanager
def _token_in(cache: Cache) -> Iterator[str]:
    """The name of a new file in the cache, which is there during the block."""
    name, text = f".shared-{uuid.uuid4().hex}", "a run on several nodes looks for this on each\n"
    if isinstance(cache, RemoteCache):
        cache.sign(name, text)
        try:
            yield name
        finally:
            cache.unsign(name)
        return
    path = cache.root / name
    path.write_text(text)
    try:
        yield name
    finally:
        path.unlink(missing_ok=True)
