"""A cut as FCPXML 1.10, with exact rational times.

The programme is the primary storyline, the sound tracks are secondary ones below it, and titles
are connected above. The format: Apple, "Final Cut Pro XML reference" and its DTD, version 1.10.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from smartcut.cut import Cut, Source, Title, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import Edit, playable, to_edits
from smartcut.interchange.media_paths import to_file_url
from smartcut.interchange.timecode import DROPPING, frame_rate, media_start, timeline_rate

VERSION = "1.10"
_DISSOLVE = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"
_TITLE = ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti"
#: Roles of the clips on each kind of track.
ROLES = {"programme": "dialogue", "music": "music", "voice": "dialogue"}
#: The height on which titles' sizes are based where nothing has pictures.
_HEIGHT = 1080
_NONE = Fraction(0)
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_fcpxml(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The document's text. Media is named by ``file://`` URLs, absolute whatever ``folder`` is.

    Raises PipelineError for a cut that cannot be played.
    """
    root = _Writer(cut).document(_clean(name))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'


def as_time(time: Fraction) -> str:
    """``1001/30000s``: 64 bits over 32, which is exact for whatever a camera or editor counts."""
    time = time.limit_denominator(2**31 - 1)
    if time.denominator == 1:
        return f"{time.numerator}s"
    return f"{time.numerator}/{time.denominator}s"


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


