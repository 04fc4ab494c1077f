"""A cut of what was found out about a film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.sound import SoundPart
from smartcut.conforming.windows import PictureWindow, between
from smartcut.curve import Curve, Key
from smartcut.cut import Cut, Effect, Segment, TimelineFormat, Track, Transition
from smartcut.source import Source
from smartcut.timebase import Range
from smartcut.warp import Warp

#: What stands for parts that no source explains.
Unknown = Literal["film", "gap"]
# Shares of a picture below which an edge is where it was, and dB below which a level is.
_EDGE, _GAIN = 0.002, 0.5
_Shapes = tuple[tuple[int, int], tuple[int, int]]
"""(width, height) of the film, and of the source."""
# Steps in which a window moves; within each its middle does evenly.
_KEYS = 8
# Sounds of parts that are heard with them.
_OWN = ("own", "not compared", "")


def built(
    film: Source,
    sources: Sequence[Source],
    parts: Sequence[FilmPart],
    unknown: Unknown = "film",
    lut: Path | None = None,
    sounds: Sequence[SoundPart] = (),
) -> Cut:
    """The cut that shows the parts one after the other, at the film's size and rate.

    What no source explains is the film itself, or a gap with a name. All else has the colours of
    the table ``lut``.
    """
    assert film.video is not None
    by_id = {source.id: source for source in sources}
    segments = tuple(_segment(part, film, by_id, unknown, lut) for part in parts)
    tracks = (Track("programme", segments), *_other_sounds(film, parts, sounds))
    shown = {segment.source for track in tracks for segment in track.segments}
    used = tuple(source for source in (*sources, film) if source.id in shown)
    format = TimelineFormat(film.video.display_size, film.video.rate)
    return Cut(used, tracks, format=format)


def _segment(
    part: FilmPart, film: Source, sources: dict[str, Source], unknown: Unknown, lut: Path | None
) -> Segment:
    scores = (("confidence", round(part.confidence, 4)),)
    if part.source is None:
        source = film.id if unknown == "film" else None
        start = part.place.start if unknown == "film" else Fraction(0)
        label = f"unknown: {_NAMED[part.kind]}"
        return Segment(source, Range(start, start + part.place.duration), label=label)
    lasts = part.place.duration
    transition = _transition(part)
    effects = _geometry(part.window)
    if part.end is not None:
        assert film.video is not None
        shown = sources[part.source].video
        assert shown is not None
        shapes = film.video.display_size, shown.display_size
        effects = _moving(part.window, part.end, shapes, lasts)
    if lut is not None:
        effects = (*effects, Effect("lut", (("file", str(lut)),)))
    effects = (*effects, *_fades(part))
    end = part.start + part.speed * lasts
    if part.sound == "own" and abs(part.gain) > _GAIN:
        effects = (*effects, Effect("gain", (("db", part.gain),)))
    if part.speed <= 0:
        warp = Warp(((Fraction(0), part.start), (lasts, end)))
        return Segment(
            part.source, warp.seen, effects=effects, scores=scores, warp=warp, transition=transition
        )
    # A source may end within its last frame's time.
    length = sources[part.source].duration
    end = min(end, max(length, part.start)) if part.speed == 1 else end
    whole = Segment(
        part.source, Range(part.start, end), part.speed, effects, transition, scores=scores
    )
    whole = replace(whole, lead=part.lead)
    return whole if part.sound in _OWN else replace(whole, sound="muted")


def _other_sounds(
    film: Source, parts: Sequence[FilmPart], sounds: Sequence[SoundPart]
) -> Iterator[Track]:
    """What is heard under parts that have not their own sound: of a source, or of the film."""
    segments = []
    for part in parts:
        if part.sound not in ("other", "unknown"):
            continue
        for one in sounds:
            inside = part.place.intersect(one.place)
            if inside is None:
                continue
            own = film.id if one.source is None else one.source
            passed = inside.start - one.place.start
            start = inside.start if one.source is None else one.start + passed
            gain = (Effect("gain", (("db", one.gain),)),) if abs(one.gain) > _GAIN else ()
            heard = Range(start, start + inside.duration)
            segments.append(Segment(own, heard, effects=gain, at=inside.start))
    if segments:
        yield Track("sound", tuple(segments), kind="sound")


def _transition(part: FilmPart) -> Transition | None:
    """How the part comes in; its frames are evenly long."""
    if part.transition is None:
        return None
    share = Fraction(part.blend, part.last - part.first)
    return Transition(part.transition, share * part.place.duration)


_NAMED = {
    "colour": "one colour",
    "title": "a title",
    "still": "a still picture",
    "foreign": "foreign pictures",
}


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
    return (*effects, *_flip(window))


def _moving(
    window: PictureWindow, end: PictureWindow, shapes: _Shapes, lasts: Fraction
) -> tuple[Effect, ...]:
    """The effects that move a window evenly over a source's picture."""
    film, source = shapes
    base = min(1.0, film[0] / film[1] / (source[0] / source[1]))
    ways = [Fraction(k, _KEYS) for k in range(_KEYS + 1)]
    seen = [(way * lasts, between(window, end, float(way))) for way in ways]
    params = {
        "x": [(at, (w.left + w.right) / 2) for at, w in seen],
        "y": [(at, (w.top + w.bottom) / 2) for at, w in seen],
        "zoom": [(at, base / w.width) for at, w in seen],
    }
    keyed = tuple(
        (name, Curve(tuple(Key(at, round(value, 5)) for at, value in keys), "segment"))
        for name, keys in params.items()
    )
    moved = Effect("window", (("aspect", f"{film[0]}:{film[1]}"), *keyed))
    return (moved, *_flip(window))


def _flip(window: PictureWindow) -> tuple[Effect, ...]:
    return (Effect("flip", (("axis", "horizontal"),)),) if window.mirrored else ()


def _fades(part: FilmPart) -> tuple[Effect, ...]:
    """How it comes in from black and goes out; its frames are evenly long."""
    if not (part.fade_in or part.fade_out):
        return ()
    frame = part.place.duration / (part.last - part.first)
    lasts = (("in", float(part.fade_in * frame)), ("out", float(part.fade_out * frame)))
    return (Effect("fade", lasts),)
