"""``adjust-crop``, ``adjust-transform`` and ``adjust-blend`` of FCPXML's clips, written and read.

Positions are percents of the frame's height from its middle, upwards; scales are relative to the
picture as it fits into the frame; rotations are degrees, anticlockwise; what is cropped is percents
of the picture's height. Times of keys are those of the clip's own clock. The format: Apple, "Final
Cut Pro XML reference", adjustments and keyframes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from smartcut.interchange.fcpxml_times import as_time
from smartcut.interchange.motion import ClipMotion, MotionState, Size, fitted

#: Numbers of a state that FCPXML says, by the parameter that says it.
_PARAMS = ("position", "scale", "rotation", "amount")
_SIDES = ("left", "top", "right", "bottom")
_FARTHEST = 1e6


def add_motion(clip: Element, motion: ClipMotion, at: Callable[[Fraction], Fraction]) -> None:
    """Append the adjustments; ``at`` gives the clip's own time of a time of the segment."""
    if any(motion.crop):
        height = motion.size[1]
        sides = zip(_SIDES, motion.crop, strict=True)
        shares = {side: _text(100 * count / height) for side, count in sides if count}
        SubElement(SubElement(clip, "adjust-crop", mode="trim"), "trim-rect", shares)
    rows = [_said(state, motion.size, motion.canvas) for _, state in motion.states]
    times = [at(time) for time, _ in motion.states]
    usual = _said(fitted(motion.size, motion.canvas), motion.size, motion.canvas)
    moved = [name for name in _PARAMS[:3] if any(row[name] != usual[name] for row in rows)]
    if moved:
        _adjust(clip, "adjust-transform", moved, rows, times)
    if any(row["amount"] != "1" for row in rows):
        _adjust(clip, "adjust-blend", ["amount"], rows, times)


def _adjust(
    clip: Element,
    tag: str,
    names: Sequence[str],
    rows: Sequence[dict[str, str]],
    times: Sequence[Fraction],
) -> None:
    adjusted = SubElement(clip, tag, {name: rows[0][name] for name in names})
    for name in names:
        if len({row[name] for row in rows}) == 1:
            continue
        param = SubElement(adjusted, "param", name=name, value=rows[0][name])
        keys = SubElement(param, "keyframeAnimation")
        for row, time in zip(rows, times, strict=True):
            SubElement(keys, "keyframe", time=as_time(time), value=row[name], curve="linear")


def _said(state: MotionState, size: Size, canvas: Size) -> dict[str, str]:
    fit, height = fitted(size, canvas).scale_x, canvas[1]
    return {
        "position": f"{_text(100 * state.x / height)} {_text(-100 * state.y / height)}",
        "scale": f"{_text(state.scale_x / fit)} {_text(state.scale_y / fit)}",
        "rotation": _text(-state.rotation),
        "amount": _text(state.opacity),
    }


def _text(number: float) -> str:
    return f"{round(number, 8) + 0.0:.8f}".rstrip("0").rstrip(".")


# ------------------------------------------------------------------------------------ reading


def motion_in(
    clip: Element,
    size: Size,
    canvas: Size,
    time_of: Callable[[str], Fraction],
    note: Callable[[str], None],
) -> ClipMotion | None:
    """The motion that a clip's adjustments say; None where they say none.

    ``time_of`` gives the time of the segment of a key's time; ``note`` is told what is left out.
    """
    transform, blend = clip.find("adjust-transform"), clip.find("adjust-blend")
    crop = _crop(clip.find("adjust-crop"), size, note)
    found: dict[str, list[tuple[Fraction, tuple[float, ...]]]] = {}
    usual = {"position": (0.0, 0.0), "scale": (1.0, 1.0), "rotation": (0.0,), "amount": (1.0,)}
    for element in (transform, blend):
        if element is None or element.get("enabled") == "0":
            continue
        for name in _PARAMS:
            if values := _values(element, name, len(usual[name]), time_of, note):
                found[name] = values
        if element.get("anchor", "0 0") not in ("0 0", "0"):
            note("anchors of transforms are left out: pictures turn and grow about their middles")
        if element.get("mode") not in (None, "0", "normal"):
            note("blend modes are left out")
    if not found and not any(crop):
        return None
    times = sorted({time for values in found.values() for time, _ in values}) or [Fraction(0)]
    states = tuple(
        (time, _state({n: _at(found.get(n), time, usual[n]) for n in usual}, size, canvas))
        for time in times
    )
    return ClipMotion(size, canvas, states, crop)


