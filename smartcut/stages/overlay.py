"""`overlay`: an image or a video above the picture."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from pydantic import Field

from smartcut.curve import Animated, Curve, Key
from smartcut.cut import At, Cut, Segment, Track
from smartcut.effect import to_effect
from smartcut.effects.place import Place, Position
from smartcut.errors import StageError
from smartcut.source import Source, unused
from smartcut.stage import Context, PathParam, Stage
from smartcut.stages._connected import begins, rest
from smartcut.timebase import Range, TimeParam


class OverlayStage(Stage):
    """Lays an image or a video above the picture: a logo, a picture in picture, a cutaway.

    It is connected to what the programme shows at `at`: where later stages cut, move or slow that,
    it goes along. Without `at` and `duration` an image stays for the whole film. Only the frames
    that it covers are encoded.

    ```yaml
    - overlay: {file: logo.png, position: top-right, width: 0.15}
    ```
    """

    name: ClassVar[str] = "overlay"

    file: PathParam = Field(description="An image or a video; its alpha channel counts.")
    position: Position = Field(
        "top-right", description="One of nine places, or [x, y]: its middle in shares of the frame."
    )
    margin: float = Field(
        0.03, ge=0, lt=0.5, description="Distance from the edges, as a share of the shorter side."
    )
    width: Animated | None = Field(None, gt=0, description="Share of the frame's width.")
    height: Animated | None = Field(None, gt=0, description="Share of the frame's height.")
    opacity: Animated = Field(1.0, ge=0, le=1, description="0 is invisible.")
    at: TimeParam | None = Field(
        None, description="When it begins, in timeline time; with `of`, in that source's time."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam | None = Field(None, gt=0, description="How long it is shown.")
    fade: TimeParam = Field(Fraction(0), description="Seconds of coming in, and of going.")
    start: TimeParam = Field(Fraction(0), description="Where in the file it begins.")
    gain: float | None = Field(
        0.0, ge=-60, le=20, description="dB of a video's own sound; none leaves it out."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        source = self._source(cut, context)
        at = self._begins(cut, source)
        segment = self._segment(cut, source, at)
        tracks = (*cut.tracks, Track("overlay", (segment,)))
        if source.audio is not None and self.gain is not None:
            heard = replace(segment, effects=())
            tracks = (*tracks, Track("overlay", (heard,), gain=self.gain, kind="sound"))
        return replace(cut, sources=(*cut.sources, source), tracks=tracks)

    def _source(self, cut: Cut, context: Context) -> Source:
        from smartcut.media.probe import probe

        id = unused(self.file.stem, (source.id for source in cut.sources))
        found: Source = probe(self.file, id=id, cache=context.cache)
        if found.video is None:
            raise StageError(f"`overlay`: {self.file} has no picture; `audio` adds sound")
        if self.start >= found.duration:
            raise StageError(
                f"`overlay`: `start` is {float(self.start):g} s, but {self.file} lasts "
                f"{float(found.duration):.3f} s"
            )
        return found

    def _begins(self, cut: Cut, source: Source) -> At:
        if self.at is None and self.of is None and self.duration is None and _is_still(source):
            return "throughout"
        return begins(cut, "overlay", self.at, self.of)

    def _segment(self, cut: Cut, source: Source, at: At) -> Segment:
        lasts = self.duration
        if lasts is None:
            own = source.duration - self.start
            lasts = rest(cut, self.at, self.of) if _is_still(source) else own
        given: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("position", "margin", "width", "height", "opacity")
            if getattr(self, name) is not None
        }
        if self.fade:
            given["opacity"] = self._faded(lasts, at)
        effect = to_effect(Place(**given))
        shown = Range(self.start, self.start + lasts)
        return Segment(source.id, shown, effects=(effect,), label=source.id, at=at)

    def _faded(self, lasts: Fraction, at: At) -> Curve:
        if isinstance(self.opacity, Curve):
            raise StageError("`overlay`: give `fade`, or keys of `opacity`, not both")
        fade = min(self.fade, lasts / 2)
        keys = [Key(self.start, 0.0), Key(self.start + fade, float(self.opacity))]
        if at != "throughout":  # which has no end yet
            end = self.start + lasts
            keys += [Key(end - fade, float(self.opacity)), Key(end, 0.0)]
        rising = {key.at: key for key in keys}
        return Curve(tuple(rising.values()))


def _is_still(source: Source) -> bool:
    return source.video is not None and source.video.frames <= 1
