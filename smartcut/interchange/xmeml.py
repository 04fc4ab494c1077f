"""A cut as Final Cut Pro 7's XML (xmeml 5), which Premiere Pro, Resolve and others read.

Everything counts frames: of the sequence where clips lie, of the media what they show, from its
first frame on. Beside a transition a clip's end is -1, and what it shows reaches to the
transition's end. The format: Apple, "Final Cut Pro XML Interchange Format", version 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from smartcut.algebra import in_sequence
from smartcut.cut import Cut, Segment, Track
from smartcut.interchange.grid import GridClip, on_grid, source_named
from smartcut.interchange.media_paths import to_file_url
from smartcut.interchange.motion import ClipMotion, canvas_of, motion_of
from smartcut.interchange.timecode import (
    DROPPING,
    drops,
    first_count,
    frame_rate,
    timecode,
    timeline_rate,
)
from smartcut.interchange.xml_text import clean
from smartcut.source import Source
from smartcut.timebase import nearest, standard_rate
from smartcut.transition import title_of

_CHANNELS = 2
#: The largest level of a clip's sound, +12 dB.
_LOUDEST = 3.98107


def to_xmeml(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The document's text; media is named by absolute URLs, whatever ``folder`` is.

    Raises PipelineError for a cut that cannot be played.
    """
    root = _Writer(in_sequence(cut)).document(clean(name))
    indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
    return head + tostring(root, encoding="unicode") + "\n"


def whole_rate(rate: Fraction) -> Fraction:
    """The rate that xmeml can say which is nearest: a whole number, or 1000/1001 of one."""
    if is_said(rate):
        return rate
    usual = standard_rate(rate)
    return usual if is_said(usual) else Fraction(max(nearest(rate), 1))


def is_said(rate: Fraction) -> bool:
    """Whether xmeml can say the rate."""
    return rate.denominator == 1 or (rate * Fraction(1001, 1000)).denominator == 1


def _text(parent: Element, **values: object) -> None:
    for tag, value in values.items():
        SubElement(parent, tag).text = clean(str(value))


def _rate(parent: Element, rate: Fraction) -> None:
    is_ntsc = rate.denominator != 1
    _text(SubElement(parent, "rate"), timebase=nearest(rate), ntsc="TRUE" if is_ntsc else "FALSE")


