"""Pictures at regular times, out of all that a film shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from smartcut.errors import RenderError
from smartcut.render.layout import Layer, Stretch
from smartcut.render.output import OutputPicture


def sampled(
    stretches: Sequence[Stretch], picture: OutputPicture, every: Fraction
) -> tuple[Stretch, ...]:
    """The pictures that are shown at 0, ``every``, two times ``every`` seconds and so on.

    Raises RenderError where that is more often than there are pictures.
    """
    if picture.rate is not None and every * picture.rate < 1:
        raise RenderError(
            f"`every: {float(every):g}s` is shorter than a frame, {float(1 / picture.rate):.4g} s; "
            "leave it out for all of them"
        )
    step = every / picture.timebase
    found = []
    for stretch in stretches:
        first, last = (-(-tick // step) for tick in (int(stretch.pts[0]), stretch.end))
        ticks = np.array([-(-k * step // 1) for k in range(int(first), int(last))], dtype=np.int64)
        ticks = ticks[ticks < stretch.end]
        if len(ticks):
            found.append(_picked(stretch, ticks))
    return tuple(found)


def _picked(stretch: Stretch, ticks: np.ndarray) -> Stretch:
    """What a stretch shows at these ticks."""
    places = np.searchsorted(stretch.pts, ticks, side="right") - 1
    layers = tuple(
        Layer(x.segment, x.numbers[places], None if x.steps is None else x.steps[places])
        for x in stretch.layers
    )
    shares = None if stretch.shares is None else stretch.shares[places]
    return replace(stretch, pts=ticks, layers=layers, shares=shares)
