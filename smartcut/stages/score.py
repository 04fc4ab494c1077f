"""`score`: music made for the cut."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.annotation import Annotation, Signal
from smartcut.cache import key_of
from smartcut.cut import Cut, Ducking, Track
from smartcut.errors import StageError
from smartcut.source import Recipe, Source
from smartcut.stage import Context, Group, Stage, Step
from smartcut.stages._beats import Grid, on_the_beat
from smartcut.stages._made_sound import SUFFIX, laid_out, sound_source, with_source
from smartcut.stages.audio import Duck
from smartcut.timebase import RatioParam, TimeParam

if TYPE_CHECKING:
    from smartcut.models.score.play import ScoreRequest as Piece

#: Raised whenever the same parameters would come out with other samples.
_VERSION = 2
_SHORTEST = Fraction(1)


class Score(Stage):
    """Composes simple music as long as the cut, in a key, a tempo and a mood, and plays it under.

    Chords by the mood whose notes move as little as they can, bass, a figure, a melody and soft
    drums, in four-four time; it ends on the tonic. The same seed gives the same music. Its beats
    are known (`beats`, where 1 is the first of a bar), and `snap: cuts` moves the joins of the
    programme to them. Times are those of the cut as it is at this step: put it after the stages
    that choose, join or order segments.

    ```yaml
    - score: {mood: epic, key: A minor, tempo: 84, snap: cuts}
    ```

    `snap: cuts` moves a join by half a beat at most, by showing more or less of the takes around
    it, and never anything of another shot where `shots` are known. The picture then changes with
    the frame nearest to the beat.
    """

    name: ClassVar[str] = "score"
    group: ClassVar[Group] = "generate"
    gives: ClassVar[tuple[str, ...]] = ("beats",)
    after_edits: ClassVar[bool] = True
    hint: ClassVar[str] = "- score"

    mood: Literal["calm", "bright", "tense", "epic"] = Field(
        "calm", description="Sets progressions, rhythm and instruments."
    )
    key: str | None = Field(
        None,
        description="Such as `C minor`, `F# major` or `Bb`; without it, the mood's own: C major, "
        "G major, D minor, A minor.",
    )
    tempo: RatioParam | None = Field(
        None, ge=40, le=240, description="Beats a minute; without it, the mood's: 72, 112, 96, 84."
    )
    seconds: TimeParam | None = Field(
        None, description="How long it is; without it, to the end of the cut."
    )
    start: TimeParam = Field(Fraction(0), description="When it begins: its first beat.")
    seed: int = Field(0, ge=0, lt=2**31, description="Another one gives other music.")
    fade_in: TimeParam = Field(Fraction(0), description="Seconds for it to come in.")
    fade_out: TimeParam = Field(
        Fraction(3), description="Seconds for it to go, at most what is left."
    )
    loudness: float = Field(-20.0, ge=-40, le=-12, description="LUFS of the music as it is made.")
    gain: float = Field(0.0, ge=-60, le=20, description="dB, in the mix.")
    duck: bool | Duck = Field(True, description="Lower the music under speech.")
    snap: Literal["none", "cuts"] = Field(
        "none", description="`cuts`: the joins of the programme go to the nearest beat."
    )

    @field_validator("key")
    @classmethod
    def _a_key(cls, value: str | None) -> str | None:
        from smartcut.models.score.harmony import parse_key

        if value is not None:
            parse_key(value)
        return value

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.models.score.play import write_score

        after, source, piece = self._planned(cut, context)
        if context.cache.find(source.digest, SUFFIX) is None:
            advance = context.progress.start("compose", float(piece.seconds))
            with context.cache.create(source.digest, SUFFIX) as path:
                write_score(path, piece, advance)
            context.progress.done("compose")
        return after

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        after, source, piece = self._planned(cut, context)
        if context.cache.find(source.digest, SUFFIX) is None:
            return after, (Step(self.name, source.id, "run", f"{piece.key}, not made before"),)
        return after, (Step(self.name, source.id, "cached", f"{piece.key}, made before"),)

    def _planned(self, cut: Cut, context: Context) -> tuple[Cut, Source, Piece]:
        """The cut after this stage, the music's source, and the music."""
        piece = self._piece(cut)
        if self.snap == "cuts":
            cut = self._snapped(cut, piece)
            left = cut.duration - self.start
            lasts = left if self.seconds is None else min(self.seconds, left)
            piece = replace(piece, seconds=lasts)
        source = self._source(cut, piece, context)
        cut = with_source(cut, source).with_annotation(_beats(source, piece))
        ducking = self.duck if isinstance(self.duck, Duck) else Duck() if self.duck else None
        track = Track(
            "music",
            gain=self.gain,
            ducking=Ducking(ducking.depth, ducking.attack, ducking.release) if ducking else None,
        )
        track = laid_out(track, [(source, self.start)])
        return replace(cut, tracks=(*cut.tracks, track)), source, piece

    def _piece(self, cut: Cut) -> Piece:
        from smartcut.models.score.compose import MANNERS
        from smartcut.models.score.play import ScoreRequest as Piece

        left = cut.duration - self.start
        seconds = left if self.seconds is None else self.seconds
        if seconds < _SHORTEST or seconds > left:
            raise StageError(
                f"`score`: {float(seconds):.3f} s of music from {float(self.start):g} s do not fit "
                f"a cut that lasts {float(cut.duration):.3f} s; at least {_SHORTEST} s are needed, "
                "and they must end with the cut: change `start` or `seconds`"
            )
        if self.fade_in > seconds:
            raise StageError(
                f"`score`: it comes in over {float(self.fade_in):g} s, but lasts "
                f"{float(seconds):.3f} s; give a shorter `fade_in`"
            )
        manner = MANNERS[self.mood]
        return Piece(
            mood=self.mood,
            key=self.key or manner.key,
            tempo=self.tempo or Fraction(manner.tempo),
            seconds=seconds,
            seed=self.seed,
            fade_in=self.fade_in,
            fade_out=min(self.fade_out, seconds - self.fade_in),
            loudness=self.loudness,
        )

    def _snapped(self, cut: Cut, piece: Piece) -> Cut:
        grid = Grid(self.start, piece.beat, self.start + piece.seconds)
        cut, found, joins = on_the_beat(cut, grid)
        return cut.with_note(f"score: {found} of {joins} joins lie on a beat")

    def _source(self, cut: Cut, piece: Piece, context: Context) -> Source:
        from smartcut.models.score.instruments import RATE

        recipe = Recipe(
            kind=self.name,
            engine="composer",
            seed=piece.seed,
            params=(
                ("mood", piece.mood),
                ("key", piece.key),
                ("tempo", str(piece.tempo)),
                ("seconds", str(piece.seconds)),
                ("fade_in", str(piece.fade_in)),
                ("fade_out", str(piece.fade_out)),
                ("loudness", piece.loudness),
            ),
        )
        key = key_of(self.name, _VERSION, {"recipe": recipe})
        return sound_source(
            cut, context.cache, key, recipe, samples=piece.samples, rate=RATE, channels=2
        )


def _beats(source: Source, piece: Piece) -> Annotation:
    """Every beat of the music in source time; the first of a bar is 1, the others a half."""
    from smartcut.models.score.compose import METRE

    count = -(-source.duration // piece.beat)
    strength = tuple(1.0 if beat % METRE == 0 else 0.5 for beat in range(count))
    signal = Signal(
        timebase=piece.beat,
        pts=tuple(range(count)),
        channels=("strength",),
        values=(strength,),
        summary=(("tempo", float(piece.tempo)), ("metre", float(METRE))),
    )
    return Annotation("beats", source.id, signal, f"score/{_VERSION}")
