"""The JSON Schema of a pipeline file: what editors complete and check."""

from __future__ import annotations

from typing import Any

from smartcut.editing.model import Edits, HandEdit
from smartcut.spec import Input, Search
from smartcut.stage import loadable_stages


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a pipeline file, for editors, with the loadable stages."""
    definitions: dict[str, Any] = {}
    options: list[dict[str, Any]] = []
    kinds, _ = loadable_stages()
    for name, kind in kinds.items():
        schema = kind.model_json_schema(ref_template="#/$defs/{model}")
        definitions.update(schema.pop("$defs", {}))
        definitions[f"stage-{name}"] = schema
        accepted = [_or_placeholder(schema, name), {"type": "null"}]
        if kind.short:
            accepted.append(schema["properties"][kind.short])
        option: dict[str, Any] = {
            "type": "object",
            "properties": {name: {"anyOf": accepted}},
            "required": [name],
            "additionalProperties": False,
        }
        options.append(option)
    definitions["input"] = Input.model_json_schema()
    definitions["search"] = Search.model_json_schema()
    one_search: dict[str, Any] = {
        "type": "object",
        "properties": {"search": _or_placeholder(definitions["search"], "search", "")},
        "required": ["search"],
        "additionalProperties": False,
    }
    one_input = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/input"}]}
    inputs = {"anyOf": [one_input, {"type": "array", "items": one_input}, one_search]}
    stages = {"anyOf": [{"enum": list(kinds)}, *options]}
    definitions["stages"] = {"type": "array", "minItems": 1, "items": stages}
    part = {"inputs": inputs, "parts": {"$ref": "#/$defs/parts"}}
    definitions["parts"] = {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {**part, "stages": {"$ref": "#/$defs/stages"}},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "smartcut pipeline",
        "type": "object",
        "additionalProperties": False,
        "required": ["stages"],
        "properties": {
            "description": {"type": "string"},
            "params": {"type": "object"},
            "inputs": inputs,
            "parts": {"$ref": "#/$defs/parts"},
            "output": {"type": "string"},
            "stages": {"$ref": "#/$defs/stages"},
            "edits": _edits(definitions),
            "expect": {"$ref": "#/$defs/stage-expect"},
        },
        "$defs": definitions,
    }


def edits_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of corrections by hand."""
    definitions: dict[str, Any] = {}
    listed = _edits(definitions)["anyOf"][1]
    whole = Edits.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(whole.pop("$defs", {}))
    own = {**whole, "properties": {**whole["properties"], "edits": listed}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "smartcut edits",
        "anyOf": [listed, own],
        "$defs": definitions,
    }


def _edits(definitions: dict[str, Any]) -> dict[str, Any]:
    """Corrections by hand: the name of a file, or a list of them."""
    schema = HandEdit.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(schema.pop("$defs", {}))
    definitions["edit"] = {**schema, "minProperties": 1, "maxProperties": 1}
    one = {"$ref": "#/$defs/edit"}
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": one}]}


def _or_placeholder(schema: dict[str, Any], name: str, kind: str = "stage-") -> dict[str, Any]:
    """The stage's schema; each key also takes a ``${parameter}``."""
    for key, value in schema.get("properties", {}).items():
        placeholder = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}
        schema["properties"][key] = {"anyOf": [value, placeholder]}
    return {"$ref": f"#/$defs/{kind}{name}"}
