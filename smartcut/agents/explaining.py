"""The tool that says why a film shows these moments, and what else it could show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from smartcut.agents.films import FilmParams, film_of, segment_line, segment_rows
from smartcut.agents.tool import MOST_SAID, After, Tool, ToolAnswer, ToolCall, more, paged
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.editing.applying import Edited
from smartcut.errors import PipelineError
from smartcut.runners import local
from smartcut.spec import Begin, StageLine
from smartcut.spec_edits import place_of_edits
from smartcut.stages.edits import EditsStage
from smartcut.studio.reasons import Choosing
from smartcut.studio.working import offered


class ExplainAsked(FilmParams):
    segment: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="The id of one segment: more of it."
    )
    at: float | None = Field(None, ge=0, description="Seconds of the film: the segment shown then.")
    candidates: bool = Field(
        False, description="All moments that could have been chosen, best first."
    )
    after: After = 0
    limit: int = Field(30, ge=1, le=200)


@dataclass(frozen=True, slots=True)
class ExplainedCut:
    """A finished cut, and what its moments were chosen from."""

    cut: Cut
    choosing: Choosing
    marks: Mapping[str, Any]
    """What was done by hand, by the ids of segments."""


def explain_film(call: ToolCall, asked: ExplainAsked) -> ToolAnswer:
    film = film_of(call, asked)
    steps = film.pipeline.unwritten().checked().steps
    begin = film.pipeline.begin(film.inputs, call.options)
    is_of_one = asked.segment is not None or asked.at is not None
    with local.opened_context(call.options) as context:
        cut = local.run_in(context, steps, begin).cut
        rows = segment_rows(cut)
        if not is_of_one and not asked.candidates:
            return _listed(cut, rows, asked)
        whole = _explained(context, cut, steps, begin)
    if not is_of_one:
        return _candidates(whole, asked)
    return _why(whole, rows[_number(cut, rows, asked)])


def _explained(
    context: LocalContext, cut: Cut, steps: Sequence[StageLine], begin: Sequence[Begin]
) -> ExplainedCut:
    place = place_of_edits(steps)
    automatic = local.run_in(context, steps[:place], begin).cut
    choosing = Choosing(automatic, offered(context, steps[:place], begin, automatic))
    stage = steps[place].stage if place < len(steps) else None
    edited = stage.edited(automatic, context) if isinstance(stage, EditsStage) else None
    return ExplainedCut(cut, choosing, dict(edited.marks) if isinstance(edited, Edited) else {})


def _listed(cut: Cut, rows: Sequence[dict[str, Any]], asked: ExplainAsked) -> ToolAnswer:
    page, following = paged(rows, asked.after, asked.limit)
    data = {
        "duration": round(float(cut.duration), 3),
        "segments": list(page),
        "total": len(rows),
        "next": following,
    }
    text = "\n".join(map(segment_line, page)) + more(following, len(rows))
    return ToolAnswer(data, text[: MOST_SAID - 1])


def _number(cut: Cut, rows: Sequence[dict[str, Any]], asked: ExplainAsked) -> int:
    """Which segment is meant; raises PipelineError."""
    if asked.segment is not None:
        for number, row in enumerate(rows):
            if row["segment"] == asked.segment:
                return number
        known = ", ".join(row["segment"] for row in rows[:40])
        raise PipelineError(f"unknown segment {asked.segment!r}; accepted: {known}")
    for number, (_, place) in enumerate(cut.programme.placed()):
        if place.start <= (asked.at or 0) < place.end:
            return number
    length = float(cut.duration)
    raise PipelineError(f"nothing is shown at {asked.at:g} s: the film lasts {length:g} s")


def _candidates(whole: ExplainedCut, asked: ExplainAsked) -> ToolAnswer:
    found = whole.choosing.candidates(whole.cut)
    page, following = paged(found, asked.after, asked.limit)
    data = {"candidates": list(page), "total": len(found), "next": following}
    text = "\n".join(map(_candidate_line, page)) + more(following, len(found))
    return ToolAnswer(data, (text or "there was nothing to choose from")[: MOST_SAID - 1])


def _candidate_line(one: Mapping[str, Any]) -> str:
    parts = [
        "chosen" if one["chosen"] else "      ",
        "" if one["score"] is None else f"{one['score']:.2f}",
        one["id"],
        one["text"][:100],
    ]
    return "  ".join(part for part in parts if part)


def _why(whole: ExplainedCut, row: dict[str, Any]) -> ToolAnswer:
    """All that speaks for a segment, what it beat, and what would take its place."""
    why = whole.choosing.why(row["segment"], whole.cut, whole.marks)
    lines = [segment_line(row), why["text"]]
    for part in why["parts"]:
        weight = "" if part["weight"] is None else f", weight {part['weight']:g}"
        lines.append(f"{part['name']}: {part['value']:.3f}{weight}")
    if why["words"]:
        lines.append(f"said: {why['words'][:1000]}")
    if why["beaten"]:
        lines.append("it beat: " + "; ".join(_candidate_line(o).strip() for o in why["beaten"]))
    if why["next"]:
        lines.append(f"in its place there could be: {_candidate_line(why['next']).strip()}")
    notes = list(whole.cut.notes)[:10]
    lines += [f"note: {note[:300]}" for note in notes]
    return ToolAnswer({**row, **why, "notes": notes}, "\n".join(lines)[: MOST_SAID - 1])


EXPLAINING = (
    Tool(
        "explain",
        "Why these moments",
        "The segments that a pipeline shows, with their sources, times and scores; of one "
        "(`segment` or `at`), why it was chosen, what is said in it, what it beat and what could "
        "take its place; or all `candidates`. Renders nothing.",
        ExplainAsked,
        explain_film,
    ),
)
