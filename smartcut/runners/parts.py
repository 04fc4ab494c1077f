"""A long source looked at in parts by several workers, and rejoined to the last bit.

Only some analyses can be: see :class:`smartcut.stage.DividedAnalysis`. Parts begin at key frames,
and pictures are decoded the way that they would be for the whole, so that each is the same in
either case.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from smartcut.annotation import Data
from smartcut.cache import key_of
from smartcut.context import Due, Stored
from smartcut.interchange.json import tells
from smartcut.source import Source
from smartcut.stage import DividedAnalysis, Frames, Stopped

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

#: A part is about so long, in seconds; a source of less than two parts is not divided.
LENGTH = Fraction(300)


def divides(due: Sequence[Due]) -> tuple[list[Due], list[Due]]:
    """(what can be done in parts, what cannot) of all that is due for a source.

    Where anything has to see all pictures, all is left to that one pass: another would cost more
    than it gains.
    """
    wishes = [(item, item.analysis.wants(item.source)) for item in due]
    pictures = [item for item, wish in wishes if isinstance(wish, Frames)]
    if not all(isinstance(item.analysis, DividedAnalysis) for item in pictures):
        return [], list(due)
    return pictures, [item for item, wish in wishes if not isinstance(wish, Frames)]


def stretches(index: VideoIndex, length: Fraction = LENGTH) -> list[tuple[int, int]]:
    """(first frame, frame after the last) of each part, every one from a key frame on."""
    import numpy as np

    if index.is_counted:  # such a file cannot be entered in the middle
        return [(0, len(index))]
    starts = np.flatnonzero(index.is_start)
    edges = [0]
    for i in range(1, int(index.end / length)):
        at = int(np.searchsorted(starts, index.frame_at(i * length)))
        if at < len(starts) and starts[at] > edges[-1]:
            edges.append(int(starts[at]))
    return list(pairwise([*edges, len(index)]))


def part_key(item: Due, among: Sequence[Frames], first: int, last: int) -> str:
    """Where a part's readings lie in the cache."""
    inputs = {"inputs": item.inputs, "among": list(among), "frames": [first, last]}
    return key_of(f"part:{item.analysis.name}", item.analysis.version, inputs)


def analyse_part(
    source: Source, due: Sequence[Due], first: int, last: int, context: Stored
) -> None:
    """Look at one part of a source, and keep what was found in the cache."""
    from smartcut.media.base_index import index_for
    from smartcut.media.listen import SourcePart, listen

    among = all_wishes(due)
    keys = [part_key(item, among, first, last) for item in due]
    if all(_known(item, key, context) for item, key in zip(due, keys, strict=True)):
        return
    fed = [
        (wish, item.analysis.listener(source, context))
        for item, wish in zip(due, among, strict=True)
    ]

    def look(time: Fraction) -> None:
        if context.stopping.is_set():
            raise Stopped

    after = tuple(_divided(item).after for item in due)
    part = SourcePart(first, last, after, among)
    listen(source, fed, index_for(among, source, context.cache), look, part, context.chip)
    for item, key, (_, listener) in zip(due, keys, fed, strict=True):
        context.cache.store(key, {"readings": _divided(item).part(listener)})


def joined(
    item: Due, among: Sequence[Frames], cuts: Sequence[tuple[int, int]], context: Stored
) -> Data | None:
    """The result for the whole source; None while a part is not in the cache."""
    found = [_known(item, part_key(item, among, *cut), context) for cut in cuts]
    parts = [part["readings"] for part in found if part is not None]
    return _divided(item).join(parts) if len(parts) == len(cuts) else None


def _known(item: Due, key: str, context: Stored) -> dict[str, Any] | None:
    """What was found in a part before; None where that is not in the cache, or damaged."""
    fits = tells(_divided(item).readings)
    return context.cache.load(
        key, lambda kept: isinstance(kept, dict) and fits(kept.get("readings"))
    )


def all_wishes(due: Sequence[Due]) -> tuple[Frames, ...]:
    """What is asked of the pictures of a source that is looked at in parts."""
    wishes = [item.analysis.wants(item.source) for item in due]
    return tuple(wish for wish in wishes if isinstance(wish, Frames))


def _divided(item: Due) -> DividedAnalysis:
    assert isinstance(item.analysis, DividedAnalysis)
    return item.analysis
