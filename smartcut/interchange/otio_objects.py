"""OpenTimelineIO's objects as plain dictionaries, with every field that its library writes.

The fields, their order and what they hold by default are those of OpenTimelineIO 0.18 for files
(https://opentimelineio.readthedocs.io, *Serialized data documentation*); the tests have the library
read each of them, and write the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

#: One object: its schema under ``OTIO_SCHEMA``, then its fields.
Plain = dict[str, Any]
_MEDIA = "DEFAULT_MEDIA"


def visible_name(text: str) -> str:
    """The text as OTIO can hold it: without NUL, at which it would end, and whole in UTF-8."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def rational_time(frames: int, rate: Fraction) -> Plain:
    """``frames`` at ``rate`` frames a second."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frames)}


def time_range(first: int, count: int, rate: Fraction) -> Plain:
    """``count`` frames from the frame ``first`` on."""
    duration, start = rational_time(count, rate), rational_time(first, rate)
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": duration, "start_time": start}


def timeline(name: str, tracks: Sequence[Plain], metadata: Plain) -> Plain:
    """The tracks lie over each other, the first at the bottom."""
    stack = {**_item("Stack.1", "tracks", None, {}), "children": list(tracks)}
    return {**_object("Timeline.1", name, metadata), "global_start_time": None, "tracks": stack}


def track(
    name: str, kind: str, children: Sequence[Plain], metadata: Plain, *, enabled: bool = True
) -> Plain:
    """Clips, gaps and transitions one after the other; ``kind`` is ``Video`` or ``Audio``.

    One that is not enabled is neither seen nor heard.
    """
    plain = _item("Track.1", name, None, metadata)
    return {**plain, "enabled": enabled, "children": list(children), "kind": kind}


def clip(
    name: str,
    media: Plain,
    source_range: Plain,
    metadata: Plain,
    *,
    effects: Sequence[Plain] = (),
    markers: Sequence[Plain] = (),
) -> Plain:
    plain = _item("Clip.2", name, source_range, metadata, effects, markers)
    return {**plain, "media_references": {_MEDIA: media}, "active_media_reference_key": _MEDIA}


def gap(name: str, source_range: Plain, metadata: Plain, effects: Sequence[Plain] = ()) -> Plain:
    return _item("Gap.1", name, source_range, metadata, effects)


def transition(name: str, kind: str, in_offset: Plain, out_offset: Plain, metadata: Plain) -> Plain:
    """``kind`` is one of OTIO's types; the offsets are before and after the cut."""
    return {
        **_object("Transition.1", name, metadata),
        "in_offset": in_offset,
        "out_offset": out_offset,
        "transition_type": visible_name(kind),
    }


def external_reference(url: str, available_range: Plain, metadata: Plain) -> Plain:
    """A file, with what there is of it."""
    plain = _reference("ExternalReference.1", "", available_range, metadata)
    return {**plain, "target_url": url}


def generator_reference(name: str, kind: str, parameters: Plain, metadata: Plain) -> Plain:
    """What is drawn, and by which kind of generator."""
    plain = _reference("GeneratorReference.1", name, None, metadata)
    return {**plain, "generator_kind": visible_name(kind), "parameters": parameters}


def marker(name: str, marked_range: Plain, metadata: Plain) -> Plain:
    plain = _object("Marker.2", name, metadata)
    return {**plain, "color": "RED", "marked_range": marked_range, "comment": ""}


def effect(name: str, known_as: str) -> Plain:
    return _effect("Effect.1", name, known_as)


def time_effect(name: str) -> Plain:
    """A change of speed that no other schema says."""
    return _effect("TimeEffect.1", name, name)


def linear_time_warp(scalar: float) -> Plain:
    """Plays ``scalar`` times as fast; backwards where it is negative."""
    return {**_effect("LinearTimeWarp.1", "", "LinearTimeWarp"), "time_scalar": scalar}


def freeze_frame() -> Plain:
    return {**_effect("FreezeFrame.1", "", "FreezeFrame"), "time_scalar": 0.0}


def _object(schema: str, name: str, metadata: Plain) -> Plain:
    return {"OTIO_SCHEMA": schema, "metadata": metadata, "name": visible_name(name)}


def _item(
    schema: str,
    name: str,
    source_range: Plain | None,
    metadata: Plain,
    effects: Sequence[Plain] = (),
    markers: Sequence[Plain] = (),
) -> Plain:
    return {
        **_object(schema, name, metadata),
        "source_range": source_range,
        "effects": list(effects),
        "markers": list(markers),
        "enabled": True,
        "color": None,
    }


def _reference(schema: str, name: str, available_range: Plain | None, metadata: Plain) -> Plain:
    plain = _object(schema, name, metadata)
    return {**plain, "available_range": available_range, "available_image_bounds": None}


def _effect(schema: str, name: str, known_as: str) -> Plain:
    known = visible_name(known_as)
    return {**_object(schema, name, {}), "effect_name": known, "enabled": True}