class _Writer:
    """Builds one document."""

    def __init__(self, cut: Cut) -> None:
        self.cut, self.canvas = cut, canvas_of(cut)
        self.rate = whole_rate(timeline_rate(cut))
        self.files: dict[str, str] = {}
        self.count = 0

    def document(self, name: str) -> Element:
        root = Element("xmeml", version="5")
        sequence = SubElement(root, "sequence", id="sequence-1")
        longest = max((track.duration for track in self.cut.tracks), default=Fraction(0))
        length = nearest((self.cut.duration or longest) * self.rate)
        _text(sequence, name=name, duration=length)
        _rate(sequence, self.rate)
        self._timecode(sequence, self.rate, 0, self.rate in DROPPING)
        media = SubElement(sequence, "media")
        video = SubElement(media, "video")
        self._picture_format(SubElement(video, "format"))
        audio = SubElement(media, "audio")
        _text(audio, numOutputChannels=_CHANNELS)
        sound = SubElement(SubElement(audio, "format"), "samplecharacteristics")
        _text(sound, depth=16, samplerate=self._sample_rate())
        for track in (self.cut.programme, *self.cut.overlays):
            clips = list(on_grid(track.segments, self.rate))
            pictures = self._track(video, track, clips, None)
            if track is not self.cut.programme:
                continue
            heard = [self._track(audio, track, clips, channel) for channel in range(_CHANNELS)]
            self._link(clips, [pictures, *heard])
        for track in self.cut.sounds:
            clips = list(on_grid(track.segments, self.rate))
            for channel in range(_CHANNELS):
                self._track(audio, track, clips, channel)
        return root

    def _picture_format(self, parent: Element) -> None:
        look = SubElement(parent, "samplecharacteristics")
        _rate(look, self.rate)
        width, height = self.canvas
        _text(look, width=width, height=height, anamorphic="FALSE", pixelaspectratio="square",
              fielddominance="none")  # fmt: skip

    def _sample_rate(self) -> int:
        return next((s.audio.sample_rate for s in self.cut.sources if s.audio), 48_000)

    def _timecode(self, parent: Element, rate: Fraction, frame: int, drop: bool) -> None:
        code = SubElement(parent, "timecode")
        _rate(code, rate)
        said = "DF" if drop else "NDF"
        _text(code, string=timecode(frame, rate, drop), frame=frame, displayformat=said)

    # -------------------------------------------------------------------------------- tracks

    def _track(
        self, parent: Element, track: Track, clips: Sequence[GridClip], channel: int | None
    ) -> dict[int, Element]:
        """Append the track of pictures, or of one channel of sound; its clips by their number."""
        attributes = {} if channel is None else {
            "currentExplodedTrackIndex": str(channel), "totalExplodedTrackCount": str(_CHANNELS),
            "premiereTrackType": "Stereo",
        }  # fmt: skip
        made = SubElement(parent, "track", attributes)
        items = {}
        for number, clip in enumerate(clips):
            following = clips[number + 1] if number + 1 < len(clips) else None
            joint = clip.edit.joint
            if joint is not None and number and clip.first > 0:
                made.append(self._transition(clip, channel is None))
            if clip.edit.source is None:
                continue
            source = source_named(self.cut, clip.edit.source)
            if not self._plays(track, clip.edit.segment, source, channel):
                continue
            item = self._item(track, clip, following, source, channel)
            made.append(item)
            items[number] = item
        _text(made, enabled="TRUE", locked="FALSE")
        if channel is not None:
            _text(made, outputchannelindex=channel + 1)
        return items

    def _plays(self, track: Track, segment: Segment, source: Source, channel: int | None) -> bool:
        if channel is None:
            return source.video is not None
        is_own = track is self.cut.programme
        is_muted = segment.sound == "muted" or (is_own and self.cut.mix.programme_gain is None)
        return source.audio is not None and not is_muted

    def _transition(self, clip: GridClip, is_picture: bool) -> Element:
        joint = clip.edit.joint
        assert joint is not None
        before, after = (nearest(time * self.rate) for time in (joint.before, joint.after))
        item = Element("transitionitem")
        _text(item, start=clip.first - before, end=clip.first + after, alignment="center")
        _rate(item, self.rate)
        name = title_of(joint.kind) if is_picture else "Cross Fade (+3dB)"
        effect = SubElement(item, "effect")
        usual = "Cross Dissolve" if is_picture else "KGAudioTransCrossFade3dB"
        _text(effect, name=name, effectid=usual, effecttype="transition",
              mediatype="video" if is_picture else "audio")  # fmt: skip
        if is_picture:
            _text(effect, effectcategory="Dissolve", startratio=0, endratio=1, reverse="FALSE")
        return item

    def _item(
        self, track: Track, clip: GridClip, following: GridClip | None, source: Source,
        channel: int | None,
    ) -> Element:  # fmt: skip
        edit = clip.edit
        early = edit.joint.before if edit.joint and clip.first > 0 else Fraction(0)
        joined = following.edit.joint if following else None
        late = joined.after if joined else Fraction(0)
        rate = self._source_rate(source)
        first, shown = self._shown(clip, source, rate, early, late)
        self.count += 1
        item = Element("clipitem", id=f"clipitem-{self.count}")
        _text(item, name=edit.segment.label or source.id, enabled="TRUE",
              duration=max(nearest(source.duration / edit.speed * rate), 1))  # fmt: skip
        _rate(item, rate)
        _text(item, start=-1 if early else clip.first, end=-1 if late else clip.end)
        _text(item, **{"in": first, "out": first + shown})
        item.append(self._file(source, rate))
        if channel is None:
            _text(item, compositemode="normal")
        if edit.speed != 1:
            item.append(_remapped(edit.speed, "video" if channel is None else "audio"))
        if channel is None:
            motion, _ = motion_of(edit.segment, source, self.canvas, self.rate)
            for made in [] if motion is None else _moved(motion):
                item.append(made)
        else:
            if gain := self._gain(track):
                item.append(_loud(gain))
            track_of = SubElement(item, "sourcetrack")
            channels = source.audio.channels if source.audio else 1
            _text(track_of, mediatype="audio", trackindex=min(channel + 1, channels))
        return item

    def _shown(
        self, clip: GridClip, source: Source, rate: Fraction, early: Fraction, late: Fraction
    ) -> tuple[int, int]:
        """The first frame that a clip shows, at its speed, and their count."""
        edit = clip.edit
        begins = edit.start - (source.video.start if source.video else 0)
        first = nearest((begins / edit.speed - early) * rate)
        if rate == self.rate:
            count = clip.frames + nearest(early * rate) + nearest(late * rate)
        else:
            count = nearest((begins / edit.speed + edit.duration + late) * rate) - first
        return first, max(count, 1)

    def _source_rate(self, source: Source) -> Fraction:
        rate = frame_rate(source)
        return rate if rate and is_said(rate) else self.rate

    def _gain(self, track: Track) -> float:
        is_own = track is self.cut.programme
        return track.gain + (self.cut.mix.programme_gain or 0 if is_own else 0)

    def _file(self, source: Source, rate: Fraction) -> Element:
        if source.id in self.files:
            return Element("file", id=self.files[source.id])
        id = self.files[source.id] = f"file-{len(self.files) + 1}"
        file = Element("file", id=id)
        _text(file, name=source.path.name, pathurl=to_file_url(source.path))
        _rate(file, rate)
        _text(file, duration=max(nearest(source.duration * rate), 1))
        self._timecode(file, rate, first_count(source) or 0, drops(source, rate))
        media = SubElement(file, "media")
        if source.video is not None:
            look = SubElement(SubElement(media, "video"), "samplecharacteristics")
            _rate(look, rate)
            _text(look, width=source.video.width, height=source.video.height,
                  anamorphic="FALSE", pixelaspectratio="square")  # fmt: skip
        if source.audio is not None:
            sound = SubElement(media, "audio")
            _text(SubElement(sound, "samplecharacteristics"), depth=16,
                  samplerate=source.audio.sample_rate)  # fmt: skip
            _text(sound, channelcount=source.audio.channels)
        return file

    def _link(self, clips: Sequence[GridClip], tracks: Sequence[dict[int, Element]]) -> None:
        """Keep pictures and their own sound together."""
        places = [{number: place for place, number in enumerate(items, 1)} for items in tracks]
        for number in range(len(clips)):
            rows = [(i, items[number]) for i, items in enumerate(tracks) if number in items]
            for _, item in rows if len(rows) > 1 else ():
                for i, other in rows:
                    link = SubElement(item, "link")
                    _text(link, linkclipref=other.get("id"), mediatype="audio" if i else "video",
                          trackindex=max(i, 1), clipindex=places[i][number])  # fmt: skip


