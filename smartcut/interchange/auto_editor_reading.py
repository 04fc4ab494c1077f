"""A cut from a timeline of auto-editor's, version 1 or 3; see :mod:`.auto_editor`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cut import Cut, Mix, Segment, TimelineFormat, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS, Edit, from_edits, gap
from smartcut.interchange.json import check_numbers
from smartcut.interchange.layers import stacked
from smartcut.interchange.media_paths import from_name
from smartcut.interchange.reading import Exactness, Media, Prober
from smartcut.interchange.timecode import frame_rate
from smartcut.source import Source
from smartcut.timebase import Range

_NONE = Fraction(0)
_RATE = re.compile(r"(\d{1,9})(?:/(\d{1,9}))?")
_SPEED = re.compile(r"(?:vari)?speed:(\d{1,9}(?:\.\d{1,24})?)")
_FARTHEST = 10**12
# Speeds at and above this one leave a chunk out, as does 0.
_LEFT_OUT = 99999


def from_v1(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Prober | None = None,
    by: str = "the timeline",
) -> Cut:
    """The cut of a timeline of either version; raises PipelineError, and what ``look`` raises."""
    try:
        plain = json.loads(text)
        check_numbers(plain)
        if not isinstance(plain, dict):
            raise PipelineError(f"{by}: is no timeline of auto-editor's")
        reader = _Reader(plain, folder, Media(by, look), by)
        version = plain.get("version")
        if version == "1":
            return reader.of_chunks()
        if version == "3":
            return reader.of_tracks()
    except RecursionError as error:
        raise PipelineError(f"{by}: it is nested too deeply") from error
    except ValueError as error:
        raise PipelineError(f"{by}: cannot be read: {error}") from error
    raise PipelineError(f"{by}: is of version {str(version)[:20]!r}; 1 and 3 are read")


from_v3 = from_v1


class _Reader:
    """Reads one timeline."""

    def __init__(self, plain: dict[str, Any], folder: Path | None, media: Media, by: str) -> None:
        self.plain, self.folder, self.media, self.by = plain, folder, media, by
        self.exactness = Exactness()

    # ---------------------------------------------------------------------------- version 1

    def of_chunks(self) -> Cut:
        source = self._source(self.plain.get("source"))
        rate = self._rate(frame_rate(source) or Fraction(30))
        edits = []
        for number, chunk in enumerate(self._list(self.plain.get("chunks"), "chunks")):
            where = f"{self.by}: chunk {number}"
            if not isinstance(chunk, list) or len(chunk) != 3:
                raise PipelineError(f"{where} is {str(chunk)[:60]}; [start, end, speed] is read")
            first, end = (self._count(value, where) for value in chunk[:2])
            speed = self._speed(chunk[2], where)
            if speed is None:
                continue
            if end <= first:
                raise PipelineError(f"{where} ends at frame {end}, and begins at {first}")
            segment = Segment(source.id, Range(_NONE, _NONE), speed)
            edits.append(Edit(segment, first / rate, (end - first) / rate / speed, name=where))
        segments = from_edits(edits, self.media.sources.get)
        return Cut((source,), (Track("programme", segments),), notes=tuple(self.media.notes))

    # ---------------------------------------------------------------------------- version 3

    def of_tracks(self) -> Cut:
        rate = self._rate(None)
        layers = [self._track(t, rate) for t in self._list(self.plain.get("v", []), "v")]
        sounds = [self._track(t, rate) for t in self._list(self.plain.get("a", []), "a")]
        tracks, mix = stacked(layers, sounds, Mix(), self.media, is_all_heard=True)
        return Cut(
            tuple(self.media.sources.values()),
            tracks,
            mix=mix,
            notes=tuple(self.media.notes),
            format=self._format(rate),
        )

    def _track(self, plain: Any, rate: Fraction) -> list[Edit]:
        return list(self._edits(self._list(plain, "a track"), rate))

    def _edits(self, clips: list[Any], rate: Fraction) -> Iterator[Edit]:
        at = 0
        for number, clip in enumerate(clips):
            where = f"{self.by}: clip {number}"
            if not isinstance(clip, dict):
                raise PipelineError(f"{where} is {str(clip)[:40]!r}, which is no clip")
            start, lasts, offset = (
                self._count(clip.get(name), f"{where}: {name}")
                for name in ("start", "dur", "offset")
            )
            if start < at:
                raise PipelineError(f"{where} begins at {start}, before the one before it ends")
            if start > at:
                yield gap((start - at) / rate)
            at = start + lasts
            yield self._edit(clip, lasts / rate, offset / rate, where)

    def _edit(self, clip: dict[str, Any], lasts: Fraction, offset: Fraction, where: str) -> Edit:
        if clip.get("src") is None:
            return gap(lasts)
        source = self._source(clip["src"])
        speed = Fraction(1)
        given = clip.get("effects", [f"speed:{clip['speed']}"] if "speed" in clip else [])
        for effect in self._list(given, "effects"):
            match = _SPEED.fullmatch(str(effect))
            found = self._speed(float(match[1]), where) if match else None
            if found is not None:
                speed *= found
            elif effect not in ("nil",):
                self.media.note(f"{where}: the effect {str(effect)[:40]!r} is left out")
        segment = Segment(source.id, Range(_NONE, _NONE), speed)
        return Edit(segment, offset * speed, lasts, name=where)

    def _format(self, rate: Fraction) -> TimelineFormat | None:
        size = self.plain.get("resolution")
        if not isinstance(size, list) or len(size) != 2:
            return None
        if not all(isinstance(n, int) and 1 < n <= 16_384 for n in size):
            return None
        return TimelineFormat((size[0] - size[0] % 2, size[1] - size[1] % 2), rate)

    # -------------------------------------------------------------------------------- values

    def _source(self, value: Any) -> Source:
        if not isinstance(value, str):
            raise PipelineError(f"{self.by}: {str(value)[:40]!r} is not the name of a file")
        return self.media.at(from_name(value, self.folder))

    def _list(self, value: Any, name: str) -> list[Any]:
        if not isinstance(value, list) or len(value) > MOST_EDITS:
            raise PipelineError(f"{self.by}: {name} is no list of {MOST_EDITS} items at most")
        return value

    def _count(self, value: Any, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _FARTHEST:
            raise PipelineError(f"{where} is {str(value)[:40]!r}; a count of frames is read")
        return value

    def _speed(self, value: Any, where: str) -> Fraction | None:
        """The speed; None where it means that nothing is shown."""
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not value >= 0:
            raise PipelineError(f"{where} has the speed {str(value)[:40]!r}; a number is read")
        if not value or value >= _LEFT_OUT:
            return None
        speed = Fraction(value).limit_denominator(100_000)
        if not Fraction(1, 10_000) <= speed <= 10_000:
            raise PipelineError(f"{where} plays at {value:g} times its speed")
        return self.exactness.checked(speed)

    def _rate(self, usual: Fraction | None) -> Fraction:
        text = self.plain.get("timebase")
        if text is None and usual is not None:
            return usual
        match = _RATE.fullmatch(str(text))
        parts = (int(match[1]), int(match[2] or 1)) if match else (0, 1)
        rate = Fraction(*parts) if parts[1] else _NONE
        if not Fraction(1, 10) <= rate <= 1000:
            raise PipelineError(f"{self.by}: timebase {str(text)[:40]!r}; accepted: 30000/1001")
        return self.exactness.checked(rate)
