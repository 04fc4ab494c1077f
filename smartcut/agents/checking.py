"""The tool that checks finished films against what is expected of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from smartcut.agents.looking import jpeg, shown_film
from smartcut.agents.tool import MOST_SAID, FileName, LongToolParams, Tool, ToolAnswer, ToolCall
from smartcut.api import Pipeline, as_inputs
from smartcut.errors import PipelineError
from smartcut.expectation import Expectation, Verification

_YAML = (".yaml", ".yml")
_MOST_MISSES = 20
_MOST_PICTURES = 4


class VerifyAsked(LongToolParams):
    path: FileName = Field(description="A finished film.")
    expect: Annotated[str, Field(min_length=1, max_length=50_000)] | dict[str, Any] | None = Field(
        None,
        description="What is expected, such as {length: 30s ± 0.5s, no_black: 0.2s}: a mapping, "
        "YAML, or its file; without it, as its manifest says, or what is usual. `stages` "
        "name=expect lists all.",
    )


def verify(call: ToolCall, asked: VerifyAsked) -> ToolAnswer:
    from smartcut.report.verdicts import plain_verification, verdicts_text
    from smartcut.runners.local import opened_context
    from smartcut.verifying import opened_film, verify_file

    path = call.folder.file(asked.path)
    expected, origin = _expected(call, asked.expect)
    with opened_context(call.options) as context:
        found = verify_file(opened_film(path, context), expected, origin)
    plain = plain_verification(found)
    for verdict in plain["verdicts"]:
        verdict["misses"] = verdict["misses"][:_MOST_MISSES]
    times = _times(found)
    pictures = _pictures(call, path, times)
    text = verdicts_text(found)[: MOST_SAID - 200]
    if pictures:
        shown = ", ".join(f"{float(time):.2f} s" for time in times)
        text += f"\npictures of what is missed: {shown}"
    return ToolAnswer(plain, text, pictures)


def _expected(
    call: ToolCall, given: str | dict[str, Any] | None
) -> tuple[tuple[Expectation, ...], str]:
    """The expectations, and what says so; none where nothing is given."""
    from smartcut.spec_reading import load_expectations, parse_expectations

    if given is None:
        return (), ""
    if isinstance(given, str) and "\n" not in given.strip() and given.strip().endswith(_YAML):
        path = call.folder.file(given.strip())
        found: Any = load_expectations(path)
        return found.expectations, path.as_posix()
    text = given if isinstance(given, str) else yaml.safe_dump(given, allow_unicode=True)
    found = parse_expectations(text)
    if not found.expectations:
        raise PipelineError("verify: nothing is expected; give such as {length: 30s}")
    return found.expectations, ""


def _times(found: Verification) -> list[Fraction]:
    """When something is missed first, of each expectation."""
    firsts = (
        next((miss.start for miss in one.misses if miss.start is not None), None)
        for one in found.failed
    )
    return list(dict.fromkeys(time for time in firsts if time is not None))[:_MOST_PICTURES]


def _pictures(call: ToolCall, path: Path, times: list[Fraction]) -> tuple[bytes, ...]:
    from smartcut.render.still import pictures_at

    if not times:
        return ()
    with shown_film(call, Pipeline(inputs=as_inputs(path))) as film:
        if not any(source.video for source in film.cut.sources):
            return ()
        inside = [time for time in times if time < film.cut.duration]
        shown = pictures_at(film.cut, film.job(size=240), film.context, inside)
        return tuple(jpeg(picture) for picture in shown)


CHECKING = (
    Tool(
        "verify",
        "Verify a film",
        "Check a finished film against expectations: length, loudness, black, silence, freezes, "
        "words that are cut, captions, what must and must not be said or seen ... Each miss comes "
        "with its time, its reason and a picture.",
        VerifyAsked,
        verify,
    ),
)
