"""A cut as an edit decision list, CMX 3600: one line for each event, in whole frames.

Record times count frames of the list's rate; source times count frames of the source's own, and
begin with the timecode that its file says. A transition begins at its event's record in-point.
The format: CMX 3600, as SMPTE 258M has it, with the comments that editing systems add.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from smartcut.algebra import in_sequence
from smartcut.cut import Cut, Track
from smartcut.errors import PipelineError, SourceError
from smartcut.interchange.edits import Edit, playable, to_edits
from smartcut.interchange.media_paths import as_name
from smartcut.interchange.timecode import (
    DROPPING,
    drops,
    frame_rate,
    frames_of,
    media_start,
    tag,
    timecode,
    timeline_rate,
)
from smartcut.interchange.titles import without_drawn
from smartcut.source import Source
from smartcut.timebase import nearest
from smartcut.transition import title_of

_BLACK = "BL"
_STARTS = "01:00:00:00"


def to_edl(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The list's text; media is named as seen from ``folder``. 29.97 and 59.94 count drop-frame.

    Raises PipelineError for a cut that cannot be played.
    """
    layers, cut = cut.overlays, without_drawn(in_sequence(cut))
    rate = timeline_rate(cut)
    drop = rate in DROPPING
    lines = [
        f"TITLE: {_plain(name)}",
        f"FCM: {'' if drop else 'NON-'}DROP FRAME",
        f"* FRAME RATE: {_decimal(rate)}",
    ]
    reels = _reels(cut.sources)
    number = 0
    for track in layers:
        lines.append(f"* LEFT OUT, FOR AN EDL HOLDS ONE PICTURE: A TRACK OF ROLE {track.role}")
    for place, track in enumerate((cut.programme, *cut.sounds)):
        writer = _Writer(cut, track, place, rate, drop, reels, folder)
        for event in writer.events():
            number += 1
            lines += ["", *(f"{number:03}{x}" if x.startswith("  ") else x for x in event)]
    return "\n".join(lines) + "\n"


def _decimal(rate: Fraction) -> str:
    if rate.denominator == 1001:
        return f"{float(rate):.3f}".rstrip("0")
    return str(rate)


def _plain(text: str) -> str:
    """In one line."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _reels(sources: tuple[Source, ...]) -> dict[str, str]:
    """A name of at most eight letters and digits for each source."""
    reels: dict[str, str] = {}
    for source in sources:
        letters = "".join(c for c in source.id.upper() if c.isascii() and c.isalnum())
        reel, number = letters[:8] or "REEL", 1
        while reel in {_BLACK, "AX", "M2", *reels.values()}:
            number += 1
            reel = f"{letters[: 8 - len(str(number))]}{number}"
        reels[source.id] = reel
    return reels


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the events of one track."""

    cut: Cut
    track: Track
    place: int
    """0 is the programme; the others are heard on the channels A3, A4 and so on."""
    rate: Fraction
    drop: bool
    reels: dict[str, str]
    folder: Path | None

    def events(self) -> Iterator[list[str]]:
        """The lines of each event; those that lack its number begin with spaces."""
        begin = frames_of(_STARTS, self.rate, self.drop)
        at = Fraction(0)
        before: Edit | None = None
        for edit in playable(to_edits(self.track.segments, lambda overlap: Fraction(0))):
            first, end = (begin + nearest(t * self.rate) for t in (at, at + edit.duration))
            at += edit.duration
            if end > first and not (edit.source is None and self.place and edit.joint is None):
                yield self._event(edit, before, first, end)
            before = edit

    def _event(self, edit: Edit, before: Edit | None, first: int, end: int) -> list[str]:
        channels = self._channels(edit)
        record = self._record(first), self._record(end)
        span = self._span(edit, end - first)
        lines = []
        fade = nearest(edit.joint.after * self.rate) if edit.joint and before else 0
        if before is not None and fade:
            last = self._time(before, before.start + before.duration * before.speed)
            lines.append(self._line(before, channels, "C", last, last, record[0], record[0]))
            lines.append(self._line(edit, channels, f"D    {fade:03}", *span, *record))
        else:
            lines.append(self._line(edit, channels, "C", *span, *record))
        if edit.source is not None and edit.speed != 1:
            shown = float(edit.speed * self._source_rate(edit))
            lines.append(f"M2   {self._reel(edit):<8}       {shown:05.1f}                {span[0]}")
        if before is not None and fade and edit.joint:
            kind = title_of(edit.joint.kind).upper()
            lines.append(f"* EFFECT NAME: {_plain(kind)}")
            lines += self._named("FROM", before)
        lines += self._named("TO" if fade else "FROM", edit)
        if edit.source is not None:
            lines.append(f"* SOURCE FILE: {as_name(self._source(edit).path, self.folder)}")
            if label := _plain(edit.segment.label):
                lines.append(f"* COMMENT: {label}")
        return lines

    def _line(self, edit: Edit, channels: str, how: str, *times: str) -> str:
        return f"  {self._reel(edit):<8} {channels:<5} {how:<8} {' '.join(times)}"

    def _named(self, which: str, edit: Edit) -> list[str]:
        if edit.source is None:
            return []
        return [f"* {which} CLIP NAME: {_plain(self._source(edit).path.name)}"]

    def _channels(self, edit: Edit) -> str:
        if self.place:
            return f"A{self.place + 2}"
        if edit.source is None:
            return "V"
        heard = self.cut.mix.programme_gain is not None and edit.segment.sound != "muted"
        return "AA/V" if heard and self._source(edit).audio else "V"

    # -------------------------------------------------------------------------------- sources

    def _source(self, edit: Edit) -> Source:
        assert edit.source is not None
        try:
            return self.cut.source(edit.source)
        except SourceError as error:
            raise PipelineError(
                f"the cut shows {edit.source!r}, which is none of its sources"
            ) from error

    def _reel(self, edit: Edit) -> str:
        return _BLACK if edit.source is None else self.reels[self._source(edit).id]

    def _source_rate(self, edit: Edit) -> Fraction:
        return (frame_rate(self._source(edit)) if edit.source else None) or self.rate

    def _record(self, frame: int) -> str:
        return timecode(frame, self.rate, self.drop)

    def _span(self, edit: Edit, frames: int) -> tuple[str, str]:
        """Source in and out; as long as the record where both count the same frames."""
        rate, drop = self._source_rate(edit), self._drops(edit)
        first = self._frame(edit, edit.start)
        if rate != self.rate or edit.speed != 1:
            frames = max(nearest(edit.duration * edit.speed * rate), 1)
        return timecode(first, rate, drop), timecode(first + frames, rate, drop)

    def _time(self, edit: Edit, time: Fraction) -> str:
        return timecode(self._frame(edit, time), self._source_rate(edit), self._drops(edit))

    def _frame(self, edit: Edit, time: Fraction) -> int:
        if edit.source is None:
            return 0
        return max(nearest((media_start(self._source(edit)) + time) * self._source_rate(edit)), 0)

    def _drops(self, edit: Edit) -> bool:
        rate = self._source_rate(edit)
        if edit.source is None or tag(self._source(edit)) is None:
            return self.drop and rate in DROPPING
        return drops(self._source(edit), rate)
