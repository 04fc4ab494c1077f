"""A cut of what was found out about a film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.windows import PictureWindow
from smartcut.cut import Cut, Effect, Segment, TimelineFormat, Track
from smartcut.source import Source
from smartcut.timebase import Range
from smartcut.warp import Warp

#: What stands for parts that no source explains.
Unknown = Literal["film", "gap"]
# Shares of a picture below which an edge is where it was.
_EDGE = 0.002


def built(
    film: Source, sources: Sequence[Source], parts: Sequence[FilmPart], unknown: Unknown = "film"
) -> Cut:
    """The cut that shows the parts one after the other, at the film's size and rate.

    What no source explains is the film itself, or a gap with a name.
    """
    assert film.video is not None
    by_id = {source.id: source for source in sources}
    segments = tuple(_segment(part, film, by_id, unknown) for part in parts)
    shown = {segment.source for segment in segments}
    used = tuple(source for source in (*sources, film) if source.id in shown)
    format = TimelineFormat(film.video.display_size, film.video.rate)
    return Cut(used, (Track("programme", segments),), format=format)


def _segment(part: FilmPart, film: Source, sources: dict[str, Source], unknown: Unknown) -> Segment:
    scores = (("confidence", round(part.confidence, 4)),)
    if part.source is None:
        source = film.id if unknown == "film" else None
        start = part.place.start if unknown == "film" else Fraction(0)
        label = f"unknown: {_NAMED[part.kind]}"
        return Segment(source, Range(start, start + part.place.duration), label=label)
    lasts = part.place.duration
    effects = _geometry(part.window)
    end = part.start + part.speed * lasts
    if part.speed <= 0:
        warp = Warp(((Fraction(0), part.start), (lasts, end)))
        return Segment(part.source, warp.seen, effects=effects, scores=scores, warp=warp)
    # A source may end within its last frame's time.
    length = sources[part.source].duration
    end = min(end, max(length, part.start)) if part.speed == 1 else end
    whole = Segment(part.source, Range(part.start, end), part.speed, effects, scores=scores)
    return whole if part.speed == 1 else replace(whole, sound="muted")


_NAMED = {"colour": "one colour", "still": "a still picture", "foreign": "foreign pictures"}


def _geometry(window: PictureWindow) -> tuple[Effect, ...]:
    """The effects that bring a source's picture into the film's as the window says."""
    effects: list[Effect] = []
    sides = {
        "left": window.left,
        "right": 1 - window.right,
        "top": window.top,
        "bottom": 1 - window.bottom,
    }
    cropped = tuple((name, round(share, 5)) for name, share in sides.items() if share > _EDGE)
    if cropped:
        effects.append(Effect("crop", cropped))
    if window.mirrored:
        effects.append(Effect("flip", (("axis", "horizontal"),)))
    return tuple(effects)
