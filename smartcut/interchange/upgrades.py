"""Cuts that an older smartcut wrote, brought to what this one reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from pydantic import TypeAdapter, ValidationError

from smartcut.cut import SCHEMA, Cut, Track
from smartcut.errors import PipelineError
from smartcut.interchange.titles import with_text
from smartcut.once import once
from smartcut.params import to_pairs
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

_KARAOKE = "#ffd54a"
"""The colour of the spoken word where a cut of schema 4 named none."""


@once
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


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
    for number, step in ((2, _to_2), (3, _to_3), (4, _to_4), (5, _to_5)):
        if schema < number:
            plain = step(plain)
    return {**plain, "schema": SCHEMA}


def _to_2(plain: dict[str, Any]) -> dict[str, Any]:
    tracks = [upgraded_track(track) for track in _items(plain, "tracks")]
    return {**plain, "tracks": tracks} if "tracks" in plain else plain


def _to_3(plain: dict[str, Any]) -> dict[str, Any]:
    tracks = [
        {**track, "segments": list(_with_ramps(_items(track, "segments")))}
        if isinstance(track, dict) and "segments" in track
        else track
        for track in _items(plain, "tracks")
    ]
    return {**plain, "tracks": tracks} if "tracks" in plain else plain


def _with_ramps(segments: list[Any]) -> Iterator[Any]:
    """The segments; those of a ramp, which had a `take` in common, are one with a warp."""
    run: list[Any] = []
    for segment in segments:
        if run and not _is_one_take(run[-1], segment):
            yield _as_ramp(run)
            run = []
        run.append(segment)
    if run:
        yield _as_ramp(run)


def _is_one_take(one: Any, other: Any) -> bool:
    if _take(one) is None or _take(one) != _take(other):
        return False
    ends = (one.get("range"), other.get("range"))
    if one.get("source") != other.get("source") or not all(isinstance(r, dict) for r in ends):
        return False
    return bool(ends[0].get("end") == ends[1].get("start"))


def _take(segment: Any) -> Any:
    between = segment.get("between") if isinstance(segment, dict) else None
    return between.get("take") if isinstance(between, dict) else None


def _as_ramp(run: list[Any]) -> Any:
    """Segments of one ramp as one; a single one has no more than its `take` to lose."""
    first = without_take(run[0])
    if len(run) == 1:
        return first
    time, points = Fraction(0), [["0", run[0]["range"]["start"]]]
    try:
        for segment in run:
            start, end = (Fraction(str(segment["range"][name])) for name in ("start", "end"))
            time += (end - start) / Fraction(str(segment.get("speed", 1)))
            points.append([str(time), str(end)])
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise PipelineError(f"a ramp in it has no sensible times or speeds: {error}") from error
    seen = {"start": points[0][1], "end": points[-1][1]}
    return {**first, "range": seen, "speed": "1", "warp": {"points": points}}


def without_take(segment: Any) -> Any:
    """A segment without what the segments of a ramp had in common in schema 2."""
    if _take(segment) is None and not _had_take(segment):
        return segment
    between = {name: value for name, value in segment["between"].items() if name != "take"}
    return {**segment, "between": between}


def _had_take(segment: Any) -> bool:
    between = segment.get("between") if isinstance(segment, dict) else None
    return isinstance(between, dict) and "take" in between


def _to_4(plain: dict[str, Any]) -> dict[str, Any]:
    """Titles were a list of their own, and are now drawn sources on tracks above the picture."""
    if "titles" not in plain:
        return plain
    cut = Cut(tracks=(Track("programme"),))
    taken = {str(s.get("id")) for s in _items(plain, "sources") if isinstance(s, dict)}
    for title in _items(plain, "titles"):
        cut = with_old_title(cut, title, taken)
    rest = {name: value for name, value in plain.items() if name != "titles"}
    made = _adapter(Cut).dump_python(cut, mode="json")
    sources = [*_items(plain, "sources"), *made["sources"]]
    return {**rest, "sources": sources, "tracks": [*_items(plain, "tracks"), *made["tracks"][1:]]}


def _to_5(plain: dict[str, Any]) -> dict[str, Any]:
    """That words are marked as they are spoken was said twice, and now is by the style alone."""
    captions = plain.get("captions")
    if not isinstance(captions, dict) or "karaoke" not in captions:
        return plain
    rest = {name: value for name, value in captions.items() if name != "karaoke"}
    style = rest.get("style") or {}
    if captions["karaoke"] and isinstance(style, dict) and not style.get("highlight"):
        rest["style"] = {**style, "highlight": _KARAOKE}
    return {**plain, "captions": rest}


def with_old_title(cut: Cut, plain: Any, taken: Iterable[str]) -> Cut:
    """The cut with a title as schema 3 had it: a text, its range in the timeline, style and fade.

    ``taken`` are names of sources besides the cut's. Raises PipelineError.
    """
    try:
        range = _adapter(Range).validate_python(plain["range"])
        style = _adapter(TextStyle).validate_python(plain.get("style") or {})
        fade = _adapter(Fraction).validate_python(plain.get("fade", 0))
        text = (("text", str(plain["text"])), *to_pairs(style), ("fade", str(fade)))
        return with_text(cut, text, range, taken)
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise PipelineError(f"a title in it is damaged: {error}") from error


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