def _state(said: dict[str, tuple[float, ...]], size: Size, canvas: Size) -> MotionState:
    fit, height = fitted(size, canvas).scale_x, canvas[1]
    x, y = said["position"]
    return MotionState(
        x * height / 100,
        -y * height / 100,
        said["scale"][0] * fit,
        said["scale"][1] * fit,
        -said["rotation"][0] + 0.0,
        min(max(said["amount"][0], 0.0), 1.0),
    )


def _values(
    element: Element,
    name: str,
    count: int,
    time_of: Callable[[str], Fraction],
    note: Callable[[str], None],
) -> list[tuple[Fraction, tuple[float, ...]]]:
    """The values at their times, in order; one at 0 for what does not change."""
    param = next((p for p in element.iterfind("param") if p.get("name") == name), None)
    keys = [] if param is None else param.findall("keyframeAnimation/keyframe")
    rows: dict[Fraction, tuple[float, ...]] = {}
    for key in keys:
        value = _numbers(key.get("value", ""), count)
        if value is not None:
            rows[time_of(key.get("time", "0s"))] = value
        if key.get("curve") == "smooth" or key.get("interp", "linear") != "linear":
            note("keys that are eased go straight from one to the next here")
    if rows:
        return sorted(rows.items())
    text = element.get(name) or (param.get("value") if param is not None else None)
    fixed = _numbers(text, count) if text else None
    return [] if fixed is None else [(Fraction(0), fixed)]


def _numbers(text: str, count: int) -> tuple[float, ...] | None:
    try:
        numbers = tuple(float(part) for part in text.split())
    except ValueError:
        return None
    if len(numbers) != count or not all(math.isfinite(n) and abs(n) < _FARTHEST for n in numbers):
        return None
    return numbers


def _at(
    rows: Sequence[tuple[Fraction, tuple[float, ...]]] | None,
    time: Fraction,
    usual: tuple[float, ...],
) -> tuple[float, ...]:
    """The value at a time, on straight lines between the keys."""
    if not rows:
        return usual
    after = bisect_right(rows, time, key=lambda row: row[0])
    if after in (0, len(rows)):
        return rows[max(after - 1, 0)][1]
    (start, one), (end, other) = rows[after - 1 : after + 1]
    share = float((time - start) / (end - start))
    return tuple(a + (b - a) * share for a, b in zip(one, other, strict=True))


def _crop(
    element: Element | None, size: Size, note: Callable[[str], None]
) -> tuple[int, int, int, int]:
    """Pixels taken away at the left, top, right and bottom."""
    if element is None or element.get("enabled") == "0":
        return (0, 0, 0, 0)
    rect = element.find("trim-rect") if element.get("mode") == "trim" else None
    if rect is None:
        note("crops that fill the frame, and pans, are left out; trimmed edges are read")
        return (0, 0, 0, 0)
    if rect.find(".//keyframe") is not None:
        note("edges that are trimmed over time are trimmed as at the beginning")
    shares = [_numbers(rect.get(side, "0"), 1) or (0.0,) for side in _SIDES]
    left, top, right, bottom = (round(max(share[0], 0.0) * size[1] / 100) for share in shares)
    if left + right >= size[0] or top + bottom >= size[1]:
        note("a crop that leaves nothing of the picture is left out")
        return (0, 0, 0, 0)
    return left, top, right, bottom
