"""`faces`: faces are whole in the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import ClassVar

from pydantic import Field

from smartcut.algebra import resolved, shown_when
from smartcut.annotation import Faces as FaceList
from smartcut.annotation import FaceSighting
from smartcut.cut import Cut, Segment
from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._faces import Box, FilmFaces, box_in_shown, is_inside
from smartcut.stage import Analysis
from smartcut.stages._seen import ShownPicture
from smartcut.timebase import Range

Sighted = tuple[Range, Box]


class FacesInside(Expectation):
    """Faces are whole in the picture, for so much of the time in which any are seen.

    A face counts as cut off where its box, of the whole head, reaches out of the picture. Of a
    planned film, the faces that `faces` or `reframe` found in the sources are followed through
    crops and moves; in a finished one, faces that touch the edge are cut off.

    ```yaml
    expect: {faces: {inside: 0.98}}
    ```
    """

    name: ClassVar[str] = "faces"
    short: ClassVar[str] = "inside"

    inside: float = Field(0.98, gt=0, le=1, description="Share of the sightings that are whole.")
    slack: float = Field(
        0.1, ge=0, le=0.5, description="How much of a box may reach out: boxes are rough."
    )

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmFaces(),) if film.source.video else ()

    def check(self, film: FinishedFilm) -> Checked:
        found = film.known(FilmFaces(), FaceList)
        step = found.timebase
        return self._checked([(_at(one, step), one.box) for one in found.sightings])

    def foresee(self, cut: Cut) -> Checked | None:
        if not any(isinstance(a.data, FaceList) for a in cut.annotations):
            return None
        return self._checked([*_shown(resolved(cut))])

    def _checked(self, seen: Sequence[Sighted]) -> Checked:
        if not seen:
            return Checked("no faces")
        whole = [is_inside(box, self.slack) for _, box in seen]
        share = sum(whole) / len(whole)
        told = f"{share:.1%} of the faces are whole in the picture"
        if share >= self.inside:
            return Checked(told)
        marks = sorted(zip(seen, whole, strict=True), key=lambda pair: pair[0][0].start)
        misses = []
        for is_whole, group in groupby(marks, key=lambda pair: pair[1]):
            if not is_whole:
                places = [place for (place, _), _ in group]
                end = max(place.end for place in places)
                misses.append(Miss("a face is cut off by the edge", places[0].start, end))
        return Checked(told, tuple(misses))


def _at(one: FaceSighting, step: Fraction) -> Range:
    return Range(one.at * step, (one.at + 1) * step)


def _shown(cut: Cut) -> Iterator[Sighted]:
    """The faces of the sources where the programme shows them, in shares of its picture."""
    above = [pair for track in cut.overlays for pair in track.placed()]
    for segment, placed in cut.programme.placed():
        source = cut.source(segment.source) if segment.source else None
        faces = cut.data(FaceList, "faces", source.id) if source else None
        if source is None or source.video is None or faces is None:
            continue
        picture = ShownPicture(segment, source.video)
        for one in faces.sightings:
            seen = _at(one, faces.timebase).intersect(segment.range)
            if one.track is None or seen is None:
                continue
            matrix = picture.matrix(seen.start)
            for when in shown_when(segment, placed, seen):
                box = box_in_shown(one.box, matrix)
                yield when, box if is_inside(box, 0) else _above(one.box, box, when, above, cut)


def _above(
    own: Box, box: Box, when: Range, above: Sequence[tuple[Segment, Range]], cut: Cut
) -> Box:
    """Where a face lies that is cut off below: whole, where a layer above shows it so."""
    for segment, placed in above:
        source = cut.source(segment.source) if segment.source else None
        if source is None or source.video is None or not placed.contains(when.start):
            continue
        shown = segment.source_at(when.start - placed.start)
        moved = box_in_shown(own, ShownPicture(segment, source.video).matrix(shown))
        if is_inside(moved, 0):
            return moved
    return box
