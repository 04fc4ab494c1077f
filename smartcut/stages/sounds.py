"""`sounds`: music and effects at their times."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from smartcut.cut import Anchor, At, Cut, Ducking, Segment, Track
from smartcut.effect import to_effect
from smartcut.effects.gain import Gain
from smartcut.errors import StageError
from smartcut.source import Source, unused
from smartcut.stage import Context, Group, Params, PathParam, Stage
from smartcut.stages.audio import Duck
from smartcut.timebase import Range, TimeParam


class PlacedSound(Params):
    """A sound, and when it is heard."""

    file: PathParam = Field(description="Music, an effect, speech: any file with sound.")
    at: TimeParam = Field(
        Fraction(0), description="When it begins, in timeline time; with `of`, in that source's."
    )
    of: str | None = Field(
        None,
        description="The name of the source whose time `at` is: the sound stays with what is shown "
        "then, through later cuts, and goes when that goes.",
    )
    start: TimeParam = Field(Fraction(0), description="Where in the file it begins.")
    duration: TimeParam | None = Field(
        None, gt=0, description="How long it is heard; without it, to its end or the film's."
    )
    gain: float = Field(0.0, ge=-60, le=20, description="dB.")
    fade: TimeParam | tuple[TimeParam, TimeParam] = Field(
        Fraction(0), description="Seconds of coming in and of going, or `[in, out]`."
    )
    duck: bool | Duck = Field(False, description="Lower it under speech.")

    @property
    def fades(self) -> tuple[Fraction, Fraction]:
        """Seconds of coming in, and of going."""
        return self.fade if isinstance(self.fade, tuple) else (self.fade, self.fade)


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


class Sounds(Stage):
    """Adds music and sound effects, each at its time, on a track of its own.

    Unlike `audio: {music: ...}`, a piece is heard once, from `at` on. Times are those of the cut
    as it is at this step: put it after the stages that choose, join or order segments; or name
    with `of` the source whose time it is, and the sound goes along with that wherever it is put.
    Effects change them too, as in `gain: {track: sound, on: 0, db: -3}`.

    ```yaml
    - sounds:
      - {file: sample_media/music.m4a, at: 0s, duration: 6s, gain: -9, fade: [0s, 2s], duck: true}
      - {file: sample_media/music.m4a, at: 8s, start: 10s, gain: -9, fade: 1s}
    ```
    """

    name: ClassVar[str] = "sounds"
    group: ClassVar[Group] = "sound"
    short: ClassVar[str] = "pieces"

    pieces: Annotated[tuple[PlacedSound, ...], BeforeValidator(_as_list)] = Field(
        min_length=1,
        description="Each `{file, at, of, start, duration, gain, fade, duck}`; a list may stand in "
        "place of the parameters.",
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        for piece in self.pieces:
            cut = self._with(cut, piece, context)
        return cut

    def _with(self, cut: Cut, piece: PlacedSound, context: Context) -> Cut:
        known = next((s for s in cut.sources if s.path == piece.file and s.video is None), None)
        source = known or self._source(cut, piece, context)
        if piece.start >= source.duration:
            raise StageError(
                f"`sounds`: `start` is {float(piece.start):g} s, but {piece.file} lasts "
                f"{float(source.duration):.3f} s"
            )
        at = self._begins(cut, piece)
        left = source.duration - piece.start
        if not isinstance(at, Anchor):
            left = min(left, cut.duration - piece.at)
        heard = Range(piece.start, piece.start + min(piece.duration or left, left))
        fade_in, fade_out = piece.fades
        faded = (to_effect(Gain(fade_in=fade_in, fade_out=fade_out)),) if any(piece.fades) else ()
        segment = Segment(source.id, heard, effects=faded, label=piece.file.stem, at=at)
        duck = piece.duck if isinstance(piece.duck, Duck) else Duck() if piece.duck else None
        ducking = Ducking(duck.depth, duck.attack, duck.release) if duck else None
        track = Track("sound", (segment,), gain=piece.gain, ducking=ducking, kind="sound")
        sources = cut.sources if known else (*cut.sources, source)
        return replace(cut, sources=sources, tracks=(*cut.tracks, track))

    def _source(self, cut: Cut, piece: PlacedSound, context: Context) -> Source:
        from smartcut.media.probe import probe

        id = unused(piece.file.stem, (source.id for source in cut.sources))
        found: Source = probe(piece.file, id=id, cache=context.cache)
        if found.audio is None:
            raise StageError(f"`sounds`: {piece.file} has no sound; `overlay` adds pictures")
        return replace(found, video=None, duration=found.audio.start + found.audio.duration)

    def _begins(self, cut: Cut, piece: PlacedSound) -> At:
        if piece.of is not None:
            ids = [source.id for source in cut.sources]
            if piece.of not in ids:
                raise StageError(
                    f"`sounds`: there is no source {piece.of!r}; sources: {', '.join(ids)}"
                )
            return Anchor(piece.of, piece.at)
        if piece.at >= cut.duration:
            raise StageError(
                f"`sounds`: {piece.file.name} begins at {float(piece.at):g} s, but the cut lasts "
                f"{float(cut.duration):.3f} s"
            )
        return piece.at
