"""A verb over several files, one output of each: ``-o '{stem}-tight.mp4'``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from smartcut.verbs import Verb

if TYPE_CHECKING:
    from smartcut.report.steps import Asked

#: What of a file's name may stand in an output's; any of them asks for an output of each file.
MARKS = ("{stem}", "{name}", "{parent}")
#: Verbs whose several files are one film by their nature.
_OF_ALL = ("join",)


def is_of_each(output: Path | None) -> bool:
    """Whether the output's name asks for a file of each input."""
    return output is not None and any(mark in str(output) for mark in MARKS)


def run_each(
    verb: Verb,
    stages: Asked,
    inputs: Sequence[Path],
    output: Path,
    dry: bool,
    how: Mapping[str, Any],
) -> None:
    """Run the verb's pipeline once for each file, or say what would run; a broken one fails alone.

    Exits with 3 where some failed, as `smartcut run --each`.
    """
    from smartcut.errors import PipelineError
    from smartcut.report.batch import BatchRequest, plan_text, planned, run_many
    from smartcut.report.verbs import pipeline_yaml
    from smartcut.runners.jobs import PipelineText

    if verb.files_are or verb.name in _OF_ALL:
        raise PipelineError(
            f"`{verb.name}` makes one film of all files: give -o a name without "
            f"{' or '.join(MARKS)}"
        )
    text = PipelineText(pipeline_yaml(verb.does, stages, ()), Path(f"{verb.name}.yaml"), {})
    request = BatchRequest(text, inputs, output, each=True)
    if dry:
        print(plan_text(list(planned(request, how["cache"]))))
        return
    code = run_many(
        request,
        device=how["device"],
        workers=None,
        retries=None,
        results=None,
        cache=how["cache"],
        allow_net=how["allow_net"],
        as_json=False,
    )
    if code:
        raise typer.Exit(code)


def tell_of_one_film(verb: Verb, inputs: Sequence[Path]) -> None:
    """A note that several files become one film, where that is not what the verb is for."""
    if len(inputs) > 1 and not verb.files_are and verb.name not in _OF_ALL:
        print(
            f"note: the {len(inputs)} files are one film, one after the other; "
            f"-o '{{stem}}-{verb.name}.mp4' writes one of each",
            file=sys.stderr,
        )
