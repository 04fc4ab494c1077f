"""Two cuts compared: in words, and as plain data to be laid side by side."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from smartcut.algebra import resolved
from smartcut.cut import Cut
from smartcut.editing.differences import differences
from smartcut.studio.answers import NoSuchThing
from smartcut.studio.state import plain_tracks, plain_words

#: Versions that are kept for comparing, and so many of them are offered by name.
_MOST_CUTS, _MOST_NAMED = 200, 40


class KnownCuts:
    """The cuts of versions that can still be compared, each with a name."""

    def __init__(self) -> None:
        self._cuts: OrderedDict[int, tuple[str, Cut]] = OrderedDict()

    def put(self, number: int, name: str, cut: Cut) -> None:
        """Know a version."""
        self._cuts[number] = name, cut
        while len(self._cuts) > _MOST_CUTS:
            self._cuts.popitem(last=False)

    def put_automatic(self, number: int, cut: Cut) -> None:
        """Know an automatic cut, unless its version is known by another name."""
        if number not in self._cuts:
            self.put(number, "automatic cut", cut)

    def named(self, always: Iterable[int]) -> list[dict[str, Any]]:
        """The last versions, and some in any case: ``[{version, name}]``, in order."""
        wanted = {*list(self._cuts)[-_MOST_NAMED:], *always}
        return [{"version": n, "name": self._cuts[n][0]} for n in sorted(wanted & {*self._cuts})]

    def compared(self, a: int, b: int) -> dict[str, Any]:
        """What differs between two versions; raises NoSuchThing."""
        for number in (a, b):
            if number not in self._cuts:
                raise NoSuchThing(f"version {number} is not known; known: {[*self._cuts][-20:]}")
        return compared(self._cuts[a][1], self._cuts[b][1])


def compared(a: Cut, b: Cut) -> dict[str, Any]:
    """What differs from the one to the other."""
    found = [{**one.to_plain(), "text": f"{one.kind}: {one.text}"} for one in differences(a, b)]
    return {"a": _side(a), "b": _side(b), "differences": found}


def _side(cut: Cut) -> dict[str, Any]:
    cut = resolved(cut)
    return {
        "duration": float(cut.duration),
        "tracks": plain_tracks(cut, {}),
        "words": list(plain_words(cut)),
    }
