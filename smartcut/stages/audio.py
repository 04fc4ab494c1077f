"""`audio`: how the sound is put together."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.cut import Cut, Ducking, Mix, Segment, Track
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.stage import Context, Group, Params, PathParam, Stage
from smartcut.timebase import Range, TimeParam


class Duck(Params):
    """How music makes room for speech."""

    depth: float = Field(12.0, gt=0, le=60, description="dB.")
    attack: TimeParam = Field(Fraction(1, 5), gt=0, description="Seconds to go down.")
    release: TimeParam = Field(Fraction(3, 5), gt=0, description="Seconds to come back.")


class Audio(Stage):
    """Sets the sound: the sources' own, music or a voice under it, loudness, cross-fades.

    Music is repeated to the programme's end, faded, and lowered where the transcript has speech.
    All sound tracks of the sources are kept, with their channels, unless asked otherwise.

    ```yaml
    - audio: {music: music.m4a, duck: true, loudness: -16}
    ```
    """

    name: ClassVar[str] = "audio"
    group: ClassVar[Group] = "sound"

    original: Literal["keep", "drop"] | float = Field(
        "keep", description="The sources' own sound: keep, drop, or a gain in dB."
    )
    music: PathParam | None = Field(None, description="A file to play under the whole cut.")
    music_gain: float = Field(-6.0, ge=-60, le=20, description="dB.")
    fade_in: TimeParam = Field(Fraction(0), description="Seconds for the music to come in.")
    fade_out: TimeParam = Field(Fraction(1), description="Seconds for the music to go.")
    duck: bool | Duck = Field(True, description="Lower the music under speech.")
    voice: PathParam | None = Field(None, description="A spoken file to add from the start.")
    loudness: float | None = Field(
        None, ge=-70, le=-5, description="Integrated loudness to reach, LUFS; -14, -16 or -23."
    )
    true_peak: float = Field(-1.0, ge=-20, le=0, description="Highest true peak, dBTP.")
    crossfade: TimeParam = Field(
        Fraction(1, 100), le=1, description="Seconds of cross-fade at each join."
    )
    tracks: Literal["all", "main", "mix"] | tuple[Annotated[int, Field(ge=0)], ...] = Field(
        "all",
        description="Sound tracks of the sources: all, the main one, a mix of all in one, or a "
        "list of their numbers in the files, from 0. Music, gain and loudness go to the main "
        "track, the first in the list; the others follow the picture.",
    )
    channels: Literal[1, 2, 6, 8] | None = Field(
        None, description="Mixes every track to so many channels; without it they stay as they are."
    )

    @field_validator("original", mode="before")
    @classmethod
    def _kept_or_not(cls, value: object) -> object:
        return ("keep" if value else "drop") if isinstance(value, bool) else value

    @field_validator("tracks")
    @classmethod
    def _tracks(cls, value: object) -> object:
        if isinstance(value, tuple) and (not value or len(set(value)) < len(value)):
            raise ValueError(f"name each track once, such as [0, 2]; given: {list(value)}")
        return value

    def apply(self, cut: Cut, context: Context) -> Cut:
        gain: float | None
        if isinstance(self.original, float):
            gain = self.original
        else:
            gain = 0.0 if self.original == "keep" else None
        mix = Mix(gain, self.crossfade, self.loudness, self.true_peak, self.tracks, self.channels)
        cut = replace(cut, mix=mix)
        if self.music is not None:
            ducking = self.duck if isinstance(self.duck, Duck) else Duck() if self.duck else None
            track = Track(
                "music",
                gain=self.music_gain,
                fade_in=self.fade_in,
                fade_out=self.fade_out,
                ducking=Ducking(ducking.depth, ducking.attack, ducking.release)
                if ducking
                else None,
            )
            cut = _with_track(cut, track, self.music, context)
        if self.voice is not None:
            cut = _with_track(cut, Track("voice"), self.voice, context)
        return cut


def _with_track(cut: Cut, track: Track, path: Path, context: Context) -> Cut:
    """The cut with the whole file on a track of its own."""
    from smartcut.media.probe import probe

    taken = {s.id for s in cut.sources}
    id = path.stem
    while id in taken:
        id += "-sound"
    found: Source = probe(path, id=id, cache=context.cache)
    if found.audio is None:
        raise StageError(f"`audio`: {path} has no sound; {track.role} needs a file with sound")
    found = replace(found, video=None, duration=found.audio.start + found.audio.duration)
    segment = Segment(found.id, Range(Fraction(0), found.duration), label=track.role)
    track = replace(track, segments=(segment,))
    return replace(cut, sources=(*cut.sources, found), tracks=(*cut.tracks, track))
