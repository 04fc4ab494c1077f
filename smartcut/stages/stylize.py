"""`stylize`: the colours of a reference picture, a colour table, or a network's style."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.annotation import Features, Shots
from smartcut.cache import key_of
from smartcut.cut import Cut, Effect, Segment
from smartcut.errors import ModelError, StageError
from smartcut.source import Value
from smartcut.stage import Analysis, Context, Group, PathParam, Stage, Step
from smartcut.stages._chosen import OnParam, chosen
from smartcut.stages._colours import (
    ColoursAnalysis,
    is_image,
    of_rows,
    reference_colours,
    rows_in,
)
from smartcut.timebase import Range, TimeParam

if TYPE_CHECKING:
    import numpy as np


_HDR = ("smpte2084", "arib-std-b67")


class StylizeStage(Stage):
    """Gives segments the colours of a reference picture, or the style of a network.

    `transport` carries the distribution of colours over by optimal transport, `linear` only their
    mean and spread; both make one colour table for each segment, shot or source, so that nothing
    flickers. `lut` applies a table of your own. `neural` repaints each frame with your own
    weights of a fast style network, and blends it with the frames before along the motion; then
    put `stylize` before `effects`. Frames that `interpolate` makes are styled as well.

    ```yaml
    - stylize: {reference: look.jpg, strength: 0.8}
    ```
    """

    name: ClassVar[str] = "stylize"
    group: ClassVar[Group] = "generate"
    hint: ClassVar[str] = "stylize: {reference: look.png}"

    reference: PathParam | None = Field(
        None, description="The picture whose colours are wanted: an image, or with `at` a video."
    )
    at: TimeParam | None = Field(
        None, ge=0, description="Where in a video the reference is, such as `2s`."
    )
    lut: PathParam | None = Field(None, description="A colour table instead: a 3D .cube file.")
    method: Literal["transport", "linear", "neural"] = Field(
        "transport", description="How the look is passed on; `neural` needs `weights`."
    )
    strength: float = Field(
        1.0, gt=0, le=1, description="1 is the whole look; less mixes it with the source's own."
    )
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    per: Literal["segment", "shot", "source"] = Field(
        "segment", description="What gets one table of colours; `shot` needs `shots`."
    )
    weights: PathParam | None = Field(
        None,
        description="With `neural`: a network's weights (Johnson et al., 2016), as safetensors.",
    )

    @model_validator(mode="after")
    def _says_what(self) -> StylizeStage:
        if self.method == "neural":
            if self.weights is None:
                raise ModelError(
                    "`stylize` with `method: neural` has no weights, and none come with smartcut; "
                    "give a network's with `weights: FILE.safetensors`, or use `method: transport`"
                )
            if self.reference or self.lut:
                raise ValueError("with `neural` the style is in `weights`: leave `reference` out")
        elif self.weights:
            raise ValueError(f"`weights` are for `method: neural`, not {self.method}")
        elif (self.reference is None) == (self.lut is None):
            raise ValueError("give either `reference`, a picture, or `lut`, a .cube file")
        if self.at is not None and self.reference is None:
            raise ValueError("`at` says where in the `reference` the frame is; give that too")
        if self.reference and self.at is None and not is_image(self.reference):
            raise ValueError(f"{self.reference} is no image; for a frame of a video give `at` too")
        return self

    def needed(self) -> tuple[tuple[str, ...], ...]:
        return (("shots",),) if self.per == "shot" and self.reference else ()

    def analyses(self) -> tuple[Analysis, ...]:
        return (ColoursAnalysis(),) if self.reference else ()

    def touches_all(self) -> bool:
        return True

    def apply(self, cut: Cut, context: Context) -> Cut:
        cut, looks = self._styled(cut, context)
        for look in looks:
            look.ready(context)
        return cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        cut, looks = self._styled(cut, context)
        known = sum(context.cache.find(look.key, ".cube") is not None for look in looks)
        reason = f"colour tables: {len(looks)}, known: {known}" if looks else "no colour table"
        if self.method == "neural":
            reason = "each frame is repainted when it is rendered"
        return cut, (Step(self.name, "cut", "pure", reason),)

    # --------------------------------------------------------------------- which segment gets what

    def _styled(self, cut: Cut, context: Context) -> tuple[Cut, list[_TableRecipe]]:
        """The cut with the effect on its segments, and the tables that this takes."""
        those = chosen(self.on, len(cut.segments), self.name)
        read = _Reading(self, context)
        segments: list[Segment] = []
        looks: dict[str, _TableRecipe] = {}
        for number, segment in enumerate(cut.segments):
            if number in those and _has_picture(cut, segment):
                effect, found = read.effect(cut, segment)
                looks |= {look.key: look for look in found}
                added = (effect,) if effect else ()
                segment = replace(segment, effects=(*segment.effects, *added))
            segments.append(segment)
        for note in read.notes:
            cut = cut.with_note(note)
        return cut.with_segments(tuple(segments)), list(looks.values())


def _has_picture(cut: Cut, segment: Segment) -> bool:
    return segment.source is not None and cut.source(segment.source).video is not None


@dataclass(frozen=True, slots=True)
class _TableRecipe:
    """A colour table to make: its key says all that it depends on."""

    key: str
    make: Any
    """Takes nothing, gives the table."""

    def ready(self, context: Context) -> None:
        """Make the table, unless it is there."""
        from smartcut.render.lut import write_cube

        if context.cache.find(self.key, ".cube") is None:
            table = self.make()
            with context.cache.create(self.key, ".cube") as path:
                write_cube(path, table)


class _Reading:
    """The effects of one run of the stage; what they need is read once."""

    def __init__(self, stage: StylizeStage, context: Context) -> None:
        self._stage, self._context = stage, context
        self.notes: list[str] = []
        path = stage.reference or stage.lut or stage.weights
        assert path is not None
        self._path, self._digest = path, context.cache.source_digest(path)
        self._wanted: np.ndarray | None = None
        if stage.reference:
            self._wanted = reference_colours(path, stage.at, context)
        elif stage.weights:
            from smartcut.models.style import load_style

            load_style(path)  # so that a wrong file is known before the work

    def effect(self, cut: Cut, segment: Segment) -> tuple[Effect | None, list[_TableRecipe]]:
        """The effect for a segment, and its tables."""
        stage = self._stage
        if stage.method == "neural":
            return self._as_effect([("file", str(self._path))]), []
        if stage.lut:
            look = self._own()
            return self._as_effect([("tables", (look.key,)), ("starts", ("0",))]), [look]
        source = cut.source(segment.source or "")
        if source.made is not None:
            self.notes.append("stylize: made pictures keep their colours; use `lut` for those")
            return None, []
        if source.video and source.video.colour.transfer in _HDR:
            raise StageError(
                f"{source.id} is HDR ({source.video.colour.transfer}), and a reference picture is "
                "not: their colours cannot be compared; use a `lut` made for such footage"
            )
        colours = self._context.result(ColoursAnalysis(), source).data
        assert isinstance(colours, Features)
        if not colours.pts:
            return None, []
        parts = list(_parts(cut, segment, stage.per))
        looks = [self._look(colours, rows_in(colours, [part])) for part in parts]
        starts = tuple(str(part.start) for part in parts)
        tables = tuple(look.key for look in looks)
        return self._as_effect([("tables", tables), ("starts", starts)]), looks

    def _as_effect(self, more: Sequence[tuple[str, Value]]) -> Effect:
        stage = self._stage
        given: list[tuple[str, Value]] = [
            ("method", "lut" if stage.lut else stage.method),
            ("strength", stage.strength),
            ("from", self._path.name),
            ("sha256", self._digest),
        ]
        if stage.at is not None:
            given.append(("at", str(stage.at)))
        return Effect(stage.name, (*given, *more))

    def _own(self) -> _TableRecipe:
        from smartcut.render.lut import read_cube, weakened

        table = read_cube(self._path)
        strength = self._stage.strength
        key = key_of("look", 1, {"cube": self._digest, "strength": strength})
        return _TableRecipe(key, lambda: weakened(table, strength))

    def _look(self, colours: Features, rows: tuple[int, ...]) -> _TableRecipe:
        from smartcut.render.lut import VERSION, linear_table, transport_table

        stage, wanted = self._stage, self._wanted
        inputs = {
            "reference": self._digest,
            "at": stage.at,
            "method": stage.method,
            "strength": stage.strength,
            "colours": colours.array,
            "rows": rows,
        }

        def make() -> np.ndarray:
            array = self._context.cache.load_array(colours.array)
            assert array is not None
            assert wanted is not None
            table = linear_table if stage.method == "linear" else transport_table
            return table(of_rows(array, rows), wanted, stage.strength)

        return _TableRecipe(key_of("look", VERSION, inputs), make)


def _parts(cut: Cut, segment: Segment, per: str) -> Iterator[Range]:
    """The ranges of source time that have a table of their own, in order."""
    source = cut.source(segment.source or "")
    whole = segment.range
    shots = cut.data(Shots, "shots", source.id)
    if per == "source":
        yield Range(Fraction(0), max(source.duration, whole.end))
    elif per == "segment" or shots is None:
        yield whole
    else:
        found = [x for shot in shots.shots if (x := shot.range.intersect(whole)) is not None]
        yield from found or [whole]
