"""Where a picture is, as MLT's filters say it: ``crop``, mirroring, and ``qtblend`` with keys."""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from smartcut.interchange.mlt_clips import MltClip
from smartcut.interchange.motion import ClipMotion, MotionState
from smartcut.timebase import nearest

_SIDES = ("left", "top", "right", "bottom")


def add_filters(
    entry: Element, clip: MltClip, motion: ClipMotion | None, rate: Fraction, count: int
) -> None:
    """Append what holds and moves the picture of a segment of ``count`` frames to its entry.

    Filters begin with the segment, also where the entry shows a part of it. They are the entry's
    and not the producer's, which ``freeze`` asks for a picture.
    """
    span = {"in": str(clip.first), "out": str(clip.first + count - 1)}
    if clip.held is not None:
        _filter(entry, "freeze", span, frame=str(clip.held - clip.first))
    if motion is None:
        return
    if any(motion.crop):
        sides = dict(zip(_SIDES, motion.crop, strict=True))
        _filter(entry, "crop", span, use_profile="0", **{k: str(v) for k, v in sides.items()})
    state = motion.first
    for number, service in ((state.scale_x, "avfilter.hflip"), (state.scale_y, "avfilter.vflip")):
        if number < 0:
            _filter(entry, service, span)
    rects = [(time, _rect(state, motion)) for time, state in motion.states]
    turns = [(time, f"{state.rotation:.6f}") for time, state in motion.states]
    _filter(
        entry, "qtblend", span, compositing="0", distort="1", rotate_center="1",
        rect=_keyed(rects, rate), rotation=_keyed(turns, rate),
    )  # fmt: skip


def _filter(entry: Element, service: str, span: dict[str, str], **values: str) -> None:
    made = SubElement(entry, "filter", span)
    for key, value in {"mlt_service": service, **values}.items():
        SubElement(made, "property", name=key).text = value


def _keyed(rows: list[tuple[Fraction, str]], rate: Fraction) -> str:
    """``0=...;25=...``: values at frames of the segment, on straight lines between."""
    if len({value for _, value in rows}) == 1:
        return rows[0][1]
    return ";".join(f"{nearest(time * rate)}={value}" for time, value in rows)


def _rect(state: MotionState, motion: ClipMotion) -> str:
    """Left, top, width, height and opacity of what is seen of the picture, before it is turned."""
    left, top, right, bottom = motion.crop
    width, height = motion.size[0] - left - right, motion.size[1] - top - bottom
    matrix = state.matrix(motion.size, motion.canvas)
    x, y, _ = matrix @ (left + width / 2, top + height / 2, 1)
    w, h = abs(state.scale_x) * width, abs(state.scale_y) * height
    return f"{x - w / 2:.4f} {y - h / 2:.4f} {w:.4f} {h:.4f} {state.opacity:.6f}"
