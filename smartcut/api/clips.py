"""Clips that are no film yet, and films above each other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from smartcut.api.inputs import PathLike
from smartcut.api.opening import open_media
from smartcut.api.pipeline import Pipeline
from smartcut.effect import to_effect
from smartcut.effects.place import Place
from smartcut.errors import PipelineError
from smartcut.layering import Laying
from smartcut.mistakes import explained
from smartcut.playable import Time
from smartcut.report.steps import made
from smartcut.spec import Part
from smartcut.stages._clips import DrawnClip, StillClip
from smartcut.timebase import parse_time


def image(file: PathLike, duration: Time = 4) -> Pipeline:
    """A still picture as a film, of its own size, for ``duration`` seconds.

    As a layer its alpha counts: ``sc.layers(film, sc.image("logo.png").at(1, width=0.2))``.
    """
    return Pipeline() | made(StillClip, {"file": file, "duration": duration})


def color(
    color: str = "#000000",
    duration: Time = 4,
    size: tuple[int, int] = (1280, 720),
    fps: float | str | Fraction = 25,
) -> Pipeline:
    """One colour, ``#rrggbb`` or ``#rrggbbaa``, as a film for ``duration`` seconds.

    ``size`` (width, height) and ``fps`` are those of a film that has no footage.

        sc.color("#102030", duration=2) + sc.open("talk.mp4")
    """
    return _drawn("colour", {"colour": color}, duration, size, fps)


def text(
    text: str,
    duration: Time = 4,
    *,
    canvas: tuple[int, int] = (1280, 720),
    fps: float | str | Fraction = 25,
    **style: Any,
) -> Pipeline:
    """A text as a film for ``duration`` seconds: on black, and as a layer on what is below.

    ``style`` is what the drawer ``text`` takes, such as ``size``, ``colour`` and ``position``: see
    docs/drawers.md. ``canvas`` (width, height) and ``fps`` are those of a film without footage.

        sc.layers(sc.open("talk.mp4"), sc.text("Harbour", position="bottom").at(1))
    """
    return _drawn("text", {"text": text, **style}, duration, canvas, fps)


def _drawn(use: str, params: dict[str, Any], duration: Any, size: Any, fps: Any) -> Pipeline:
    from smartcut.drawer import given_drawer

    given_drawer(use, params)  # whose mistakes are said now
    given = {"use": use, "params": params, "duration": duration, "size": size, "fps": fps}
    return Pipeline() | made(DrawnClip, given)


@dataclass(frozen=True, slots=True)
class FilmLayer:
    """A film, and when and where it lies above others; made by ``film.at(...)``."""

    film: Pipeline
    laying: Laying


def layer(film: Pipeline, time: Any, gain: float | None, place: dict[str, Any]) -> FilmLayer:
    """See :meth:`smartcut.playable.Playable.at`."""
    try:
        at = parse_time(time)
    except ValueError as error:
        raise PipelineError(f"at(): {error}") from None
    try:
        where = Place(**place)
    except ValidationError as error:
        problems = explained(error, "at()", Place, ("gain",))
    else:
        return FilmLayer(film, Laying(at, (to_effect(where),), gain))
    raise PipelineError("\n".join(problems))


def layers(below: Any, *above: Any) -> Pipeline:
    """Films above each other, the first one at the bottom; it says how long the whole lasts.

    Each is a pipeline, a cut or a file, which fills the frame as far as it fits, or what
    ``film.at(...)`` says of when and where it is seen. Their sounds are mixed.

        sc.layers(sc.open("talk.mp4"), sc.open("webcam.mp4").at(2, position="top-right", width=0.3))
    """
    if not above:
        raise PipelineError("layers() needs something to lay above the first: sc.layers(a, b)")
    parts = [_part(below, None)]
    for one in above:
        placed = one if isinstance(one, FilmLayer) else layer(_opened(one), 0, 0.0, {})
        parts.append(_part(placed.film, placed.laying))
    return Pipeline(inputs=tuple(parts))


def _opened(film: Any) -> Pipeline:
    return film if isinstance(film, Pipeline) else open_media(film)


def _part(film: Any, laying: Laying | None) -> Part:
    if isinstance(film, FilmLayer):
        raise PipelineError("the first of layers() is what the others lie above: leave .at() out")
    opened = _opened(film).unwritten()
    return Part(opened.inputs, opened.steps, opened.search, laying)
