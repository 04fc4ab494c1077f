"""What is different between two cuts, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from smartcut.algebra import identified
from smartcut.cut import Anchor, Cut, Segment, Track, Transition
from smartcut.editing.changes import changes, track_changes
from smartcut.editing.drawn import text_of
from smartcut.editing.finding import track_names
from smartcut.editing.likeness import Pairs, named_as, pairs, spread
from smartcut.editing.setting import said_transition
from smartcut.editing.times import clock, stretch, written
from smartcut.source import Recipe
from smartcut.timebase import format_time

#: What became of a segment, or of a track.
What = Literal["dropped", "added", "moved", "divided", "trimmed", "retimed", "changed"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same in two cuts."""

    kind: What
    text: str
    """In words, without the kind."""
    track: str
    before: dict[str, Any] | None = None
    """What the segment showed; None for what is new."""
    after: dict[str, Any] | None = None

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "kind": self.kind, "track": self.track, "text": self.text,
            "before": self.before, "after": self.after,
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind:8} {self.text}"


def differences(before: Cut, after: Cut) -> list[Difference]:
    """What became of the segments and tracks of a cut; none where both show the same."""
    before, after = spread(identified(before)), spread(named_as(after, before))
    found: list[Difference] = []
    old = dict(zip(track_names(before), before.tracks, strict=True))
    new = dict(zip(track_names(after), after.tracks, strict=True))
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name, Track(name)), new.get(name, Track(name))
        found += _of_track(_Side(before, one, name), _Side(after, other, name))
        if name in old and name in new and (said := track_changes(one, other)):
            text = f"the track {name}: {_listed(said)}"
            found.append(Difference("changed", text, name, {}, said))
    return found


@dataclass(frozen=True, slots=True)
class _Side:
    """A track of one of the cuts."""

    cut: Cut
    track: Track
    name: str

    @property
    def segments(self) -> Sequence[Segment]:
        return self.track.segments

    def plain(self, number: int) -> dict[str, Any]:
        """A segment as JSON has it."""
        segment = self.segments[number]
        text = text_of(self.cut, segment)
        return {
            "id": segment.id, "source": segment.source, "number": number,
            "start": written(segment.range.start), "end": written(segment.range.end),
            "duration": written(segment.duration), "pace": segment.pace,
            **({} if text is None else {"text": text}),
        }  # fmt: skip

    def called(self, number: int) -> str:
        """What a difference calls a segment."""
        segment = self.segments[number]
        if (text := text_of(self.cut, segment)) is not None:
            return f"the text {text!r}"
        if segment.source is None:
            return f"a gap of {clock(segment.duration)}"
        above = "" if self.name == "programme" else f" on {self.name}"
        shown = segment.range
        if shown.start == shown.end:
            return f"{segment.source} held at {clock(shown.start)}{above}"
        return f"{segment.source} {stretch(shown.start, shown.end)}{above}"


def _of_track(before: _Side, after: _Side) -> Iterator[Difference]:
    found = pairs(before.segments, after.segments)
    name = before.name
    for number in found.dropped:
        text = f"{before.called(number)} ({clock(before.segments[number].duration)})"
        yield Difference("dropped", text, name, before.plain(number))
    for number in range(len(after.segments)):
        origin = found.of.get(number)
        if origin is not None:
            yield from _of_pair(before, after, found, origin, number)
        elif number not in found.parts:
            text = f"{after.called(number)} ({clock(after.segments[number].duration)})"
            yield Difference("added", text + _place(after, number), name, None, after.plain(number))


def _place(side: _Side, number: int) -> str:
    if side.name != "programme":
        return ""
    return f", after {side.called(number - 1)}" if number else ", first"


def _of_pair(before: _Side, after: _Side, found: Pairs, old: int, new: int) -> Iterator[Difference]:
    """What became of a segment that is in both."""
    was, now = before.segments[old], after.segments[new]
    called, ends = before.called(old), (before.plain(old), after.plain(new))
    parts = found.children(old)
    if len(parts) > 1:
        into = " and ".join(
            stretch(after.segments[n].range.start, after.segments[n].range.end) for n in parts
        )
        yield Difference("divided", f"{called} into {into}", before.name, *ends)
    elif (text := _trimmed(was, now)) is not None:
        yield Difference("trimmed", f"{called}: {text}", before.name, *ends)
    if before.name == "programme" and new not in found.in_order:
        text = f"{called}, from place {old + 1} to place {new + 1}"
        yield Difference("moved", text, before.name, *ends)
    if was.at != now.at:
        yield Difference("moved", f"{called}: {_when(was)} to {_when(now)}", before.name, *ends)
    if was.speed != now.speed or (was.pace != now.pace):
        text = f"{called}: {was.pace or 'speed 1'} to {now.pace or 'speed 1'}"
        yield Difference("retimed", text, before.name, *ends)
    if said := _changed(before.cut, after.cut, was, now):
        yield Difference("changed", f"{called}: {'; '.join(said)}", before.name, *ends)


def _trimmed(was: Segment, now: Segment) -> str | None:
    """How a segment's ends are others; None where they are not."""
    said = []
    for what, old, new in (
        ("begins", was.range.start, now.range.start), ("ends", was.range.end, now.range.end),
    ):  # fmt: skip
        if old != new:
            how = "later" if new > old else "earlier"
            said.append(f"{what} at {clock(new)}, {clock(abs(new - old))} {how}")
    if not said and was.pace == now.pace and was.duration != now.duration:
        said.append(f"lasts {clock(now.duration)} instead of {clock(was.duration)}")
    return ", and ".join(said) or None


def _when(segment: Segment) -> str:
    at = segment.at
    if isinstance(at, Anchor):
        return f"at {clock(at.time)} of {at.source}"
    return f"at {format_time(at)}" if isinstance(at, Fraction) else at or "in order"


def _changed(before: Cut, after: Cut, was: Segment, now: Segment) -> list[str]:
    """What else is set otherwise, each in words."""
    said, _ = changes(was, now)
    told = []
    old, new = text_of(before, was), text_of(after, now)
    if old != new and new is not None:
        told.append(f"says {new!r}")
    elif new is not None and _drawing(before, was) != _drawing(after, now):
        told.append("is drawn otherwise")
    for name, value in said.items():
        if name == "transition":
            told.append(f"{_joint(was.transition)} to {_joint(now.transition)}")
        elif name == "effects":
            told += _effects(was, now)
        elif name == "label" and old != new:
            continue
        elif name == "gain":
            told.append(f"gain {'none' if value is None else f'{value:g} dB'}")
        else:
            told.append(f"{name} {getattr(was, name, None)!r} to {value!r}")
    return told


def _drawing(cut: Cut, segment: Segment) -> Recipe | None:
    return cut.source(segment.source).made if segment.source else None


def _joint(transition: Transition | None) -> str:
    said = said_transition(transition)
    return "a plain cut" if said is None else f"{said['kind']} of {said['duration']} s"


def _effects(was: Segment, now: Segment) -> Iterator[str]:
    before = {effect.name: effect for effect in was.effects}
    after = {effect.name: effect for effect in now.effects}
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            yield f"without {name}"
        elif name not in before:
            yield f"with {name}"
        elif before[name] != after[name]:
            old, new = dict(before[name].params), dict(after[name].params)
            those = [n for n in {**old, **new} if old.get(n) != new.get(n)]
            told = ", ".join(f"{n} {old.get(n)} to {new.get(n)}" for n in those)
            yield f"{name} ({told or 'at other times'})"
    if list(before) != list(after) and set(before) == set(after):
        yield "effects in another order"


def _listed(said: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in said.items())
