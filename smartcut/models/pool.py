"""Loaded networks, each once, for all that a run does in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from smartcut.stage import Answer, Network, RowNetwork

if TYPE_CHECKING:
    import numpy as np

    from smartcut.models.batching import Batches, Counts

T = TypeVar("T")
#: So many networks stay loaded; of more, the one that was longest not asked for goes.
MOST = 8

NetworkKey = tuple[Network[Any], str]


class _Place:
    """Where a network is, or will be once it is loaded."""

    def __init__(self, loaded: Future[Any]) -> None:
        self.loaded = loaded
        self.batches: Batches | None = None


class Pool:
    """Networks by what they are and the device they are on; may be used by many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._places: OrderedDict[NetworkKey, _Place] = OrderedDict()

    def begin(self, asked: Network[Any], device: str, allow_net: bool = False) -> None:
        """Load the network beside what else is done, where it is not there yet."""
        self._place(asked, device, allow_net)

    def get(self, asked: Network[T], device: str, allow_net: bool = False) -> T:
        """The network; calls made while it is being loaded wait. Raises ModelError."""
        loaded: T = self._place(asked, device, allow_net).loaded.result()
        return loaded

    def ask(
        self,
        asked: RowNetwork,
        rows: np.ndarray,
        source: str,
        device: str,
        allow_net: bool = False,
    ) -> Answer:
        """What the network will say of each row; see :meth:`smartcut.stage.Context.ask`."""
        from smartcut.models.batching import Batches

        place = self._place(asked, device, allow_net)
        with self._lock:
            place.batches = place.batches or Batches(asked, place.loaded, device)
        return place.batches.ask(rows, source)

    def counts(self, asked: RowNetwork, device: str) -> Counts:
        """What that network was asked so far."""
        from smartcut.models.batching import Counts

        place = self._places.get((asked, device))
        return place.batches.counts() if place and place.batches else Counts(0, {})

    def clear(self) -> None:
        """Let all networks go; what they were asked and have not begun is given up."""
        with self._lock:
            places = list(self._places.values())
            self._places.clear()
        for place in places:
            if place.batches:
                place.batches.close()

    def _place(self, asked: Network[Any], device: str, allow_net: bool) -> _Place:
        """Where it is; one that could not be loaded is tried again."""
        with self._lock:
            place = self._places.get((asked, device))
            if place is None or (place.loaded.done() and place.loaded.exception()):
                place = _Place(loading(asked, device, allow_net))
                self._places[asked, device] = place
            self._places.move_to_end((asked, device))
            while len(self._places) > MOST:
                self._places.popitem(last=False)
        return place


def loading(asked: Network[Any], device: str, allow_net: bool) -> Future[Any]:
    """The network, once a thread of its own has loaded it."""
    loader = ThreadPoolExecutor(1, f"load {asked.name}")
    try:
        return loader.submit(asked.load, device, allow_net)
    finally:
        loader.shutdown(wait=False)


_holding = Lock()
_held: list[Pool] = []


@contextmanager
def held(pool: Pool | None = None) -> Iterator[Pool]:
    """The networks of this process, which stay during the block.

    Within another such block it is that block's, whatever is given; of blocks side by side, the
    first one's. When the last ends, the networks go, unless the pool was given.
    """
    with _holding:
        ours = _held[0] if _held else pool or Pool()
        _held.append(ours)
    try:
        yield ours
    finally:
        with _holding:
            _held.remove(ours)
            if ours not in _held and ours is not pool:
                ours.clear()
