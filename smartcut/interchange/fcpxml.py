"""A cut as FCPXML 1.10, in whole frames written as rational times.

Where a clip lies (``offset``) and how long it lasts count frames of the sequence, each rounded
from the exact time by itself, so that nothing drifts; what it shows first (``start``) counts frames
of its media. Other times are "not on an edit frame boundary" to Final Cut Pro.

The programme is the primary storyline, what lies above is connected to its clips, the sound tracks
are secondary storylines below it, and titles are connected above all. The format: Apple, "Final Cut
Pro XML reference" and its DTD, version 1.10.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path
from xml.etree import ElementTree

from smartcut.algebra import by_time_shown, in_sequence
from smartcut.cut import Cut, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import Edit, playable, to_edits
from smartcut.interchange.fcpxml_media import format_of, sequence_sound, sized, sound_of
from smartcut.interchange.fcpxml_motion import add_motion
from smartcut.interchange.fcpxml_times import (
    as_time,
    clip_start,
    first_frame,
    map_points,
    media_step,
    on_media,
    played_at,
)
from smartcut.interchange.media_paths import to_file_url
from smartcut.interchange.motion import canvas_of, motion_of
from smartcut.interchange.timecode import (
    DROPPING,
    frame_rate,
    timeline_rate,
)
from smartcut.interchange.titles import ShownText, shown_texts, without_drawn
from smartcut.interchange.xml_text import clean
from smartcut.source import Colour, Source, VideoStream
from smartcut.timebase import Range, nearest
from smartcut.transition import title_of

VERSION = "1.10"
_DISSOLVE = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"
_TITLE = ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti"
#: Roles of the clips on each kind of track.
ROLES = {"programme": "dialogue", "music": "music", "voice": "dialogue"}
#: The height on which titles' sizes are based where nothing has pictures.
_HEIGHT = 1080
_NONE = Fraction(0)


def to_fcpxml(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The document's text. Media is named by ``file://`` URLs, absolute whatever ``folder`` is.

    Raises PipelineError for a cut that cannot be played.
    """
    root = _Writer(in_sequence(cut)).document(clean(name))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'


