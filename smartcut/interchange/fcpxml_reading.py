"""A cut from FCPXML, 1.5 or later: storylines, connected clips, transitions, speeds, titles."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TypeVar
from xml.etree.ElementTree import Element

from smartcut.cut import Cut, Mix, Segment, TimelineFormat, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import (
    Edit,
    Joint,
    from_edits,
    gap,
    retimed,
    taken,
)
from smartcut.interchange.fcpxml_media import timeline_format
from smartcut.interchange.fcpxml_motion import motion_in
from smartcut.interchange.layers import raised
from smartcut.interchange.media_paths import from_url
from smartcut.interchange.motion_reading import with_motion
from smartcut.interchange.reading import ClipCount, Exactness, Media, Prober
from smartcut.interchange.titles import with_text
from smartcut.interchange.xml_text import tree_of
from smartcut.source import Source
from smartcut.timebase import Range
from smartcut.transition import USUAL, kind_called
from smartcut.warp import Warp

_NONE = Fraction(0)
_TIME = re.compile(r"(-?\d{1,19})(?:/(\d{1,10})|(\.\d{1,9}))?s?")
_CLIPS = ("asset-clip", "video", "audio", "clip", "ref-clip", "sync-clip", "audition")
_REFUSED = {"mc-clip": "a multicam clip"}
#: What is noted where it changes a picture: see the document type.
_UNREAD = (
    "adjust-corners", "adjust-stabilization", "adjust-rollingShutter", "adjust-360-transform",
    "adjust-reorient", "adjust-orientation", "adjust-cinematic",
)  # fmt: skip
_DEEPEST = 12
_SHORTEST, _LONGEST = Fraction(1, 1000), Fraction(10)

Edits = list[Edit]
T = TypeVar("T", Fraction, None)


def from_fcpxml(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Prober | None = None,
    by: str = "the FCPXML",
) -> Cut:
    """The cut of the document's only project; ``look`` is asked for all media.

    Raises PipelineError, and what ``look`` raises.
    """
    try:
        return _Reader(tree_of(text, by), folder, Media(by, look), by).cut()
    except (ValueError, OverflowError, ZeroDivisionError, RecursionError) as error:
        raise PipelineError(f"{by}: cannot be read: {error}") from error


@dataclass(slots=True)
class _Anchored:
    """What is connected to a clip: where it begins in the timeline, and what it plays."""

    lane: int
    start: Fraction
    edits: Edits
    is_sound: bool
    role: str


class _Reader:
    """Reads one document."""

    def __init__(self, root: Element, folder: Path | None, media: Media, by: str) -> None:
        self.root, self.folder, self.media, self.by = root, folder, media, by
        if root.tag != "fcpxml":
            raise PipelineError(f"{by}: its top is <{root.tag[:40]}>; <fcpxml> is read")
        self.named: dict[str, Element] = {}
        for resource in root.iterfind("resources/*"):
            self.named.setdefault(resource.get("id", ""), resource)
        self.anchored: list[_Anchored] = []
        self.titles: list[tuple[Range, str]] = []
        self.gains: dict[int, set[float]] = {}
        self.exactness = Exactness()
        self.format: TimelineFormat | None = None
        self.clips = ClipCount(by)

    def cut(self) -> Cut:
        self.format = self._format()
        spine = self._spine()
        shown = self._story(spine, 0, _NONE, _NONE)
        above = [a for a in self.anchored if not a.is_sound and a.lane > 0]
        sounds = [a for a in self.anchored if a.is_sound or a.lane < 0]
        mix, find = Mix(), self.media.sources.get
        pictures, layers = raised(shown, [edits for _, _, edits in self._rows(above)], find)
        self.clips.add(pictures)
        tracks = list(layers)
        if pictures != shown and any(edit.source for edit in shown):
            # What is connected above hides the picture, and the sound below goes on.
            mix = Mix(programme_gain=None)
            tracks.append(Track("voice", from_edits(_sounding(shown), find), self._gain(0)))
        if above and any(edit.source for edit in shown):
            heard = (replace(a, is_sound=True) for a in above)
            sounds += [a for a in heard if any(_is_heard(e, find) for e in a.edits)]
        programme = Track("programme", from_edits(pictures, find), self._gain(0))
        tracks += list(self._sound_tracks(sounds))
        cut = Cut(
            sources=tuple(self.media.sources.values()),
            tracks=(programme, *tracks),
            mix=mix,
            notes=tuple(self.media.notes),
            format=self.format,
        )
        for place, text in sorted(self.titles):
            cut = with_text(cut, (("text", text),), place)
        return cut

    def _format(self) -> TimelineFormat | None:
        """The size and rate of the project's sequence, where the document says them."""
        sequence = self.root.find(".//project/sequence")
        element = self.named.get(sequence.get("format", "")) if sequence is not None else None
        if element is None or element.tag != "format":
            return None
        frame = self._time(element, "frameDuration", None)
        if frame is not None and not _SHORTEST <= frame <= _LONGEST:
            raise PipelineError(
                f"{self.by}: frameDuration={element.get('frameDuration')!r} is no frame's: "
                "1/1000s to 10s is accepted"
            )
        return timeline_format(element, frame)

    def _spine(self) -> Element:
        found = list(self.root.iter("project"))
        if len(found) != 1:
            raise PipelineError(f"{self.by}: holds {len(found)} projects; one is read")
        spine = found[0].find("sequence/spine")
        if spine is None:
            raise PipelineError(f"{self.by}: its project has no storyline")
        return spine

    def _sound_tracks(self, sounds: list[_Anchored]) -> Iterator[Track]:
        """A track for each lane and role; clips of one lane that overlap are on several."""
        for lane, role, row in self._rows(sounds):
            kind = "voice" if role.startswith("dialogue") else "music"
            row = [replace(e, segment=replace(e.segment, effects=())) for e in row]
            segments = from_edits(row, self.media.sources.get)
            yield Track(kind, segments, self._gain(lane))

    def _rows(self, items: list[_Anchored]) -> list[tuple[int, str, Edits]]:
        """(lane, role, edits from the timeline's beginning) of what is connected, bottom to top.

        Sounds of one lane and role are a row, pictures of one lane; where they overlap, several.
        """
        rows: list[tuple[int, str, Fraction, Edits]] = []
        for item in sorted(items, key=lambda a: (a.lane if a.lane > 0 else -a.lane, a.start)):
            edits = _sounding(item.edits) if item.is_sound else item.edits
            role = item.role if item.is_sound else ""
            length = sum((edit.duration for edit in edits), _NONE)
            for number, (lane, known, end, row) in enumerate(rows):
                if (lane, known) == (item.lane, role) and end <= item.start:
                    row += [*([gap(item.start - end)] if item.start > end else []), *edits]
                    rows[number] = (lane, known, item.start + length, row)
                    break
            else:
                if len(rows) >= 1000:
                    raise PipelineError(f"{self.by}: more than 1000 clips play at once")
                start = item.start + length
                rows.append((item.lane, role, start, _from(item.start, edits)))
        return [(lane, role, row) for lane, role, _, row in rows]

    def _gain(self, lane: int) -> float:
        gains = self.gains.get(lane, {0.0})
        if len(gains) > 1:
            self.media.note(f"{self.by}: clips of one track are not equally loud; they are here")
        return min(gains)

    # --------------------------------------------------------------------------------- stories

    def _story(
        self, spine: Element, lane: int, offset: Fraction, at_in_timeline: Fraction, depth: int = 0
    ) -> Edits:
        """What a storyline plays; ``offset`` is the time of its own at which it begins."""
        if depth > _DEEPEST:
            raise PipelineError(f"{self.by}: compound clips are nested more than {_DEEPEST} deep")
        edits: Edits = []
        at, joint = _NONE, None
        first = next((c for c in spine if c.tag != "transition"), None)
        begin = self._time(first, "offset", offset) if first is not None else offset
        for item in spine:
            if item.tag == "transition":
                joint = item
                continue
            placed = self._time(item, "offset", begin + at) - begin
            if placed > at:
                edits.append(gap(placed - at))
                at = placed
            come_in = None
            if joint is not None:
                come_in = self._joint(joint, begin + at, bool(edits))
            found = self._played(item, lane, depth, come_in.before if come_in else _NONE)
            self.clips.add(found)
            if come_in is not None and found:
                found[0] = replace(found[0], joint=come_in)
            joint = None
            self._anchor(item, at_in_timeline + at, lane, depth)
            edits += found
            at += sum((edit.duration for edit in found), _NONE)
        return edits

    def _joint(self, item: Element, cut: Fraction, has_before: bool) -> Joint | None:
        start, duration = self._time(item, "offset", cut), self._time(item, "duration", _NONE)
        before = min(max(cut - start, _NONE), duration)
        name = item.get("name", "").lower()
        kind = kind_called(name)
        if kind is None:
            self.media.note(f"{self.by}: the transition {name!r} becomes a {USUAL}")
        if not has_before or duration <= 0:
            return None
        return Joint(kind or USUAL, before, duration - before)

    def _played(self, item: Element, lane: int, depth: int, early: Fraction = _NONE) -> Edits:
        """What an element of a storyline plays, cut to its length.

        ``early`` is how long before its cut it is seen, in a transition.
        """
        duration = self._time(item, "duration", None)
        if item.get("enabled") == "0" or item.tag in ("gap", "title"):
            label = "" if item.get("name") == "Gap" else item.get("name", "")
            edit = gap(duration or _NONE)
            if item.tag == "gap" and label:
                edit = replace(edit, segment=replace(edit.segment, label=label))
            return [edit]
        if item.tag in _REFUSED or item.tag not in _CLIPS:
            what = _REFUSED.get(item.tag, f"<{item.tag[:40]}>")
            raise PipelineError(
                f"{self.by}: {item.get('name')!r} is {what}, which is not read; break it apart in "
                "the editor first"
            )
        gain = item.find("adjust-volume")
        decibels = _decibels(gain.get("amount", "0dB")) if gain is not None else 0.0
        if item.tag != "audition":
            self.gains.setdefault(lane, set()).add(decibels)
        if item.tag in ("asset-clip", "video", "audio"):
            return [self._of_asset(item, duration, early)]
        return self._nested(item, lane, duration, depth)

    def _nested(self, item: Element, lane: int, duration: Fraction | None, depth: int) -> Edits:
        """What a clip plays that holds others, or refers to a compound of others."""
        base = _NONE
        if item.tag == "audition":
            first = next(iter(item), None)
            return [] if first is None else self._played(first, lane, depth + 1)
        if item.tag == "ref-clip":
            media = self.named.get(item.get("ref", ""))
            spine = media.find("sequence/spine") if media is not None else None
            if spine is None:
                raise PipelineError(f"{self.by}: the compound clip {item.get('name')!r} is missing")
            sequence = media.find("sequence") if media is not None else None
            base = self._time(sequence, "tcStart", _NONE) if sequence is not None else _NONE
        else:
            inner = [c for c in item if c.tag in (*_CLIPS, "gap", "spine") and not c.get("lane")]
            if len(inner) == 1 and inner[0].tag == "spine":
                spine = inner[0]
            else:
                spine = Element("spine")
                spine.extend(inner[:1])
            base = self._time(next(iter(spine), item), "offset", _NONE)
        edits = self._story(spine, lane, base, _NONE, depth + 1)
        start = max(self._time(item, "start", base) - base, _NONE)
        length = sum((edit.duration for edit in edits), _NONE)
        speed, first_time, first_value = self._speed(item)
        if item.find("adjust-transform") is not None or item.find("adjust-crop") is not None:
            self.media.note(f"{self.by}: transforms and crops of compound clips are left out")
        if speed != 1:
            start = first_value + (start + base - first_time) * speed - base
        wanted = (length - start) / speed if duration is None else duration
        edits = taken(edits, Range(start, start + wanted * speed)) if wanted > 0 else []
        return retimed(edits, speed) if speed != 1 else edits

    def _of_asset(self, item: Element, duration: Fraction | None, early: Fraction) -> Edit:
        asset = self.named.get(item.get("ref", ""))
        if asset is None or asset.tag != "asset":
            raise PipelineError(
                f"{self.by}: {item.get('name')!r} shows {item.get('ref')!r}, which is no media file"
            )
        source = self.media.at(self._path(asset))
        first = self._time(asset, "start", _NONE)
        zero = first - (source.video.start if source.video else _NONE)
        start = self._time(item, "start", first)
        label = item.get("name", "")
        segment = Segment(
            source.id,
            Range(_NONE, _NONE),
            label="" if label == asset.get("name") else label,
            sound="muted" if item.get("srcEnable") == "video" and source.audio else "stretched",
        )
        points = self._points(item)
        slopes = {(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)}
        if not slopes or (len(slopes) == 1 and min(slopes) > 0):
            speed = self.exactness.checked(slopes.pop()) if slopes else Fraction(1)
            shown = points[0][1] + (start - points[0][0]) * speed if points else start
            length = self._time(asset, "duration", source.duration)
            segment = replace(segment, speed=speed)
            begins, lasts = shown - zero, length / speed if duration is None else duration
        else:
            ahead = [(t - start + early, s - zero) for t, s in points]
            segment = self._warped(segment, ahead, item)
            begins = segment.range.start
            lasts = segment.duration - early if duration is None else duration
        first_shown = begins - early * segment.speed if segment.warp is None else begins
        moved = self._moved(item, segment, source, start - early, first_shown)
        name = f"{self.by}: the clip {label or asset.get('name')!r}"
        return Edit(moved, begins, lasts, name=name)

    def _warped(
        self, segment: Segment, points: list[tuple[Fraction, Fraction]], item: Element
    ) -> Segment:
        """The segment with the times of a map, from its beginning on."""
        shown = [*points]
        if shown[0][0] > 0:  # it goes on as it begins
            slope = (shown[1][1] - shown[0][1]) / (shown[1][0] - shown[0][0])
            shown[0] = (_NONE, shown[0][1] - shown[0][0] * slope)
        offset, shift = shown[0][0], -shown[0][0]
        warp = Warp(tuple((t - offset, self.exactness.checked(s)) for t, s in shown))
        if shift >= warp.duration:
            raise PipelineError(f"{self.by}: the time map of {item.get('name')!r} ends before it")
        return segment.warped(warp.part(shift, warp.duration))

    def _moved(
        self, item: Element, segment: Segment, source: Source, start: Fraction, shown: Fraction
    ) -> Segment:
        """The segment with what its clip's adjustments do to the picture.

        It begins at ``start`` on the clip's clock, and shows the source time ``shown`` then.
        """
        if source.video is None:
            return segment
        by_name = f"{self.by}: {item.get('name')!r}: "
        canvas = self.format.size if self.format else source.video.display_size
        motion = motion_in(
            item,
            source.video.display_size,
            canvas,
            lambda text: self.exactness.checked(self._read(text, "time")) - start,
            lambda text: self.media.note(by_name + text),
        )
        for child in item:
            if child.tag.startswith("filter-") or child.tag in _UNREAD:
                what = child.get("name") or child.tag
                self.media.note(f"{by_name}the effect {what} is left out")
        if motion is None:
            return segment
        placed = segment if segment.warp else replace(segment, range=Range(shown, shown))
        moved, loss = with_motion(placed, motion)
        if loss:
            self.media.note(by_name + loss)
        return replace(segment, effects=moved.effects)

    def _points(self, item: Element) -> list[tuple[Fraction, Fraction]]:
        """(time of the clip, time of its media) points; none where it just plays."""
        points = sorted(
            (self._time(p, "time", _NONE), self._time(p, "value", _NONE))
            for p in item.iterfind("timeMap/timept")
        )
        rising = [p for n, p in enumerate(points) if not n or p[0] > points[n - 1][0]]
        if any(p.get("interp", "smooth2") == "smooth2" for p in item.iterfind("timeMap/timept")):
            self.media.note(f"{self.by}: {item.get('name')!r}: speeds change at once here")
        return rising if len(rising) > 1 else []

    def _speed(self, item: Element) -> tuple[Fraction, Fraction, Fraction]:
        """The speed of a compound clip, and a time of it with the time within that it shows."""
        points = self._points(item)
        if not points:
            return Fraction(1), _NONE, _NONE
        (time, value), (end, last) = points[0], points[-1]
        speed = (last - value) / (end - time)
        if speed <= 0 or any(value + (t - time) * speed != v for t, v in points):
            raise PipelineError(
                f"{self.by}: the compound clip {item.get('name')!r} changes its speed, stands "
                "still or runs backwards as a whole; break it apart in the editor first"
            )
        return self.exactness.checked(speed), time, value

    def _path(self, asset: Element) -> Path:
        places = [
            rep.get("src", "")
            for kind in ("original-media", None)
            for rep in asset.iterfind("media-rep")
            if rep.get("kind") == kind
        ]
        return from_url(next(iter(places), asset.get("src", "")), self.folder)

    # ------------------------------------------------------------------------- what is connected

    def _anchor(self, item: Element, at: Fraction, lane: int, depth: int) -> None:
        """Note what is connected to a clip that begins at that time of the timeline."""
        if item.tag == "title":
            self._title(item, at)
            return
        base = self._time(item, "start", self._usual_start(item))
        for child in item:
            if not child.get("lane") or child.tag not in (*_CLIPS, *_REFUSED, "title", "spine"):
                continue
            if depth or lane:
                self.media.note(f"{self.by}: what is connected within compound clips is left out")
                return
            start = at + self._time(child, "offset", base) - base
            if child.tag == "title":
                self._title(child, start)
                continue
            number = _lane(child)
            if child.tag == "spine":
                edits = self._story(child, number, _NONE, start, 1)
            else:
                edits = self._played(child, number, 1)
            self.clips.add(edits)
            if start < 0:
                edits = taken(edits, Range(-start, sum((e.duration for e in edits), -start)))
                start = _NONE
            self.anchored.append(
                _Anchored(number, start, edits, self._is_sound(child, edits), _role(child))
            )

    def _usual_start(self, item: Element) -> Fraction:
        asset = self.named.get(item.get("ref", ""))
        return self._time(asset, "start", _NONE) if asset is not None else _NONE

    def _is_sound(self, item: Element, edits: Edits) -> bool:
        parts = list(item) if item.tag == "spine" else [item]
        if any(part.get("srcEnable") == "audio" or part.tag == "audio" for part in parts):
            return True
        used = (self.media.sources[edit.source] for edit in edits if edit.source)
        return all(source.video is None for source in used)

    def _title(self, item: Element, at: Fraction) -> None:
        text = "".join(style.text or "" for style in item.iterfind("text/text-style"))
        duration = self._time(item, "duration", _NONE)
        if text and duration > 0 and item.get("enabled") != "0":
            self.titles.append((Range(max(at, _NONE), max(at, _NONE) + duration), text))

    # ------------------------------------------------------------------------------------ times

    def _time(self, item: Element, name: str, usual: T) -> Fraction | T:
        text = item.get(name)
        return usual if text is None else self._read(text, name)

    def _read(self, text: str, name: str) -> Fraction:
        match = _TIME.fullmatch(text.strip())
        if match is None:
            raise PipelineError(f"{self.by}: {name}={text[:40]!r} is no time, such as 1001/30000s")
        time = Fraction(match[1] + (match[3] or "")) / int(match[2] or 1)
        if abs(time) > 10**9:
            raise PipelineError(f"{self.by}: {name}={text!r} is longer than 30 years")
        return self.exactness.checked(time)


def _is_heard(edit: Edit, find: Callable[[str], Source | None]) -> bool:
    source = find(edit.source) if edit.source else None
    return source is not None and source.audio is not None and edit.segment.sound != "muted"


def _lane(item: Element) -> int:
    try:
        return max(min(int(item.get("lane", "0")), 1000), -1000)
    except ValueError:
        return 0


def _role(item: Element) -> str:
    parts = [item, *item]
    said = (p.get("audioRole") or p.get("role") for p in parts)
    return next((role for role in said if role), "").lower()


def _decibels(text: str) -> float:
    try:
        value = float(text.strip().removesuffix("dB"))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


def _from(start: Fraction, edits: Edits) -> Edits:
    """The edits, with silence before they begin."""
    return [gap(start), *edits] if start > 0 else list(edits)


def _sounding(edits: Edits) -> Edits:
    """The edits for a track of sound: silence in the place of what is muted."""
    return [
        replace(gap(e.duration), joint=e.joint) if e.segment.sound == "muted" else e for e in edits
    ]
