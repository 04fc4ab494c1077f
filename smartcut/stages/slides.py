"""`slides`: still pictures, one after the other, through a camera that may move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from smartcut.algebra import divided, inserted, with_layer
from smartcut.colours import ColourParam
from smartcut.cut import Cut, Segment, Track
from smartcut.drawers.colour import SolidColour
from smartcut.effect import to_effect
from smartcut.effects.place import Place
from smartcut.errors import StageError
from smartcut.source import Recipe, Source
from smartcut.stage import Context, Group, PathParam, Stage
from smartcut.stages._connected import begins
from smartcut.stages._look import FootageFormat, with_source
from smartcut.timebase import Range, RatioParam, TimeParam

CameraMove = Literal["none", "in", "out", "left", "right", "up", "down"]


def _is_colour(value: str) -> str:
    if not value.startswith("#"):
        raise ValueError("no colour")
    return value


#: ``#rrggbb``, as against the name of a file.
SlideColour = Annotated[ColourParam, AfterValidator(_is_colour)]


class Slides(Stage):
    """Adds still pictures to the cut: slides, photographs, maps, or one colour.

    They come at the end, or where `at` says, or with `over` above what plays there, which goes on
    and is heard. Each is shown for `seconds`, or, with `seconds: voice`, for as long as the line of
    the `voiceover` with its number is spoken. The camera stands still, or moves over the picture.

    ```yaml
    - slides: {pictures: [a.jpg, b.jpg], seconds: 4, move: [in, left]}
    ```
    """

    name: ClassVar[str] = "slides"
    group: ClassVar[Group] = "generate"
    makes: ClassVar[bool] = True

    pictures: tuple[SlideColour | PathParam, ...] = Field(
        min_length=1, description="Picture files, in order, or colours (`#rrggbb`)."
    )
    seconds: TimeParam | Literal["voice"] = Field(
        Fraction(4), description="How long each is shown; `voice` follows the voiceover."
    )
    at: Literal["start", "end", "between"] | TimeParam | None = Field(
        None,
        description="Where they come in: `start`, `end`, `between` (one in each join), or a time "
        "of the timeline; left out, the end, and with `over` the start, or when its line is said.",
    )
    over: bool = Field(
        False, description="Lay them over what plays from `at` on; the film stays as long as it is."
    )
    move: CameraMove | tuple[CameraMove, ...] = Field(
        "none", description="How the camera moves; several take turns."
    )
    zoom: float = Field(1.15, ge=1, le=4, description="How near the camera comes.")
    fit: Literal["pad", "crop"] = Field(
        "pad", description="Whether the whole picture is seen, or it fills the frame."
    )
    size: tuple[int, int] = Field(
        (1280, 720), description="Width and height, where there is no footage to match."
    )
    fps: RatioParam = Field(
        Fraction(25), gt=0, le=240, description="Rate, where there is no footage to match."
    )

    @field_validator("pictures", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("seconds")
    @classmethod
    def _some_time(cls, value: Fraction | str) -> Fraction | str:
        if isinstance(value, Fraction) and not 0 < value <= 3600:
            raise ValueError("seconds must be more than 0 and at most 3600")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Slides:
        if self.over and self.at in ("end", "between"):
            raise ValueError(f"`over` takes a time or `start` as `at`, not `{self.at}`")
        if self.seconds == "voice" and self.at not in (None, "end"):
            raise ValueError("`seconds: voice` says itself when each is shown: leave out `at`")
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        look = FootageFormat.of(cut, self.size, self.fps)
        lines = self._spoken(cut)
        if self.over:
            return self._laid_over(cut, lines, look, context)
        if self.at == "between" and len(self.pictures) >= len(cut.segments):
            raise StageError(
                f"`slides` has {len(self.pictures)} pictures for {max(0, len(cut.segments) - 1)} "
                "joins; give one for each at most, or another `at`"
            )
        number = len(cut.segments) if self.at in (None, "end") else 0
        if isinstance(self.at, Fraction):
            cut, number = divided(cut, self.at)
        step = 2 if self.at == "between" else 1
        for place, picture in enumerate(self._shown()):
            seconds = self._seconds(lines, place, cut.duration)
            source, segment = self._slide(cut, picture, seconds, look, context)
            where = number + step * place + step - 1
            cut = inserted(with_source(cut, source), where, segment)
        return look.kept_in(cut)

    def _laid_over(
        self, cut: Cut, lines: Sequence[Range], look: FootageFormat, context: Context
    ) -> Cut:
        time = self.at if isinstance(self.at, Fraction) else Fraction(0)
        for place, picture in enumerate(self._shown()):
            time = lines[place].start if lines else time
            at = begins(cut, f"{self.name}: {_called(picture[0])}", time, None)
            seconds = self._seconds(lines, place, time)
            source, segment = self._slide(cut, picture, seconds, look, context)
            laid = replace(segment, at=at, effects=(to_effect(Place()),))
            cut = with_layer(cut, source, laid, "overlay")
            time += segment.duration
        return cut

    def _shown(self) -> Iterator[tuple[Path | str, CameraMove]]:
        """Each picture and how the camera moves over it."""
        moves = cycle((self.move,) if isinstance(self.move, str) else self.move)
        return zip(self.pictures, moves, strict=False)

    def _slide(
        self,
        cut: Cut,
        picture: tuple[Path | str, CameraMove],
        seconds: Fraction,
        look: FootageFormat,
        context: Context,
    ) -> tuple[Source, Segment]:
        """A picture as a source that is made, and all of it as a segment."""
        file, move = picture
        if isinstance(file, str):
            source = look.drawn("colour", SolidColour(colour=file), cut, seconds)
            return source, Segment(source.id, Range(Fraction(0), source.duration), label=file)
        params = (
            ("file", str(file)),
            ("sha256", context.cache.source_digest(file)),
            ("move", move),
            ("zoom", self.zoom if move != "none" else 1.0),
            ("fit", self.fit),
        )
        source = look.source(Recipe("slide", "camera-move", params=params), cut, seconds, context)
        return source, Segment(source.id, Range(Fraction(0), source.duration), label=file.stem)

    def _seconds(self, lines: Sequence[Range], place: int, begins: Fraction) -> Fraction:
        """How long a picture that comes in at ``begins`` is shown: till the next line is spoken."""
        if not lines:
            assert isinstance(self.seconds, Fraction)
            return self.seconds
        # from where the one before really ends: whole frames must not add up to a delay
        end = lines[place + 1].start if place + 1 < len(lines) else lines[-1].end
        return end - begins

    def _spoken(self, cut: Cut) -> list[Range]:
        """When the line of each picture is spoken, in timeline time; nothing where that is not
        asked for."""
        if self.seconds != "voice":
            return []
        lines = _lines(cut)
        if len(lines) != len(self.pictures):
            raise StageError(
                f"`slides` has {len(self.pictures)} pictures for {len(lines)} spoken lines; give "
                "`voiceover` (before `slides`) one line for each picture"
            )
        return lines


def _called(picture: Path | str) -> str:
    return picture if isinstance(picture, str) else picture.name


def _lines(cut: Cut) -> list[Range]:
    """When each line of the voiceover is spoken, in timeline time."""
    tracks: tuple[Track, ...] = tuple(t for t in cut.tracks if t.role == "voice")
    return sorted(place for t in tracks for s, place in t.placed() if s.source)
