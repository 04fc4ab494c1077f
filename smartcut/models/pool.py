"""Loaded networks, each once, for all that a run does in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from smartcut.models.batching import Batches, Counts
from smartcut.stage import Answer, Network, RowNetwork

T = TypeVar("T")
#: So many networks stay loaded; of more, the one that was longest not asked for goes.
MOST = 8

NetworkKey = tuple[Network[Any], str]


class _Place:
    """Where a network is, or will be once it is loaded."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.loaded: Any = None
        self.batches: Batches | None = None


class Pool:
    """Networks by what they are and the device they are on; may be used by many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._places: OrderedDict[NetworkKey, _Place] = OrderedDict()

    def get(self, asked: Network[T], device: str, allow_net: bool = False) -> T:
        """The network; calls made while it is being loaded wait. Raises ModelError."""
        loaded: T = self._there(asked, device, allow_net).loaded
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
        place = self._there(asked, device, allow_net)
        with place.lock:
            place.batches = place.batches or Batches(asked, place.loaded, device)
        return place.batches.ask(rows, source)

    def counts(self, asked: RowNetwork, device: str) -> Counts:
        """What that network was asked so far."""
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

    def _there(self, asked: Network[Any], device: str, allow_net: bool) -> _Place:
        with self._lock:
            place = self._places.setdefault((asked, device), _Place())
            self._places.move_to_end((asked, device))
            while len(self._places) > MOST:
                self._places.popitem(last=False)
        with place.lock:
            if place.loaded is None:
                place.loaded = asked.load(device, allow_net)
        return place


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
