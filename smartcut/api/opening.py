"""Pipelines made of files, of cuts, of parts of films, and of one another."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from smartcut.api.inputs import PathLike
from smartcut.api.pipeline import Pipeline
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.spec import WRITERS, Input, Part, StageLine
from smartcut.timebase import parse_signed_time

_SLICES = "film[3:10], film['1:02':], film[:-2], in seconds or as texts"


def open_media(
    *what: PathLike | Cut | Pipeline, video: int | None = None, audio: int | None = None
) -> Pipeline:
    """A pipeline over these files that shows them whole, one after the other.

    Each is a media file, a cut (a :class:`~smartcut.cut.Cut`, its file or its JSON), or the YAML of
    a pipeline. ``video`` and ``audio`` choose streams, counted from 0, where a file has several.

        sc.open("a.mp4", "b.mp4").render("both.mp4")
        sc.open(cut)[3:10] | sc.title(text="Harbour")
    """
    if not what:
        raise PipelineError("open() needs at least one file, such as sc.open('talk.mp4')")
    if all(_is_media(one) for one in what):
        inputs = tuple(Input(path=Path(p), video=video, audio=audio) for p in what)  # type: ignore[arg-type]
        return Pipeline(inputs=inputs)
    if (video, audio) != (None, None):
        raise PipelineError("`video` and `audio` choose streams of media files, not of cuts")
    opened_each = [open_media(one) if _is_media(one) else opened(one) for one in what]
    return opened_each[0] if len(opened_each) == 1 else concat(*opened_each)


def _is_media(given: Any) -> bool:
    """Whether it is the path of a file that can stand beside others; cut files stand alone."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        return False
    if not isinstance(given, (str, os.PathLike)):
        return False
    from smartcut.interchange.formats import is_cut_file

    path = Path(given)
    return path.suffix.lower() not in (".yaml", ".yml") and not is_cut_file(path)


def opened(given: Any) -> Pipeline:
    """The pipeline of one thing that is none already; raises PipelineError."""
    if isinstance(given, Pipeline):
        return given
    if isinstance(given, Cut):
        return _of_cut(given)
    if isinstance(given, (str, os.PathLike)):
        text = os.fspath(given)
        if text.lstrip().startswith("{"):
            from smartcut.interchange.json import cut_from_json

            return _of_cut(cut_from_json(text))
        if Path(text).suffix.lower() in (".yaml", ".yml"):
            return Pipeline.from_yaml(text)
        return Pipeline(inputs=(Input(path=Path(text)),))
    raise PipelineError(
        f"{given!r} cannot be opened; accepted: a media file, a cut, the file or the JSON of one, "
        "the YAML of a pipeline"
    )


def _of_cut(cut: Cut) -> Pipeline:
    from smartcut.stages._given import GivenCut

    return Pipeline(inputs=(Part(steps=(StageLine(GivenCut(given=cut)),)),))


def part(film: Pipeline, wanted: Any) -> Pipeline:
    """The film from the start of a slice to its end."""
    from smartcut.stages.excerpt import Excerpt

    if not isinstance(wanted, slice):
        raise TypeError(
            f"film[{wanted!r}] is no part of a film; accepted: {_SLICES}; the picture of one time "
            "is film.frame(time)"
        )
    if wanted.step is not None:
        raise PipelineError(
            f"a slice of a film has no step; given: {wanted.step!r}; to play it faster write "
            "film[3:10] | sc.speed(factor=2), for some pictures of it film.frames(every=2)"
        )
    times = {}
    for name, value in (("start", wanted.start), ("end", wanted.stop)):
        if value is not None:
            try:
                times[name] = parse_signed_time(value)
            except ValueError as error:
                raise PipelineError(f"the {name} of a slice: {error}") from None
    same_side = len(times) == 2 and (times["start"] < 0) == (times["end"] < 0)
    if same_side and times["start"] >= times["end"]:
        raise PipelineError(
            f"film[{wanted.start!r}:{wanted.stop!r}] is empty: the start must come before the end"
        )
    return film.unwritten() | Excerpt(**times) if times else film.unwritten()


def added(one: Any, other: Any) -> Any:
    """One after the other; NotImplemented for what is no film."""
    if not all(isinstance(item, (Pipeline, Cut, str, os.PathLike)) for item in (one, other)):
        return NotImplemented
    return concat(one, other)


def concat(*films: Any) -> Pipeline:
    """A pipeline that shows films one after the other: ``sc.concat([a, b]) | ...``.

    Each is a pipeline, a cut or a file, given one by one or in a list, and keeps its own inputs and
    stages. ``a + b`` is the same. What is written comes at the end of the whole.
    """
    given = list(films[0]) if len(films) == 1 and _is_list(films[0]) else list(films)
    if not given:
        raise PipelineError("concat() needs at least one film: sc.concat([a, b])")
    pipelines = [one if isinstance(one, Pipeline) else open_media(one) for one in given]
    parts: list[Part] = []
    for number, one in enumerate(pipelines, 1):
        writer = next((s.stage.name for s in one.steps if s.stage.name in WRITERS), None)
        if writer:
            raise PipelineError(f"part {number} of concat() is not written: leave `{writer}` out")
        joined = [item for item in one.inputs if isinstance(item, Part)]
        is_joined = len(joined) > 1 and not one.steps and one.search is None
        parts += joined if is_joined else [Part(one.inputs, one.steps, one.search)]
    notes = tuple(note for one in pipelines for note in one.notes)
    return Pipeline(inputs=tuple(parts), notes=notes)


def _is_list(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, (str, Pipeline, Cut))
