"""A cut from an edit decision list, CMX 3600: cuts, dissolves and speeds, in whole frames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from glob import escape
from pathlib import Path

from smartcut.cut import Cut, Mix, Segment, Source, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS, Edit, Joint, from_edits, gap
from smartcut.interchange.media_paths import allowed, from_name, from_url
from smartcut.interchange.reading import Look, Media, mirrors
from smartcut.interchange.timecode import DROPPING, frame_rate, frames_of, known_rate, media_start
from smartcut.text_input import decoded
from smartcut.timebase import Range, exact

#: Bytes of a list that is read, and letters of a line.
LARGEST = 32 * 1024 * 1024
_LONGEST_LINE = 10_000
_NONE = Fraction(0)
_TIME = r"(\d{2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3})"
_EVENT = re.compile(
    rf"(\d{{1,9}})\s+(\S+)\s+(\S+)\s+([A-Z]+\d*)\s+(?:(\d{{1,5}})\s+)?{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}"
)
_MOTION = re.compile(rf"M2\s+(\S+)\s+([+-]?\d{{1,6}}(?:\.\d{{1,6}})?)\s+{_TIME}")
_COMMENT = re.compile(r"\*\s*([A-Z ]+?)\s*:\s*(.*)")


@dataclass(slots=True)
class _Event:
    """An event's last line; times in frames: of its source, and of the list."""

    line: int
    number: str
    reel: str
    channels: str
    how: str
    fade: int
    times: tuple[str, str, str, str]
    motion: Fraction | None = None
    """Frames a second at which the source plays."""
    said: dict[str, str] = field(default_factory=dict)


def from_edl(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Look | None = None,
    by: str = "the EDL",
) -> Cut:
    """The cut; ``look`` is asked for all media, which a list hardly describes.

    The rate is that in a line ``* FRAME RATE: 25``; without one, 29.97 for a drop-frame list, or
    that of its first source. Raises PipelineError with the line, and what ``look`` raises.
    """
    try:
        media = Media(by, look)
        return _Reader(_decoded(text, media), folder, media, by).cut()
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise PipelineError(f"{by}: cannot be read: {error}") from error


def _decoded(text: str | bytes, media: Media) -> str:
    if len(text) > LARGEST:
        raise PipelineError(
            f"{media.by}: {len(text)} bytes are too many for a list: {LARGEST} at most"
        )
    if isinstance(text, str):
        return text
    given = decoded(text, media.by)
    for note in given.notes:
        media.note(note)
    return given.text


