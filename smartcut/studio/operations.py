"""Everything that can be done with a session from outside, declared once.

The HTTP routes and their OpenAPI description are made from this table: a new row is a new route.
The tools of ``smartcut mcp`` (:mod:`smartcut.agents`) have the same names for the same things, with
files in place of a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from smartcut.params import Params
from smartcut.studio import film_files, finished, media, writing
from smartcut.studio.answers import JSON, Answer, PlainAnswer
from smartcut.studio.asked import (
    NothingAsked,
    OfChunk,
    OfFilmFrame,
    OfFrame,
    OfListening,
    OfResult,
    OfSegment,
    OfSound,
    OfSource,
    OfState,
    OfText,
    OfVersion,
    ToAmend,
    ToConform,
    ToEdit,
    ToKeep,
    ToLearn,
    ToOpen,
    ToRender,
    ToSave,
    ToSetPipeline,
    ToStop,
    TwoVersions,
)
from smartcut.studio.desk import Desk
from smartcut.studio.session import Session


@dataclass(frozen=True)
class Operation:
    """One thing that can be done."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    """Of the route; parts in braces are parameters."""
    does: str
    """In one line."""
    asks: type[Params]
    call: Callable[[Desk, Any], Answer]
    answers: str = JSON
    """The kind of what is answered."""
    result: str = ""
    """What is in it, for the description."""

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return self.method == "POST" and self.name != "check"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        texts = [re.escape(p) if i % 2 == 0 else f"(?P<{p}>[^/]+)" for i, p in enumerate(parts)]
        return re.compile("".join(texts))

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


def _plain(call: Callable[[Desk, Any], Any]) -> Callable[[Desk, Any], Answer]:
    return lambda desk, asked: PlainAnswer(call(desk, asked))


def _of_session(call: Callable[[Session, Any], Any]) -> Callable[[Desk, Any], Answer]:
    return lambda desk, asked: PlainAnswer(call(desk.session, asked))


def _changed(call: Callable[[Session, Any], Any]) -> Callable[[Desk, Any], Answer]:
    """What changes the cut, and answers the desk's state."""

    def done(desk: Desk, asked: Any) -> Answer:
        call(desk.session, asked)
        return PlainAnswer(desk.state())

    return done


