"""OTIO's JSON from strangers, as plain objects: what the OpenTimelineIO library reads, without it.

The library is C++ and trusts its input: a file that was changed at random has ended the process
within 0.18.1, and it runs the plugins that the environment names. So files are read here: the
size, the depth and the counts are bounded, every field in use is of its kind, references within
the file are followed where they mean media and refused elsewhere, and old versions are brought up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS
from smartcut.interchange.json import check_numbers
from smartcut.interchange.otio import NAMESPACE

#: Bytes of a file that is read.
LARGEST = 64 * 1024 * 1024
_DEEPEST = 48
_MOST_OBJECTS = 20 * MOST_EDITS
_SCHEMA, _ID = "OTIO_SCHEMA", "OTIO_REF_ID"
# The newest version of each kind that is read, and what kinds were called before.
_VERSIONS = {
    "Timeline": 1, "Stack": 1, "Track": 1, "Clip": 2, "Gap": 1, "Transition": 1, "Marker": 2,
    "ExternalReference": 1, "MissingReference": 1, "GeneratorReference": 1,
    "ImageSequenceReference": 1, "Effect": 1, "TimeEffect": 1, "LinearTimeWarp": 1,
    "FreezeFrame": 1, "TimeRange": 1, "RationalTime": 1, "SerializableCollection": 1,
}  # fmt: skip
_BEFORE = {
    "Sequence": "Track", "Filler": "Gap", "SerializeableCollection": "SerializableCollection",
}  # fmt: skip
_MEDIA = ("ExternalReference", "MissingReference", "GeneratorReference", "ImageSequenceReference")
_TEXTS = {"name": "", "kind": "Video", "target_url": "", "transition_type": "", "effect_name": ""}
_NUMBERS = {"value": 0.0, "rate": 1.0, "time_scalar": 1.0}
_LISTS = ("children", "markers", "effects")
_OBJECTS = {
    "source_range": ("TimeRange",), "available_range": ("TimeRange",),
    "marked_range": ("TimeRange",), "start_time": ("RationalTime",), "duration": ("RationalTime",),
    "in_offset": ("RationalTime",), "out_offset": ("RationalTime",), "tracks": ("Stack",),
    "media_reference": _MEDIA,
}  # fmt: skip
_REQUIRED = {
    "Timeline": ("tracks",), "TimeRange": ("start_time", "duration"), "Marker": ("marked_range",),
    "Transition": ("in_offset", "out_offset"),
}  # fmt: skip


class Item:
    """One object of the file: its fields by their names in OTIO, each of its kind."""

    __slots__ = ("_fields", "_kind")

    def __init__(self, kind: str, fields: dict[str, Any]) -> None:
        self._kind, self._fields = kind, fields

    def schema_name(self) -> str:
        return self._kind

    def __iter__(self) -> Iterator[Item]:
        return iter(self._fields["children"])

    def __getattr__(self, name: str) -> Any:
        try:
            return self._fields[name]
        except KeyError:
            raise AttributeError(name) from None


def parsed(text: str | bytes) -> Item:
    """The top object; smartcut's own metadata are in its field ``said``. Raises PipelineError."""
    if len(text) > LARGEST:
        raise PipelineError(f"an OTIO file of {len(text)} bytes is too large: {LARGEST} at most")
    try:
        plain = json.loads(text, parse_constant=_no_number)
        check_numbers(plain)
        return _Builder().item(plain, 0)
    except RecursionError as error:
        raise PipelineError("not an OTIO file: it is nested too deeply") from error
    except ValueError as error:
        raise PipelineError(f"not an OTIO file: {error}") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


