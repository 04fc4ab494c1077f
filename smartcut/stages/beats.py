"""`beats`: the beats of music, and a cut on them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.algebra import resolved, shown_when
from smartcut.annotation import Data, Signal
from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Group, Listener, Params, Samples, Sound, Stage
from smartcut.stages._beats import BeatTimes, effects_on_the_beat, on_the_beat
from smartcut.stages._beats_above import above_on_the_beat
from smartcut.timebase import Range, nearest

if TYPE_CHECKING:
    from smartcut.media.rhythm import RhythmListener

_RATE = 22_050
#: Of the mix's clock, in which tracks of music are laid out.
_CLOCK = 48_000


class BeatParams(Params):
    """How beats are found."""

    tempo: tuple[float, float] | None = Field(
        None, description="The slowest and the fastest that it can be, beats a minute."
    )
    metre: int = Field(4, ge=2, le=12, description="Beats of a bar.")

    @field_validator("tempo")
    @classmethod
    def _a_range(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 30 <= value[0] < value[1] <= 300:
            raise ValueError("give the slowest and the fastest, such as [160, 190], within 30..300")
        return value


class BeatAnalysis(BeatParams, Analysis):
    """Every beat of the sound, in source time: 1 where a bar begins, else 0.5.

    The summary holds ``tempo`` (beats a minute, the median) and ``metre``.
    """

    name: ClassVar[str] = "beats"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        return Sound(_RATE, 1) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        return BeatListener(self)

    def empty(self, source: Source) -> Signal:
        return Signal(Fraction(1, _RATE), (), ("strength",), ((),))


class BeatListener:
    """Takes the sound of a source, and knows its beats at the end."""

    def __init__(self, asked: BeatParams) -> None:
        from smartcut.media.rhythm import RhythmListener

        self._asked = asked
        self._rhythm: RhythmListener = RhythmListener()
        self._heard = 0

    def feed(self, item: Samples) -> None:
        import numpy as np

        # Sound that starts late, or has a hole, is silent there.
        while (gap := item.start - self._heard) > 0:
            silent = min(gap, _RATE)
            self._rhythm.add(np.zeros(silent, np.float32))
            self._heard += silent
        self._rhythm.add(item.values[0, max(-gap, 0) :])
        self._heard = max(self._heard, item.start + item.values.shape[1])

    def finish(self) -> Data:
        found = self._rhythm.finish(self._asked.tempo, self._asked.metre)
        ticks = (found.times * _RATE).round().astype(int).tolist()
        strength = tuple(1.0 if first else 0.5 for first in found.first.tolist())
        summary = (("tempo", round(found.tempo, 2)), ("metre", float(self._asked.metre)))
        return Signal(Fraction(1, _RATE), tuple(ticks), ("strength",), (strength,), "", summary)


class Beats(BeatParams, Stage):
    """Finds the beats and bars of music, and moves cuts or effects to them.

    Music is what `audio`, `sounds` or `score` brought, or else the sound of the programme. The
    tempo may change. `snap: cuts` moves the joins of the programme, by half the way to the next
    beat at most, by showing more or less of the segments around it, and never anything of another
    shot where `shots` are known. `snap: effects` moves when effects of the programme begin and
    end (`from`, `to`), the keys of their numbers, and when overlays and titles come and go. Put it
    after the stages that choose, join or order segments, and after those that bring the music.

    ```yaml
    - beats: {snap: cuts, every: 2}
    ```
    """

    name: ClassVar[str] = "beats"
    group: ClassVar[Group] = "choose"
    gives: ClassVar[tuple[str, ...]] = ("beats",)
    hint: ClassVar[str] = "- beats"

    of: str | None = Field(
        None,
        description="`music`, `programme`, or the name of a source; without it, music where there "
        "is any.",
    )
    snap: Literal["none", "cuts", "effects", "all"] = Field(
        "none", description="What goes to the nearest beat; `all` is cuts, then effects."
    )
    every: Literal[1, 2, 4] = Field(
        1, description="Which beats count: each, each second or each fourth, from that of a bar on."
    )
    downbeats: bool = Field(False, description="The first beats of bars alone count.")

    def apply(self, cut: Cut, context: Context) -> Cut:
        analysis = BeatAnalysis(tempo=self.tempo, metre=self.metre)
        sources = self._sources(cut)
        for source in sources:
            if cut.annotation("beats", source.id) is None or source.made is None:
                cut = cut.with_annotation(context.result(analysis, source))
        if self.snap == "none":
            return cut
        grid = BeatTimes(tuple(sorted(set(self._times(cut, sources)))))
        if len(grid.times) < 2:
            names = ", ".join(source.id for source in sources)
            return cut.with_note(f"beats: none were found in {names}; nothing was moved")
        if self.snap in ("cuts", "all"):
            cut, found, joins = on_the_beat(cut, grid)
            cut = cut.with_note(f"beats: {found} of {joins} joins lie on a beat")
        if self.snap in ("effects", "all"):
            cut, moved = effects_on_the_beat(cut, grid)
            cut = cut.with_note(f"beats: {moved} times of effects lie on a beat")
            cut, moved = above_on_the_beat(cut, grid)
            if moved:
                cut = cut.with_note(f"beats: {moved} times of overlays and titles lie on a beat")
        return cut

    def _sources(self, cut: Cut) -> tuple[Source, ...]:
        """Those whose beats are meant; raises StageError where there is none."""
        music = {s.source for t in cut.sounds if t.role != "voice" for s in t.segments}
        shown = {s.source for s in cut.segments}
        if self.of in (None, "music") and music - {None}:
            names: set[str | None] = music
        elif self.of in (None, "programme"):
            names = shown
        else:
            names = {self.of}
        found = tuple(s for s in cut.sources if s.id in names and s.audio is not None)
        if not found:
            there = ", ".join(s.id for s in cut.sources if s.audio) or "none"
            raise StageError(
                f"`beats`: there is no sound of {self.of or 'any source'!r}; sources with sound: "
                f"{there}; put it after the stage that brings the music"
            )
        return found

    def _times(self, cut: Cut, sources: tuple[Source, ...]) -> Iterator[Fraction]:
        """When the beats that count are heard, in timeline time."""
        from smartcut.render.sound.clips import track_clips

        counted = {source.id: self._counted(cut, source) for source in sources}
        total = nearest(cut.duration * _CLOCK)
        placed = resolved(cut)
        for track in placed.sounds:
            for clip in track_clips(placed, track, total, _CLOCK, Fraction(0)):
                speed = clip.paces[0][1]
                heard = clip.heard(_CLOCK)
                for time in counted.get(clip.source.id, ()):
                    if heard.contains(time) and not clip.is_reversed and len(clip.paces) == 1:
                        yield Fraction(clip.start, _CLOCK) + (time - clip.time) / speed
        if any(s.source in counted for t in placed.sounds for s in t.segments):
            return
        for segment, place in cut.programme.placed():
            for time in counted.get(segment.source or "", ()):
                if segment.range.contains(time):
                    instant = Range(time, time + Fraction(1, _CLOCK))
                    for when in shown_when(segment, place, instant, forwards=True):
                        yield when.start

    def _counted(self, cut: Cut, source: Source) -> list[Fraction]:
        """The beats of a source that count, in its time."""
        known = cut.data(Signal, "beats", source.id)
        if known is None:
            return []
        strength = known.channel("strength")
        first = next((i for i, value in enumerate(strength) if value == 1.0), 0)
        bar = -1
        found = []
        for i, time in enumerate(known.times()):
            if strength[i] == 1.0:
                bar = i
            since = i - bar if bar >= 0 else i - first
            counts = strength[i] == 1.0 if self.downbeats else since % self.every == 0
            if counts:
                found.append(time)
        return found