class _Writer:
    """Builds one document."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.rate = timeline_rate(cut)
        self.sources = {source.id: source for source in cut.sources}
        self.resources = ElementTree.Element("resources")
        self.formats: dict[tuple[Fraction | None, int, int], str] = {}
        self.assets: dict[str, str] = {}
        self.effects: dict[str, str] = {}

    def _id(self) -> str:
        return f"r{len(self.resources) + 1}"

    def document(self, name: str) -> ElementTree.Element:
        root = ElementTree.Element("fcpxml", version=VERSION)
        root.append(self.resources)
        format = self._format(self.rate, *self._size())
        for source in self.cut.sources:
            self._asset(source)
        event = ElementTree.SubElement(ElementTree.SubElement(root, "library"), "event", name=name)
        project = ElementTree.SubElement(event, "project", name=name)
        length = max((track.duration for track in self.cut.tracks), default=_NONE)
        sequence = ElementTree.SubElement(
            project,
            "sequence",
            format=format,
            duration=as_time(max(self.cut.duration, _NONE) or length),
            tcStart="0s",
            tcFormat="DF" if self.rate in DROPPING else "NDF",
            audioLayout="stereo",
            audioRate="48k",
        )
        spine = self._storyline(self.cut.programme)
        if not len(spine):
            _add(spine, "gap", name="Gap", offset="0s", start="0s", duration=as_time(length))
        self._connect(next(item for item in spine if item.tag != "transition"))
        sequence.append(spine)
        return root

    def _connect(self, first: ElementTree.Element) -> None:
        """Put sound tracks and titles on the first clip, from its own time on."""
        start = _seconds(first.get("start", "0s"))
        anchored = []
        for lane, track in enumerate(self.cut.tracks[1:], 1):
            spine = self._storyline(track)
            if len(spine):
                spine.set("lane", str(-lane))
                spine.set("offset", as_time(start))
                anchored.append(spine)
        anchored += [self._title(t, n, start) for n, t in enumerate(self.cut.titles, 1)]
        # The order is the document type's: what is anchored comes before markers.
        at = next((i for i, e in enumerate(first) if e.tag == "chapter-marker"), len(first))
        for item in reversed(anchored):
            first.insert(at, item)

    # ------------------------------------------------------------------------------ resources

    def _size(self) -> tuple[int, int]:
        shown = (self.sources.get(s.source or "") for s in self.cut.segments)
        return next((s.video.display_size for s in shown if s and s.video), (1920, _HEIGHT))

    def _format(self, rate: Fraction | None, width: int, height: int) -> str:
        key = rate, width, height
        if key not in self.formats:
            self.formats[key] = self._id()
            said = {"frameDuration": as_time(1 / rate)} if rate else {}
            name = {} if rate else {"name": "FFVideoFormatRateUndefined"}
            size = {"width": str(width), "height": str(height)}
            _add(self.resources, "format", id=self.formats[key], **name, **said, **size)
        return self.formats[key]

    def _asset(self, source: Source) -> None:
        video, audio = source.video, source.audio
        said = {"name": _clean(source.id), "start": as_time(_first_frame(source)),
                "duration": as_time(source.duration)}  # fmt: skip
        if video is not None:
            said["format"] = self._format(frame_rate(source), *video.display_size)
            said |= {"hasVideo": "1", "videoSources": "1"}
        if audio is not None:
            said |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(audio.channels)}
            said["audioRate"] = str(audio.sample_rate)
        self.assets[source.id] = self._id()
        asset = _add(self.resources, "asset", id=self.assets[source.id], **said)
        _add(asset, "media-rep", kind="original-media", src=to_file_url(source.path))

    def _effect(self, name: str, uid: str) -> str:
        if name not in self.effects:
            self.effects[name] = self._id()
            _add(self.resources, "effect", id=self.effects[name], name=name, uid=uid)
        return self.effects[name]

    # -------------------------------------------------------------------------------- stories

    def _storyline(self, track: Track) -> ElementTree.Element:
        spine = ElementTree.Element("spine")
        at = _NONE
        halves = lambda d: Fraction(int(d * self.rate / 2)) / self.rate  # noqa: E731
        for edit in playable(to_edits(track.segments, halves)):
            if edit.joint is not None and at > 0:
                spine.append(self._transition(edit, at))
            spine.append(self._clip(edit, track, at))
            at += edit.duration
        return spine

    def _transition(self, edit: Edit, at: Fraction) -> ElementTree.Element:
        joint = edit.joint
        assert joint is not None
        name = "Cross Dissolve" if joint.kind == "dissolve" else _clean(joint.kind)
        times = {
            "offset": as_time(at - joint.before),
            "duration": as_time(joint.before + joint.after),
        }
        transition = ElementTree.Element("transition", {"name": name, **times})
        effect = self._effect("Cross Dissolve", _DISSOLVE)
        _add(transition, "filter-video", ref=effect, name="Cross Dissolve")
        return transition

    def _clip(self, edit: Edit, track: Track, at: Fraction) -> ElementTree.Element:
        placed = {"offset": as_time(at)}
        lasts = {"duration": as_time(edit.duration)}
        if edit.source is None:
            name = _clean(edit.segment.label) or "Gap"
            return ElementTree.Element("gap", {"name": name, **placed, "start": "0s", **lasts})
        source = self.sources.get(edit.source)
        if source is None:
            raise PipelineError(f"the cut shows {edit.source!r}, which is none of its sources")
        start = _played_at(source, edit, edit.start)
        said = {"ref": self.assets[source.id], "name": _clean(edit.segment.label or source.id)}
        clip = ElementTree.Element(
            "asset-clip", {**said, **placed, "start": as_time(start), **lasts}
        )
        self._sound(clip, source, edit, track)
        rate = frame_rate(source)
        if track.kind == "programme" and rate and rate != self.rate:
            _add(clip, "conform-rate", scaleEnabled="0")
        if edit.speed != 1:
            _add_time_map(clip, source, edit.speed)
        if gain := self._gain(track):
            _add(clip, "adjust-volume", amount=f"{gain:g}dB")
        if track.kind == "programme":
            self._chapters(clip, source, edit)
        return clip

    def _sound(self, clip: ElementTree.Element, source: Source, edit: Edit, track: Track) -> None:
        if source.audio is None:
            return
        if track.kind != "programme":
            clip.set("srcEnable", "audio")
        elif edit.segment.sound == "muted" or self.cut.mix.programme_gain is None:
            clip.set("srcEnable", "video")
        clip.set("audioRole", ROLES[track.kind])

    def _gain(self, track: Track) -> float:
        return track.gain + (self.cut.mix.programme_gain or 0 if track.kind == "programme" else 0)

    def _chapters(self, clip: ElementTree.Element, source: Source, edit: Edit) -> None:
        end = edit.start + edit.duration * edit.speed
        for chapter in source.chapters:
            if edit.start <= chapter.range.start < end:
                start = as_time(_played_at(source, edit, chapter.range.start))
                length = as_time(1 / self.rate)
                value = _clean(chapter.title)
                _add(clip, "chapter-marker", start=start, duration=length, value=value)

    def _title(self, title: Title, number: int, start: Fraction) -> ElementTree.Element:
        item = ElementTree.Element(
            "title",
            {
                "ref": self._effect("Basic Title", _TITLE),
                "lane": str(number),
                "offset": as_time(start + title.range.start),
                "name": _clean(title.text.partition("\n")[0]),
                "start": "3600s",
                "duration": as_time(title.range.duration),
            },
        )
        style = f"ts{number}"
        _add(_add(item, "text"), "text-style", ref=style).text = _clean(title.text)
        size = title.style.size * self._size()[1]
        colour = _colour(title.style.colour)
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


def _seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


def _first_frame(source: Source) -> Fraction:
    """What an asset's time begins with: the first frame's, as FCPXML counts."""
    return media_start(source) + (source.video.start if source.video else _NONE)


def _played_at(source: Source, edit: Edit, time: Fraction) -> Fraction:
    """When a clip plays a source time, on its own clock; see :func:`_add_time_map`."""
    first = _first_frame(source)
    return first + (media_start(source) + time - first) / edit.speed


def _add_time_map(clip: ElementTree.Element, source: Source, speed: Fraction) -> None:
    """A straight line from the clip's own time to the asset's, from its first frame on."""
    first, length = _first_frame(source), source.duration
    times = _add(clip, "timeMap")
    for time, value in ((first, first), (first + length / speed, first + length)):
        _add(times, "timept", time=as_time(time), value=as_time(value), interp="linear")
