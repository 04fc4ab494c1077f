"""The operations as an OpenAPI 3.1 description, for programs that want to drive a studio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from smartcut import __version__
from smartcut.studio.answers import JSON
from smartcut.studio.operations import Operation
from smartcut.studio.results import RESULTS

_ABOUT = """\
A cut that is seen before it is rendered, and corrected. Served at 127.0.0.1 alone: a request names
that host and carries the token of the address that `smartcut studio` printed, as
`Authorization: Bearer TOKEN` or in the cookie that the page was given. Times of sources are exact
texts ("62/5"), times of the film are seconds."""

_ERROR = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "line": {"type": ["integer", "null"]},
                    "message": {"type": "string"},
                },
            },
        },
    },
    "required": ["error"],
}

#: What may be answered besides: by status, and when.
_REFUSALS = {
    "400": "It is not asked as described.",
    "403": "The token is missing, or another site asks.",
    "404": "There is no such thing, or no longer.",
    "409": "The version meant is no longer the newest; the answer has the newest state.",
    "422": "It cannot be done; the answer says why.",
    "503": "The session is still being opened.",
}


def description(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole description, as plain data."""
    paths: dict[str, dict[str, Any]] = {}
    definitions: dict[str, Any] = {"error": _ERROR, **RESULTS}
    for operation in operations:
        told = _told(operation, definitions)
        paths.setdefault(operation.path, {})[operation.method.lower()] = told
    paths["/api/events"] = {"get": _EVENTS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "smartcut studio", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "http://127.0.0.1:8765"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _told(operation: Operation, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = operation.asks.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions.update(schema.pop("$defs", {}))
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.does,
        "responses": _answers(operation),
    }
    in_path = operation.in_path
    if operation.method == "POST":
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
        return told
    parameters = []
    for name, field in schema.get("properties", {}).items():
        field = {key: value for key, value in field.items() if key != "title"}
        parameters.append(
            {
                "name": name,
                "in": "path" if name in in_path else "query",
                "required": name in in_path or name in schema.get("required", ()),
                "description": field.pop("description", ""),
                "schema": field,
            }
        )
    if parameters:
        told["parameters"] = parameters
    return told


def _answers(operation: Operation) -> dict[str, Any]:
    if operation.answers == JSON:
        schema: dict[str, Any] = {"$ref": f"#/components/schemas/{operation.result}"}
    else:
        schema = {"type": "string", "format": "binary"}
    refused = {"$ref": "#/components/schemas/error"}
    statuses = {
        status: {"description": why, "content": {JSON: {"schema": refused}}}
        for status, why in _REFUSALS.items()
        if status != "409" or operation.changes
    }
    done = {"description": operation.does, "content": {operation.answers: {"schema": schema}}}
    return {"200": done, **statuses}


_EVENTS = {
    "operationId": "events",
    "summary": "Server-sent events: state, progress, note, done, error and opened, each as JSON.",
    "responses": {
        "200": {
            "description": "Until the connection is closed. When the last one is, work stops.",
            "content": {
                "text/event-stream": {"schema": {"$ref": "#/components/schemas/event"}},
            },
        }
    },
}
