"""One clock for a file whose own starts again, jumps or wraps; pure.

Transport and program streams are often several recordings in one file, or have clocks of 33 bits
that wrap after 26.5 hours. Players show what lies in such a file from its beginning to its end. So
its packets are divided into eras, in each of which the clock goes on, and the eras are placed one
after the other: the first picture of one where the last picture of the one before it ends, and the
sound as far from it as the era's own clock says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

#: FFmpeg's AV_NOPTS_VALUE: arrays have no None.
UNKNOWN = -(2**63)

# Seconds: a clock that goes back by more, or leaves out more, is another one (FFmpeg's limits).
_BACK, _AHEAD = 0.1, 10.0
# Seconds by which the streams of a file may be apart from each other at one place in it.
_APART = 3.0
# Seconds of sound of one era that the next may cover, so that pictures go on without a gap.
_COVERED = Fraction(1, 10)


@dataclass(frozen=True, slots=True, eq=False)
class PacketTrack:
    """The packets of a stream in the order of the file; int64 ticks of ``unit`` seconds."""

    is_picture: bool
    unit: Fraction
    pts: np.ndarray
    """UNKNOWN where the file has none; the same holds for ``dts``."""
    dts: np.ndarray
    durations: np.ndarray

    @property
    def times(self) -> np.ndarray:
        """float64 (N,): decoding times in seconds; NaN where nothing is known."""
        ticks = np.where(self.dts != UNKNOWN, self.dts, self.pts)
        return np.where(ticks != UNKNOWN, ticks * float(self.unit), np.nan)


Shifts = tuple[tuple[int, int], ...]
"""(number of an era's first packet, ticks to add to the times of its packets), rising."""


def shifts(tracks: Sequence[PacketTrack], order: bytes) -> list[Shifts]:
    """For each track the eras of its packets; one of them where the clock goes straight on.

    ``order`` holds the place in ``tracks`` of each packet's stream, in the order of the file.
    """
    times = [track.times for track in tracks]
    if all(_goes_straight_on(t) for t in times):
        return [((0, 0),) for _ in tracks]
    firsts = _eras(times, order)
    return _placed(tracks, firsts)


def _goes_straight_on(times: np.ndarray) -> bool:
    steps = np.diff(times[~np.isnan(times)])
    return not len(steps) or bool(steps.min() >= -_BACK and steps.max() <= _AHEAD)


def _eras(times: Sequence[np.ndarray], order: bytes) -> list[list[tuple[int, int]]]:
    """For each track: (number of the first packet, era) wherever another era begins."""
    queues = [iter(t.tolist()) for t in times]
    numbers = [-1] * len(times)
    own: list[tuple[int, float] | None] = [None] * len(times)
    latest = [-np.inf]
    """The last time seen of each era, whatever the stream."""
    found: list[list[tuple[int, int]]] = [[] for _ in times]
    for place in order:
        now = next(queues[place])
        numbers[place] += 1
        before = own[place]
        if now != now:  # unknown: as the packet before it
            now = before[1] if before else 0.0
        era = _era_of(now, before, latest)
        if era == len(latest):
            latest.append(now)
        if before is None or era != before[0]:
            found[place].append((numbers[place], era))
        latest[era] = max(latest[era], now)
        own[place] = era, now
    return found


def _era_of(now: float, before: tuple[int, float] | None, latest: Sequence[float]) -> int:
    """The era of a packet after ``before``, (era, time) of its stream's last one."""
    newest = len(latest) - 1
    if before is None:
        return newest
    era, last = before
    joins = era < newest and abs(now - latest[newest]) <= _APART
    goes_on = last - _BACK <= now <= max(last, latest[era]) + _AHEAD
    if goes_on and not (joins and abs(now - latest[newest]) < abs(now - last)):
        return era
    return newest if joins else newest + 1


def _placed(tracks: Sequence[PacketTrack], firsts: Sequence[list[tuple[int, int]]]) -> list[Shifts]:
    """Eras one after the other: by how many ticks each one's packets are moved."""
    spans = [_spans(track, found) for track, found in zip(tracks, firsts, strict=True)]
    count = 1 + max(era for found in firsts for _, era in found)
    ends: list[Fraction | None] = [None] * len(tracks)
    moved: list[Fraction] = []
    for era in range(count):
        here = [s.get(era) for s in spans]
        by = _offset(tracks, here, ends) if era else Fraction(0)
        moved.append(by)
        for place, span in enumerate(here):
            if span is not None:
                ends[place] = max(span[1] + by, ends[place] or span[1] + by)
    return [
        tuple((first, round(moved[era] / track.unit)) for first, era in found)
        for track, found in zip(tracks, firsts, strict=True)
    ]


TimeSpan = tuple[Fraction, Fraction]


def _spans(track: PacketTrack, found: Sequence[tuple[int, int]]) -> dict[int, TimeSpan]:
    """(first, end) in seconds of what each era plays of a track, on the era's own clock."""
    edges = [*(first for first, _ in found[1:]), len(track.pts)]
    spans = {}
    for (first, era), last in zip(found, edges, strict=True):
        part = np.s_[first:last]
        known = track.pts[part] != UNKNOWN
        pts, lengths = track.pts[part][known], track.durations[part][known]
        if len(pts):
            usual = int(np.median(np.diff(np.sort(pts)))) if len(pts) > 1 else 0
            end = int(np.max(pts + np.where(lengths > 0, lengths, usual)))
            spans[era] = int(pts.min()) * track.unit, end * track.unit
    return spans


def _offset(
    tracks: Sequence[PacketTrack], here: Sequence[TimeSpan | None], ends: Sequence[Fraction | None]
) -> Fraction:
    """By how much an era is moved, so that it follows what there is until now."""
    picture: Fraction | None = None
    sounds: list[Fraction] = []
    for track, span, end in zip(tracks, here, ends, strict=True):
        if span is None or end is None:
            continue
        if not track.is_picture:
            sounds.append(end - span[0])
        elif picture is None:
            picture = end - span[0]
    if picture is not None and all(sound - picture <= _COVERED for sound in sounds):
        return picture
    if sounds:
        return max(sounds)
    first = min((span[0] for span in here if span is not None), default=Fraction(0))
    return picture or max((end for end in ends if end is not None), default=first) - first
