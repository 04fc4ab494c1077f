"""OTIO's JSON from strangers, made harmless before the OpenTimelineIO library sees any of it.

The library reads recursively, follows references within the file and holds whatever metadata there
are. So here the size, the depth and the counts are bounded, references are resolved where they
mean media and refused elsewhere, and metadata do not reach the library: smartcut's own are kept
aside, those of others are dropped.
"""

from __future__ import annotations

import json
from typing import Any

from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS
from smartcut.interchange.otio import NAMESPACE, package

#: Bytes of a file that is read.
LARGEST = 64 * 1024 * 1024
_DEEPEST = 48
_MOST_OBJECTS = 10 * MOST_EDITS
_SHARED = ("ExternalReference", "MissingReference", "GeneratorReference", "ImageSequenceReference")
_SCHEMA, _ID = "OTIO_SCHEMA", "OTIO_REF_ID"


def parsed(text: str | bytes) -> tuple[Any, list[Any]]:
    """The top object, as the library has it, and smartcut's metadata.

    An object's ``metadata["smartcut"]`` is the place of its own in that list. Raises PipelineError.
    """
    if len(text) > LARGEST:
        raise PipelineError(f"an OTIO file of {len(text)} bytes is too large: {LARGEST} at most")
    try:
        plain = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise PipelineError("not an OTIO file: it is nested too deeply") from error
    except ValueError as error:
        raise PipelineError(f"not an OTIO file: {error}") from error
    if not isinstance(plain, dict) or _SCHEMA not in plain:
        raise PipelineError("not an OTIO file: its top says no OTIO_SCHEMA")
    cleaner = _Cleaner()
    harmless = json.dumps(cleaner.cleaned(plain, 0))
    return _read(harmless), cleaner.kept


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _read(text: str) -> Any:
    otio = package()
    try:
        return otio.core.deserialize_json_from_string(text)
    except Exception as error:  # the library has many kinds
        raise PipelineError(f"not a valid OTIO file: {error}") from error


class _Cleaner:
    """One walk through the plain data."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self.shared: dict[str, Any] = {}
        self.objects = 0
        self.room = LARGEST
        self.versions: dict[str, int] = package().core.type_version_map()

    def cleaned(self, value: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            raise PipelineError(f"the OTIO file is nested more than {_DEEPEST} deep")
        if isinstance(value, list):
            return [self.cleaned(item, depth + 1) for item in value]
        if not isinstance(value, dict):
            return self._scalar(value)
        self.objects += 1
        if self.objects > _MOST_OBJECTS:
            raise PipelineError(f"the OTIO file holds more than {_MOST_OBJECTS} objects")
        schema = str(value.get(_SCHEMA, ""))
        if schema.startswith("SerializableObjectRef"):
            return self._referred(value)
        self._check_version(schema)
        result = {
            key: self._metadata(item) if key == "metadata" else self.cleaned(item, depth + 1)
            for key, item in value.items()
            if key != _ID
        }
        if isinstance(value.get(_ID), str) and schema.split(".")[0] in _SHARED:
            self.shared[value[_ID]] = result
        return result

    def _check_version(self, schema: str) -> None:
        name, _, version = schema.rpartition(".")
        known = self.versions.get(name)
        if known is not None and version.isdecimal() and len(version) < 9 and int(version) > known:
            raise PipelineError(
                f"the OTIO file holds {schema}, which is newer than OpenTimelineIO "
                f"{package().__version__} reads ({name}.{known}); have the editor write for an "
                "older version"
            )

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, int) and abs(value) >= 2**63:
            raise PipelineError("a number in the OTIO file is too large")
        if isinstance(value, float) and not value - value == 0:
            raise PipelineError("a number in the OTIO file is too large")
        return value

    def _metadata(self, value: Any) -> dict[str, int]:
        if not isinstance(value, dict) or not isinstance(value.get(NAMESPACE), dict):
            return {}
        self.kept.append(unpacked(value[NAMESPACE]))
        return {NAMESPACE: len(self.kept) - 1}

    def _referred(self, value: dict[str, Any]) -> Any:
        target = self.shared.get(str(value.get("id")))
        if target is None:
            raise PipelineError(
                f"the OTIO file refers to an object {value.get('id')!r} that is not media named "
                "before; have the editor write it without references"
            )
        self.room -= len(json.dumps(target))
        if self.room < 0:
            raise PipelineError("the OTIO file repeats too much by references")
        return target


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