class _Builder:
    """One walk through the plain data."""

    def __init__(self) -> None:
        self.media: dict[str, Item] = {}
        self.objects = self.clips = 0

    def item(self, value: Any, depth: int) -> Item:
        if not isinstance(value, dict) or not isinstance(value.get(_SCHEMA), str):
            raise PipelineError("not an OTIO file: an object says no OTIO_SCHEMA")
        self.objects += 1
        if depth > _DEEPEST or self.objects > _MOST_OBJECTS:
            raise PipelineError(
                f"the OTIO file is nested more than {_DEEPEST} deep, or holds more than "
                f"{_MOST_OBJECTS} objects"
            )
        if value[_SCHEMA].startswith("SerializableObjectRef"):
            return self._referred(value)
        kind = _kind(value[_SCHEMA])
        self.clips += kind in ("Clip", "Gap")
        if self.clips > MOST_EDITS:
            raise PipelineError(f"the OTIO file holds more than {MOST_EDITS} clips")
        fields = self._fields(_upgraded(kind, value) if kind in _VERSIONS else {}, depth)
        for name in _REQUIRED.get(kind, ()):
            if fields[name] is None:
                raise PipelineError(f"the OTIO file has a {kind} without its {name}")
        found = Item(kind, fields)
        if kind in _MEDIA and isinstance(value.get(_ID), str):
            self.media[value[_ID]] = found
        return found

    def _referred(self, value: dict[str, Any]) -> Item:
        found = self.media.get(str(value.get("id")))
        if found is None:
            raise PipelineError(
                f"the OTIO file refers to an object {value.get('id')!r} that is not media named "
                "before; have the editor write it without references"
            )
        return found

    def _fields(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {"said": _said(value.get("metadata"))}
        for name, usual in _TEXTS.items():
            fields[name] = _of(str, value, name, usual)
        for name, number in _NUMBERS.items():
            fields[name] = _number(value, name, number)
        fields["parameters"] = _of(dict, value, "parameters", {})
        fields["enabled"] = _of(bool, value, "enabled", True)
        for name in _LISTS:
            items = _of(list, value, name, [])
            fields[name] = [self.item(item, depth + 1) for item in items]
        for name, kinds in _OBJECTS.items():
            inner = value.get(name)
            fields[name] = None if inner is None else self.item(inner, depth + 1)
            if inner is not None and fields[name].schema_name() not in kinds:
                raise PipelineError(
                    f"the OTIO file has a {fields[name].schema_name()} as {name}; accepted: "
                    f"{', '.join(kinds)}"
                )
        return fields


def _kind(schema: str) -> str:
    """The kind of object; raises PipelineError that names a version which is too new."""
    name, _, version = schema.rpartition(".")
    name = _BEFORE.get(name, name)
    known = _VERSIONS.get(name, 0)
    if known and version.isdecimal() and len(version) < 9 and int(version) > known:
        raise PipelineError(
            f"the OTIO file holds {schema[:80]}, which is newer than {name}.{known}, the newest "
            "that is read; have the editor write for an older version"
        )
    return name


def _upgraded(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """The object as the newest version has it, with the media that is in use."""
    if kind == "Clip" and "media_references" in value:
        media = _of(dict, value, "media_references", {})
        key = _of(str, value, "active_media_reference_key", "DEFAULT_MEDIA")
        return {**value, "media_reference": media.get(key)}
    if kind == "Marker" and "range" in value:
        return {"marked_range": value["range"], **value}
    return value


def _of(kind: type, value: dict[str, Any], name: str, usual: Any) -> Any:
    found = value.get(name)
    if found is None:
        return usual
    if not isinstance(found, kind):
        raise PipelineError(f"the OTIO file has {name} {str(found)[:40]!r}: not a {kind.__name__}")
    return found


def _number(value: dict[str, Any], name: str, usual: float) -> float:
    """A field of that name; texts and the like have none, whatever is called so."""
    found = value.get(name)
    if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) < 1e300:
        return float(found)
    if found is None:
        return usual
    raise PipelineError(f"the OTIO file has {name} {str(found)[:40]!r}, which is no number in use")


def _said(metadata: Any) -> dict[str, Any]:
    said = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    return unpacked(said) if isinstance(said, dict) else {}


def unpacked(value: Any) -> Any:
    """What :func:`smartcut.interchange.otio.packed` was given; raises PipelineError."""
    if isinstance(value, dict):
        if set(value) == {"integer"}:
            try:
                return int(value["integer"])
            except (TypeError, ValueError) as error:
                raise PipelineError("an integer in the OTIO file is damaged") from error
        return {key: unpacked(item) for key, item in value.items()}
    return [unpacked(item) for item in value] if isinstance(value, list) else value