#: In the order of their description.
TABLE: tuple[Operation, ...] = (
    Operation(
        "state", "GET", "/api/state", "The newest version: all that the page draws.",
        OfState, _plain(lambda desk, asked: desk.state(asked.codecs)), result="state",
    ),
    Operation(
        "plan", "GET", "/api/plan", "What a run would do, what is cached, how much is copied.",
        NothingAsked, _of_session(lambda session, _: session.plan()), result="plan",
    ),
    Operation(
        "expected", "GET", "/api/expected", "Whether the plan, and the film, are as expected.",
        NothingAsked, _plain(lambda desk, _: desk.expected()), result="expected",
    ),
    Operation(
        "changed_files", "GET", "/api/changed-files", "Files that other programs have changed.",
        NothingAsked, _of_session(lambda session, _: {"changed": session.changed_files()}),
        result="files",
    ),
    Operation(
        "transcript", "GET", "/api/transcript", "The words of every source, and which are kept.",
        NothingAsked, _of_session(lambda session, _: session.transcript()), result="transcript",
    ),
    Operation(
        "candidates", "GET", "/api/candidates", "The moments that were chosen from, best first.",
        NothingAsked, _of_session(lambda session, _: session.candidates()), result="candidates",
    ),
    Operation(
        "elisions", "GET", "/api/elisions", "What the cut takes away of what was said.",
        NothingAsked, _of_session(lambda session, _: session.elisions()), result="elisions",
    ),
    Operation(
        "takes", "GET", "/api/takes", "The passages of `takes`, and what else could be played.",
        NothingAsked, _of_session(lambda session, _: session.takes()), result="passages",
    ),
    Operation(
        "why", "GET", "/api/why/{segment}", "Why a segment is in the film, and what else could be.",
        OfSegment, _of_session(lambda session, asked: session.why(asked.segment)), result="why",
    ),
    Operation(
        "pipeline", "GET", "/api/pipeline", "The pipeline's text, its data, and its stages' lines.",
        NothingAsked, _of_session(lambda session, _: session.pipeline()), result="pipeline",
    ),
    Operation(
        "schema", "GET", "/api/schema", "The JSON Schema of a pipeline, from which forms are made.",
        NothingAsked, _plain(lambda desk, _: desk.schema()), result="schema",
    ),
    Operation(
        "compare", "GET", "/api/compare", "What differs between two versions.",
        TwoVersions, _of_session(lambda session, asked: session.compare(asked.a, asked.b)),
        result="comparison",
    ),
    Operation(
        "fragment", "GET", "/api/fragment/{key}", "A chunk of the picture, from time 0 on.",
        OfChunk, media.fragment, answers="video/mp4",
    ),
    Operation(
        "sound", "GET", "/api/sound/{key}", "The sound from a time on, as FLAC in MP4.",
        OfSound, media.sound, answers="audio/mp4",
    ),
    Operation(
        "filmstrip", "GET", "/api/filmstrip/{source}", "Key frames of a source side by side.",
        OfSource, media.filmstrip, answers="image/jpeg",
    ),
    Operation(
        "peaks", "GET", "/api/peaks/{source}", "How loud a source is: a byte each 1/100 s.",
        OfSource, media.peaks, answers="application/octet-stream",
    ),
    Operation(
        "listen", "GET", "/api/listen/{source}", "A part of a source by itself, as WAV.",
        OfListening, media.listen, answers="audio/wav",
    ),
    Operation(
        "frame", "GET", "/api/frame", "The picture that the film shows at a time.",
        OfFrame, media.frame, answers="image/jpeg",
    ),
    Operation(
        "result", "GET", "/api/result", "The file of the last render.",
        OfResult, media.result, answers="video/mp4",
    ),
    Operation(
        "edit", "POST", "/api/edit", "Correct the cut; all of the edits are made, or none.",
        ToEdit, _changed(lambda session, asked: session.edit(*asked.ops, base=asked.base)),
        result="state",
    ),
    Operation(
        "amend", "POST", "/api/amend", "Put another edit in the place of one, or take it out.",
        ToAmend,
        _changed(lambda session, asked: session.amend(asked.number, asked.edit, asked.base)),
        result="state",
    ),
    Operation(
        "undo", "POST", "/api/undo", "Go back to before the last change.",
        OfVersion, _changed(lambda session, asked: session.undo(asked.base)), result="state",
    ),
    Operation(
        "redo", "POST", "/api/redo", "Do again what was undone last.",
        OfVersion, _changed(lambda session, asked: session.redo(asked.base)), result="state",
    ),
    Operation(
        "revert", "POST", "/api/revert", "Take all edits out.",
        OfVersion, _changed(lambda session, asked: session.revert(asked.base)), result="state",
    ),
    Operation(
        "set_pipeline", "POST", "/api/pipeline", "Give the pipeline another text: its stages run.",
        ToSetPipeline,
        _changed(lambda session, asked: session.set_pipeline(asked.text, asked.base)),
        result="state",
    ),
    Operation(
        "reload", "POST", "/api/reload", "Take what other programs have written.",
        OfVersion, _changed(lambda session, asked: session.reload(asked.base)), result="state",
    ),
    Operation(
        "keep_mine", "POST", "/api/keep-mine", "Write over what other programs wrote, when saving.",
        NothingAsked, _changed(lambda session, _: session.keep_mine()), result="state",
    ),
    Operation(
        "check", "POST", "/api/check", "The mistakes in a pipeline's text, with their lines.",
        OfText, _of_session(lambda session, asked: session.check(asked.text)), result="checked",
    ),
    Operation(
        "save", "POST", "/api/save", "Keep the edits beside the pipeline, or write them elsewhere.",
        ToSave, _plain(writing.save), result="written",
    ),
    Operation(
        "render", "POST", "/api/render", "Begin to write the film; events tell how far it is.",
        ToRender, _plain(writing.render), result="rendering",
    ),
    Operation(
        "stop", "POST", "/api/stop", "End what is being worked at, or one kind of it.",
        ToStop, _plain(lambda desk, asked: desk.stop(asked.work)), result="nothing",
    ),
    Operation(
        "film_files", "GET", "/api/film-files", "The films, cuts and pipelines that may be named.",
        NothingAsked, _plain(lambda desk, _: film_files.listed(desk)), result="film_files",
    ),
    Operation(
        "conform", "POST", "/api/conform", "Begin to find the cut of a finished film.",
        ToConform, _plain(finished.conform), result="conformed",
    ),
    Operation(
        "conformed", "GET", "/api/conform", "What was found out about a finished film.",
        NothingAsked, _plain(lambda desk, _: desk.conforming.plain()), result="conformed",
    ),
    Operation(
        "conformed_frame", "GET", "/api/conform/frame", "A frame of it, or of its original.",
        OfFilmFrame, finished.film_frame, answers="image/jpeg",
    ),
    Operation(
        "keep_cut", "POST", "/api/conform/cut", "Write the cut that was found.",
        ToKeep, _plain(finished.keep_cut), result="kept",
    ),
    Operation(
        "learn", "POST", "/api/learn", "Begin to learn the style of finished films.",
        ToLearn, _plain(finished.learn), result="learned",
    ),
    Operation(
        "learned", "GET", "/api/learn", "The style that was learned, with its figures.",
        NothingAsked, _plain(lambda desk, _: desk.learning.plain()), result="learned",
    ),
    Operation(
        "keep_style", "POST", "/api/learn/pipeline", "Write the pipeline that was learned.",
        ToKeep, _plain(finished.keep_style), result="kept",
    ),
    Operation(
        "open", "POST", "/api/open", "Work on another film: a pipeline, a cut, or media.",
        ToOpen, _plain(finished.open_other), result="state",
    ),
    Operation(
        "closed", "POST", "/api/closed", "The page goes: its work stops, unless another is open.",
        NothingAsked, _plain(lambda desk, _: desk.page_closed()), result="nothing",
    ),
    Operation(
        "openapi", "GET", "/api/openapi.json", "This description, as OpenAPI 3.1.",
        NothingAsked, _plain(lambda desk, _: described()), result="description",
    ),
)  # fmt: skip

OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in TABLE}


def found(method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
    """The operation of a route, and the parameters in its path; None where there is none."""
    for operation in TABLE:
        if operation.method == method and (match := operation.pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None


def methods_of(path: str) -> tuple[str, ...]:
    """What can be done with a path."""
    return tuple(o.method for o in TABLE if o.pattern.fullmatch(path))


def described() -> dict[str, Any]:
    """The OpenAPI description of all operations."""
    from smartcut.studio.openapi import description

    return description(TABLE)
