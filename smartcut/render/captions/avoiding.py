"""Where captions stand so that they cover no face: decided for each caption as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from smartcut.algebra import shown_when
from smartcut.annotation import Faces, FaceSighting
from smartcut.cut import Cut, Segment
from smartcut.effect import Placement
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fit import FittedCaptions
from smartcut.render.captions.layout import lay_out
from smartcut.render.captions.safe_areas import Box
from smartcut.render.route import (
    Applied,
    Fit,
    FitStep,
    Moment,
    applied_effects,
    box_in,
    geometry_at,
    plan_route,
)
from smartcut.source import VideoStream
from smartcut.text_style import Position
from smartcut.timebase import Range

_BANDS: dict[Position, tuple[Position, ...]] = {
    "bottom": ("bottom", "top", "middle"),
    "top": ("top", "bottom", "middle"),
    "middle": ("middle", "bottom", "top"),
}
"""Where to look for room, the place that the style names first."""
_REMEMBERED = Fraction(1)
"""Seconds: a caption that follows another so closely stays where that one stood, if it can."""


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A face in pixels of the output, and when it is there, in timeline time."""

    range: Range
    box: Box


def avoiding(found: FittedCaptions, faces: Sequence[ShownFace]) -> FittedCaptions:
    """The captions with those moved to another band that would cover a face where they stand.

    Where faces are everywhere, a caption stands where it covers least.
    """
    placed: list[Cue] = []
    style = found.captions.style
    for cue in found.cues:
        bands = _BANDS[style.position]
        before = placed[-1] if placed else None
        if before and before.band and cue.range.start - before.range.end < _REMEMBERED:
            bands = (before.band, *(band for band in bands if band != before.band))
        there = [face.box for face in faces if face.range.intersect(cue.range)]
        covered = {band: _covered(cue, band, found, there) for band in bands} if there else {}
        band = min(bands, key=lambda band: covered.get(band, 0.0))
        placed.append(replace(cue, band=None if band == style.position else band))
    return replace(found, cues=tuple(placed))


def _covered(cue: Cue, band: Position, found: FittedCaptions, faces: Sequence[Box]) -> float:
    """How many pixels of faces a caption would cover."""
    language = found.captions.language
    own = lay_out(replace(cue, band=band), found.size, found.captions.style, language).bounds
    return sum(_common(own, face) for face in faces)


def _common(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0.0) * max(down, 0.0)


def faces_shown(cut: Cut, canvas: tuple[int, int], fit: Fit) -> tuple[ShownFace, ...]:
    """The faces that the programme shows in pictures of that size, as they are cropped and moved.

    Those that count are in a track: see :class:`smartcut.annotation.FaceSighting`.
    """
    found: list[ShownFace] = []
    for segment, placed in cut.programme.placed():
        source = cut.source(segment.source) if segment.source else None
        faces = cut.data(Faces, "faces", source.id) if source is not None else None
        if source is not None and source.video is not None and faces is not None:
            found += _of_segment(segment, placed, source.video, faces, canvas, fit)
    return tuple(found)


def _of_segment(
    segment: Segment,
    placed: Range,
    video: VideoStream,
    faces: Faces,
    canvas: tuple[int, int],
    fit: Fit,
) -> Iterator[ShownFace]:
    own = applied_effects(segment, video.rate)
    applied = tuple(one for one in own if not isinstance(one.effect, Placement))
    route = plan_route(applied, video.display_size, canvas, fit)
    fitting = Applied(FitStep(width=canvas[0], height=canvas[1], fit=fit))
    steps = [one for step in route.steps for one in step.run]
    steps = [fitting, *steps] if route.starts_fitted else steps
    left, top, _, _ = box_in(route.inner, canvas)
    for sighting in faces.sightings:
        seen = _when(sighting, faces.timebase).intersect(segment.range)
        if sighting.track is None or seen is None:
            continue
        moment = Moment(0, 0.0, seen.middle, segment.time_of(seen.middle))
        matrix, _ = geometry_at(steps, moment, video.display_size)
        x0, y0, x1, y1 = _moved(sighting, matrix, video.display_size)
        box = (x0 + left, y0 + top, x1 + left, y1 + top)
        for when in shown_when(segment, placed, seen):
            yield ShownFace(when, box)


def _when(sighting: FaceSighting, timebase: Fraction) -> Range:
    """From the sighting before to the one after it."""
    at = sighting.at * timebase
    return Range(max(at - timebase, Fraction(0)), at + timebase)


def _moved(sighting: FaceSighting, matrix: np.ndarray, size: tuple[int, int]) -> Box:
    x, y, width, height = sighting.box
    corners = [(a * size[0], b * size[1], 1.0) for a in (x, x + width) for b in (y, y + height)]
    points = matrix @ np.array(corners).T
    across, down = points[0] / points[2], points[1] / points[2]
    return float(across.min()), float(down.min()), float(across.max()), float(down.max())
