"""What a run knew when it wrote a film, kept in the cache under what the film's manifest says.

A manifest says what was rendered; words, shots and signals, and the stages that led to it, are
kept here, so that a report of the file has them for as long as the cache does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smartcut.cache import Cache, key_of
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.errors import SmartcutError
from smartcut.interchange.json import from_plain, to_plain
from smartcut.render.records.manifest import content_digest
from smartcut.spec import Begin, StageLine, all_steps, files_of
from smartcut.stage import Stage

_VERSION = 1
_SUFFIX = ".manifest.json"
# What a file is signed with is kept nowhere, not even where it lies.
_KEYS: dict[str, Any] = {
    "sign": {"key": True},
    "outputs": {"__all__": {"sign": {"key": True}}},
}


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The cut at the end of a run, and what led to it."""

    cut: Cut
    stages: tuple[tuple[str, Mapping[str, Any]], ...]
    """Names and parameters, as YAML has them."""
    inputs: tuple[str, ...]
    options: Mapping[str, str]


def stages_of(
    steps: Sequence[StageLine], inputs: Sequence[Begin]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The stages with the parameters that were given to them, as plain data."""
    return tuple((line.stage.name, _given(line.stage)) for line in all_steps(steps, inputs))


def _given(stage: Stage) -> dict[str, Any]:
    """Its parameters, but those that hold a whole cut, and where a private key lies."""
    held: dict[str, Any] = {
        name: True for name, info in type(stage).model_fields.items() if not info.repr
    }
    return stage.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={**_KEYS, **held}, fallback=str
    )


def keep_record(
    context: LocalContext, steps: Sequence[StageLine], inputs: Sequence[Begin], cut: Cut
) -> None:
    """Keep what the run knows for each manifest that it has written."""
    manifests = [path for path in context.outputs if path.name.endswith(_SUFFIX)]
    if not manifests:
        return
    record = {
        "cut": to_plain(cut),
        "stages": [list(one) for one in stages_of(steps, inputs)],
        "inputs": [str(item.path) for item in files_of(inputs)],
        "options": {"device": context.asked_device, "jobs": str(context.jobs)},
    }
    for path in manifests:
        key = _key(json.loads(path.read_text(encoding="utf-8")))
        if context.cache.load(key) != record:
            context.cache.store(key, record)


def record_of(cache: Cache, manifest: Mapping[str, Any]) -> RunRecord | None:
    """What the run knew that wrote this manifest; None where that is not, or no longer, kept."""
    try:
        plain: Any = cache.load(_key(manifest))
        return RunRecord(
            cut=from_plain(Cut, plain["cut"]),
            stages=tuple((str(name), dict(params)) for name, params in plain["stages"]),
            inputs=tuple(str(path) for path in plain["inputs"]),
            options={str(name): str(value) for name, value in plain["options"].items()},
        )
    except (SmartcutError, KeyError, TypeError, ValueError, AttributeError):
        return None  # damaged, or of another version


def _key(manifest: Mapping[str, Any]) -> str:
    return key_of("run-record", _VERSION, {"content": content_digest(manifest)})
