"""`set`: properties of a segment, or of a track, in the words of edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from smartcut.cut import Anchor, At, Between, Cut, Ducking, Segment, Transition
from smartcut.editing.drawn import drawing_with, is_drawn, text_of
from smartcut.editing.effects_of import (
    effects_with,
    gain_of,
    place_of,
    raw_effects,
    with_gain,
    with_place,
)
from smartcut.editing.finding import Finder, told
from smartcut.editing.items import Item, items_of, with_items
from smartcut.editing.model import ComingIn, Look, SetValues
from smartcut.editing.programme import with_segment
from smartcut.editing.refusing import Refused
from smartcut.editing.times import written
from smartcut.errors import PipelineError
from smartcut.interchange.json import from_plain
from smartcut.params import of_pairs, to_pairs
from smartcut.transition import find_transition
from smartcut.warp import Warp

_NONE = Fraction(0)
_PLACES = ("x", "y", "width", "height", "opacity")


def set_values(cut: Cut, finder: Finder, edit: SetValues) -> tuple[Cut, set[str]]:
    """The cut with what an edit sets, and the id of the segment."""
    if edit.segment is None:
        return _on_track(cut, finder, edit), set()
    track, number = finder.segment(edit.segment)
    segment = cut.tracks[track].segments[number]
    _check_was(cut, segment, edit)
    if not track:
        check_programme(edit)
    return _changed(cut, finder, track, number, edit, told(edit.segment)), {segment.id}


def check_programme(look: Look) -> None:
    """Raise Refused for what is only said of what lies above the programme."""
    above = [name for name in (*_PLACES, "at", "of") if getattr(look, name) is not None]
    if above:
        raise Refused("unfit", f"`{above[0]}` is for what lies above the programme")


def _changed(cut: Cut, finder: Finder, track: int, number: int, look: Look, called: str) -> Cut:
    segment = cut.tracks[track].segments[number]
    changed = with_look(cut, finder, segment, look, called)
    if track or changed.duration == segment.duration:
        done = with_segment(cut, track, number, changed)
    else:
        items = items_of(cut)
        pace = segment.duration / changed.duration if changed.duration else Fraction(1)
        items[number] = Item(changed, number, pace=pace)
        done = with_items(cut, items)
    return drawing_with(done, track, number, look)


def with_look(cut: Cut, finder: Finder, segment: Segment, look: Look, called: str) -> Segment:
    """A segment with what is said of it; what draws it is not changed here."""
    given = [n for n in Look.model_fields if n in look.model_fields_set]
    for name in given:
        if name in _SETTERS:
            segment = _SETTERS[name](segment, look, called)
    if "at" in given or "of" in given:
        segment = replace(segment, at=at_of(finder, look, segment.at))
    if any(name in given for name in _PLACES):
        drawn = is_drawn(cut, segment)
        segment = with_place(segment, {n: getattr(look, n) for n in _PLACES if n in given}, drawn)
    return segment


# ---------------------------------------------------------------------------- one property each


def _label(segment: Segment, look: Look, called: str) -> Segment:
    return replace(segment, label=look.label or "")


def _speed(segment: Segment, look: Look, called: str) -> Segment:
    """The same pictures at another speed; what is slowed and hurried changes all along."""
    if not segment.duration or not segment.range.duration:
        raise Refused("pace", f"{called} is held, and has no speed: set its `duration`")
    wanted = look.speed or Fraction(1)
    usual = segment.range.duration / segment.duration
    if segment.warp is None:
        usual = segment.speed
    return segment.retimed(Warp.steady(_NONE, segment.duration, wanted / usual))


def _gain(segment: Segment, look: Look, called: str) -> Segment:
    return with_gain(segment, look.gain)


def _sound(segment: Segment, look: Look, called: str) -> Segment:
    return replace(segment, sound=look.sound or "stretched")


def _transition(segment: Segment, look: Look, called: str) -> Segment:
    return replace(segment, transition=transition_of(look.transition))


def transition_of(said: ComingIn | None) -> Transition | None:
    """The transition that is said; raises Refused for a kind or parameters that there are not."""
    if said is None:
        return None
    try:
        kind = find_transition(said.kind).model_validate(dict(said.params))
    except (PipelineError, ValidationError) as error:
        raise Refused("unfit", f"the transition {said.kind!r}: {error}") from None
    return Transition(said.kind, said.duration, to_pairs(kind))


def _chapter(segment: Segment, look: Look, called: str) -> Segment:
    return replace(segment, chapter=look.chapter)


def _lead(segment: Segment, look: Look, called: str) -> Segment:
    return replace(segment, lead=look.lead or _NONE)


def _duration(segment: Segment, look: Look, called: str) -> Segment:
    """What is held, drawn or a gap lasts as long as one likes; the rest is trimmed."""
    lasts = look.duration
    if lasts is None or lasts == segment.duration:
        return segment
    if segment.warp is not None and not segment.range.duration:
        held = Warp.frozen(segment.range.start, lasts)
        return replace(segment, warp=held)
    return segment.lengthened(_NONE, lasts - segment.duration)


def _effects(segment: Segment, look: Look, called: str) -> Segment:
    if isinstance(look.effects, Mapping):
        return replace(segment, effects=effects_with(segment.effects, look.effects, called))
    return replace(segment, effects=raw_effects(look.effects or ()))


def _warp(segment: Segment, look: Look, called: str) -> Segment:
    if look.warp is None:
        return replace(segment, warp=None)
    try:
        return segment.warped(Warp(tuple((t, s) for t, s in look.warp)))
    except ValueError as error:
        raise Refused("unfit", f"the warp of {called}: {error}") from None


def _between(segment: Segment, look: Look, called: str) -> Segment:
    between = None if look.between is None else from_plain(Between, dict(look.between))
    return replace(segment, between=between)


_SETTERS: dict[str, Callable[[Segment, Look, str], Segment]] = {
    "warp": _warp, "speed": _speed, "duration": _duration, "label": _label, "effects": _effects,
    "gain": _gain, "sound": _sound, "transition": _transition, "chapter": _chapter, "lead": _lead,
    "between": _between,
}  # fmt: skip


def at_of(finder: Finder, look: Look, before: At) -> At:
    """Where something begins: in the cut, connected to a source's time, or throughout."""
    if look.at == "throughout":
        return "throughout"
    if "of" in look.model_fields_set and look.of is not None:
        source = finder.source(look.of).id
        old = before.time if isinstance(before, Anchor) else _NONE
        return Anchor(source, look.at if isinstance(look.at, Fraction) else old)
    return look.at


