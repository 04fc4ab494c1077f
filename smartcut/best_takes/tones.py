"""Room tone: where two takes meet, the quieter room is filled with the sound of the louder one.

From the join on it fades to the room of the take itself, or, before a join, towards the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.best_takes.recording import TakeRecording

#: Seconds over which a room changes at most, and dB that nobody hears.
LASTS, UNHEARD = 2.0, 1.5
#: Seconds of a stretch of room tone at least, and what is left off at its ends.
_LEAST, _OFF = 0.2, 0.06
#: Points of a curve in a second.
_POINTS = 8
_SILENT = -60.0


@dataclass(frozen=True, slots=True)
class RoomTone:
    """A stretch of a recording in which only its room is heard."""

    start: float
    end: float
    level: float
    """dB."""


def room_tone(recording: TakeRecording) -> RoomTone | None:
    """The best stretch: long, and nothing but the room; None where there is none."""
    best, found = 0.0, None
    for start, end in recording.pauses(_LEAST + 2 * _OFF):
        first, last = start + _OFF, end - _OFF
        levels = recording.levels(first, last)
        if not len(levels):
            return None
        floor = recording.room((first + last) / 2)[0]
        if float(levels.max()) > floor + 6:
            first, last = _calmest(recording, first, last, floor + 6)
        worth = min(last - first, 1.5)
        if worth > best and last - first >= _LEAST:
            best = worth
            found = RoomTone(first, last, recording.loudness(first, last))
    return found


def _calmest(
    recording: TakeRecording, start: float, end: float, most: float
) -> tuple[float, float]:
    """The longest part without anything above a level."""
    best = (start, start)
    begun = start
    steps = np.arange(start, end, recording.step)
    for time, level in zip(steps, recording.levels(start, end), strict=False):
        if level > most:
            begun = float(time) + 2 * recording.step
        elif time - begun > best[1] - best[0]:
            best = begun, float(time)
    return best


@dataclass(frozen=True, slots=True)
class ToneCurve:
    """How loud a tone is, in dB, from the join on."""

    times: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def lasts(self) -> float:
        return self.times[-1]

    def at(self, time: float, *, turned: bool = False) -> float:
        """At a time from the join on, or with ``turned`` at one towards it."""
        return float(np.interp(self.lasts - time if turned else time, self.times, self.levels))


def filling(loud: float, quiet: float, lasts: float) -> ToneCurve:
    """The tone that takes a room from one level to another, evenly in dB."""
    times = np.linspace(0.0, lasts, max(2, round(lasts * _POINTS) + 1))
    levels = []
    for time in times:
        wanted = loud + (quiet - loud) * time / lasts
        power = 10 ** (wanted / 10) - 10 ** (quiet / 10)
        levels.append(max(loud + _SILENT, 10 * np.log10(max(power, 1e-12))))
    return ToneCurve(tuple(map(float, times)), tuple(map(float, levels)))
