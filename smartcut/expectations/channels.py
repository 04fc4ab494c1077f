"""`channels`: how many channels the sound has, and which is which."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from smartcut.annotation import Signal
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._sound import FilmChannels
from smartcut.stage import Analysis

_NAMES = {1: "mono", 2: "stereo"}
#: dB: channels that were exchanged fit those of before so much better.
_BETTER = 2.0
#: dB by which a channel has lost its sound, where the others have not.
_LOST = 20.0
_MOST_CHANNELS = 8


def _layout(value: Any) -> Any:
    return _NAMES.get(value, value) if isinstance(value, int) else value


class ChannelsOfSound(Expectation):
    """How many channels the main sound has, and that each is where it was rendered.

    The manifest keeps the level of each channel in each second: channels that were exchanged, or
    lost their sound, since the film was rendered are told.

    ```yaml
    expect: {channels: stereo}
    ```
    """

    name: ClassVar[str] = "channels"
    short: ClassVar[str] = "layout"

    layout: Annotated[str, BeforeValidator(_layout)] = Field(
        "", description="FFmpeg's name: mono, stereo, 5.1 ...; or 1 or 2. Empty is any."
    )

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmChannels(),)

    def keep(self, film: FinishedFilm) -> Any:
        if film.source.audio is None:
            return None
        return [[round(v) for v in row] for row in film.known(FilmChannels(), Signal).values]

    def check(self, film: FinishedFilm) -> Checked:
        audio = film.source.audio
        if audio is None:
            raise CannotCheck("the film has no sound")
        misses = []
        if self.layout and audio.layout != self.layout:
            misses.append(Miss(f"the sound is {audio.layout}, not {self.layout}"))
        before = film.kept(self.name, list[list[float]])
        if before:
            now = film.known(FilmChannels(), Signal).values
            misses += [Miss(why) for why in _exchanged(before, now)]
        return Checked(audio.layout, tuple(misses))


def _exchanged(before: Sequence[Sequence[float]], now: Sequence[Sequence[float]]) -> list[str]:
    """What became of the channels."""
    if len(before) != len(now):
        return [f"there are {len(now)} channels; {len(before)} were rendered"]
    if not 2 <= len(now) <= _MOST_CHANNELS:
        return []
    falls = [_fall(a, b) for a, b in zip(before, now, strict=True)]
    lost = [n for n, fall in enumerate(falls) if fall - min(falls) > _LOST]
    if lost:
        return [f"channel {number + 1} has lost its sound" for number in lost]
    as_they_are = sum(_apart(a, b) for a, b in zip(before, now, strict=True)) / len(now)
    for one, other in permutations(range(len(now)), 2):
        if one > other:
            continue
        order = [*range(len(now))]
        order[one], order[other] = other, one
        turned = sum(_apart(before[k], now[p]) for k, p in enumerate(order)) / len(now)
        if turned + _BETTER < as_they_are:
            return [f"channels {one + 1} and {other + 1} are exchanged"]
    return []


def _fall(before: Sequence[float], now: Sequence[float]) -> float:
    """By how many dB a channel has become quieter, in the mean."""
    pairs = [*zip(before, now, strict=False)]
    return sum(a - b for a, b in pairs) / max(len(pairs), 1)


def _apart(before: Sequence[float], now: Sequence[float]) -> float:
    """How far the levels lie apart, in dB."""
    pairs = [*zip(before, now, strict=False)]
    return sum(abs(a - b) for a, b in pairs) / max(len(pairs), 1)
