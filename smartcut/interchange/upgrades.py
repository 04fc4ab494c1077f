"""Cuts that an older smartcut wrote, brought to what this one reads."""

from __future__ import annotations

from typing import Any

from smartcut.cut import SCHEMA
from smartcut.errors import PipelineError


def upgraded(plain: Any) -> Any:
    """The plain data of a cut in today's schema; data of no cut are given back as they are.

    What carries no number is of schema 1. Raises PipelineError for a newer one.
    """
    if not isinstance(plain, dict):
        return plain
    schema = plain.get("schema", 1)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise PipelineError(f"schema {schema!r} is no number of a schema, such as {SCHEMA}")
    if schema > SCHEMA:
        raise PipelineError(
            f"a newer smartcut wrote it, in schema {schema}; this one reads up to {SCHEMA}"
        )
    return {**(_to_2(plain) if schema < 2 else plain), "schema": SCHEMA}


def _to_2(plain: dict[str, Any]) -> dict[str, Any]:
    tracks = [upgraded_track(track) for track in _items(plain, "tracks")]
    return {**plain, "tracks": tracks} if "tracks" in plain else plain


def upgraded_track(plain: Any) -> Any:
    """A track: its kind was what is now its role."""
    if not isinstance(plain, dict):
        return plain
    if "segments" in plain:
        plain = {**plain, "segments": [upgraded_segment(s) for s in _items(plain, "segments")]}
    if "role" in plain or "kind" not in plain:
        return plain
    return {"role": plain["kind"], **{k: v for k, v in plain.items() if k != "kind"}}


def upgraded_segment(plain: Any) -> Any:
    """A segment, or some of what it has, whose effects are of an older schema."""
    if not isinstance(plain, dict) or not isinstance(plain.get("effects"), list):
        return plain
    effects = [upgraded_effect(e) for e in _items(plain, "effects")]
    between = next((e for e in effects if _is_interpolation(e)), None)
    plain = {**plain, "effects": [e for e in effects if not _is_interpolation(e)]}
    return plain if between is None else {**plain, "between": _pairs(between.get("params"))}


def _is_interpolation(effect: Any) -> bool:
    """Frames between frames were an effect, and are now what a segment says of its time."""
    return isinstance(effect, dict) and effect.get("name") == "interpolate"


def _pairs(params: Any) -> dict[str, Any]:
    pairs = params if isinstance(params, list) else []
    return {str(p[0]): p[1] for p in pairs if isinstance(p, list) and len(p) == 2}


def _items(plain: dict[str, Any], name: str) -> list[Any]:
    found = plain.get(name)
    return found if isinstance(found, list) else []


def upgraded_effect(plain: Any) -> Any:
    """An effect: those of MoviePy had names of their own, and are now one with parameters."""
    name = plain.get("name") if isinstance(plain, dict) else None
    if not isinstance(name, str) or not name.startswith("moviepy."):
        return plain
    use = name.partition(".")[2]
    params = plain.get("params")
    given = [["use", use], ["params", params]] if params else [["use", use]]
    return {**plain, "name": "moviepy", "params": given}
