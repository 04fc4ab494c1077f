"""When the pictures of an animation are shown, on the grid that its kind of file has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from smartcut.media.containers import Container
from smartcut.timebase import nearest


@dataclass(frozen=True, slots=True)
class Animation:
    """The pieces of an animation, and for how long each of their pictures is shown."""

    pieces: Sequence[Path]
    durations: Sequence[Sequence[Fraction]]
    """Seconds of each picture of each piece."""
    loop: int = 0
    """How often it plays; 0: for ever."""
    comment: str = ""


def on_grid(times: Sequence[Fraction], end: Fraction, container: Container) -> list[Fraction]:
    """When pictures that are due at ``times`` are shown, and when the last one ends.

    Each time is rounded by itself, so that nothing drifts, however long the animation is. A
    picture that would be shown for too short a time is shown longer, and those after it catch up.
    """
    if container.grid is None:
        return [*times, end]
    shown: list[Fraction] = []
    for time in (*times, end):
        least = shown[-1] + container.shortest if shown else Fraction(0)
        shown.append(max(nearest(time / container.grid) * container.grid, least))
    return shown


def durations(times: Sequence[Fraction]) -> list[Fraction]:
    """For how long each picture is shown."""
    return [after - before for before, after in pairwise(times)]
