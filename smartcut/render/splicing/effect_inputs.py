"""What a segment's effects depend on, for the key of a span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from smartcut.curve import needed_within
from smartcut.cut import Effect, Segment
from smartcut.effect import PictureEffect, Pixels, undivided
from smartcut.render.route import Moment, on_segment
from smartcut.timebase import Range


def effect_inputs(segment: Segment, shown: Sequence[Moment | None]) -> dict[str, Any]:
    """What a segment's effects depend on at these moments; nothing where it has none."""
    applied = [(e, on_segment(e, segment)) for e in segment.effects]
    if not applied:
        return {}
    times = [m.source_time for m in shown if m]
    inputs: dict[str, Any] = {
        "effects": [[_as_used(e, k, times), k.version, k.depends()] for e, k in applied]
    }
    if _vary(applied):
        inputs["times"] = [str(m.source_time) if m else None for m in shown]
    inputs["clocks"] = [
        [
            undivided(segment, effect.clock).as_warp,
            [str(effect.clock.at(m.segment_time) if effect.clock else m.segment_time)
             for m in shown if m],
        ]
        for effect, kind in applied
        if _by_segment(kind)
    ]  # fmt: skip
    return inputs


def _as_used(effect: Effect, kind: PictureEffect, times: Sequence[Fraction]) -> Effect:
    """The effect with what pictures of these source times depend on: keys of another part of a
    long curve do not count."""
    looks_around = isinstance(kind, Pixels) and (kind.any_time or kind.reach() != (0, 0))
    if not times or looks_around:
        return replace(effect, clock=None)
    params = needed_within(effect.params, Range(min(times), max(times)))
    return replace(effect, clock=None, params=params)


def _vary(applied: Iterable[tuple[Effect, PictureEffect]]) -> bool:
    """Whether the same frame may come out differently at another time."""
    return any(e.during or kind.curves or isinstance(kind, Pixels) for e, kind in applied)


def _by_segment(kind: PictureEffect) -> bool:
    """Whether pictures depend on where their segment begins, and how long it is."""
    on_segment = any(curve.clock == "segment" for curve in kind.curves)
    return on_segment or (isinstance(kind, Pixels) and kind.any_time)
