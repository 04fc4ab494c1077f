"""A cut as an OpenTimelineIO timeline.

What editing systems read are clips with source ranges in frames of their source's own rate,
transitions around the cuts, time warps, gaps, markers, and the media's places. What OTIO has no
field for, and times that are no whole frames, lie in the metadata under ``smartcut``; they count
as long as the visible values agree with them, so that an editor's changes win.

The format: https://opentimelineio.readthedocs.io (schemas Timeline.1, Clip.2, Transition.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.algebra import in_sequence
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.errors import PipelineError
from smartcut.interchange import otio_objects as objects
from smartcut.interchange.edits import Edit, to_edits
from smartcut.interchange.json import to_plain
from smartcut.interchange.media_paths import to_url
from smartcut.interchange.motion_reading import otio_of_effect
from smartcut.interchange.otio_objects import Plain
from smartcut.interchange.timecode import frame_rate, media_start, timeline_rate
from smartcut.source import Source
from smartcut.timebase import nearest
from smartcut.transition import otio_of
from smartcut.warp import Warp

#: Where smartcut keeps its own in OTIO's metadata.
NAMESPACE = "smartcut"
#: Since 2 a changing speed is marked by a TimeEffect.
VERSION = 2
OTHER = "Custom_Transition"
PROGRAMME_SOUND = "programme sound"
#: What marks a speed that changes.
RAMP = "TimeRamp"
#: The kinds of tracks.
PICTURES, SOUNDS = "Video", "Audio"
#: Fields of segments that OTIO does not hold.
EXTRAS = ("effects", "scores", "sound", "warp", "between", "chapter", "id", "lead")
_WORD = range(-(2**63), 2**63)


def to_otio(
    cut: Cut, *, name: str = "smartcut", folder: Path | None = None, annotations: bool = True
) -> str:
    """The timeline as OTIO's JSON; media is named as seen from ``folder``.

    Raises PipelineError for a cut that cannot be played.
    """
    plain = _Writer(cut, folder).timeline(name, annotations)
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def packed(value: Any) -> Any:
    """Plain data with integers of more than 64 bits, which OTIO cannot hold, as texts."""
    if isinstance(value, dict):
        return {key: packed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [packed(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value not in _WORD:
        return {"integer": str(value)}
    return value


def extras(segment: Segment) -> dict[str, Any]:
    """What OTIO has no field for, where it is not as usual."""
    plain, usual = to_plain(segment), to_plain(Segment(None, segment.range))
    return {name: plain[name] for name in EXTRAS if plain[name] != usual[name]}


def unusual(segment: Segment) -> dict[str, Any]:
    """The plain fields of a segment that are not as usual, its source and range among them."""
    plain, usual = to_plain(segment), to_plain(Segment(None, segment.range))
    kept = ("source", "range")
    return {name: v for name, v in plain.items() if name in kept or v != usual[name]}


def visible_scalar(warp: Warp | None) -> float | None:
    """The scalar of the LinearTimeWarp that says what a warp does, 0 for a held picture.

    None where none says it.
    """
    slopes = {piece.slope for piece in warp.pieces} if warp else set()
    return float(slopes.pop()) if len(slopes) == 1 else None


class _Writer:
    """Builds the objects of one timeline."""

    def __init__(self, cut: Cut, folder: Path | None) -> None:
        self.cut, self.folder = in_sequence(cut), folder
        self.connected = [
            [unusual(s) for s in track.segments]
            if any(s.at is not None for s in track.segments)
            else None
            for track in cut.tracks
        ]
        self.rate = timeline_rate(cut)
        self.sources = {source.id: source for source in cut.sources}

    def timeline(self, name: str, annotations: bool) -> Plain:
        tracks = []
        for number, track in enumerate(self.cut.tracks):
            kind = SOUNDS if track.kind == "sound" else PICTURES
            edits = self._edits(track)
            connected = self.connected[number]
            tracks.append(self._track(track, edits, kind, track.role, connected))
            if number == 0 and self._is_heard(track):
                tracks.append(self._track(track, edits, SOUNDS, PROGRAMME_SOUND))
        tracks += self._alternatives()
        return objects.timeline(name, tracks, _metadata(self._said(annotations)))

    def _alternatives(self) -> Iterator[Plain]:
        """The tracks that are neither seen nor heard; with their sound, for those who edit."""
        given = self.cut.alternatives
        placed = in_sequence(replace(self.cut, tracks=(self.cut.programme, *given))).tracks[1:]
        for track, own in zip(placed, given, strict=True):
            edits = self._edits(track)
            connected = [unusual(segment) for segment in own.segments]
            is_sound = track.kind == "sound"
            kind = SOUNDS if is_sound else PICTURES
            yield self._track(track, edits, kind, track.role, connected, alternative="picture")
            if not is_sound and self._has_sound(track):
                yield self._track(track, edits, SOUNDS, track.role, alternative="sound")

    def _said(self, annotations: bool) -> dict[str, Any]:
        cut = self.cut
        said: dict[str, Any] = {
            "version": VERSION,
            "sources": [self._source(source) for source in cut.sources],
            "mix": to_plain(cut.mix),
            "captions": None if cut.captions is None else to_plain(cut.captions),
            "notes": list(cut.notes),
            "format": None if cut.format is None else to_plain(cut.format),
            **({"is_sdr": True} if cut.is_sdr else {}),
        }
        if annotations:
            said["annotations"] = [to_plain(a) for a in cut.annotations]
        return said

    def _source(self, source: Source) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(source)
        del plain["path"]
        return {**plain, "url": "" if source.is_drawn else to_url(source.path, self.folder)}

    def _is_heard(self, track: Track) -> bool:
        return track.role == "programme" and self._has_sound(track)

    def _has_sound(self, track: Track) -> bool:
        used = (self.sources.get(s.source or "") for s in track.segments)
        return any(s and s.audio for s in used)

    # ------------------------------------------------------------------------------- tracks

    def _edits(self, track: Track) -> list[Edit]:
        return to_edits(track.segments, lambda d: Fraction(int(d * self.rate / 2)) / self.rate)

    def _track(
        self,
        track: Track,
        edits: list[Edit],
        kind: str,
        role: str,
        connected: Any = None,
        alternative: str = "",
    ) -> Plain:
        said: dict[str, Any] = {"role": role}
        if alternative:
            said["alternative"] = alternative
        if role != PROGRAMME_SOUND:
            plain = to_plain(track)
            del plain["segments"]
            said["track"] = plain
        if connected is not None:
            said["connected"] = connected
        children = []
        for edit in edits:
            if edit.joint is not None:
                children.append(self._transition(edit))
            children.append(self._item(edit, track.kind == "sound", role))
        return objects.track(role, kind, children, _metadata(said), enabled=not alternative)

    def _transition(self, edit: Edit) -> Plain:
        joint = edit.joint
        assert joint is not None
        said = {"kind": joint.kind, "before": str(joint.before), "after": str(joint.after),
                "params": to_plain(edit.segment)["transition"]["params"]}  # fmt: skip
        return objects.transition(
            joint.kind,
            otio_of(joint.kind) or OTHER,
            self._time(joint.before),
            self._time(joint.after),
            _metadata(said),
        )

    def _item(self, edit: Edit, sounds: bool, role: str) -> Plain:
        said = {"start": str(edit.start), "duration": str(edit.duration), **extras(edit.segment)}
        segment = edit.segment
        source = None if segment.source is None else self.sources.get(segment.source)
        if segment.source is not None and source is None:
            raise PipelineError(f"the cut shows {segment.source!r}, which is none of its sources")
        name = objects.visible_name(segment.label or (source.id if source else ""))
        if name != segment.label:
            said["label"] = segment.label
        if segment.speed != 1:
            said["speed"] = str(segment.speed)
        effects = [*_speeds(segment), *(self._effect(effect) for effect in segment.effects)]
        if source is None:
            place = _range(Fraction(0), edit.duration, self.rate)
            return objects.gap(name, place, _metadata(said), effects)
        rate = self._rate(source, sounds)
        return objects.clip(
            name,
            self._reference(source, rate),
            _range(media_start(source) + edit.start, edit.duration, rate),
            _metadata(said),
            effects=effects,
            markers=self._chapters(source, edit, rate) if role == "programme" else (),
        )

    def _effect(self, effect: Effect) -> Plain:
        """A mark of the effect, under the name of OpenTimelineIO's own where it has one.

        Its schemas for these are newer than the library that other programs read with, which
        refuses files with them.
        """
        return objects.effect(effect.label, otio_of_effect(effect.name) or effect.label)

    def _rate(self, source: Source, sounds: bool) -> Fraction:
        if (sounds or source.video is None) and source.audio and source.audio.sample_rate > 0:
            return Fraction(source.audio.sample_rate)
        return frame_rate(source) or self.rate

    def _reference(self, source: Source, rate: Fraction) -> Plain:
        start = media_start(source)
        if source.is_drawn:
            return self._generator(source)
        return objects.external_reference(
            to_url(source.path, self.folder),
            _range(start, source.duration, rate),
            _metadata({"source": source.id, "start": str(start)}),
        )

    def _generator(self, source: Source) -> Plain:
        """What is drawn, by its drawer; a text can be read, and changed."""
        assert source.made is not None
        text = dict(source.made.params).get("text")
        return objects.generator_reference(
            source.id,
            source.made.engine,
            {"text": objects.visible_name(text)} if isinstance(text, str) else {},
            _metadata({"source": source.id, "start": "0"}),
        )

    def _chapters(self, source: Source, edit: Edit, rate: Fraction) -> list[Plain]:
        begin = media_start(source)
        return [
            objects.marker(
                chapter.title,
                _range(begin + chapter.range.start, chapter.range.duration, rate),
                _metadata({"chapter": True}),
            )
            for chapter in source.chapters
            if edit.start <= chapter.range.start < edit.end
        ]

    def _time(self, seconds: Fraction) -> Plain:
        return objects.rational_time(in_frames(Fraction(0), seconds, self.rate)[1], self.rate)


def _metadata(said: dict[str, Any]) -> Plain:
    return {NAMESPACE: packed(said)}


def _speeds(segment: Segment) -> list[Plain]:
    """The marks of a segment's speed and of its warp."""
    marks = [objects.linear_time_warp(float(segment.speed))] if segment.speed != 1 else []
    scalar = visible_scalar(segment.warp)
    if scalar == 0:
        marks.append(objects.freeze_frame())
    elif scalar is not None:
        marks.append(objects.linear_time_warp(scalar))
    elif segment.warp is not None:
        marks.append(objects.time_effect(RAMP))
    return marks


def _range(start: Fraction, duration: Fraction, rate: Fraction) -> Plain:
    return objects.time_range(*in_frames(start, duration, rate), rate)


def in_frames(start: Fraction, duration: Fraction, rate: Fraction) -> tuple[int, int]:
    """The first frame and their count; the ends are rounded, so that what follows on, does so."""
    first = nearest(start * rate)
    return first, max(nearest((start + max(duration, Fraction(0))) * rate) - first, 0)