# -------------------------------------------------------------------------------- of whole tracks


def _on_track(cut: Cut, finder: Finder, edit: SetValues) -> Cut:
    tracks = finder.tracks(edit.track)
    if not tracks:
        raise Refused("gone", f"the cut has no track {edit.track!r}")
    number = tracks[0]
    if number == 0:
        if edit.given != ["gain"]:
            raise Refused("unfit", "of the programme's sound, `gain` can be set as a whole")
        return replace(cut, mix=replace(cut.mix, programme_gain=edit.gain))
    track = cut.tracks[number]
    for name in edit.given:
        value: Any = getattr(edit, name)
        if name == "ducking":
            value = None if value is None else from_plain(Ducking, dict(value))
        elif name == "gain":
            value = 0.0 if value is None else float(value)
        else:
            value = value or _NONE
        track = replace(track, **{name: value})
    return replace(cut, tracks=(*cut.tracks[:number], track, *cut.tracks[number + 1 :]))


# ----------------------------------------------------------------------------- what it is, and was


def values_of(cut: Cut, segment: Segment, names: list[str]) -> dict[str, Any]:
    """What there is of these properties, as edits say it."""
    found = {
        "label": segment.label,
        "speed": written(segment.speed) if segment.warp is None else None,
        "gain": gain_of(segment),
        "sound": segment.sound,
        "transition": said_transition(segment.transition),
        "chapter": segment.chapter,
        "lead": written(segment.lead),
        "duration": written(segment.duration),
        "text": text_of(cut, segment),
        **said_at(segment.at),
        **place_of(segment),
    }
    return {name: found[name] for name in names if name in found}


def said_transition(transition: Transition | None) -> dict[str, Any] | None:
    """A transition as edits say it."""
    if transition is None:
        return None
    said: dict[str, Any] = {"kind": transition.kind, "duration": written(transition.duration)}
    params = of_pairs(find_transition(transition.kind), transition.params).model_dump(
        mode="json", exclude_unset=True
    )
    return {**said, "params": params} if params else said


def said_at(at: At) -> dict[str, Any]:
    """Where something begins, as edits say it."""
    if isinstance(at, Anchor):
        return {"at": written(at.time), "of": at.source}
    return {"at": at if at is None or isinstance(at, str) else written(at), "of": None}


def _check_was(cut: Cut, segment: Segment, edit: SetValues) -> None:
    """Raise Refused where the pipeline has set the same to something else in the meantime."""
    if not edit.was:
        return
    now = values_of(cut, segment, list(edit.was))
    names = edit.was.get("label"), now.get("label")
    if edit.segment is not None and names == (edit.segment.source, segment.source):
        now.pop("label", None)  # its source's name, which is another by now
    wanted = edit.model_dump(mode="json", exclude_unset=True)
    for name, before in edit.was.items():
        if name in now and now[name] not in (before, wanted.get(name)):
            raise Refused(
                "changed",
                f"the `{name}` of {told(edit.segment)} was {before!r} when it was edited, is "  # type: ignore[arg-type]
                f"{now[name]!r} now, and is to be {wanted.get(name)!r}; edit it again, or take "
                "`was` out of the edit",
            )
