"""A cut from an edit decision list, CMX 3600: cuts, dissolves and speeds, in whole frames."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction
from glob import escape
from itertools import accumulate
from pathlib import Path

from smartcut.cut import Cut, Mix, Segment, Track
from smartcut.errors import PipelineError, SourceError
from smartcut.interchange.edits import Edit, Joint, from_edits, gap
from smartcut.interchange.edl_events import Event, read_events
from smartcut.interchange.media_paths import allowed, from_name, from_url
from smartcut.interchange.reading import Media, Prober, mirrors
from smartcut.interchange.timecode import DROPPING, frame_rate, frames_of, known_rate, media_start
from smartcut.source import Source
from smartcut.text_input import decoded
from smartcut.timebase import Range, exact, nearest
from smartcut.transition import USUAL, kind_called

#: Bytes of a list that is read, and letters of a line.
LARGEST = 32 * 1024 * 1024
_NONE = Fraction(0)


def from_edl(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Prober | None = None,
    by: str = "the EDL",
) -> Cut:
    """The cut; ``look`` is asked for all media, since a list describes them poorly.

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
        found = read_events(text, by, media.note)
        self.said, self.drop, self.events = found.said, found.drop, found.events
        self.has_marks = any(";" in time for event in self.events for time in event.times)
        self.rate = _NONE
        self.moves = [(-1, 0)]
        """(record frame of the list, frames by which all from there on is moved)"""
        self.longer: dict[int, int] = {}
        """By an event's line: how many frames it is longer than the list says."""
        self.files: dict[tuple[str, str], set[str]] = {}
        """By reel and clip: the files that events name for it."""
        for event in self.events:
            self.files.setdefault((event.reel, event.clip), set()).update(event.files()[:1])

    def cut(self) -> Cut:
        if not self.events:
            raise PipelineError(f"{self.by}: holds no event of an edit decision list (CMX 3600)")
        self.rate = self._list_rate()
        self._lengthen()
        start = min(self._record(event)[0] for event in self.events)
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

    def _wrong(self, event: Event, what: str) -> PipelineError:
        return PipelineError(f"{self.by}: {event.named()} {what}")

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

    def _frames(self, event: Event, which: int, rate: Fraction) -> int:
        """One of an event's four times, in frames of that rate."""
        time = event.times[which]
        drop = ";" in time or (bool(self.drop) and not self.has_marks)
        try:
            return frames_of(time, rate, drop and rate in DROPPING)
        except PipelineError as error:
            raise self._wrong(event, f"says {time!r}: {error.message}") from error

    def _listed(self, event: Event) -> tuple[int, int]:
        """The record in and out as the list has them."""
        return self._frames(event, 2, self.rate), self._frames(event, 3, self.rate)

    def _record(self, event: Event) -> tuple[int, int]:
        """The record in and out, moved by what events before play longer than the list says."""
        first, end = self._listed(event)
        moved = self.moves[bisect_right(self.moves, first, key=lambda m: m[0]) - 1][1]
        return first + moved, end + moved + self.longer.get(event.line, 0)

    def _lengthen(self) -> None:
        """Find events whose source was trimmed, but not their record.

        No M2 line says that they are faster or slower, so the source counts, and what follows
        moves. Events of one place, as of picture and sound, move it once.
        """
        moves: dict[int, int] = {}
        for event in self.events:
            first, end = self._listed(event)
            if event.reel == "BL" or event.motion is not None or end <= first:
                continue
            rate = frame_rate(self._source(event)) or self.rate
            shown = self._shown(event, rate)
            if self._is_plain(rate, shown, end - first):
                continue
            longer = max(nearest(shown * self.rate / rate), 1) - (end - first)
            self.longer[event.line] = moves[end] = longer
            self.media.note(
                f"{self.by}: {event.named()} shows {_seconds(shown / rate)} of its source in "
                f"{_seconds((end - first) / self.rate)} of the list, and no M2 line says a speed: "
                f"it plays at its own, and what follows moves by {_seconds(longer / self.rate)}; "
                "add an M2 line if the speed is meant"
            )
        places = sorted(moves)
        sums = accumulate(moves[place] for place in places)
        self.moves += zip(places, sums, strict=True)

    def _shown(self, event: Event, rate: Fraction) -> int:
        """How many frames of its source an event shows."""
        shown = self._frames(event, 1, rate) - self._frames(event, 0, rate)
        if shown <= 0 and event.motion is None:
            raise self._wrong(event, "shows nothing of its source")
        return shown

    def _is_plain(self, rate: Fraction, shown: int, frames: int) -> bool:
        """Whether so many frames of the source last as long as those of the list, but for one."""
        low, high = self._speeds(rate, shown, frames)
        return low <= 1 <= high or shown == frames

    def _speeds(self, rate: Fraction, shown: int, frames: int) -> tuple[Fraction, Fraction]:
        """The least and the greatest speed that whole frames could come from."""
        low = max(Fraction(shown - 1), Fraction(1, 2)) / (frames + 1) * self.rate / rate
        return low, Fraction(shown + 1, max(frames - 1, 1)) * self.rate / rate

    # -------------------------------------------------------------------------------- tracks

    def _track(self, events: list[Event], start: int) -> list[Edit]:
        """The events of one channel, with gaps where it is silent or black."""
        placed = [(*self._record(event), event) for event in events]
        edits: list[Edit] = []
        at, last = start, None
        for first, end, event in sorted(placed, key=lambda item: (item[0], item[2].line)):
            if end <= first:
                continue
            if first < at and last is not None:
                raise self._wrong(event, f"overlaps {last.named()} on {event.channels}")
            if first > at:
                edits.append(gap((first - at) / self.rate))
            edits.append(self._edit(event, end - first))
            at, last = end, event
        return edits

    def _edit(self, event: Event, frames: int) -> Edit:
        duration = frames / self.rate
        joint = None
        if event.fade:
            named = event.comment("EFFECT NAME")
            kind = kind_called(named) or USUAL
            if named and kind_called(named) is None:
                self.media.note(f"{self.by}: the transition {named!r} becomes a {USUAL}")
            joint = Joint(kind, _NONE, min(event.fade, frames) / self.rate)
        if event.reel == "BL":
            return replace(gap(duration), joint=joint)
        source = self._source(event)
        rate = frame_rate(source) or self.rate
        speed = self._speed(event, rate, self._shown(event, rate), frames)
        first = self._frames(event, 0, rate)
        start = first / rate - media_start(source)
        if start >= source.duration and first / rate < source.duration:
            start = first / rate  # the list counts from the file's start
        segment = Segment(source.id, Range(_NONE, _NONE), speed, label=event.comment("COMMENT"))
        return Edit(segment, start, duration, joint, name=f"{self.by}: {event.named()}")

    def _speed(self, event: Event, rate: Fraction, shown: int, frames: int) -> Fraction:
        """The simplest speed that rounds to what the event says; 1 where no M2 line says one."""
        if event.motion is None:
            return Fraction(1)
        if event.motion <= 0:
            raise self._wrong(event, "stands still or runs backwards, which is not read")
        low, high = self._speeds(rate, shown, frames)
        step = Fraction(1, 20)
        said = max(event.motion - step, event.motion / 2) / rate, (event.motion + step) / rate
        both = max(low, said[0]), min(high, said[1])
        return simplest(*both) if 0 < both[0] <= both[1] else simplest(*said)

    # --------------------------------------------------------------------------------- media

    def _source(self, event: Event) -> Source:
        try:
            return self.media.at(self._path(event))
        except (PipelineError, SourceError) as error:
            if event.named() in str(error):
                raise
            message = str(error).removeprefix(f"{self.by}: ")
            raise type(error)(f"{self.by}: {event.named()}: {message}") from error

    def _path(self, event: Event) -> Path:
        said = next(iter(event.files()), None) or self._same_reel(event)
        if said:
            is_url = said.lower().startswith(("file:", "http:", "https:"))
            return from_url(said, self.folder) if is_url else from_name(said, self.folder)
        for name in (event.clip, event.reel):
            if found := self._found(name):
                return found
        raise self._wrong(
            event,
            f"shows the reel {event.reel!r}, and there is no such file, nor one of the clip's "
            "name, beside the list; add a line '* SOURCE FILE: PATH' after it",
        )

    def _same_reel(self, event: Event) -> str | None:
        """The file that other events of the same reel and clip name, where they name one alone."""
        if self._found(event.clip) or self._found(event.reel):
            return None
        named = self.files[event.reel, event.clip]
        return next(iter(named)) if len(named) == 1 else None

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


def _seconds(time: Fraction) -> str:
    return f"{float(time):.3f} s"


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
