"""Where a source that speaks is silent: logos, pauses, blank ends. None of it is a highlight."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from smartcut.annotation import Signal
from smartcut.selecting.candidates import Atom

#: LUFS: what reads so is digital silence, or below what anybody hears (BS.1770's absolute gate).
FLOOR = -70.0


def marked(atoms: Sequence[Atom], loudness: Signal | None) -> list[Atom]:
    """The atoms, those that are silent throughout marked as empty, whatever was heard in them."""
    if loudness is None or not loudness.pts:
        return list(atoms)
    times = [float(t) for t in loudness.times()]
    values = loudness.values[0]
    return [
        replace(a, is_empty=True, is_spoken=False) if _is_silent(a, times, values) else a
        for a in atoms
    ]


def _is_silent(atom: Atom, times: Sequence[float], values: Sequence[float]) -> bool:
    first = bisect_left(times, float(atom.range.start))
    last = bisect_left(times, float(atom.range.end))
    inside = values[first:last] or values[max(0, first - 1) : first + 1]
    return all(value <= FLOOR for value in inside)
