"""`volume`: a stack of slices, as of a scan, as a film with notes."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, ValidationInfo

from smartcut.cache import key_of
from smartcut.cut import Cut, Segment
from smartcut.drawers.text import Text
from smartcut.errors import StageError
from smartcut.roots import check_inside
from smartcut.source import Recipe
from smartcut.stage import Context, Group, Params, Stage
from smartcut.stages._drawn import with_title
from smartcut.stages._look import FootageFormat, with_source
from smartcut.timebase import Range, RatioParam, TimeParam

# How long a note stands around the moment when its slice is seen, where there is room.
_NOTE = Fraction(3, 2)


def _existing(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    places = [path.expanduser()] if folder is None else [folder / path.expanduser(), path]
    for place in places:
        if place.exists():
            check_inside(place)
            return place
    raise ValueError(f"there is nothing at {path} (looked at: {', '.join(map(str, places))})")


class SliceNote(Params):
    """A text beside the slices."""

    slice: int = Field(ge=0, description="The slice that it speaks of, from 0.")
    text: str = Field(min_length=1, description="What is shown beside it.")


class Volume(Stage):
    """Adds a film through a stack of slices to the end of the cut.

    The slices of a scan go by, then the volume turns once, each pixel showing the brightest value
    behind it. `notes` are written while their slice is to be seen. `slices` is a folder of gray
    pictures (8 or 16 bit, in the order of their names) or a `.npy` array (slices, height, width).

    ```yaml
    - volume: {slices: scan, seconds: 6}
    ```
    """

    name: ClassVar[str] = "volume"
    group: ClassVar[Group] = "generate"
    makes: ClassVar[bool] = True

    slices: Annotated[Path, AfterValidator(_existing)] = Field(
        description="A folder of pictures, or a .npy array."
    )
    seconds: TimeParam = Field(Fraction(8), gt=0, le=600, description="How long, altogether.")
    through: float = Field(
        0.6, ge=0, le=1, description="Share of the time for the slices; the rest is for the turn."
    )
    window: tuple[float, float] | None = Field(
        None, description="Values shown black and white; without it, almost all that there are."
    )
    spacing: float = Field(
        1.0, gt=0, le=50, description="Distance of two slices, in pixels of a slice."
    )
    notes: tuple[SliceNote, ...] = Field((), description="Texts, each with its slice.")
    size: tuple[int, int] = Field(
        (1280, 720), description="Width and height, where there is no footage to match."
    )
    fps: RatioParam = Field(
        Fraction(25), gt=0, le=240, description="Rate, where there is no footage to match."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        count, digest = self._content(context)
        look = FootageFormat.of(cut, self.size, self.fps)
        params = (
            ("path", str(self.slices)),
            ("sha256", digest),
            ("window", self.window),
            ("spacing", self.spacing),
            ("through", self.through),
        )
        source = look.source(Recipe("volume", "volume", params=params), cut, self.seconds, context)
        segment = Segment(source.id, Range(Fraction(0), source.duration), label=self.slices.stem)
        notes = [(self._place(note, count, cut.duration), note.text) for note in self.notes]
        cut = with_source(cut, source).with_segments((*cut.segments, segment))
        for place, text in _one_by_one(notes):
            fade = min(Fraction(1, 5), place.duration / 2)
            note = Text(text=text, size=0.05, position="bottom", box="#00000080", fade=fade)
            cut = with_title(cut, note, place, "note")
        return cut

    def _content(self, context: Context) -> tuple[int, str]:
        """How many slices there are, and the digest of all of them."""
        from smartcut.models.makers.volume import read_stack, slice_files

        if self.slices.is_file():
            return len(read_stack(self.slices)), context.cache.source_digest(self.slices)
        files = slice_files(self.slices)
        if not files:
            raise StageError(f"`volume`: {self.slices} holds no slices that can be read")
        digests = {file.name: context.cache.source_digest(file) for file in files}
        return len(files), key_of("slices", 1, digests)

    def _place(self, note: SliceNote, count: int, begins: Fraction) -> Range:
        if note.slice >= count:
            raise StageError(
                f"`volume` has a note for slice {note.slice}, but there are {count}: 0 to "
                f"{count - 1}"
            )
        if not self.through:
            raise StageError("`volume` has notes, but `through: 0` shows no slices")
        shown = self.seconds * Fraction(str(self.through))
        at = shown * note.slice / max(1, count - 1)
        start = max(Fraction(0), min(at - _NOTE / 2, shown - _NOTE))
        return Range(begins + start, begins + min(start + _NOTE, self.seconds))


def _one_by_one(notes: Iterable[tuple[Range, str]]) -> list[tuple[Range, str]]:
    """Notes in the order of their times; one that overlaps the next ends midway to it."""
    found: list[tuple[Range, str]] = []
    for place, text in sorted(notes, key=lambda n: n[0].start + n[0].end):
        if found and place.start < found[-1][0].end:
            before, last = found.pop()
            edge = (max(place.start, before.start) + before.end) / 2
            found.append((Range(before.start, edge), last))
            place = Range(edge, max(edge, place.end))
        found.append((place, text))
    return found
