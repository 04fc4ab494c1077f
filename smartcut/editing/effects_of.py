"""Effects of a segment in the words of edits: by name, gain, and place in the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from smartcut.cut import Effect, Segment
from smartcut.editing.refusing import Refused
from smartcut.effect import find_effect, to_effect
from smartcut.errors import PipelineError
from smartcut.interchange.json import from_plain
from smartcut.params import of_pairs, reason, to_pairs

_GAIN, _PLACE = "gain", "place"
_NAMED = {"left": 0.0, "right": 1.0, "top": 0.0, "bottom": 1.0}


def raw_effects(given: Sequence[Mapping[str, Any]]) -> tuple[Effect, ...]:
    """Effects as the JSON of a cut has them; raises Refused."""
    try:
        found: tuple[Effect, ...] = from_plain(tuple[Effect, ...], [dict(one) for one in given])
    except PipelineError as error:
        raise Refused("unfit", f"the effects are not as in a cut's JSON: {error}") from None
    return found


def effects_with(
    effects: tuple[Effect, ...], given: Mapping[str, Mapping[str, Any] | None], called: str
) -> tuple[Effect, ...]:
    """The effects with parameters of some changed, some added, and those with None taken off."""
    for name, params in given.items():
        those = [n for n, effect in enumerate(effects) if effect.name == name]
        if params is None:
            effects = tuple(e for e in effects if e.name != name)
        elif len(those) > 1:
            raise Refused(
                "several", f"{called} has {len(those)} effects `{name}`: give the list of them all"
            )
        elif those:
            changed = _changed(effects[those[0]], params)
            effects = (*effects[: those[0]], changed, *effects[those[0] + 1 :])
        else:
            effects = (*effects, _changed(Effect(name), params))
    return effects


def _changed(effect: Effect, params: Mapping[str, Any]) -> Effect:
    """An effect with some of its parameters otherwise."""
    try:
        kind = find_effect(effect.name)
    except PipelineError as error:
        raise Refused("unfit", str(error)) from None
    try:
        before = of_pairs(kind, effect.params)
        kept = {n: getattr(before, n) for n in before.model_fields_set if n not in params}
        made = kind.model_validate({**kept, **params})
    except ValidationError as error:
        raise Refused("unfit", f"effect `{effect.name}`: {reason(error, kind)}") from None
    except ValueError as error:
        raise Refused("unfit", f"effect `{effect.name}`: {error}") from None
    return replace(effect, params=to_pairs(made), version=kind.version)


# -------------------------------------------------------------------------------------- loudness


def gain_of(segment: Segment) -> float | None:
    """dB of a segment's gain; None where it has none, or changes."""
    those = [dict(e.params).get("db", 0.0) for e in segment.effects if e.name == _GAIN]
    return float(those[0]) if len(those) == 1 and isinstance(those[0], (int, float)) else None


def with_gain(segment: Segment, db: float | None) -> Segment:
    """The segment that many dB louder than its source; None takes its gain off."""
    given = {_GAIN: None if db is None else {"db": db}}
    return replace(segment, effects=effects_with(segment.effects, given, "it"))


# --------------------------------------------------------------------------- place in the picture


def place_of(segment: Segment) -> dict[str, Any]:
    """Where in the frame a segment is, as far as a `place` says so in numbers."""
    place = _params_of(segment)
    position = place.get("position")
    x, y = position if isinstance(position, tuple) else (None, None)
    own = {name: place.get(name) for name in ("width", "height", "opacity")}
    found = {"x": x, "y": y, **own}
    return {n: v if isinstance(v, (int, float)) else None for n, v in found.items()}


def _params_of(segment: Segment) -> dict[str, Any]:
    return next((dict(e.params) for e in segment.effects if e.name == _PLACE), {})


def with_place(segment: Segment, given: Mapping[str, Any], is_drawn: bool) -> Segment:
    """The segment elsewhere in the frame: ``x`` and ``y`` are its middle, in shares of it.

    What is drawn fills the frame, which is moved so that the frame's middle comes there.
    """
    said = dict(given)
    x, y = said.pop("x", None), said.pop("y", None)
    there = any(e.name == _PLACE for e in segment.effects)
    if x is not None or y is not None:
        before = _middle(_params_of(segment).get("position", "centre"))
        said["position"] = (before[0] if x is None else x, before[1] if y is None else y)
        if is_drawn and not there:
            said.setdefault("width", 1.0)
            said.setdefault("height", 1.0)
    if not there:
        made = find_effect(_PLACE)
        try:
            return replace(
                segment, effects=(*segment.effects, to_effect(made.model_validate(said)))
            )
        except ValidationError as error:
            raise Refused("unfit", reason(error, made)) from None
    return replace(segment, effects=effects_with(segment.effects, {_PLACE: said}, "it"))


def _middle(position: Any) -> tuple[Any, Any]:
    """A position by name as shares of the frame."""
    if not isinstance(position, str):
        return tuple(position)
    words = position.split("-")
    x = next((_NAMED[w] for w in words if w in ("left", "right")), 0.5)
    y = next((_NAMED[w] for w in words if w in ("top", "bottom")), 0.5)
    return x, y
