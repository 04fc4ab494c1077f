"""A cut from Final Cut Pro 7's XML (xmeml), of smartcut or of an editing system."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from smartcut.cut import Cut, Mix, Segment, TimelineFormat
from smartcut.errors import PipelineError
from smartcut.interchange.edits import Edit, Joint, gap, total
from smartcut.interchange.fcpxml_reading import from_fcpxml
from smartcut.interchange.layers import stacked
from smartcut.interchange.media_paths import from_url
from smartcut.interchange.motion import ClipMotion, MotionState
from smartcut.interchange.motion_reading import with_motion
from smartcut.interchange.reading import ClipCount, Exactness, Media, Prober
from smartcut.interchange.xml_text import tree_of
from smartcut.source import Source
from smartcut.timebase import Range
from smartcut.transition import USUAL, kind_called

_NONE = Fraction(0)
_COUNT = re.compile(r"-?\d{1,12}")
_LARGEST = 16_384
#: Filters whose numbers are read; others are noted.
_MOTION = ("basic", "crop", "opacity")
_READ = (*_MOTION, "timeremap", "audiolevels")


def from_xmeml(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Prober | None = None,
    by: str = "the XML",
) -> Cut:
    """The cut of the document's only sequence; FCPXML under this suffix is read as such.

    Raises PipelineError, and what ``look`` raises.
    """
    root = tree_of(text, by)
    if root.tag == "fcpxml":
        return from_fcpxml(text, folder=folder, look=look, by=by)
    if root.tag != "xmeml":
        raise PipelineError(f"{by}: its top is <{root.tag[:40]}>; <xmeml> is read")
    try:
        return _Reader(root, folder, Media(by, look), by).cut()
    except (ValueError, OverflowError, ZeroDivisionError, RecursionError) as error:
        raise PipelineError(f"{by}: cannot be read: {error}") from error


class _Reader:
    """Reads one document."""

    def __init__(self, root: Element, folder: Path | None, media: Media, by: str) -> None:
        self.root, self.folder, self.media, self.by = root, folder, media, by
        self.files = {f.get("id", ""): f for f in reversed([*root.iter("file")]) if len(f)}
        self.clips = ClipCount(by)
        self.exactness = Exactness()

    def cut(self) -> Cut:
        inner = {id(s) for item in self.root.iter("clipitem") for s in item.iter("sequence")}
        found = [s for s in self.root.iter("sequence") if id(s) not in inner]
        if len(found) != 1:
            raise PipelineError(f"{self.by}: holds {len(found)} sequences; one is read")
        sequence = found[0]
        rate = self._rate(sequence, None)
        self.format = self._format(sequence, rate)
        layers, sounds, gains = [], [], []
        for track in sequence.iterfind("media/video/track"):
            if _said(track, "enabled") != "FALSE":
                layers.append(self._track(track, rate)[0])
        for track in sequence.iterfind("media/audio/track"):
            # Of the channels of one sound the first stands for all.
            if track.get("currentExplodedTrackIndex", "0") == "0":
                edits, gain = self._track(track, rate)
                if any(edit.source for edit in edits) and _said(track, "enabled") != "FALSE":
                    sounds.append(edits)
                    gains.append(gain)
        lasts = self._count(sequence, "duration", 0) / rate
        if layers and lasts > total(layers[0]):
            layers[0].append(gap(lasts - total(layers[0])))
        tracks, mix = stacked(layers, sounds, Mix(), self.media, is_all_heard=True, gains=gains)
        return Cut(
            tuple(self.media.sources.values()),
            tracks,
            mix=mix,
            notes=tuple(self.media.notes),
            format=self.format,
        )

    def _format(self, sequence: Element, rate: Fraction) -> TimelineFormat | None:
        look = sequence.find("media/video/format/samplecharacteristics")
        if look is None or look.find("width") is None:
            return None
        width, height = self._count(look, "width", 0), self._count(look, "height", 0)
        if not (1 < width <= _LARGEST and 1 < height <= _LARGEST):
            return None
        return TimelineFormat((width - width % 2, height - height % 2), rate)

    # --------------------------------------------------------------------------------- tracks

    def _track(self, track: Element, rate: Fraction) -> tuple[list[Edit], float]:
        """What a track plays, and how loud it is in dB."""
        edits: list[Edit] = []
        gains: set[float] = set()
        at, joint = 0, None
        items = [i for i in track if i.tag in ("clipitem", "transitionitem")]
        for number, item in enumerate(items):
            if item.tag == "transitionitem":
                joint = item
                continue
            before = items[number - 1] if number and joint is items[number - 1] else None
            after = items[number + 1] if number + 1 < len(items) else None
            after = after if after is not None and after.tag == "transitionitem" else None
            start, end = self._count(item, "start", -1), self._count(item, "end", -1)
            cut_in = self._cut(before) if before is not None and start < 0 else start
            cut_out = self._cut(after) if after is not None and end < 0 else end
            if cut_in < at or cut_out <= cut_in:
                raise PipelineError(f"{self.by}: {self._name(item)} lies nowhere on its track")
            if cut_in > at:
                edits.append(gap((cut_in - at) / rate))
            edit = self._edit(item, rate, cut_in, cut_out, before if start < 0 else None)
            if before is not None and edits and cut_in == at:
                edit = replace(edit, joint=self._joint(before, cut_in, rate))
            edits.append(edit)
            gains.add(self._gain(item))
            at, joint = cut_out, None
        self.clips.add(edits)
        if len(gains) > 1:
            self.media.note(f"{self.by}: clips of one track are not equally loud; they are here")
        return edits, min(gains, default=0.0)

    def _cut(self, item: Element) -> int:
        """Where one clip gives way to the next, in a transition."""
        start, end = self._count(item, "start", 0), self._count(item, "end", 0)
        where = _said(item, "alignment")
        if where.startswith("start"):
            return start
        return end if where.startswith("end") else start + (end - start) // 2

    def _joint(self, item: Element, cut: int, rate: Fraction) -> Joint:
        start, end = self._count(item, "start", cut), self._count(item, "end", cut)
        name = _said(item, "effect/name")
        kind = kind_called(name)
        if kind is None:
            self.media.note(f"{self.by}: the transition {name!r} becomes a {USUAL}")
        return Joint(kind or USUAL, max(cut - start, 0) / rate, max(end - cut, 0) / rate)

    def _edit(
        self, item: Element, rate: Fraction, first: int, end: int, joint: Element | None
    ) -> Edit:
        name = self._name(item)
        lasts = (end - first) / rate
        if _said(item, "enabled") == "FALSE" or item.find("file") is None:
            if item.find("file") is None:
                self.media.note(f"{self.by}: {name} is no clip of a file, and black here")
            return gap(lasts)
        source = self._source(item)
        speed = self._speed(item)
        own = self._rate(item, rate)
        begins = self._count(item, "in", 0) / own
        if joint is not None:  # what it shows begins with the transition
            begins += (first - self._count(joint, "start", first)) / rate
        label = _said(item, "name")
        offset = source.video.start if source.video else _NONE
        label = "" if label in (source.id, source.path.name) else label
        segment = Segment(source.id, Range(_NONE, _NONE), speed, label=label)
        shown = self.exactness.checked(begins * speed + offset)
        segment = self._moved(item, segment, source)
        return Edit(segment, shown, lasts, name=f"{self.by}: {name}")

    def _source(self, item: Element) -> Source:
        reference = item.find("file")
        assert reference is not None
        file = reference if len(reference) else self.files.get(reference.get("id", ""))
        url = _said(file, "pathurl") if file is not None else ""
        if not url:
            raise PipelineError(f"{self.by}: {self._name(item)} says no pathurl of its media")
        return self.media.at(from_url(url.replace("file://localhost/", "file:///"), self.folder))

    # -------------------------------------------------------------------------------- filters

    def _effects(self, item: Element) -> dict[str, dict[str, Element]]:
        """The parameters of the filters that are at work, by the filter's name in the format."""
        found: dict[str, dict[str, Element]] = {}
        for effect in item.iterfind("filter/effect"):
            id = _said(effect, "effectid").lower()
            if id not in _READ:
                what = _said(effect, "name") or id
                self.media.note(f"{self.by}: {self._name(item)}: the effect {what} is left out")
                continue
            found[id] = {_said(p, "parameterid"): p for p in effect.iterfind("parameter")}
            if id in _MOTION and effect.find("parameter/keyframe") is not None:
                self.media.note(f"{self.by}: {self._name(item)}: keys of {id} are left out")
        return found

    def _speed(self, item: Element) -> Fraction:
        remapped = self._effects(item).get("timeremap")
        if remapped is None:
            return Fraction(1)
        number = _number(remapped.get("speed"), 100)
        is_even = _number(remapped.get("variablespeed"), 0) == 0
        backwards = "reverse" in remapped and _said(remapped["reverse"], "value") == "TRUE"
        if not is_even or backwards or not 0.01 <= number <= 1_000_000:
            raise PipelineError(
                f"{self.by}: {self._name(item)} changes its speed, stands still or runs backwards; "
                "one speed above 0 for each clip is read"
            )
        return self.exactness.checked(Fraction(number / 100).limit_denominator(100_000))

    def _gain(self, item: Element) -> float:
        level = _number(self._effects(item).get("audiolevels", {}).get("level"), 1.0)
        return round(20 * math.log10(level), 4) + 0.0 if level > 1e-6 else -60.0

    def _moved(self, item: Element, segment: Segment, source: Source) -> Segment:
        if source.video is None:
            return segment
        found = self._effects(item)
        if not any(name in found for name in _MOTION):
            return segment
        size = width, height = source.video.display_size
        canvas = self.format.size if self.format else size
        basic, crop = found.get("basic", {}), found.get("crop", {})
        scale = max(_number(basic.get("scale"), 100.0), 0.0) / 100
        center = basic["center"].find("value") if "center" in basic else None
        x, y = (_number_of(_said(center, n), 0.0) if center is not None else 0.0
                for n in ("horiz", "vert"))  # fmt: skip
        opacity = min(max(_number(found.get("opacity", {}).get("opacity"), 100.0) / 100, 0.0), 1.0)
        state = MotionState(x * width, y * height, scale, scale,
                            _number(basic.get("rotation"), 0.0), opacity)  # fmt: skip
        left, right = (round(_share(crop.get(n)) * width) for n in ("left", "right"))
        top, bottom = (round(_share(crop.get(n)) * height) for n in ("top", "bottom"))
        if left + right >= width or top + bottom >= height:
            self.media.note(
                f"{self.by}: {self._name(item)}: its crop leaves nothing, and is not made"
            )
            left = right = top = bottom = 0
        motion = ClipMotion(size, canvas, ((_NONE, state),), (left, top, right, bottom))
        return with_motion(segment, motion)[0]

    # --------------------------------------------------------------------------------- values

    def _name(self, item: Element) -> str:
        return f"the clip {_said(item, 'name')!r}"

    def _count(self, item: Element, name: str, usual: int) -> int:
        text = _said(item, name)
        if not text:
            return usual
        if _COUNT.fullmatch(text) is None:
            raise PipelineError(f"{self.by}: {name} {text[:40]!r} is no count of frames")
        return int(text)

    def _rate(self, item: Element, usual: Fraction | None) -> Fraction:
        text = _said(item, "rate/timebase")
        if not text and usual is not None:
            return usual
        if _COUNT.fullmatch(text) is None or not 1 <= int(text) <= 1000:
            raise PipelineError(f"{self.by}: timebase {text[:40]!r}; 1 to 1000 is read")
        is_ntsc = _said(item, "rate/ntsc").upper() == "TRUE"
        return Fraction(int(text) * 1000, 1001) if is_ntsc else Fraction(int(text))


def _said(item: Element, path: str) -> str:
    """The text of an element below; nothing where there is none."""
    return (item.findtext(path) or "").strip()


def _number(parameter: Element | None, usual: float) -> float:
    return usual if parameter is None else _number_of(_said(parameter, "value"), usual)


def _number_of(text: str, usual: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return usual
    return value if math.isfinite(value) and abs(value) < 1e7 else usual


def _share(parameter: Element | None) -> float:
    return min(max(_number(parameter, 0.0) / 100, 0.0), 1.0)