class _Reader:
    """Reads one list."""

    def __init__(self, text: str, folder: Path | None, media: Media, by: str) -> None:
        self.folder, self.media, self.by = folder, media, by
        self.said: dict[str, str] = {}
        self.drop: bool | None = None
        self.events = list(self._events(text))
        self.has_marks = any(";" in time for event in self.events for time in event.times)
        self.rate = _NONE

    def cut(self) -> Cut:
        if not self.events:
            raise PipelineError(f"{self.by}: holds no event of an edit decision list (CMX 3600)")
        self.rate = self._list_rate()
        start = min(self._frames(event.times[2], self.rate) for event in self.events)
        pictures = self._track([e for e in self.events if _shows(e.channels)], start)
        heard = sorted({c for e in self.events for c in _heard(e.channels)})
        sounds: list[list[Edit]] = []
        for channel in heard:
            edits = self._track([e for e in self.events if channel in _heard(e.channels)], start)
            if edits not in sounds:
                sounds.append(edits)
        mix = Mix()
        if pictures and sounds:
            pictures, sounds, mix = self._own_sound(pictures, sounds)
        find = self.media.sources.get
        tracks = [Track("programme", from_edits(pictures, find))]
        tracks += [Track("music", from_edits(edits, find)) for edits in sounds]
        sources = tuple(self.media.sources.values())
        return Cut(sources, tuple(tracks), mix=mix, notes=tuple(self.media.notes))

    def _own_sound(
        self, pictures: list[Edit], sounds: list[list[Edit]]
    ) -> tuple[list[Edit], list[list[Edit]], Mix]:
        """The pictures, muted where no event has their sound, and the sound of its own."""
        found = [mirrors(edits, pictures) for edits in sounds]
        own = {number for numbers in found if numbers for number in numbers}
        sounds = [e for e, numbers in zip(sounds, found, strict=True) if numbers is None]
        if not own:
            return pictures, sounds, Mix(programme_gain=None)
        muted = [
            edit
            if number in own or edit.source is None or not self._has_sound(edit.source)
            else replace(edit, segment=replace(edit.segment, sound="muted"))
            for number, edit in enumerate(pictures)
        ]
        return muted, sounds, Mix()

    def _has_sound(self, id: str) -> bool:
        return self.media.sources[id].audio is not None

    # --------------------------------------------------------------------------------- lines

    def _events(self, text: str) -> Iterator[_Event]:
        event: _Event | None = None
        count = 0
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if len(line) > _LONGEST_LINE:
                raise self._wrong(number, f"has {len(line)} letters")
            if match := _EVENT.fullmatch(line):
                begun = self._begun(number, match)
                # Of a transition's two lines the first repeats where the event before it ends.
                if event is not None and (event.number != begun.number or not begun.fade):
                    yield event
                event = begun
                count += 1
                if count > MOST_EDITS:
                    raise PipelineError(f"{self.by}: holds more than {MOST_EDITS} events")
            elif line[:1].isdigit():
                raise self._wrong(number, f"is no event of CMX 3600: {line[:80]!r}")
            elif line.startswith("FCM:"):
                self.drop = "NON" not in line.upper()
            elif event is not None and (motion := _MOTION.fullmatch(line)):
                event.motion = exact(motion[2])
            elif comment := _COMMENT.fullmatch(line):
                said = self.said if event is None else event.said
                said.setdefault(comment[1], comment[2].strip())
        if event is not None:
            yield event

    def _begun(self, number: int, match: re.Match[str]) -> _Event:
        how = match[4]
        if how[0] not in "CDW" or how.startswith("CK"):
            raise self._wrong(number, f"is a key ({how}), which is not read; only one picture is")
        fade = int(match[5] or 0) if how[0] != "C" else 0
        if how[0] == "W":
            self.media.note(f"{self.by}: line {number}: the wipe becomes a dissolve")
        times = match[6], match[7], match[8], match[9]
        return _Event(number, match[1], match[2], match[3].upper(), how, fade, times)

    def _wrong(self, line: int, what: str) -> PipelineError:
        return PipelineError(f"{self.by}: line {line} {what}")

    # --------------------------------------------------------------------------------- times

    def _list_rate(self) -> Fraction:
        if "FRAME RATE" in self.said:
            try:
                return known_rate(float(exact(self.said["FRAME RATE"])))
            except (ValueError, ZeroDivisionError, OverflowError) as error:
                raise PipelineError(f"{self.by}: its frame rate is none: {error}") from error
        if self.drop or self.has_marks:
            most = max(int(time[9:]) for event in self.events for time in event.times[2:])
            return DROPPING[most >= 30]
        for event in self.events:
            if event.reel != "BL" and _shows(event.channels):
                if rate := frame_rate(self._source(event)):
                    return rate
                break
        raise PipelineError(
            f"{self.by}: its frame rate is not known; add a line such as '* FRAME RATE: 25' "
            "below its title"
        )

    def _frames(self, time: str, rate: Fraction) -> int:
        drop = ";" in time or (bool(self.drop) and not self.has_marks)
        return frames_of(time, rate, drop and rate in DROPPING)

    # -------------------------------------------------------------------------------- tracks

    def _track(self, events: list[_Event], start: int) -> list[Edit]:
        """The events of one channel, with gaps where it is silent or black."""
        placed = [
            (self._frames(e.times[2], self.rate), self._frames(e.times[3], self.rate), e)
            for e in events
        ]
        edits: list[Edit] = []
        at, last = start, None
        for first, end, event in sorted(placed, key=lambda item: (item[0], item[2].line)):
            if end <= first:
                continue
            if first < at and last is not None:
                raise self._wrong(event.line, f"overlaps line {last.line} on {event.channels}")
            if first > at:
                edits.append(gap((first - at) / self.rate))
            edits.append(self._edit(event, end - first))
            at, last = end, event
        return edits

    def _edit(self, event: _Event, frames: int) -> Edit:
        duration = frames / self.rate
        joint = None
        if event.fade:
            kind = event.said.get("EFFECT NAME", "").lower()
            kind = kind if kind in ("fade", "morph") else "dissolve"
            joint = Joint(kind, _NONE, min(event.fade, frames) / self.rate)
        if event.reel == "BL":
            return replace(gap(duration), joint=joint)
        source = self._source(event)
        rate = frame_rate(source) or self.rate
        first, end = (self._frames(time, rate) for time in event.times[:2])
        speed = self._speed(event, rate, end - first, frames)
        start = first / rate - media_start(source)
        if start >= source.duration and first / rate < source.duration:
            start = first / rate  # the list counts from the file's start
        segment = Segment(
            source.id, Range(_NONE, _NONE), speed, label=event.said.get("COMMENT", "")
        )
        return Edit(segment, start, duration, joint)

    def _speed(self, event: _Event, rate: Fraction, shown: int, frames: int) -> Fraction:
        """The simplest speed that rounds to what the event says."""
        low = max(Fraction(shown - 1), Fraction(1, 2)) / (frames + 1) * self.rate / rate
        high = Fraction(shown + 1, max(frames - 1, 1)) * self.rate / rate
        if event.motion is None:
            if low <= 1 <= high or shown == frames:
                return Fraction(1)
            if shown <= 0:
                raise self._wrong(event.line, "shows nothing of its source")
            return simplest(low, high)
        if event.motion <= 0:
            raise self._wrong(event.line, "stands still or runs backwards, which is not read")
        step = Fraction(1, 20)
        said = max(event.motion - step, event.motion / 2) / rate, (event.motion + step) / rate
        both = max(low, said[0]), min(high, said[1])
        return simplest(*both) if 0 < both[0] <= both[1] else simplest(*said)

    # --------------------------------------------------------------------------------- media

    def _source(self, event: _Event) -> Source:
        for name in ("SOURCE FILE", "MEDIA"):
            if said := event.said.get(name):
                is_url = said.lower().startswith(("file:", "http:", "https:"))
                path = from_url(said, self.folder) if is_url else from_name(said, self.folder)
                return self.media.at(path)
        clip = event.said.get("TO CLIP NAME" if event.fade else "FROM CLIP NAME", "")
        for name in (clip, event.reel):
            if found := self._found(name):
                return self.media.at(found)
        raise self._wrong(
            event.line,
            f"shows the reel {event.reel!r}, clip {clip!r}, and there is no such file beside the "
            "list; add a line '* SOURCE FILE: PATH' after it",
        )

    def _found(self, name: str) -> Path | None:
        """The file of that name beside the list, or the only one that has it but for its suffix."""
        if not name or "/" in name or "\0" in name or name.startswith(".") or len(name) > 250:
            return None
        folder = self.folder or Path()
        if (folder / name).is_file():
            return allowed(folder / name, self.by)
        matches = [p for p in folder.glob(f"{escape(name)}.*") if p.is_file()]
        lists = (".edl", ".otio", ".fcpxml", ".json", ".yaml", ".srt", ".txt")
        matches = [p for p in matches if p.suffix.lower() not in lists]
        return allowed(matches[0], self.by) if len(matches) == 1 else None


def _shows(channels: str) -> bool:
    return "V" in channels or channels == "B"


def _heard(channels: str) -> set[int]:
    """The channels of sound: ``AA/V`` is 1 and 2."""
    if channels == "B":
        return {1}
    sound = channels.replace("/V", "").replace("V", "")
    if sound == "AA":
        return {1, 2}
    return {int(n or 1) for n in re.findall(r"A(\d{0,3})", sound)}


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator from ``low`` to ``high``, both above 0."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    floor = whole - 1
    return floor + 1 / simplest(1 / (high - floor), 1 / (low - floor))
