"""`true_peak`: how high the sound peaks."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._sound import FilmSound, figure, sound_of
from smartcut.stage import Analysis

# What encoding adds, and two meters differ by (EBU Tech 3341 allows 0.3 dB).
_SLACK = 0.3


class TruePeak(Expectation):
    """The sound peaks no higher: true peak (ITU-R BS.1770-5), in dB of full scale.

    -1 dBTP is the most that EBU R 128 permits; meters may differ by 0.3 dB (EBU Tech 3341), which
    is allowed for.

    ```yaml
    expect: {true_peak: -1}
    ```
    """

    name: ClassVar[str] = "true_peak"
    short: ClassVar[str] = "most"
    is_usual: ClassVar[bool] = True

    most: float = Field(-1.0, ge=-60, le=20, description="dBTP.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmSound(),)

    def check(self, film: FinishedFilm) -> Checked:
        signal = sound_of(film)
        found = figure(signal, "true_peak")
        if found is None:
            return Checked("digital silence")
        told = f"{found:.1f} dBTP"
        if found <= self.most + _SLACK:
            return Checked(told)
        levels = signal.channel("level")
        at = signal.times()[max(range(len(levels)), key=levels.__getitem__)] if levels else None
        return Checked(told, (Miss(f"it peaks at {told}, above {self.most:g}", at),))