class _Writer:
    """Builds one document."""

    def __init__(self, cut: Cut) -> None:
        self.cut, self.texts = without_drawn(cut), [*shown_texts(cut)]
        self.rate = timeline_rate(cut)
        self.canvas = canvas_of(cut)
        self.sources = {source.id: source for source in cut.sources}
        self.resources = ElementTree.Element("resources")
        self.formats: dict[tuple[tuple[str, str], ...], str] = {}
        self.assets: dict[str, str] = {}
        self.effects: dict[str, str] = {}

    def _id(self) -> str:
        return f"r{len(self.resources) + 1}"

    def document(self, name: str) -> ElementTree.Element:
        root = ElementTree.Element("fcpxml", version=VERSION)
        root.append(self.resources)
        format = self._sequence_format()
        for source in self.cut.sources:
            self._asset(source)
        event = ElementTree.SubElement(ElementTree.SubElement(root, "library"), "event", name=name)
        project = ElementTree.SubElement(event, "project", name=name)
        length = self._grid(max((track.duration for track in self.cut.tracks), default=_NONE))
        sequence = ElementTree.SubElement(
            project,
            "sequence",
            format=format,
            duration=as_time(self._grid(max(self.cut.duration, _NONE)) or length),
            tcStart="0s",
            tcFormat="DF" if self.rate in DROPPING else "NDF",
        )
        for key, value in sequence_sound(self._heard()).items():
            sequence.set(key, value)
        spine = self._storyline(self.cut.programme)
        if not len(spine):
            _add(spine, "gap", name="Gap", offset="0s", start="0s", duration=as_time(length))
        self._connect(spine)
        sequence.append(spine)
        return root

    def _connect(self, spine: ElementTree.Element) -> None:
        """Put what lies above and below on the clips of the primary storyline.

        Pictures above are connected to the clip that is shown when they begin, so that they go
        where it goes; where transitions lead from one to the next they are a storyline on the
        first clip, as sound is.
        """
        items = [item for item in spine if item.tag != "transition"]
        first = _seconds(items[0].get("start", "0s"))
        for lane, track in enumerate(self.cut.overlays, 1):
            story = self._storyline(track)
            if any(item.tag == "transition" for item in story):
                self._anchor(items[0], _in_lane(story, lane, first))
                continue
            for clip in [item for item in story if item.tag != "gap"]:
                offset = _seconds(clip.get("offset", "0s"))
                below = next((i for i in reversed(items) if _begins(i) <= offset), items[0])
                start = _seconds(below.get("start", "0s")) + offset - _begins(below)
                self._anchor(below, _in_lane(clip, lane, start))
        for lane, track in enumerate(self.cut.sounds, 1):
            story = self._storyline(track)
            if len(story):
                self._anchor(items[0], _in_lane(story, -lane, first))
        for number, title in enumerate(self.texts, 1):
            self._anchor(items[0], self._title(title, number + len(self.cut.overlays), first))

    def _anchor(self, parent: ElementTree.Element, item: ElementTree.Element) -> None:
        """Connect it; the order is the document type's: what is anchored comes before markers."""
        at = next((i for i, e in enumerate(parent) if e.tag == "chapter-marker"), len(parent))
        parent.insert(at, item)

    # ------------------------------------------------------------------------------ resources

    def _main(self) -> VideoStream | None:
        """The picture that is shown longest."""
        return next((s.video for s in by_time_shown(self.cut) if s.video), None)

    def _heard(self) -> list[Source]:
        used = {s.source for track in self.cut.tracks for s in track.segments}
        return [source for source in self.cut.sources if source.id in used]

    def _sequence_format(self) -> str:
        main = self._main()
        colour, fields = (main.colour, main.field_order) if main else (Colour(), "progressive")
        return self._format(self.rate, sized(*self.canvas, colour, self.rate, fields))

    def _format(self, rate: Fraction | None, said: dict[str, str]) -> str:
        lasts = {"frameDuration": as_time(1 / rate)} if rate else {}
        key = tuple((lasts | said).items())
        if key not in self.formats:
            self.formats[key] = self._id()
            _add(self.resources, "format", id=self.formats[key], **lasts, **said)
        return self.formats[key]

    def _asset(self, source: Source) -> None:
        step = media_step(source)
        said = {"name": clean(source.id), "start": as_time(first_frame(source)),
                "duration": as_time(ceil(source.duration / step) * step)}  # fmt: skip
        if source.video is not None:
            rate = frame_rate(source)
            said["format"] = self._format(rate, format_of(source.video, rate))
            said |= {"hasVideo": "1", "videoSources": str(_pictures(source))}
        said |= sound_of(source)
        self.assets[source.id] = self._id()
        asset = _add(self.resources, "asset", id=self.assets[source.id], **said)
        _add(asset, "media-rep", kind="original-media", src=to_file_url(source.path))

    def _effect(self, name: str, uid: str) -> str:
        if name not in self.effects:
            self.effects[name] = self._id()
            _add(self.resources, "effect", id=self.effects[name], name=name, uid=uid)
        return self.effects[name]

    # -------------------------------------------------------------------------------- stories

    def _grid(self, time: Fraction) -> Fraction:
        """The time in whole frames of the sequence."""
        return nearest(time * self.rate) / self.rate

    def _storyline(self, track: Track) -> ElementTree.Element:
        spine = ElementTree.Element("spine")
        at = _NONE
        halves = lambda d: Fraction(int(d * self.rate / 2)) / self.rate  # noqa: E731
        for edit in playable(to_edits(track.segments, halves)):
            place = Range(self._grid(at), self._grid(at + edit.duration))
            at += edit.duration
            if not place.duration:
                continue  # shorter than half a frame: there is no place for it
            if edit.joint is not None and place.start > 0:
                spine.append(self._transition(edit, place.start))
            spine.append(self._clip(edit, track, place))
        return spine

    def _transition(self, edit: Edit, at: Fraction) -> ElementTree.Element:
        joint = edit.joint
        assert joint is not None
        name = clean(title_of(joint.kind))
        times = {
            "offset": as_time(at - joint.before),
            "duration": as_time(self._grid(joint.before + joint.after)),
        }
        transition = ElementTree.Element("transition", {"name": name, **times})
        effect = self._effect("Cross Dissolve", _DISSOLVE)
        _add(transition, "filter-video", ref=effect, name="Cross Dissolve")
        return transition

    def _clip(self, edit: Edit, track: Track, place: Range) -> ElementTree.Element:
        placed = {"offset": as_time(place.start)}
        lasts = {"duration": as_time(place.duration)}
        if edit.source is None:
            name = clean(edit.segment.label) or "Gap"
            return ElementTree.Element("gap", {"name": name, **placed, "start": "0s", **lasts})
        source = self.sources.get(edit.source)
        if source is None:
            raise PipelineError(f"the cut shows {edit.source!r}, which is none of its sources")
        start = clip_start(source, edit)
        early = edit.joint.before if edit.joint else _NONE
        said = {"ref": self.assets[source.id], "name": clean(edit.segment.label or source.id)}
        clip = ElementTree.Element(
            "asset-clip", {**said, **placed, "start": as_time(start), **lasts}
        )
        self._sound(clip, source, edit, track)
        rate = frame_rate(source)
        if track.role == "programme" and rate and rate != self.rate:
            _add(clip, "conform-rate", scaleEnabled="0")
        if not edit.segment.is_plain:
            times = _add(clip, "timeMap")
            for time, value in map_points(source, edit):
                _add(times, "timept", time=as_time(time), value=as_time(value), interp="linear")
        if track.kind == "picture":
            motion, _ = motion_of(edit.segment, source, self.canvas, self.rate)
            if motion is not None:
                add_motion(clip, motion, lambda time: start + time - early)
        if gain := self._gain(track):
            _add(clip, "adjust-volume", amount=f"{gain:g}dB")
        if track.role == "programme":
            self._chapters(clip, source, edit)
        return clip

    def _sound(self, clip: ElementTree.Element, source: Source, edit: Edit, track: Track) -> None:
        if source.audio is None:
            return
        if track.kind == "sound":
            clip.set("srcEnable", "audio")
        elif (
            track.role != "programme"
            or edit.segment.sound == "muted"
            or self.cut.mix.programme_gain is None
        ):
            clip.set("srcEnable", "video")
        clip.set("audioRole", ROLES.get(track.role, "effects"))

    def _gain(self, track: Track) -> float:
        return track.gain + (self.cut.mix.programme_gain or 0 if track.role == "programme" else 0)

    def _chapters(self, clip: ElementTree.Element, source: Source, edit: Edit) -> None:
        end = edit.start + edit.duration * edit.speed
        for chapter in source.chapters:
            if edit.start <= chapter.range.start < end and edit.segment.warp is None:
                start = as_time(on_media(source, played_at(source, edit, chapter.range.start)))
                length = as_time(1 / self.rate)
                value = clean(chapter.title)
                _add(clip, "chapter-marker", start=start, duration=length, value=value)

    def _title(self, title: ShownText, lane: int, start: Fraction) -> ElementTree.Element:
        shown = Range(self._grid(title.range.start), self._grid(title.range.end))
        item = ElementTree.Element(
            "title",
            {
                "ref": self._effect("Basic Title", _TITLE),
                "lane": str(lane),
                "offset": as_time(start + shown.start),
                "name": clean(title.text.partition("\n")[0]),
                "start": "3600s",
                "duration": as_time(max(shown.duration, 1 / self.rate)),
            },
        )
        style = f"ts{lane}"
        _add(_add(item, "text"), "text-style", ref=style).text = clean(title.text)
        size, colour = title.size * self.canvas[1], _colour(title.colour)
        _add(_add(item, "text-style-def", id=style), "text-style", font="Helvetica",
             fontSize=f"{size:g}", fontColor=colour)  # fmt: skip
        return item


def _add(parent: ElementTree.Element, tag: str, /, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, attributes)


def _colour(text: str) -> str:
    """``#rrggbb`` as FCPXML's four shares of 1."""
    try:
        shares = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    except ValueError:
        shares = [1.0, 1.0, 1.0]
    return " ".join(f"{share:g}" for share in (*shares, 1.0))


def _begins(item: ElementTree.Element) -> Fraction:
    """When an item of the primary storyline begins, in timeline time."""
    return _seconds(item.get("offset", "0s"))


def _in_lane(item: ElementTree.Element, lane: int, offset: Fraction) -> ElementTree.Element:
    """The item, connected at a time of its parent's own clock."""
    item.set("lane", str(lane))
    item.set("offset", as_time(offset))
    return item


def _seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


def _pictures(source: Source) -> int:
    return 1 + sum(isinstance(other, VideoStream) for other in source.others)
