"""`captions`: captions can be read, and cover no face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.algebra import resolved
from smartcut.annotation import Faces as FaceList
from smartcut.constraint import Constraint, Offered
from smartcut.cut import Captions as CaptionSettings
from smartcut.cut import Cut
from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._captions import FilmCaption, captions_of_film, contrast_of, outlined
from smartcut.expectations._faces import FilmFaces, covered
from smartcut.expectations._frames import pictures_at
from smartcut.render.captions.cues import cues
from smartcut.render.captions.told import captions_in
from smartcut.stage import Analysis
from smartcut.timebase import Range

# A caption that hides a face keeps it from being seen: those just before and after it count.
_AROUND = Fraction(1)
# Of a face; the edge of a box is no face.
_COVERED = 0.15
# Characters a second by which rounding to frames may make a caption faster.
_ROUNDED = 0.5


class ReadableCaptions(Expectation):
    """Captions can be read: how fast, how many lines, how well they stand out, what they cover.

    They are those that are drawn into the picture, as the manifest lists them; else those of the
    first text track, or of the file beside the film. Contrast and faces are of drawn ones.

    ```yaml
    expect: {captions: {speed: 17, contrast: 4.5, cover_faces: never, lines: 2}}
    ```
    """

    name: ClassVar[str] = "captions"
    short: ClassVar[str] = "speed"

    speed: float | None = Field(None, gt=0, description="Most characters a second.")
    lines: int | None = Field(None, ge=1, description="Most lines at a time.")
    contrast: float | None = Field(
        None, ge=1, le=21, description="Least contrast to what is around letters (WCAG 2.2)."
    )
    cover_faces: Literal["never", "accepted"] = Field(
        "accepted", description="Whether drawn captions may lie over faces."
    )

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        looks = self.cover_faces == "never" and film.source.video and film.record.get("captions")
        return (FilmFaces(),) if looks else ()

    def check(self, film: FinishedFilm) -> Checked:
        found = captions_of_film(film)
        misses = [*self._read(found), *self._unclear(film, found), *self._covering(film, found)]
        ordered = sorted(misses, key=lambda miss: miss.start or 0)
        return Checked(_told(found), tuple(ordered))

    def foresee(self, cut: Cut) -> Checked | None:
        cut = resolved(cut)
        told = captions_in(cut)[:1]
        found = [FilmCaption(cue.range, cue.lines) for _, cues in told for cue in cues]
        return Checked(_told(found), tuple(self._read(found))) if found else None

    def constrain(self, offered: Sequence[Offered]) -> Iterable[Constraint]:
        if self.speed is not None:
            readable = tuple(not any(self._read(_captions_of(one))) for one in offered)
            yield Constraint(f"{self.name}.speed", allowed=readable)

    def settle(self, captions: CaptionSettings) -> CaptionSettings:
        speed = min(captions.reading_speed, self.speed or captions.reading_speed)
        lines = min(captions.lines, self.lines or captions.lines)
        settled = replace(captions, reading_speed=speed, lines=lines)
        if captions.burn and self.cover_faces == "never":
            settled = replace(settled, avoid="faces")
        if captions.burn and self.contrast is not None:
            settled = replace(settled, style=outlined(captions.style, self.contrast))
        return settled

    def _read(self, found: Sequence[FilmCaption]) -> Iterator[Miss]:
        for one in found:
            text = " ".join(one.lines)
            if self.speed is not None and one.speed > self.speed + _ROUNDED:
                told = f"{one.speed:.1f} characters a second, more than {self.speed:g}: {text!r}"
                yield Miss(told, one.range.start, one.range.end)
            if self.lines is not None and len(one.lines) > self.lines:
                told = f"{len(one.lines)} lines, more than {self.lines}: {text!r}"
                yield Miss(told, one.range.start, one.range.end)

    def _unclear(self, film: FinishedFilm, found: Sequence[FilmCaption]) -> Iterator[Miss]:
        drawn = [one for one in found if one.box is not None]
        if self.contrast is None or film.source.video is None:
            return
        middles = [one.range.middle for one in drawn]
        for one, picture in zip(drawn, pictures_at(film, middles), strict=True):
            contrast = contrast_of(one, picture)
            if contrast < self.contrast:
                told = f"a contrast of {contrast:.1f}, less than {self.contrast:g}"
                yield Miss(f"{told}: {' '.join(one.lines)!r}", one.range.start, one.range.end)

    def _covering(self, film: FinishedFilm, found: Sequence[FilmCaption]) -> Iterator[Miss]:
        drawn = [one for one in found if one.box is not None]
        if not drawn or not self.analyses(film):
            return
        faces = film.known(FilmFaces(), FaceList)
        for one in drawn:
            around = Range(max(one.range.start - _AROUND, Fraction(0)), one.range.end + _AROUND)
            assert one.box is not None
            over = max(
                (
                    covered(face.box, one.box)
                    for face in faces.sightings
                    if around.contains(face.at * faces.timebase)
                ),
                default=0.0,
            )
            if over > _COVERED:
                told = f"covers {over:.0%} of a face: {' '.join(one.lines)!r}"
                yield Miss(told, one.range.start, one.range.end)


def _captions_of(one: Offered) -> list[FilmCaption]:
    """The captions that a candidate would have alone."""
    found = cues(one.heard, CaptionSettings(), one.range)
    return [FilmCaption(cue.range, cue.lines) for cue in found]


def _told(found: Sequence[FilmCaption]) -> str:
    fastest = max((one.speed for one in found), default=0.0)
    return f"{len(found)} captions, {fastest:.1f} characters a second at most"
