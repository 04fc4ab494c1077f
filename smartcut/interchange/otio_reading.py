"""A cut from an OpenTimelineIO timeline, smartcut's own or another tool's.

Where smartcut's exact values are in the metadata and the visible ones still agree with them, they
count; whatever another editor changed counts as it is. Other tools' files: nested compositions and
video tracks above each other become one track, sound tracks that only repeat the picture's own
sound are that, others become music.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

from smartcut.algebra import in_sequence
from smartcut.annotation import Annotation
from smartcut.cut import Captions, Cut, Mix, Segment, TimelineFormat, Track, Transition
from smartcut.drawer import source_of_drawing
from smartcut.errors import PipelineError
from smartcut.interchange.edits import (
    Edit,
    Joint,
    from_edits,
    gap,
    over,
    retimed,
    taken,
)
from smartcut.interchange.json import from_plain, to_plain
from smartcut.interchange.layers import raised, stacked
from smartcut.interchange.media_paths import from_url
from smartcut.interchange.otio import (
    EXTRAS,
    OTHER,
    PROGRAMME_SOUND,
    RAMP,
    SOUNDS,
    in_frames,
    visible_scalar,
)
from smartcut.interchange.otio_objects import visible_name
from smartcut.interchange.otio_text import Item, parsed
from smartcut.interchange.reading import ClipCount, Exactness, Media, Prober, mirrors
from smartcut.interchange.timecode import known_rate, media_start, tag
from smartcut.interchange.upgrades import (
    upgraded_segment,
    upgraded_track,
    with_old_title,
    without_take,
)
from smartcut.source import Source, unused
from smartcut.timebase import Range, exact
from smartcut.transition import USUAL, kind_called, kind_of_otio, otio_of
from smartcut.warp import Warp

Edits = list[Edit]
_NONE = Fraction(0)
_TIME_EFFECTS = ("TimeEffect", "LinearTimeWarp", "FreezeFrame")
_NOTHING = Segment(None, Range(_NONE, _NONE))


def from_otio(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Prober | None = None,
    by: str = "the OTIO file",
) -> Cut:
    """The cut; ``look`` is asked for media of which the file itself says nothing.

    The package opentimelineio is not needed. Raises PipelineError, and what ``look`` raises.
    """
    try:
        return _Reader(_timeline(parsed(text)), folder, look, by).cut()
    except (ValueError, OverflowError, ZeroDivisionError, RecursionError) as error:
        raise PipelineError(f"{by}: cannot be read: {error}") from error


def _timeline(top: Item) -> Item:
    """The stack of tracks, and the object that bears the metadata."""
    name = top.schema_name()
    if name == "SerializableCollection":
        inner = [item for item in top if item.schema_name() == "Timeline"]
        if len(inner) != 1:
            raise PipelineError(f"the OTIO file holds {len(inner)} timelines; one is read")
        return inner[0]
    if name not in ("Timeline", "Stack", "Track"):
        raise PipelineError(f"the OTIO file holds a {name}; a Timeline is read")
    return top


def _fraction(value: Any) -> Fraction:
    if not isinstance(value, str) or len(value) > 200:
        raise PipelineError(f"{value!r} is not an exact time")
    return exact(value)


def seconds(time: Any) -> Fraction:
    """Of an OTIO time, to a thousandth of its unit; raises ValueError for what is none."""
    if not abs(time.value) < 1e15:
        raise ValueError(f"{time.value!r} is not a time")
    return Fraction(round(time.value * 1000), 1000) / known_rate(time.rate)


def _rates(value: float) -> set[Fraction]:
    """What a rate may have been before it became a float."""
    return {known_rate(value), Fraction(value).limit_denominator(1_000_000)}


def _connected(cut: Cut, track: Track, segments: tuple[Segment, ...]) -> Track:
    """A track with its segments as they were connected, where it lies as they were placed."""
    connected = replace(track, segments=segments)
    tried = replace(cut, tracks=(cut.programme, connected))
    return connected if in_sequence(tried).tracks[1] == track else track


class _Reader:
    """Reads one timeline."""

    def __init__(self, top: Item, folder: Path | None, look: Prober | None, by: str) -> None:
        self.top, self.folder, self.by = top, folder, by
        self.said = self._said(top)
        self.media = Media(by, look, [self._source(s) for s in self._list("sources")])
        self.clips = ClipCount(by)
        self.exactness = Exactness()
        self.connected: dict[int, tuple[Segment, ...]] = {}
        self.alternatives: list[tuple[Track, tuple[Segment, ...]]] = []
        self.changed: dict[tuple[str, str], Source] = {}

    # ------------------------------------------------------------------------------ the whole

    def cut(self) -> Cut:
        """The cut; what is connected stays so, where its track lies as it was written."""
        cut = self._placed_cut()
        tracks = [
            _connected(cut, track, self.connected[n]) if n in self.connected else track
            for n, track in enumerate(cut.tracks)
        ]
        others = [_connected(cut, track, segments) for track, segments in self.alternatives]
        return replace(cut, tracks=tuple(tracks), alternatives=tuple(others))

    def _placed_cut(self) -> Cut:
        stack = self.top.tracks if self.top.schema_name() == "Timeline" else self.top
        own, layers, sounds, repeated = self._sorted(stack)
        mix = from_plain(Mix, self.said["mix"]) if "mix" in self.said else Mix()
        tracks = [track for track, _ in own]
        if layers and own:
            edits, above = raised(own[0][1], layers, self.media.sources.get)
            self.clips.add(edits)
            segments = from_edits(edits, self.media.sources.get)
            tracks = [replace(tracks[0], segments=segments), *tracks[1:], *above]
        elif own and repeated is not None:
            self._compare(repeated, own[0][1])
        if own:
            tracks += [Track("music", from_edits(e, self.media.sources.get)) for e in sounds]
        elif layers or sounds:
            found, mix = stacked(layers, sounds, mix, self.media)
            tracks = list(found)
        captions, format = self.said.get("captions"), self.said.get("format")
        cut = Cut(
            sources=tuple(self.media.sources.values()),
            tracks=tuple(tracks),
            annotations=tuple(from_plain(Annotation, a) for a in self._list("annotations")),
            mix=mix,
            captions=None if captions is None else from_plain(Captions, captions),
            format=None if format is None else from_plain(TimelineFormat, format),
            is_sdr=self.said.get("is_sdr") is True,
            notes=(*(str(n) for n in self._list("notes")), *self.media.notes),
        )
        return self._with_titles(cut, stack)

    def _sorted(
        self, stack: Any
    ) -> tuple[list[tuple[Track, Edits]], list[Edits], list[Edits], Edits | None]:
        """smartcut's own tracks, others' picture, others' sound, and the programme's own sound."""
        own: list[tuple[Track, Edits]] = []
        layers: list[Edits] = []
        sounds: list[Edits] = []
        repeated: Edits | None = None
        for track in [stack] if stack.schema_name() == "Track" else stack:
            said = self._said(track)
            if not track.enabled:
                if said.get("alternative") == "picture" and {"track", "connected"} <= said.keys():
                    self._alternative(track, said)
                continue
            is_sound = track.kind == SOUNDS
            plain = from_plain(Track, upgraded_track(said["track"])) if "track" in said else None
            edits, is_exact = self._edits(track, 0)
            if said.get("role") == PROGRAMME_SOUND:
                repeated = edits
            elif plain is not None and (plain.kind == "sound") == is_sound:
                segments = from_edits(edits, None if is_exact else self.media.sources.get)
                if "connected" in said and is_exact:
                    self.connected[len(own)] = self._connected(said["connected"])
                own.append((replace(plain, segments=segments), edits))
            else:
                (sounds if is_sound else layers).append(edits)
        return own, layers, sounds, repeated

    def _alternative(self, track: Any, said: dict[str, Any]) -> None:
        """Takes down a track that is neither seen nor heard."""
        edits, is_exact = self._edits(track, 0)
        segments = from_edits(edits, None if is_exact else self.media.sources.get)
        placed = replace(from_plain(Track, upgraded_track(said["track"])), segments=segments)
        self.alternatives.append((placed, self._connected(said["connected"])))

    def _connected(self, plain: Any) -> tuple[Segment, ...]:
        """Segments as they were before they were placed."""
        return from_plain(Track, upgraded_track({"role": "", "segments": plain})).segments

    def _compare(self, repeated: Edits, pictures: Edits) -> None:
        if mirrors(repeated, pictures) is None:
            self.media.note(
                f"{self.by}: the programme's own sound was edited apart from its picture; it "
                "follows the picture here"
            )

    def _with_titles(self, cut: Cut, stack: Any) -> Cut:
        """The cut with the titles that older versions of smartcut wrote as markers."""
        for marker in stack.markers:
            title = self._said(marker).get("title")
            if not isinstance(title, dict):
                continue
            exact_range = from_plain(Range, title.get("range"))
            seen = self._range(marker.marked_range)
            if not self._agrees(marker.marked_range, exact_range.start, exact_range.duration)[1]:
                title = {**title, "range": to_plain(Range(seen[0], seen[0] + seen[1]))}
            if marker.name != visible_name(str(title.get("text"))):
                title = {**title, "text": marker.name}
            cut = with_old_title(cut, title, ())
        return cut

    # ---------------------------------------------------------------------------- compositions

    def _edits(self, item: Any, depth: int) -> tuple[Edits, bool]:
        """What a composition plays, and whether all of it is as smartcut wrote it."""
        name = item.schema_name()
        if name == "Stack":
            return self._trimmed(self._layers(item, depth), item), False
        if name in ("Clip", "Gap"):
            return [self._item(item)[0]], False
        if name != "Track":
            raise PipelineError(f"{self.by}: a stack holds a {name}, which is not read")
        edits: Edits = []
        is_exact, joint = True, None
        for child in item:
            kind = child.schema_name()
            if kind == "Transition":
                joint = self._joint(child)
                continue
            if kind in ("Clip", "Gap"):
                edit, known = self._item(child)
                found, is_exact = [edit], is_exact and known
            elif kind in ("Stack", "Track"):
                found, is_exact = self._edits(child, depth + 1)[0], False
            else:
                raise PipelineError(f"{self.by}: a track holds a {kind}, which is not read")
            self.clips.add(found)
            if joint and found:
                found[0] = replace(found[0], joint=self._fitting(joint, edits))
                joint = None
            edits += found
        if item.source_range is not None or len(item.effects):
            return self._trimmed(edits, item), False
        return edits, is_exact

    def _fitting(self, joint: Joint, edits: Edits) -> Joint | None:
        """The transition; at the head of a track it stands only where smartcut wrote it so."""
        if edits or not joint.after:
            return joint
        self.media.note(f"{self.by}: a transition at the head of a track is left out")
        return None

    def _layers(self, stack: Any, depth: int) -> Edits:
        edits: Edits = []
        for child in stack:
            if child.kind == SOUNDS:
                self.media.note(f"{self.by}: the sound of nested timelines is left out")
            elif child.enabled:
                edits = over(edits, self._edits(child, depth + 1)[0])
                self.clips.add(edits)
        return edits

    def _trimmed(self, edits: Edits, item: Any) -> Edits:
        scalar = self._scalar(item)
        if scalar is not None and scalar <= 0:
            raise PipelineError(
                f"{self.by}: {item.name!r} is nested, and stands still or runs backwards as a "
                "whole; flatten it in the editor it comes from"
            )
        speed = self._speed(item, {})
        if item.source_range is not None:
            start, duration = self._range(item.source_range)
            edits = taken(edits, Range(max(start, _NONE), max(start, _NONE) + duration * speed))
        return retimed(edits, speed) if speed != 1 else edits

    # ----------------------------------------------------------------------------------- items

    def _item(self, item: Any) -> tuple[Edit, bool]:
        """A clip or gap, and whether it is as smartcut wrote it."""
        said = self._said(item)
        speed = self._speed(item, said)
        segment = self._segment(item, said, speed)
        reference = item.media_reference
        if item.schema_name() == "Gap" or not item.enabled or self._is_generated(reference):
            duration = self._range(item.source_range)[1] if item.source_range else _NONE
            edit = replace(gap(duration), segment=segment)
            zero = _NONE
            seen = item.source_range
            if item.schema_name() != "Gap":
                return edit, False
        else:
            source = self._source_of(item, reference)
            zero, edit, seen = self._placed(item, reference, source, speed)
            edit = replace(edit, segment=replace(segment, source=source.id))
        if "start" not in said or "duration" not in said or seen is None:
            return self._warped(edit, item), False
        start, duration = (
            self.exactness.checked(_fraction(said[name])) for name in ("start", "duration")
        )
        visible = _NONE if edit.source is None else zero + start
        begins, lasts = self._agrees(seen, visible, duration)
        edit = replace(
            edit,
            start=start if begins else edit.start,
            duration=duration if lasts else edit.duration,
        )
        return self._warped(edit, item), begins and lasts

    def _segment(self, item: Any, said: dict[str, Any], speed: Fraction) -> Segment:
        kept = upgraded_segment({name: said[name] for name in EXTRAS if name in said})
        kept = without_take(kept)
        segment = _NOTHING
        if kept:
            warp = from_plain(Warp, kept["warp"]) if "warp" in kept else None
            seen = warp.seen if warp else Range(_NONE, _NONE)
            plain: dict[str, Any] = {"source": None, "range": to_plain(seen), **kept}
            segment = from_plain(Segment, plain)
            if visible_scalar(warp) != self._scalar(item) or self._is_unmarked(warp, item):
                segment = replace(segment, warp=None)
        marks = [e for e in item.effects if e.schema_name() not in _TIME_EFFECTS]
        shown = {name for mark in marks for name in (mark.name, mark.effect_name)}
        effects = tuple(e for e in segment.effects if visible_name(e.label) in shown)
        known = {visible_name(e.label) for e in effects}
        for mark in marks:
            if not known.intersection((mark.name, mark.effect_name)):
                what = mark.name or mark.effect_name or mark.schema_name()
                self.media.note(f"{self.by}: {item.name!r}: the effect {what} is left out")
        label = item.name
        if isinstance(wanted := said.get("label"), str):
            reference = item.media_reference
            usual = "" if reference is None else str(self._said(reference).get("source"))
            label = wanted if label == visible_name(wanted or usual) else label
        return replace(segment, speed=speed, effects=effects, label=label)

    def _is_unmarked(self, warp: Warp | None, item: Any) -> bool:
        """Whether a speed that changes has lost the mark that smartcut gives it."""
        is_ramp = warp is not None and visible_scalar(warp) is None
        is_marking = self.said.get("version", 1) != 1
        return is_ramp and is_marking and not any(e.name == RAMP for e in item.effects)

    def _placed(
        self, item: Any, reference: Any, source: Source, speed: Fraction
    ) -> tuple[Fraction, Edit, Any]:
        """The media time of source time 0, and the clip as its visible values have it."""
        available = reference.available_range
        said = self._said(reference)
        seen = item.source_range or available
        if seen is None:
            empty = Segment(source.id, Range(_NONE, source.duration), speed)
            return _NONE, Edit(empty, _NONE, source.duration / speed), None
        start, duration = self._range(seen)
        first = source.video.start if source.video else _NONE
        if source.is_drawn:
            zero = _NONE
        elif "start" in said and said.get("source") == source.id:
            zero = _fraction(said["start"])
        elif available is not None:
            zero = self._range(available)[0] - first
        elif tag(source) and start >= media_start(source):
            zero = media_start(source)
        else:
            zero = -first
        segment = Segment(source.id, Range(_NONE, _NONE), speed)
        return zero, Edit(segment, start - zero, duration), seen

    def _scalar(self, item: Any) -> float | None:
        """What an item's time effects say together: 0 stands still, below 0 is backwards."""
        kinds = {effect.schema_name() for effect in item.effects}
        scalars = [e.time_scalar for e in item.effects if e.schema_name() == "LinearTimeWarp"]
        if "FreezeFrame" in kinds:
            return 0.0
        return prod(scalars) if scalars else None

    def _warped(self, edit: Edit, item: Any) -> Edit:
        """The edit as its visible effects have it, where smartcut does not say more exactly."""
        scalar = self._scalar(item)
        if scalar is None or scalar > 0 or edit.segment.warp is not None or edit.duration <= 0:
            return edit
        slope = -self._speed(item, {}) if scalar else _NONE
        last = edit.start - edit.duration * slope
        warp = Warp(((_NONE, last), (edit.duration, edit.start)))
        return replace(edit, segment=replace(edit.segment, speed=Fraction(1)).warped(warp))

    def _speed(self, item: Any, said: dict[str, Any]) -> Fraction:
        shown = self._scalar(item)
        if shown == 0 or ("warp" in said and (shown is None or shown < 0)):
            return Fraction(1)
        speed = Fraction(1)
        scalar = 1.0
        for effect in item.effects:
            kind = effect.schema_name()
            if kind == "LinearTimeWarp":
                if not 1e-4 <= abs(effect.time_scalar) <= 1e4:
                    raise PipelineError(
                        f"{self.by}: {item.name!r} plays at {effect.time_scalar:g} times its speed"
                    )
                scalar *= effect.time_scalar
                speed *= abs(Fraction(effect.time_scalar).limit_denominator(100_000))
            elif kind == "TimeEffect" and effect.name == RAMP:
                self.media.note(f"{self.by}: {item.name!r}: how its speed changes is not said")
            elif kind == "TimeEffect":
                raise PipelineError(f"{self.by}: {item.name!r} has a {kind}, which is not read")
        if "speed" in said and float(wanted := _fraction(said["speed"])) == scalar:
            return wanted
        return speed

    def _joint(self, transition: Any) -> Joint:
        said = self._said(transition)
        before, after = seconds(transition.in_offset), seconds(transition.out_offset)
        kind, params = kind_of_otio(transition.transition_type), Transition("", _NONE).params
        if "kind" in said and (otio_of(said["kind"]) or OTHER) == transition.transition_type:
            kind = str(said["kind"])
            plain = {"kind": kind, "duration": "0", "params": said.get("params", [])}
            params = from_plain(Transition, plain).params
        elif named := kind_called(transition.name):
            kind = named
        elif kind is None:
            kind = USUAL
            self.media.note(f"{self.by}: the transition {transition.name!r} becomes a {USUAL}")
        if "before" in said and "after" in said:
            wanted = [_fraction(said[name]) for name in ("before", "after")]
            offsets = (transition.in_offset, transition.out_offset)
            if all(
                o.value in {in_frames(_NONE, w, rate)[1] for rate in _rates(o.rate)}
                for w, o in zip(wanted, offsets, strict=True)
            ):
                before, after = wanted
        return Joint(kind or USUAL, before, after, params)

    # ----------------------------------------------------------------------------------- media

    def _is_generated(self, reference: Any) -> bool:
        if reference is None or reference.schema_name() != "GeneratorReference":
            return False
        if self._drawn(reference) is not None:
            return False
        self.media.note(f"{self.by}: what a generator of the editor makes is black here")
        return True

    def _drawn(self, reference: Any) -> Source | None:
        """What smartcut draws, with the text that the file has now; None for other generators."""
        known = self.media.sources.get(str(self._said(reference).get("source")))
        if known is None or not known.is_drawn or known.made is None:
            return None
        text, params = reference.parameters.get("text"), dict(known.made.params)
        was = params.get("text")
        if not isinstance(text, str) or not isinstance(was, str) or text == visible_name(was):
            return known
        if (known.id, text) not in self.changed:
            given, recipe = tuple({**params, "text": text}.items()), known.made
            new = source_of_drawing(recipe.kind, recipe.engine, given, known.duration, ())
            new = replace(new, id=unused(known.id, self.media.sources))
            self.media.sources[new.id] = self.changed[known.id, text] = new
        return self.changed[known.id, text]

    def _source_of(self, item: Any, reference: Any) -> Source:
        kind = reference.schema_name() if reference is not None else "MissingReference"
        if kind == "GeneratorReference" and (drawn := self._drawn(reference)) is not None:
            return drawn
        if kind != "ExternalReference":
            why = "no media" if kind == "MissingReference" else f"a {kind}"
            raise PipelineError(
                f"{self.by}: the clip {item.name!r} has {why}; clips of media files are read"
            )
        path = from_url(reference.target_url, self.folder)
        known = self.media.sources.get(str(self._said(reference).get("source")))
        if known is not None and known.path == path:
            return known
        return self.media.at(path)

    def _source(self, plain: Any) -> Source:
        if not isinstance(plain, dict) or not isinstance(plain.get("url"), str):
            raise PipelineError(f"{self.by}: a source in it is damaged")
        path = from_url(plain["url"], self.folder) if plain["url"] else Path()
        given = {key: value for key, value in plain.items() if key != "url"}
        return from_plain(Source, {**given, "path": str(path)})

    # -------------------------------------------------------------------------------- metadata

    def _said(self, item: Any) -> dict[str, Any]:
        said: dict[str, Any] = item.said
        return said

    def _list(self, name: str) -> list[Any]:
        value = self.said.get(name)
        return value if isinstance(value, list) else []

    def _range(self, range: Any) -> tuple[Fraction, Fraction]:
        start, duration = (
            self.exactness.checked(seconds(time)) for time in (range.start_time, range.duration)
        )
        if duration < 0 or max(abs(start), duration) > 10**9:
            raise PipelineError(f"{self.by}: a range of {float(duration):g} s is none")
        return start, duration

    def _agrees(self, seen: Any, start: Fraction, duration: Fraction) -> tuple[bool, bool]:
        """Whether the visible start, and with it the visible length, are those of exact times."""
        if seen.duration.rate != seen.start_time.rate or max(abs(start), abs(duration)) > 10**9:
            return False, False
        begins = False
        for rate in _rates(seen.duration.rate):
            first, count = in_frames(start, duration, rate)
            begins = begins or first == seen.start_time.value
            if (first, count) == (seen.start_time.value, seen.duration.value):
                return True, True
        return begins, False