# ---------------------------------------------------------------------------------- filters


def _filter(name: str, id: str, kind: str, media: str, **values: object) -> Element:
    made = Element("filter")
    effect = SubElement(made, "effect")
    _text(effect, name=name, effectid=id, effectcategory=kind, effecttype=kind, mediatype=media)
    for key, value in values.items():
        parameter = SubElement(effect, "parameter")
        _text(parameter, parameterid=key, name=key)
        if isinstance(value, tuple):
            _text(SubElement(parameter, "value"), horiz=_number(value[0]), vert=_number(value[1]))
        else:
            _text(parameter, value=_number(value) if isinstance(value, float) else value)
    return made


def _number(value: float) -> str:
    return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def _remapped(speed: Fraction, media: str) -> Element:
    return _filter("Time Remap", "timeremap", "motion", media, variablespeed=0,
                   speed=float(100 * speed), reverse="FALSE", frameblending="FALSE")  # fmt: skip


def _loud(gain: float) -> Element:
    level = min(10 ** (gain / 20), _LOUDEST)
    return _filter("Audio Levels", "audiolevels", "audiolevels", "audio", level=level)


def _moved(motion: ClipMotion) -> list[Element]:
    """Filters for where a picture is: its place counts its own sides, its scale its own pixels."""
    state, (width, height) = motion.first, motion.size
    found = [_filter("Basic Motion", "basic", "motion", "video", scale=100 * state.scale_x,
                     rotation=state.rotation, center=(state.x / width, state.y / height),
                     centerOffset=(0.0, 0.0))]  # fmt: skip
    if any(motion.crop):
        left, top, right, bottom = motion.crop
        found.append(_filter("Crop", "crop", "motion", "video", left=100 * left / width,
                             right=100 * right / width, top=100 * top / height,
                             bottom=100 * bottom / height))  # fmt: skip
    if state.opacity != 1:
        found.append(_filter("Opacity", "opacity", "motion", "video",
                             opacity=100 * state.opacity))  # fmt: skip
    return found
