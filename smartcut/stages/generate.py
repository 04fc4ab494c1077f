"""`generate`: generated pictures, placed on the timeline like any other source."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.algebra import inserted
from smartcut.colours import ColourParam
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.drawers.colour import SolidColour
from smartcut.drawers.gradient import Gradient
from smartcut.drawers.text import Text
from smartcut.errors import StageError
from smartcut.render.captions.fonts import FontParam
from smartcut.source import Recipe, Source, Value
from smartcut.stage import Context, Group, PathParam, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.stages._drawn import with_title
from smartcut.stages._look import FootageFormat, with_source
from smartcut.timebase import Range, RatioParam, TimeParam

GeneratedKind = Literal["title", "background", "extend", "bridge", "b-roll"]
GeneratedAt = Literal["start", "end", "between", "gap", "replace"]

_PLACES: dict[str, tuple[GeneratedAt, ...]] = {
    "title": ("start", "end", "between", "gap"),
    "background": ("start", "end", "between", "gap", "replace"),
    "b-roll": ("end", "start", "between", "gap", "replace"),
    "extend": ("end", "between"),
    "bridge": ("between",),
}
# Engines that are drawers.
_DRAWN = ("colour", "gradient")
_ENGINES = {
    "title": ("path-tracer", "trained", "diffusers", *_DRAWN),
    "background": ("path-tracer", "trained", "diffusers", *_DRAWN),
    "b-roll": ("path-tracer", "trained", "diffusers"),
    "extend": ("flow", "trained", "diffusers"),
    "bridge": ("rife", "flow", "blend", "trained"),
}
_HDR = ("smpte2084", "arib-std-b67")


class Generate(Stage):
    """Places pictures that are generated: titles, backgrounds, b-roll, longer shots, bridges.

    `title` writes a text over a generated background, `background` and `b-roll` are pictures by
    themselves, `extend` carries a segment on beyond its last frame, and `bridge` leads from the
    last frame of one segment to the first of the next. Size, rate and colours are those of the
    footage shown longest. Nothing is made before the cut is rendered, and the same recipe is made
    only once. Every generated frame is named in the manifest and in the file.

    Without weights, backgrounds are path-traced, segments are carried on by optical flow (good for
    a second or two), and bridges are interpolated. `weights` takes a file that
    `smartcut generate train` wrote; `model` a text-to-video model for diffusers.

    ```yaml
    - generate: {kind: title, text: Summer at sea, seconds: 3}
    ```
    """

    name: ClassVar[str] = "generate"
    group: ClassVar[Group] = "generate"
    makes: ClassVar[bool] = True

    kind: GeneratedKind = Field(description="What it is for.")
    at: GeneratedAt | None = Field(
        None,
        description="Where it goes: before everything, after everything, between segments, into "
        "the gaps, or in place of segments. Without it, titles and backgrounds start the cut, "
        "bridges lie between, and the rest ends it.",
    )
    on: OnParam = Field(
        "all",
        description="Which segments: those carried on, replaced, filled, or come before which it "
        "goes: all, first, last, or numbers from 0.",
    )
    seconds: TimeParam = Field(
        Fraction(3), gt=0, le=600, description="How long; gaps and replaced segments keep theirs."
    )
    engine: Literal[
        "auto", "path-tracer", "rife", "flow", "blend", "trained", "diffusers", "colour", "gradient"
    ] = Field("auto", description="What makes it.")
    weights: PathParam | None = Field(None, description="Weights of a generator (`trained`).")
    model: str | None = Field(None, description="Name or folder of a model for `diffusers`.")
    prompt: str | None = Field(None, description="What is to be seen, for engines that read.")
    label: str | None = Field(None, description="The class to make, where the weights know any.")
    guidance: float | None = Field(None, ge=0, le=50, description="How closely to heed it.")
    steps: int | None = Field(None, ge=1, le=1000, description="Steps of a sampler.")
    scene: Literal["bokeh", "studio", "dusk", "yard"] = Field(
        "bokeh", description="What the path tracer shows."
    )
    detail: float = Field(
        0.15, gt=0, le=1, description="Share of the picture's height that is traced."
    )
    samples: int = Field(16, ge=1, le=4096, description="Paths a traced pixel.")
    truth: tuple[Literal["boxes", "depth", "motion"], ...] = Field(
        (),
        description="What is known of the scene `yard`, written beside the output: boxes with "
        "tracks (COCO's JSON), depth in metres, motion in pixels (`.npy`).",
    )
    seed: int = Field(0, ge=0, description="Another seed, another picture.")
    sound: Literal["keep", "drop"] = Field(
        "keep", description="Whether the sound of replaced segments plays on."
    )
    text: str | None = Field(None, description="The text of a `title`: one line, or several.")
    position: Literal["top", "middle", "bottom"] = Field("middle", description="Of the text.")
    text_size: float = Field(
        0.11, gt=0, le=0.5, description="Height of the letters, as a share of the picture's."
    )
    colour: ColourParam = Field("#ffffff", description="Of the text.")
    colours: tuple[ColourParam, ...] = Field(
        ("#203040", "#0a1018"),
        min_length=1,
        description="Of the engines `colour` (the first) and `gradient` (downwards).",
    )
    font: FontParam | None = Field(
        None, description="A font file; without it, Noto Sans of any script."
    )
    fade: TimeParam = Field(Fraction(1, 2), description="Seconds in which the text comes and goes.")
    size: tuple[int, int] = Field(
        (1280, 720), description="Width and height, where there is no footage to match."
    )
    fps: RatioParam = Field(
        Fraction(25), gt=0, le=240, description="Rate, where there is no footage to match."
    )

    @field_validator("text", "prompt")
    @classmethod
    def _not_empty(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("it is empty; write something, or leave it out")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Generate:
        if self.at is not None and self.at not in _PLACES[self.kind]:
            raise ValueError(
                f"`{self.kind}` cannot go to {self.at!r}; accepted: {', '.join(_PLACES[self.kind])}"
            )
        if (self.kind == "title") != (self.text is not None):
            raise ValueError("`text` and `kind: title` belong together")
        if self.weights and self.model:
            raise ValueError("give `weights` or `model`, not both")
        accepted = _ENGINES[self.kind]
        if self.engine not in ("auto", *accepted):
            raise ValueError(
                f"the engine {self.engine!r} makes no {self.kind}; accepted: {', '.join(accepted)}"
            )
        for engine, name, given in (
            ("trained", "weights", self.weights),
            ("diffusers", "model", self.model),
        ):
            if self.engine == engine and given is None:
                raise ValueError(f"`engine: {engine}` needs `{name}`")
            if given is not None and self.engine not in ("auto", engine):
                raise ValueError(f"`{name}` is for `engine: {engine}`, not {self.engine!r}")
        if self.truth and self._engine() != "path-tracer":
            raise ValueError("`truth` is known only of what the path tracer makes")
        if self.model and self.kind != "extend" and not self.prompt:
            raise ValueError("`model` needs a `prompt`")
        return self

    # ------------------------------------------------------------------------------- placing

    def apply(self, cut: Cut, context: Context) -> Cut:
        look = FootageFormat.of(cut, self.size, self.fps)
        if look.colour.transfer in _HDR:
            cut = cut.with_note(
                "generated pictures are made for standard displays; beside HDR footage they look "
                "dull"
            )
        at = self.at or _PLACES[self.kind][0]
        if at in ("gap", "replace"):
            return self._replaced(cut, at, look, context)
        for number in sorted(self._places(cut, at), reverse=True):
            cut = self._inserted(cut, number, look, context)
        return look.kept_in(cut)

    def _places(self, cut: Cut, at: GeneratedAt) -> set[int]:
        """The segments before which something is inserted; their count means the end."""
        count = len(cut.segments)
        if self.kind == "extend":
            if not count:
                raise StageError("`generate` is to carry on a segment, but the cut has none")
            on = "last" if at == "end" and self.on == "all" else self.on
            return {number + 1 for number in chosen(on, count, "generate")}
        if at == "start":
            return {0}
        if at == "end":
            return {count}
        joins = {number for number in chosen(self.on, count, "generate") if number}
        if not joins:
            raise StageError(
                f"`generate` is to go between segments, but there is no join: the cut has {count}"
            )
        return joins

    def _inserted(self, cut: Cut, number: int, look: FootageFormat, context: Context) -> Cut:
        """The cut with something made before the ``number``-th segment."""
        before = cut.segments[number - 1] if number else None
        after = cut.segments[number] if number < len(cut.segments) else None
        effects: tuple[Effect, ...] = ()
        recipe = self._recipe(context)
        if self.kind in ("extend", "bridge"):
            assert before is not None
            recipe = replace(recipe, after=_edge(before, number - 1, before.range.end))
            effects = before.effects
        if self.kind == "bridge":
            assert after is not None
            recipe = replace(recipe, before=_edge(after, number, after.range.start))
        source = self._source(recipe, cut, look, self.seconds, context)
        cut = with_source(cut, source)
        at = list(cut.programme.placed())[number - 1][1].end if number else Fraction(0)
        segment = Segment(
            source.id, Range(Fraction(0), source.duration), effects=effects, label=source.id
        )
        return self._titled(inserted(cut, number, segment), Range(at, at + segment.duration))

    def _replaced(self, cut: Cut, at: GeneratedAt, look: FootageFormat, context: Context) -> Cut:
        """The cut with something made in place of segments, or in the gaps."""
        numbers = chosen(self.on, len(cut.segments), "generate")
        if at == "gap":
            numbers = {n for n in numbers if cut.segments[n].source is None}
        if not numbers:
            raise StageError(f"`generate` finds nothing to fill: the cut has no {at} there")
        for number in sorted(numbers):
            old, place = list(cut.programme.placed())[number]
            source = self._source(self._recipe(context), cut, look, old.duration, context)
            if old.source and self.sound == "keep" and cut.source(old.source).audio:
                cut = _with_voice(cut, old, place)
            cut = with_source(cut, source)
            segment = Segment(
                source.id,
                Range(Fraction(0), min(source.duration, old.duration)),
                transition=old.transition,
                label=source.id,
            )
            segments = (*cut.segments[:number], segment, *cut.segments[number + 1 :])
            cut = self._titled(cut.with_segments(segments), place)
        return cut

    def _titled(self, cut: Cut, place: Range) -> Cut:
        if self.text is None:
            return cut
        lines = [" ".join(line.split()) for line in self.text.strip().splitlines()]
        text = Text(
            text="\n".join(lines),
            font=self.font,
            size=self.text_size,
            colour=self.colour,
            outline_width=0.003,
            position=self.position,
            fade=min(self.fade, place.duration / 2),
        )
        return with_title(cut, text, place)

    # -------------------------------------------------------------------------------- recipes

    def _source(
        self,
        recipe: Recipe,
        cut: Cut,
        look: FootageFormat,
        seconds: Fraction,
        context: Context,
    ) -> Source:
        """The source that a recipe will be, or what is drawn in its place."""
        if recipe.engine not in _DRAWN:
            return look.source(recipe, cut, seconds, context)
        if recipe.engine == "colour":
            return look.drawn(self.kind, SolidColour(colour=self.colours[0]), cut, seconds)
        colours = self.colours if len(self.colours) > 1 else (*self.colours, "#000000")
        return look.drawn(self.kind, Gradient(colours=colours), cut, seconds)

    def _recipe(self, context: Context) -> Recipe:
        engine = self._engine()
        params: dict[str, Value] = {}
        if engine == "path-tracer":
            params = {"scene": self.scene, "detail": self.detail, "samples": self.samples}
            params["truth"] = self.truth or None
        elif engine in ("trained", "diffusers"):
            params = {
                "prompt": self.prompt,
                "label": self.label,
                "guidance": self.guidance,
                "steps": self.steps,
                "file": str(self.weights) if self.weights else None,
                "model": self.model,
            }
        model, weights = self._weights(engine, context)
        return Recipe(
            self.kind,
            engine,
            self.seed,
            tuple((k, v) for k, v in params.items() if v is not None),
            model=model,
            weights=weights,
        )

    def _engine(self) -> str:
        if self.engine != "auto":
            return self.engine
        if self.weights or self.model:
            return "trained" if self.weights else "diffusers"
        if self.kind == "bridge":
            from smartcut.models import weights

            return "rife" if weights.find("rife-4.6") else "flow"
        return _ENGINES[self.kind][0]

    def _weights(self, engine: str, context: Context) -> tuple[str | None, str | None]:
        """(name, sha256) of the network; raises ModelError where it does not fit its task."""
        if engine == "rife":
            from smartcut.models import weights

            return "rife-4.6", weights.digest("rife-4.6")
        if engine == "trained":
            from smartcut.models.makers.trained import check

            assert self.weights is not None
            return check(
                self.weights, self.kind, prompt=self.prompt, label=self.label
            ), context.cache.source_digest(self.weights)
        if engine == "diffusers":
            from smartcut.models.generation.large import find

            assert self.model is not None
            return self.model, find(self.model, allow_net=context.allow_net).digest
        return None, None


def _edge(segment: Segment, number: int, time: Fraction) -> tuple[str, Fraction]:
    if segment.source is None:
        raise StageError(
            f"`generate` cannot go on from segment {number}: it is a gap; choose others by `on`"
        )
    return segment.source, time


def _with_voice(cut: Cut, segment: Segment, place: Range) -> Cut:
    """The cut with the sound of a segment on a track of its own, where it was."""
    heard = replace(segment, effects=(), transition=None)
    lead = Segment(None, Range(Fraction(0), place.start))
    segments = (lead, heard) if place.start else (heard,)
    gain = cut.mix.programme_gain
    if gain is None:
        return cut
    return replace(cut, tracks=(*cut.tracks, Track("voice", segments, gain=gain)))
