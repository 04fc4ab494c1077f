"""`multicam`: several recordings of one event, aligned by their sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from smartcut.annotation import Signal
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.stage import Context, Group, Params, Stage
from smartcut.stages._switching import STEP, ShownCamera, by_loudness, runs
from smartcut.stages.loudness import LoudnessAnalysis
from smartcut.timebase import Range, TimeParam, nearest

if TYPE_CHECKING:
    import numpy as np

    from smartcut.media.alignment import Recording

#: Raised whenever the same recordings would be aligned otherwise.
_VERSION = 1


class Switch(Params):
    """From when on a recording is shown."""

    at: TimeParam = Field(description="In the time of the reference.")
    to: str = Field(description="The recording's name.")


@dataclass(frozen=True, slots=True)
class Clocked:
    """A recording, and its time at a time of the reference: ``offset + rate * time``."""

    source: Source
    offset: Fraction
    rate: Fraction
    """Its seconds in one of the reference's; 1.0003 is a drift of 300 parts in a million."""

    def at(self, time: Fraction) -> Fraction:
        return self.offset + self.rate * time

    def covers(self, place: Range) -> bool:
        """Whether it recorded that time of the reference."""
        return self.at(place.start) >= 0 and self.at(place.end) <= self.source.duration


class Multicam(Stage):
    """Aligns recordings of one event by their sound, and switches between them.

    Every input is a recording. Where another one's sound is in the reference's, and how much
    faster or slower its clock is, is found to a tenth of a millisecond. The film lasts as the
    reference does. Its sound is heard throughout, whoever is shown, unless `sound` names another
    recording, or `own`: that of what is shown. With `switch: speaker`, the recording is shown in
    which speech is loudest beside the others, as with microphones near each speaker; with a list,
    what that says.

    ```yaml
    - multicam: {switch: speaker, least: 2s}
    - multicam: {reference: wide, switch: [{at: 0s, to: wide}, {at: 12s, to: close}]}
    ```
    """

    name: ClassVar[str] = "multicam"
    group: ClassVar[Group] = "choose"

    reference: str | None = Field(
        None, description="The name of the recording whose clock counts; without it, the first."
    )
    switch: Literal["speaker"] | tuple[Switch, ...] = Field(
        "speaker", description="`speaker`, or a list of `{at, to}`."
    )
    least: TimeParam = Field(
        Fraction(2), gt=0, description="Seconds for which one is shown at least, by `speaker`."
    )
    sound: str = Field(
        "reference", description="`reference`, `own`, or the name of the recording to be heard."
    )
    tolerance: TimeParam = Field(
        Fraction(1, 100),
        gt=0,
        description="Seconds by which clocks may come apart within a segment; beyond that its "
        "speed makes up for the drift.",
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        clocked = self._clocked(cut, context)
        reference = next(iter(clocked.values())).source
        cut = cut.with_note(_said(clocked))
        shown = self._shown(clocked, reference, context)
        segments = tuple(self._segment(clocked[one.source], one.range) for one in shown)
        if self.sound == "own":
            return cut.with_segments(segments)
        heard = reference.id if self.sound == "reference" else self.sound
        if heard not in clocked:
            raise self._unknown(heard, clocked)
        if all(one.source == heard for one in shown):
            return cut.with_segments(segments)
        muted = tuple(replace(segment, sound="muted") for segment in segments)
        track = Track("sound", self._heard(clocked[heard], reference), kind="sound")
        return replace(cut.with_segments(muted), tracks=(*cut.with_segments(muted).tracks, track))

    # ------------------------------------------------------------------------------- alignment

    def _clocked(self, cut: Cut, context: Context) -> dict[str, Clocked]:
        """The recordings by name, the reference first."""
        sources = {source.id: source for source in cut.footage if source.duration}
        if len(sources) < 2:
            raise StageError("`multicam`: give two recordings of the event or more, as inputs")
        name = self.reference or next(iter(sources))
        if name not in sources:
            raise self._unknown(name, sources)
        reference = sources.pop(name)
        found = {name: Clocked(reference, Fraction(0), Fraction(1))}
        for source in sources.values():
            found[source.id] = self._aligned(reference, source, context)
        return found

    def _aligned(self, reference: Source, source: Source, context: Context) -> Clocked:
        from smartcut.media.alignment import align

        for one in (reference, source):
            if one.audio is None:
                raise StageError(f"`multicam`: {one.id} has no sound, by which it is aligned")
        sound = {"source": source.digest, "reference": reference.digest}
        streams = [one.audio.index for one in (reference, source) if one.audio]

        def compute() -> list[float] | None:
            found = align(_recording(reference), _recording(source))
            return [found.offset, found.drift] if found else []

        answer = context.memo("alignment", _VERSION, {**sound, "streams": streams}, compute)
        if not answer:
            raise StageError(
                f"`multicam`: no sound of {reference.id} was found in {source.id}: they were not "
                "recorded together, or one hears nothing of what the other does; leave it out, or "
                "choose another `reference`"
            )
        offset, drift = answer
        rate = 1 + Fraction(nearest(Fraction(drift) * 10**8), 10**8)
        return Clocked(source, Fraction(nearest(Fraction(offset) * 48_000), 48_000), rate)

    # ------------------------------------------------------------------------------- switching

    def _shown(
        self, clocked: dict[str, Clocked], reference: Source, context: Context
    ) -> list[ShownCamera]:
        if self.switch != "speaker":
            return self._by_hand(clocked, reference)
        recordings = list(clocked.values())
        pictures = [c for c in recordings if c.source.video is not None] or recordings
        levels, there = self._levels(pictures, reference, context)
        path = by_loudness(levels, there, self.least)
        return runs(path, [c.source.id for c in pictures], reference.duration)

    def _levels(
        self, clocked: list[Clocked], reference: Source, context: Context
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of each recording at each step of the event: (dB, whether it was recorded)."""
        import numpy as np

        count = max(1, int(reference.duration / STEP))
        times = (np.arange(count) + 0.5) * float(STEP)
        levels, there = [], []
        for one in clocked:
            data = context.result(LoudnessAnalysis(), one.source).data
            assert isinstance(data, Signal)
            own = float(one.offset) + float(one.rate) * times
            at = [float(t) for t in data.times()]
            heard = np.interp(own, at, data.channel("momentary")) if at else own * 0 - 90
            levels.append(heard)
            ends = [one.covers(Range(k * STEP, (k + 1) * STEP)) for k in range(count)]
            there.append(ends)
        return np.array(levels), np.array(there)

    def _by_hand(self, clocked: dict[str, Clocked], reference: Source) -> list[ShownCamera]:
        assert not isinstance(self.switch, str)
        given = sorted(self.switch, key=lambda one: one.at)
        if not given or given[0].at > 0:
            given = [Switch(at=Fraction(0), to=reference.id), *given]
        ends = [*(one.at for one in given[1:]), reference.duration]
        shown = []
        for one, end in zip(given, ends, strict=True):
            if one.to not in clocked:
                raise self._unknown(one.to, clocked)
            end = min(end, reference.duration)
            if one.at >= end:
                continue
            place = Range(one.at, end)
            if not clocked[one.to].covers(place):
                source = clocked[one.to]
                first, last = (
                    (time - source.offset) / source.rate
                    for time in (Fraction(0), source.source.duration)
                )
                raise StageError(
                    f"`multicam`: {one.to} is to be shown from {float(one.at):g} to {float(end):g} "
                    f"s, but it was recorded from {float(first):.3f} to {float(last):.3f} s"
                )
            shown.append(ShownCamera(one.to, place))
        return shown

    # -------------------------------------------------------------------------------- segments

    def _segment(self, one: Clocked, place: Range) -> Segment:
        """What a recording shows at a time of the event."""
        apart = abs(one.rate - 1) * place.duration
        if apart <= self.tolerance:  # it is exact in the middle
            middle = one.at(place.middle)
            first = max(Fraction(0), middle - place.duration / 2)
            return Segment(one.source.id, Range(first, first + place.duration), label=one.source.id)
        seen = Range(one.at(place.start), one.at(place.end))
        return Segment(one.source.id, seen, speed=one.rate, label=one.source.id)

    def _heard(self, one: Clocked, reference: Source) -> tuple[Segment, ...]:
        """A recording's sound, throughout the event."""
        first = max(Fraction(0), -one.offset / one.rate)
        last = min(reference.duration, (one.source.duration - one.offset) / one.rate)
        segment = self._segment(one, Range(first, last))
        return (replace(segment, at=first),)

    def _unknown(self, name: str, known: Iterable[str]) -> StageError:
        names = ", ".join(known)
        return StageError(f"`multicam`: there is no recording {name!r}; recordings: {names}")


def _said(clocked: dict[str, Clocked]) -> str:
    parts = []
    for one in [*clocked.values()][1:]:
        way = "later" if one.offset > 0 else "earlier"
        parts.append(
            f"{one.source.id} hears it {abs(float(one.offset)):.4f} s {way}, and its clock drifts "
            f"by {float(one.rate - 1) * 1e6:+.1f} parts in a million"
        )
    return f"multicam: beside {next(iter(clocked))}, {'; '.join(parts)}"


def _recording(source: Source) -> Recording:
    import numpy as np

    from smartcut.media.alignment import RATE, Recording
    from smartcut.media.audio import samples

    def heard(start: float, end: float) -> np.ndarray:
        first, last = round(start * RATE), round(end * RATE)
        times = Fraction(first, RATE), Fraction(last, RATE)
        return np.concatenate([*samples(source, RATE, 1, *times)], axis=1)[0]

    return Recording(heard, float(source.duration))
