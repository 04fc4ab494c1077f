"""`audio_video_offset`: sound and picture go together."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.annotation import Signal
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import FilmPictures, cuts_of, pictures_of
from smartcut.expectations._sound import STEPS, FilmSound, sound_of
from smartcut.stage import Analysis
from smartcut.timebase import TimeParam

if TYPE_CHECKING:
    import numpy as np

# Lags that are tried, in readings of 10 ms; fewer cuts than these say nothing.
_REACH, _FEWEST = 60, 3
# dB: how much more the sound changes at one lag than at the others, for the lag to be told.
_STANDS_OUT = 3.0


class AudioVideoOffset(Expectation):
    """How far sound and picture lie apart.

    Two things are measured: how far apart the streams begin and end in the file; and, where the
    sound changes with the picture at three hard cuts or more, by how much it does so too early or
    too late. 60 ms is the most that EBU R 37 allows late sound at the end of a chain (40 ms early).

    ```yaml
    expect: {audio_video_offset: 60ms}
    ```
    """

    name: ClassVar[str] = "audio_video_offset"
    short: ClassVar[str] = "most"
    is_usual: ClassVar[bool] = True

    most: TimeParam = Field(Fraction(6, 100), gt=0, description="Seconds, either way.")

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        if film.source.video is None or film.source.audio is None:
            return ()
        return (FilmPictures(), FilmSound())

    def check(self, film: FinishedFilm) -> Checked:
        video, audio = film.source.video, film.source.audio
        if video is None or audio is None:
            raise CannotCheck("the film has no picture" if audio else "the film has no sound")
        begins = audio.start - video.start
        ends = begins + audio.duration - video.duration
        lag = _lag(pictures_of(film), sound_of(film))
        if lag is None:
            told = f"the streams begin {_ms(begins)} apart; the content does not tell"
        else:
            told = f"the sound comes {_ms(lag)} {'late' if lag > 0 else 'early'}" if lag else "0 ms"
        misses = []
        # Sound that is shorter may be meant; what begins apart, or is cut off, is not.
        if abs(begins) > self.most:
            misses.append(Miss(f"picture and sound begin {_ms(begins)} apart", Fraction(0)))
        elif ends > max(self.most, Fraction(1, 5)):
            misses.append(Miss(f"the sound goes on {_ms(ends)} after the picture", audio.start))
        if lag is not None and abs(lag) > self.most:
            way = "late" if lag > 0 else "early"
            misses.append(Miss(f"at the cuts the sound comes {_ms(lag)} {way}"))
        return Checked(told, tuple(misses))


def _ms(seconds: Fraction) -> str:
    return f"{abs(float(seconds)) * 1000:.0f} ms"


def _lag(pictures: Signal, sound: Signal) -> Fraction | None:
    """By how much the sound changes after the picture at cuts; None where that cannot be told."""
    import numpy as np

    times = pictures.times()
    news = np.array(sound.channel("new"))
    cuts = [round(times[n] * STEPS) for n in cuts_of(pictures)]
    cuts = [c for c in cuts if _REACH <= c < len(news) - _REACH]
    if len(cuts) < _FEWEST:
        return None
    rows = np.stack([news[c - _REACH : c + _REACH + 1] for c in cuts])
    # Of each lag, what three of four cuts have at least: a sound that begins near one says nothing.
    wide = np.maximum.reduce([rows[:, :-2], rows[:, 1:-1], rows[:, 2:]])
    heard: np.ndarray = np.percentile(wide, 25, axis=0)
    best = int(heard.argmax())
    others = np.delete(heard, range(max(0, best - 3), min(len(heard), best + 4)))
    if heard[best] - np.percentile(others, 95) < _STANDS_OUT:
        return None
    peak = rows.mean(axis=0)[best : best + 3]
    return Fraction(best + int(peak.argmax()) - _REACH, STEPS)
