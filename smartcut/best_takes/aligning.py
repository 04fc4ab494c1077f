"""Where each word that is heard stands in the script, by dynamic programming.

The words of a recording go through the script in order; they may leave words out, say others, and
begin again farther back, as often as they like: a false start, a sentence said again and a whole
second take are all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.best_takes.wording import difference

#: What it costs that a heard word is none of the script's, that one of the script's is left out (up
#: to a number of them), and that it is begun again farther back: with a pause before, and without.
EXTRA, SKIPPED, MOST_SKIPPED = 1.0, 0.8, 1.6
AGAIN_AFTER_PAUSE, AGAIN = 0.9, 1.6
#: Seconds of a pause after which something may be begun again.
PAUSE = 0.15
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of a recording, in the order in which they are heard."""

    text: str
    """Normal; see :func:`smartcut.best_takes.wording.normal`."""
    start: float
    end: float
    """Seconds of the recording."""


def aligned(script: Sequence[str], heard: Sequence[HeardWord]) -> list[int | None]:
    """For each heard word its number in the script, or None for a word that is none of it.

    ``script`` holds normal words. The result costs least of all there are.
    """
    count = len(script)
    if not count:
        return [None] * len(heard)
    likeness = _Likeness(script)
    reached = np.full(count + 1, np.inf)  # by how many words of the script have been passed
    reached[0] = 0.0
    came = np.full((len(heard), count + 1), _NOWHERE, np.int32)
    for number, word in enumerate(heard):
        pause = word.start - heard[number - 1].end if number else PAUSE
        again = AGAIN_AFTER_PAUSE if pause >= PAUSE else AGAIN
        cost, origin = _arriving(reached, again)
        matched = cost + likeness.of(word.text)
        extra = reached + EXTRA
        is_match = np.append(False, matched < extra[1:])
        came[number] = np.where(is_match, np.append(0, origin), _NOWHERE)
        reached = np.where(is_match, np.append(np.inf, matched), extra)
    return _traced(came, int(reached.argmin()))


def _arriving(reached: np.ndarray, again: float) -> tuple[np.ndarray, np.ndarray]:
    """For each word of the script: what it costs at least to say it next, and from where."""
    count = len(reached) - 1
    places = np.arange(count + 1)
    # Forwards: so much for each word that is left out, which is a running minimum of what is left
    # when that much is taken off for each place.
    slanted = reached - SKIPPED * places
    best = np.minimum.accumulate(slanted)
    first = np.maximum.accumulate(np.where(slanted <= best, places, 0))
    cost = best[:-1] + SKIPPED * places[:-1]
    origin = first[:-1].copy()
    nearest = int(reached.argmin())
    far = reached[nearest] + MOST_SKIPPED
    leaps = (cost > far) & (places[:-1] >= nearest)
    cost[leaps], origin[leaps] = far, nearest
    # Backwards: from the cheapest of what lies behind it.
    behind = np.minimum.accumulate(reached[::-1])[::-1][1:]
    turned = reached[::-1]
    from_end = np.minimum.accumulate(turned)
    latest = np.maximum.accumulate(np.where(turned <= from_end, places, 0))
    place = (count - latest)[::-1][1:]
    back = behind + again < cost
    cost[back], origin[back] = behind[back] + again, place[back]
    return cost, origin


def _traced(came: np.ndarray, last: int) -> list[int | None]:
    found: list[int | None] = []
    at = last
    for row in came[::-1]:
        origin = int(row[at])
        found.append(None if origin == _NOWHERE else at - 1)
        at = at if origin == _NOWHERE else origin
    return found[::-1]


class _Likeness:
    """What it costs to take a heard word for each of the script's."""

    def __init__(self, script: Sequence[str]) -> None:
        self._words = tuple(dict.fromkeys(script))
        number = {word: n for n, word in enumerate(self._words)}
        self._places = np.array([number[word] for word in script])
        self._known: dict[str, np.ndarray] = {}

    def of(self, heard: str) -> np.ndarray:
        found = self._known.get(heard)
        if found is None:
            costs = np.array([difference(word, heard) for word in self._words])
            found = self._known[heard] = costs[self._places]
        return found


@dataclass(frozen=True, slots=True)
class Take:
    """A stretch of a recording that goes through the script without beginning again."""

    places: tuple[tuple[int, int], ...]
    """(number in the script, number among the heard words), both growing."""

    @property
    def script_words(self) -> tuple[int, ...]:
        return tuple(place for place, _ in self.places)


def takes_of(placed: Sequence[int | None]) -> list[Take]:
    """The takes of a recording, from where its words stand in the script."""
    found: list[list[tuple[int, int]]] = []
    for heard, place in enumerate(placed):
        if place is None:
            continue
        if not found or place <= found[-1][-1][0]:
            found.append([])
        found[-1].append((place, heard))
    return [Take(tuple(places)) for places in found]
