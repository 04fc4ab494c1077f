"""Where in the frame that is seen which lies over the picture: boxes, which are moved by hand.

Middles and sizes in shares of the frame, from its left top corner.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from pydantic import ValidationError

from smartcut.cut import Cut, Segment
from smartcut.drawer import DrawBench, Drawer, drawer_of, merged
from smartcut.effect import Size, checked
from smartcut.effects.place import Place
from smartcut.errors import SmartcutError
from smartcut.render.drawing import lasting
from smartcut.source import Recipe
from smartcut.timebase import Range

# Lines of the frame in which something is drawn to be measured.
_LINES = 360
_ELSEWHERE = ("programme", "captions")
_NONE = (0.0, 0.0, 0.0, 0.0)

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""


def boxes_of(cut: Cut, size: Size) -> dict[str, dict[str, float]]:
    """The box of each segment above the programme, by its id, as it is half-way through it.

    ``x``, ``y``, ``w`` and ``h`` are what is seen of it. ``home_x`` and ``home_y`` are where its
    middle comes by an edit that sets ``x: 0.5, y: 0.5``. Captions, and what cannot be drawn, have
    none.
    """
    width, height = size
    canvas = max(2, round(_LINES * width / height)), _LINES
    found = {}
    above = (t for t in cut.tracks if t.kind == "picture" and t.role not in _ELSEWHERE)
    for track in above:
        for segment in track.segments:
            if (box := _box(cut, segment, canvas)) is not None:
                found[segment.id] = box
    return found


def _box(cut: Cut, segment: Segment, canvas: Size) -> dict[str, float] | None:
    if segment.source is None:
        return None
    source = cut.source(segment.source)
    if source.is_drawn and source.made is not None:
        middle = segment.range.middle
        when = Range(middle, middle + segment.range.duration / 1000)
        args = source.made, when, lasting(source, segment), canvas
        own, home, size = _drawn(*args, False), _drawn(*args, True), canvas
    elif source.video is not None:
        size = source.video.display_size
        own = home = 0.0, 0.0, float(size[0]), float(size[1])
    else:
        return None
    if own == _NONE:
        return None
    place = _place(segment)
    left, top, right, bottom = _laid(own, place, size, canvas)
    centred = (place or Place(width=1.0, height=1.0)).model_copy(update={"position": (0.5, 0.5)})
    at = _laid(home, centred, size, canvas)
    return {
        "x": (left + right) / 2 / canvas[0],
        "y": (top + bottom) / 2 / canvas[1],
        "w": (right - left) / canvas[0],
        "h": (bottom - top) / canvas[1],
        "home_x": (at[0] + at[2]) / 2 / canvas[0],
        "home_y": (at[1] + at[3]) / 2 / canvas[1],
    }


def _place(segment: Segment) -> Place | None:
    """Where a segment is put, half-way through it."""
    for effect in segment.effects:
        made = checked(effect) if effect.name == Place.name else None
        if isinstance(made, Place):
            now: Any = made.at(segment.range.middle, segment.duration / 2)
            return now if isinstance(now, Place) else made
    return None


def _laid(rect: Rect, place: Place | None, size: Size, canvas: Size) -> Rect:
    """A rectangle of a picture of that size, where it is in the frame."""
    if place is None:
        scale = canvas[0] / size[0], canvas[1] / size[1]
        return rect[0] * scale[0], rect[1] * scale[1], rect[2] * scale[0], rect[3] * scale[1]
    matrix = place.matrix(size, canvas)
    (left, top), (right, bottom) = (
        (matrix @ np.array([x, y, 1.0]))[:2] for x, y in (rect[:2], rect[2:])
    )
    return float(left), float(top), float(right), float(bottom)


def _in_the_middle(drawer: Drawer) -> Drawer:
    """The drawer at the place that it is given when it is moved by hand."""
    if "position" not in type(drawer).model_fields:
        return drawer
    kept = {name: getattr(drawer, name) for name in drawer.model_fields_set}
    try:
        return type(drawer).model_validate({**kept, "position": "middle"})
    except ValidationError:
        return drawer  # one whose position is something else


@lru_cache(maxsize=256)
def _drawn(recipe: Recipe, when: Range, lasts: Any, canvas: Size, is_home: bool) -> Rect:
    """What is not clear of a drawing; ``is_home``: as it is once an edit has moved it."""
    try:
        drawer = drawer_of(recipe)
        if is_home:
            drawer = _in_the_middle(drawer)
        now = drawer.seen(when, lasts)
        painted = now and now.open(DrawBench(canvas))(now)
    except SmartcutError:
        return _NONE  # the plan says what is wrong with it
    if not painted:
        return _NONE
    whole = merged(painted if isinstance(painted, tuple) else (painted,))
    rows, columns = np.nonzero(whole.rgba[..., 3])
    if not len(rows):
        return _NONE
    return (
        float(whole.x + columns.min()),
        float(whole.y + rows.min()),
        float(whole.x + columns.max() + 1),
        float(whole.y + rows.max() + 1),
    )
