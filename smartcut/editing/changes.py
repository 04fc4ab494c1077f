"""What is different between two segments that are the same, and between tracks, as edits say it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from smartcut.curve import curves_in
from smartcut.cut import Effect, Segment, Track
from smartcut.editing.effects_of import gain_of, with_gain
from smartcut.editing.setting import said_at, said_transition
from smartcut.editing.times import written
from smartcut.interchange.json import to_plain
from smartcut.source import Recipe, Scalar

Plain = dict[str, Any]
#: What is said of a segment as it is.
_AS_IT_IS = ("label", "sound", "chapter")


def same(one: Segment, other: Segment) -> bool:
    """Whether two segments show the same; why they were chosen does not count."""
    return replace(one, scores=()) == replace(other, scores=())


def changes(now: Segment, wanted: Segment) -> tuple[Plain, Plain]:
    """What to set of a segment, and what of it was otherwise; not where it begins and ends."""
    said: Plain = {}
    was: Plain = {}
    for name in _AS_IT_IS:
        if getattr(now, name) != getattr(wanted, name):
            said[name], was[name] = getattr(wanted, name), getattr(now, name)
    if now.lead != wanted.lead:
        said["lead"], was["lead"] = written(wanted.lead), written(now.lead)
    if now.transition != wanted.transition:
        # Without what it was: it is shortened to what its segments have room for.
        said["transition"] = said_transition(wanted.transition)
    if now.between != wanted.between:
        said["between"] = None if wanted.between is None else to_plain(wanted.between)
    if now.effects != wanted.effects:
        effects, before = _effects(now, wanted)
        said.update(effects)
        was.update(before)
    return said, was


def _effects(now: Segment, wanted: Segment) -> tuple[Plain, Plain]:
    """How the effects are to change: by a gain, by parameters, or as a whole."""
    gain = gain_of(wanted)
    if with_gain(now, gain).effects == wanted.effects:
        return {"gain": gain}, {"gain": gain_of(now)}
    by_name = _by_name(now.effects, wanted.effects)
    if by_name is not None:
        return {"effects": by_name}, {}
    return {"effects": [to_plain(effect) for effect in wanted.effects]}, {}


def _by_name(now: tuple[Effect, ...], wanted: tuple[Effect, ...]) -> Plain | None:
    """The parameters of effects that are others, where that says everything."""
    names = [effect.name for effect in now]
    if len(set(names)) < len(names):
        return None
    kept = [effect for effect in wanted if effect.name in names]
    if [e.name for e in kept] != [n for n in names if n in {e.name for e in kept}]:
        return None
    said: Plain = {name: None for name in names if name not in {e.name for e in kept}}
    before = {effect.name: effect for effect in now}
    for effect in wanted:
        old = before.get(effect.name, Effect(effect.name, version=effect.version))
        if effect == old:
            if effect.name not in before:
                said[effect.name] = {}
            continue
        params, were = dict(effect.params), dict(old.params)
        new = {n: v for n, v in params.items() if were.get(n) != v or n not in were}
        is_plain = all(isinstance(v, Scalar) and not curves_in(v) for v in new.values())
        if replace(effect, params=old.params) != old or set(were) - set(params) or not is_plain:
            return None
        said[effect.name] = new
    return said


def track_changes(now: Track, wanted: Track) -> Plain:
    """What to set of a track beside the programme."""
    said: Plain = {}
    for name in ("gain", "fade_in", "fade_out"):
        value = getattr(wanted, name)
        if getattr(now, name) != value:
            said[name] = value if name == "gain" else written(value)
    if now.ducking != wanted.ducking:
        said["ducking"] = None if wanted.ducking is None else to_plain(wanted.ducking)
    return said


def spec_of(segment: Segment, recipe: Recipe | None = None) -> Plain:
    """All that can be said of a segment, as ``add: {segment: ...}`` takes it."""
    said: Plain = {
        "source": segment.source or "gap",
        "start": written(segment.range.start),
        "end": written(segment.range.end),
    }
    if segment.label:
        said["label"] = segment.label
    if segment.speed != 1:
        said["speed"] = written(segment.speed)
    if segment.warp is not None:
        said["warp"] = [[written(time), written(seen)] for time, seen in segment.warp.points]
    if segment.sound != "stretched":
        said["sound"] = segment.sound
    if segment.transition is not None:
        said["transition"] = said_transition(segment.transition)
    if segment.chapter is not None:
        said["chapter"] = segment.chapter
    if segment.lead:
        said["lead"] = written(segment.lead)
    if segment.effects:
        said["effects"] = [to_plain(effect) for effect in segment.effects]
    if segment.between is not None:
        said["between"] = to_plain(segment.between)
    if segment.scores:
        said["scores"] = dict(segment.scores)
    if segment.at is not None:
        at = said_at(segment.at)
        said.update({k: v for k, v in at.items() if v is not None})
    if recipe is not None:
        said["recipe"] = to_plain(recipe)
    return said
