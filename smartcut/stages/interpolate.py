"""`interpolate`: slow motion and higher frame rates by frames made between a source's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.cut import Between, Cut, Segment
from smartcut.errors import StageError
from smartcut.render.engine_choice import MakingParams, making
from smartcut.source import VideoStream
from smartcut.stage import Context, Group, PathParam, Stage, Step
from smartcut.stages._chosen import OnParam, chosen
from smartcut.stages._slow_motion import best_ranges, slowed
from smartcut.timebase import RatioParam, TimeParam, nearest

_SOUND: dict[str, Literal["stretched", "kept", "muted"]] = {
    "stretch": "stretched",
    "keep": "kept",
    "mute": "muted",
}


class Interpolate(Stage):
    """Makes frames between frames: slow motion, and other frame rates, without judder.

    `fps` or `factor` gives the picture a constant rate; `speed` slows segments down, or only the
    stretches of them where a signal is highest (`by: motion`, `top: 0.1`), with `ramp` seconds of
    easing. Frames of the source stay as they are, and nothing is made across a cut: add
    `- shots` before it, so that cuts are known; where pictures are too unlike, the one before is
    held. The manifest lists every frame that was made.

    ```yaml
    - interpolate: {speed: 0.25, on: last}
    - interpolate: {fps: 60}
    ```
    """

    name: ClassVar[str] = "interpolate"
    group: ClassVar[Group] = "generate"
    hint: ClassVar[str] = "interpolate: {fps: 60}"

    fps: RatioParam | None = Field(
        None, gt=0, le=1000, description="Frames a second, such as 60 or 60000/1001."
    )
    factor: int | None = Field(None, ge=2, le=64, description="So many times the source's rate.")
    speed: RatioParam | None = Field(
        None, gt=0, description="How fast it plays, at most 1: 0.25 is four times slower."
    )
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    by: str | None = Field(
        None, description="With `speed`: slow only where this signal is highest, such as `motion`."
    )
    top: float = Field(
        0.1, gt=0, le=1, description="With `by`: the share of the pictures that is slowed."
    )
    shortest: TimeParam = Field(
        Fraction(1), gt=0, description="With `by`: least length of such a stretch, at full speed."
    )
    ramp: TimeParam = Field(
        Fraction(0), ge=0, le=30, description="Seconds, at full speed, of easing in and out."
    )
    engine: Literal["auto", "rife", "flow", "blend", "minterpolate"] = Field(
        "auto", description="What makes the frames; `auto` weighs the device and how many."
    )
    quality: Literal["auto", "fast", "best"] = Field(
        "auto", description="With `rife`: `best` takes twice as long as `fast`."
    )
    guard: float = Field(
        0.2, ge=0, le=1, description="Likeness below which two frames are taken for two shots."
    )
    cadence: bool = Field(
        True, description="Drawings held for two to four frames are taken as one that lasts longer."
    )
    sound: Literal["stretch", "keep", "mute"] = Field(
        "stretch", description="Of slowed parts: stretched in pitch, at its own speed, or none."
    )
    weights: PathParam | None = Field(None, description="Your own RIFE weights, a file.")

    @field_validator("speed")
    @classmethod
    def _slower(cls, value: Fraction | None) -> Fraction | None:
        if value is not None and value > 1:
            raise ValueError(
                f"{float(value):g} would play faster, and frames between frames are for what plays "
                "slower: accepted are values up to 1; what plays faster is "
                f"another stage, `speed: {{factor: {float(value):g}}}`"
            )
        return value

    @model_validator(mode="after")
    def _asks_for_something(self) -> Interpolate:
        if self.fps is None and self.factor is None and self.speed is None:
            raise ValueError("give `fps`, `factor` or `speed`")
        if self.fps is not None and self.factor is not None:
            raise ValueError("`fps` and `factor` say the same: give one of them")
        if self.speed is None and (self.by or self.ramp):
            raise ValueError("`by` and `ramp` go with `speed`")
        if self.weights and self.engine not in ("auto", "rife"):
            raise ValueError(f"`weights` are for the engine rife, not {self.engine}")
        return self

    def needed(self) -> tuple[tuple[str, ...], ...]:
        return ((self.by,),) if self.by else ()

    def apply(self, cut: Cut, context: Context) -> Cut:
        cut, reason = self._planned(cut, context)
        context.progress.note(f"interpolate: {reason}")
        return cut.with_note(f"interpolate: {reason}")

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        cut, reason = self._planned(cut, context)
        return cut, (Step(self.name, "cut", "pure", reason),)

    def _planned(self, cut: Cut, context: Context) -> tuple[Cut, str]:
        """The cut, and what was chosen, why, and how long it will take."""
        those = chosen(self.on, len(cut.segments), self.name)
        left = [str(i) for i in sorted(those) if _turns_back(cut.segments[i])]
        cut, reason = self._chosen(cut, context)
        if left:
            reason += f"; none in what plays backwards (segment {', '.join(left)})"
        return cut, reason

    def _chosen(self, cut: Cut, context: Context) -> tuple[Cut, str]:
        parts = self._parts(cut)
        between = sum(_made_in(part, context.target.rate) for part in parts)
        if not between:
            segments = tuple(part.segment for part in parts)
            return cut.with_segments(segments), "every picture is there already; none is made"
        videos = [part.video for part in parts if part.is_made and part.video]
        params, reason = making(
            context,
            videos,
            between,
            engine=self.engine,
            quality=self.quality,
            file=self.weights,
            guard=self.guard,
            cadence=self.cadence,
        )
        segments = tuple(_interpolated(part, params) for part in parts)
        return cut.with_segments(segments), reason

    def _parts(self, cut: Cut) -> list[_Part]:
        """The segments, those to be slowed divided and slowed."""
        those = chosen(self.on, len(cut.segments), self.name)
        slow = [s for i, s in enumerate(cut.segments) if i in those]
        best = best_ranges(cut, slow, self.by, self.top, self.shortest) if self.by else None
        parts: list[_Part] = []
        for i, segment in enumerate(cut.segments):
            video = cut.source(segment.source).video if segment.source else None
            if video is None or i not in those:
                parts.append(_Part(segment, video))
                continue
            if self.speed is None and _turns_back(segment):
                parts.append(_Part(segment, video))
                continue
            pieces = [segment]
            if self.speed is not None and segment.warp is not None:
                raise StageError(
                    f"`interpolate` cannot slow segment {i}, which is {segment.pace}: put it "
                    "before the stage that did that, or slow it with `speed`"
                )
            if self.speed is not None:
                ranges = [segment.range] if best is None else best.get(segment.source or "", [])
                pieces = slowed(segment, ranges, self.speed, self.ramp, 1 / video.rate)
            parts += [self._part(piece, segment, video) for piece in pieces]
        return parts

    def _part(self, piece: Segment, whole: Segment, video: VideoStream) -> _Part:
        is_slow = (piece.speed, piece.warp is None) != (whole.speed, whole.warp is None)
        if is_slow:
            piece = replace(piece, sound=_SOUND[self.sound])
        return _Part(piece, video, self._rate(video), is_slow)

    def _rate(self, video: VideoStream) -> Fraction | None:
        """Frames a second asked for; None leaves the output's."""
        if self.factor is None:
            return self.fps
        return self.factor * video.nominal_rate


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment, or a part of one, and whether frames are to be made in it."""

    segment: Segment
    video: VideoStream | None
    rate: Fraction | None = None
    is_slow: bool = False

    @property
    def is_made(self) -> bool:
        return self.is_slow or self.rate is not None


def _made_in(part: _Part, shown: Fraction | None) -> int:
    """How many pictures lie between frames of the source; about, as rates are averages.

    ``shown`` is the output's rate, where it is asked for.
    """
    if part.video is None or not part.is_made:
        return 0
    rate = shown or part.rate or part.video.rate
    made = Fraction(0)
    for piece in part.segment.pieces:
        step = (piece.slope * part.video.rate / rate).limit_denominator(1000)
        made += (piece.end - piece.start) * rate * (1 - Fraction(1, step.denominator))
    return nearest(made)


def _turns_back(segment: Segment) -> bool:
    """Whether it plays backwards, where no frames are made."""
    return segment.warp is not None and not segment.warp.is_rising


def _interpolated(part: _Part, params: MakingParams) -> Segment:
    if not part.is_made:
        return part.segment
    given: dict[str, Any] = dict(params)
    return replace(part.segment, between=Between(**given, rate=part.rate))
