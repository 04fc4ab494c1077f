"""A cut as MLT XML: projects of Shotcut (``.mlt``) and Kdenlive (``.kdenlive``); melt plays both.

Everything counts frames of the timeline's rate, also within media. A playlist is a track; where
transitions lead from clip to clip Shotcut has a small tractor in between, and Kdenlive a second
playlist in which every other clip lies. The format: https://www.mltframework.org/docs/mltxml/.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import gcd
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from smartcut.algebra import in_sequence
from smartcut.cut import Cut, Segment, Track
from smartcut.interchange.grid import source_named
from smartcut.interchange.media_paths import seen_from
from smartcut.interchange.mlt_clips import MltClip, producer_of
from smartcut.interchange.mlt_motion import add_filters
from smartcut.interchange.motion import canvas_of, motion_of
from smartcut.interchange.timecode import timeline_rate
from smartcut.interchange.xml_text import clean
from smartcut.source import Source
from smartcut.timebase import nearest
from smartcut.transition import title_of

VERSION = "7.12.0"
Flavour = Literal["shotcut", "kdenlive"]
_BLACK = "black"


def to_mlt(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The text of a Shotcut project; media is named as seen from ``folder``."""
    return _text(_Writer(in_sequence(cut), "shotcut", folder).document(name))


def to_kdenlive(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The text of a Kdenlive project; media is named as seen from ``folder``."""
    return _text(_Writer(in_sequence(cut), "kdenlive", folder).document(name))


def _text(root: Element) -> str:
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def add_properties(parent: Element, **values: object) -> None:
    """Append properties; ``__`` in a name stands for a colon."""
    for key, value in values.items():
        SubElement(parent, "property", name=key.replace("__", ":")).text = clean(str(value))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A segment on the timeline's frames; ``joint`` frames are shared with the one before it."""

    segment: Segment
    first: int
    end: int
    joint: int


def _placed(track: Track, rate: Fraction) -> Iterator[_Placed]:
    at, before = Fraction(0), 0
    for segment in track.segments:
        at -= segment.overlap
        first = nearest(at * rate)
        at += segment.duration
        end = nearest(at * rate)
        if end > first:
            yield _Placed(segment, first, end, max(before - first, 0))
            before = end


class _Writer:
    """Builds one document."""

    def __init__(self, cut: Cut, flavour: Flavour, folder: Path | None) -> None:
        self.cut, self.flavour, self.folder = cut, flavour, folder
        self.rate, self.canvas = timeline_rate(cut), canvas_of(cut)
        self.root = Element("mlt", LC_NUMERIC="C", version=VERSION)
        if folder is not None:
            self.root.set("root", os.path.abspath(folder))
        self.length = max((nearest(t.duration * self.rate) for t in cut.tracks), default=0)
        self.length = max(self.length, 1)
        self.producers: dict[MltClip, str] = {}
        self.numbers: dict[str, int] = {}

    def _id(self, kind: str) -> str:
        self.numbers[kind] = self.numbers.get(kind, -1) + 1
        return f"{kind}{self.numbers[kind]}"

    def document(self, name: str) -> Element:
        self.root.set("title", clean(name))
        self._profile()
        self._black()
        tracks = [
            self._track(track, "picture") for track in (self.cut.programme, *self.cut.overlays)
        ]
        if self.flavour == "kdenlive" and self._has_own_sound():
            tracks.insert(0, self._track(self.cut.programme, "sound"))
        sounds = [self._track(track, "sound") for track in self.cut.sounds]
        tractor = Element("tractor", id="main", out=str(self.length - 1))
        if self.flavour == "shotcut":
            add_properties(tractor, shotcut=1)
            SubElement(tractor, "track", producer="background")
        else:
            self.uuid = f"{{{uuid.uuid5(uuid.NAMESPACE_URL, name)}}}"
            tractor.set("id", self.uuid)
            add_properties(tractor, kdenlive__uuid=self.uuid, kdenlive__clipname=name,
                           kdenlive__producer_type=17)  # fmt: skip
            SubElement(tractor, "track", producer=_BLACK)
        order = [*sounds, *tracks] if self.flavour == "kdenlive" else [*tracks, *sounds]
        for playlist, hide in order:
            SubElement(tractor, "track", {"producer": playlist, **({"hide": hide} if hide else {})})
        for number, (_, hide) in enumerate(order, 1):
            self._mixed(tractor, number, hide)
        self.root.append(tractor)
        if self.flavour == "kdenlive":
            self._bin()
        else:
            self.root.set("producer", "main")
        return self.root

    def _has_own_sound(self) -> bool:
        return any(self._is_heard(segment) for segment in self.cut.segments)

    def _is_heard(self, segment: Segment) -> bool:
        if segment.source is None or segment.sound == "muted":
            return False
        has_sound = source_named(self.cut, segment.source).audio is not None
        return has_sound and self.cut.mix.programme_gain is not None

    # -------------------------------------------------------------------------------- parts

    def _profile(self) -> None:
        width, height = self.canvas
        shared = gcd(width, height)
        SubElement(
            self.root,
            "profile",
            description="automatic",
            width=str(width),
            height=str(height),
            progressive="1",
            sample_aspect_num="1",
            sample_aspect_den="1",
            display_aspect_num=str(width // shared),
            display_aspect_den=str(height // shared),
            frame_rate_num=str(self.rate.numerator),
            frame_rate_den=str(self.rate.denominator),
            colorspace="709" if height >= 720 else "601",
        )

    def _black(self) -> None:
        black = SubElement(self.root, "producer", id=_BLACK, out=str(self.length - 1))
        add_properties(black, length=self.length, eof="continue", resource="black",
                       mlt_service="color", mlt_image_format="rgba", set__test_audio=0)  # fmt: skip
        if self.flavour == "shotcut":
            background = SubElement(self.root, "playlist", id="background")
            _entry(background, _BLACK, 0, self.length)
        else:
            add_properties(black, kdenlive__playlistid="black_track")

    def _mixed(self, tractor: Element, number: int, hide: str) -> None:
        """Let a track be heard with those below it, and seen above them."""
        if hide != "audio":
            mix = SubElement(tractor, "transition")
            add_properties(mix, a_track=0, b_track=number, mlt_service="mix", always_active=1,
                           sum=1, internal_added=237)  # fmt: skip
        if hide != "video":
            blend = SubElement(tractor, "transition")
            add_properties(blend, a_track=0, b_track=number, mlt_service="qtblend",
                           always_active=1, compositing=0, internal_added=237)  # fmt: skip

    # -------------------------------------------------------------------------------- tracks

    def _track(self, track: Track, kind: Literal["picture", "sound"]) -> tuple[str, str]:
        """The id of what plays a track, and what of it is hidden."""
        placed = list(_placed(track, self.rate))
        hide = "video" if kind == "sound" else ""
        if self.flavour == "kdenlive":
            hide = "video" if kind == "sound" else "audio"
            return self._two_playlists(track, placed, kind, hide), hide
        return self._playlist(track, placed, kind), hide

    def _playlist(self, track: Track, placed: Sequence[_Placed], kind: str) -> str:
        """A track of Shotcut's, whose transitions are tractors between the clips."""
        mixes = {}
        for number, (one, other) in enumerate(pairwise(placed), 1):
            if other.joint:
                mixes[number] = self._mix(track, one, other, kind)
        playlist = Element("playlist", id=self._id("playlist"))
        add_properties(playlist, **{f"shotcut__{'audio' if kind == 'sound' else 'video'}": 1,
                                    "shotcut__name": track.role})  # fmt: skip
        at = 0
        for number, one in enumerate(placed):
            if number in mixes:
                _entry(playlist, mixes[number], 0, one.joint)
                at += one.joint
            late = placed[number + 1].joint if number + 1 < len(placed) else 0
            self._blank(playlist, one.first + one.joint - at)
            self._add(playlist, track, one, kind, one.joint, late)
            at = one.end - late
        self._gain(playlist, track)
        self.root.append(playlist)
        return playlist.get("id", "")

    def _mix(self, track: Track, one: _Placed, other: _Placed, kind: str) -> str:
        """A tractor in which one clip gives way to the other."""
        lasts = other.joint
        tractor = Element("tractor", id=self._id("mix"), out=str(lasts - 1))
        add_properties(tractor, shotcut__transition="lumaMix")
        ends = (one, one.end - one.first - lasts, 0), (other, 0, other.end - other.first - lasts)
        for placed, early, late in ends:
            inner = Element("playlist", id=self._id("mixed"))
            self._add(inner, track, placed, kind, early, late)
            entry = inner.find("entry")
            if entry is None or len(entry):  # a blank, or a clip with filters of its own
                self.root.append(inner)
                found = {"producer": inner.get("id", ""), **_span(0, lasts)}
            else:
                found = dict(entry.attrib)
            SubElement(tractor, "track", found)
        self._dissolve(tractor, other, 0, 1, 0, lasts)
        self.root.append(tractor)
        return tractor.get("id", "")

    def _dissolve(
        self, tractor: Element, one: _Placed, a: int, b: int, first: int, lasts: int,
        is_back: bool = False,
    ) -> None:  # fmt: skip
        transition = one.segment.transition
        assert transition is not None
        for service in ("luma", "mix"):
            made = SubElement(tractor, "transition", _span(first, lasts))
            add_properties(made, a_track=a, b_track=b, mlt_service=service)
            if service == "luma":
                add_properties(made, progressive=1, alpha_over=1, smartcut__kind=transition.kind,
                               smartcut__name=title_of(transition.kind))  # fmt: skip
            else:
                add_properties(made, start=-1, accepts_blanks=1)
            if is_back:
                add_properties(made, reverse=1)

    def _two_playlists(self, track: Track, placed: Sequence[_Placed], kind: str, hide: str) -> str:
        """A track of Kdenlive's: what comes in by a transition lies in the other playlist."""
        playlists = [Element("playlist", id=self._id("playlist")) for _ in range(2)]
        tractor = Element("tractor", id=self._id("tractor"), out=str(self.length - 1))
        add_properties(tractor, kdenlive__track_name=track.role, kdenlive__timeline_active=1)
        if kind == "sound":
            for element in (*playlists, tractor):
                add_properties(element, kdenlive__audio_track=1)
        ends, use = [0, 0], 0
        mixes: list[tuple[_Placed, int]] = []
        for one in placed:
            if one.joint:
                use = 1 - use
                mixes.append((one, use))
            self._blank(playlists[use], one.first - ends[use])
            self._add(playlists[use], track, one, kind, 0, 0)
            ends[use] = one.end
        for playlist in playlists:
            self.root.append(playlist)
            SubElement(tractor, "track", producer=playlist.get("id", ""), hide=hide)
        for one, to in mixes:
            self._dissolve(tractor, one, 0, 1, one.first, one.joint, is_back=to == 0)
        self._gain(tractor, track)
        self.root.append(tractor)
        return tractor.get("id", "")

    def _blank(self, playlist: Element, count: int) -> None:
        if count > 0:
            SubElement(playlist, "blank", length=str(count))

    def _add(
        self, playlist: Element, track: Track, one: _Placed, kind: str, early: int, late: int
    ) -> None:
        """Append a segment without its first and last frames; a blank where nothing plays."""
        count = one.end - one.first - early - late
        segment = one.segment
        is_own = kind == "sound" and track is self.cut.programme
        if segment.source is None or count <= 0 or (is_own and not self._is_heard(segment)):
            self._blank(playlist, count)
            return
        source = source_named(self.cut, segment.source)
        whole = one.end - one.first
        is_heard = kind == "sound" or self._is_heard_with_picture(track, segment)
        clip = producer_of(segment, source, self.rate, whole, kind == "picture", is_heard)
        producer = self._producer(clip, source, segment.label or source.id)
        entry = _entry(playlist, producer, clip.first + early, count)
        if kind == "picture":
            motion, _ = motion_of(segment, source, self.canvas, self.rate)
            add_filters(entry, clip, motion, self.rate, whole)

    def _is_heard_with_picture(self, track: Track, segment: Segment) -> bool:
        """Shotcut's clips have sound and picture; Kdenlive has sound on tracks of its own."""
        is_own = self.flavour == "shotcut" and track is self.cut.programme
        return is_own and self._is_heard(segment)

    def _producer(self, clip: MltClip, source: Source, label: str) -> str:
        clip = replace(clip, first=0, held=None)
        if clip in self.producers:
            return self.producers[clip]
        id = self.producers[clip] = self._id("clip")
        made = SubElement(self.root, "producer", id=id, out=str(clip.length - 1))
        for key, value in clip.properties(seen_from(source.path, self.folder)).items():
            add_properties(made, **{key: value})
        if self.flavour == "shotcut":
            add_properties(made, shotcut__caption=label)
        else:
            ids = [s.id for s in self.cut.sources]
            add_properties(made, kdenlive__id=ids.index(source.id) + 2, kdenlive__clipname=label)
        return id

    def _gain(self, parent: Element, track: Track) -> None:
        gain = track.gain
        if track is self.cut.programme:
            gain += self.cut.mix.programme_gain or 0
        if gain:
            volume = SubElement(parent, "filter")
            add_properties(volume, mlt_service="volume", level=f"{gain:g}")

    def _bin(self) -> None:
        """Kdenlive's list of clips, and the tractor that plays the timeline."""
        main = SubElement(self.root, "playlist", id="main_bin")
        add_properties(main, kdenlive__docproperties_version="1.1", xml_retain=1)
        for element in main:
            name = element.get("name", "")
            element.set("name", name.replace("docproperties_", "docproperties."))
        add_properties(main, **{"kdenlive:docproperties.uuid": self.uuid})
        _entry(main, self.uuid, 0, self.length)
        for number, source in enumerate(self.cut.sources, 2):
            shown = source.video is not None
            clip = MltClip(source.id, shown, source.audio is not None, Fraction(1), 0,
                           max(nearest(source.duration * self.rate), 1))  # fmt: skip
            id = self._id("bin")
            made = Element("producer", id=id, out=str(clip.length - 1))
            for key, value in clip.properties(seen_from(source.path, self.folder)).items():
                add_properties(made, **{key: value})
            add_properties(made, kdenlive__id=number, kdenlive__clipname=source.id)
            self.root.insert(1, made)
            _entry(main, id, 0, clip.length)
        project = SubElement(self.root, "tractor", id="project", out=str(self.length - 1))
        add_properties(project, kdenlive__projectTractor=1)
        SubElement(project, "track", {"producer": self.uuid, **_span(0, self.length)})
        self.root.set("producer", "main_bin")


def _entry(playlist: Element, producer: str, first: int, count: int) -> Element:
    return SubElement(playlist, "entry", {"producer": producer, **_span(first, count)})


def _span(first: int, count: int) -> dict[str, str]:
    """From a frame on, so many; both ends belong to it."""
    return {"in": str(first), "out": str(first + count - 1)}
