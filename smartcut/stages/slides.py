"""`slides`: still pictures, one after the other, through a camera that may move."""

from __future__ import annotations

from fractions import Fraction
from itertools import cycle
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.cut import Cut, Recipe, Segment, Track
from smartcut.errors import StageError
from smartcut.stage import Context, PathParam, Stage
from smartcut.stages._look import FootageFormat, with_source
from smartcut.timebase import Range, RatioParam, TimeParam

CameraMove = Literal["none", "in", "out", "left", "right", "up", "down"]


class Slides(Stage):
    """Adds still pictures to the end of the cut: slides, photographs, maps.

    Each is shown for `seconds`, or, with `seconds: voice`, for as long as the line of the
    `voiceover` with its number is spoken. The camera stands still, or moves over the picture.
    """

    name: ClassVar[str] = "slides"
    makes: ClassVar[bool] = True

    pictures: tuple[PathParam, ...] = Field(min_length=1, description="Picture files, in order.")
    seconds: TimeParam | Literal["voice"] = Field(
        Fraction(4), description="How long each is shown; `voice` follows the voiceover."
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

    def apply(self, cut: Cut, context: Context) -> Cut:
        look = FootageFormat.of(cut, self.size, self.fps)
        moves = cycle((self.move,) if isinstance(self.move, str) else self.move)
        for file, move, end in zip(self.pictures, moves, self._ends(cut), strict=False):
            # from where the one before really ends: whole frames must not add up to a delay
            seconds = end - cut.duration if end else self.seconds
            assert isinstance(seconds, Fraction)
            params = (
                ("file", str(file)),
                ("sha256", context.cache.source_digest(file)),
                ("move", move),
                ("zoom", self.zoom if move != "none" else 1.0),
                ("fit", self.fit),
            )
            source = look.source(
                Recipe("slide", "camera-move", params=params), cut, seconds, context
            )
            segment = Segment(source.id, Range(Fraction(0), source.duration), label=file.stem)
            cut = with_source(cut, source).with_segments((*cut.segments, segment))
        return cut

    def _ends(self, cut: Cut) -> tuple[Fraction | None, ...]:
        """When each picture goes, in timeline time; None where all are shown equally long."""
        if isinstance(self.seconds, Fraction):
            return (None,) * len(self.pictures)
        lines = _lines(cut)
        if len(lines) != len(self.pictures):
            raise StageError(
                f"`slides` has {len(self.pictures)} pictures for {len(lines)} spoken lines; give "
                "`voiceover` (before `slides`) one line for each picture"
            )
        return (*(line.start for line in lines[1:]), lines[-1].end)


def _lines(cut: Cut) -> list[Range]:
    """When each line of the voiceover is spoken, in timeline time."""
    tracks: tuple[Track, ...] = tuple(t for t in cut.tracks if t.role == "voice")
    return sorted(place for t in tracks for s, place in t.placed() if s.source)
