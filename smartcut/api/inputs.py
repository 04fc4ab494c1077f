"""What a pipeline begins with: files that are named, and what a library finds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from smartcut.errors import PipelineError
from smartcut.runners.local import Options
from smartcut.spec import Begin, Input, Part, Search

PathLike = str | os.PathLike[str]


def as_inputs(given: Sequence[PathLike] | PathLike) -> tuple[Input, ...]:
    """Inputs for one path or several."""
    items = [given] if isinstance(given, (str, os.PathLike)) else given
    return tuple(Input(path=Path(item)) for item in items)


def found(inputs: tuple[Begin, ...], search: Search | None, options: Options) -> tuple[Begin, ...]:
    """The inputs, with what libraries answer where they are asked."""
    if search is not None:
        return found_inputs(search, options)
    return tuple(
        replace(item, inputs=found(item.inputs, item.search, options), search=None)
        if isinstance(item, Part)
        else item
        for item in inputs
    )


def found_inputs(asked: Search, options: Options) -> tuple[Input, ...]:
    """What a library answers, as inputs; raises PipelineError where it finds nothing."""
    from smartcut.library import results
    from smartcut.library.searching import Question, search

    question = Question(asked.words, asked.image, asked.speech, asked.limit, asked.longest)
    answer = search(asked.library, question, store=asked.store, options=options)
    for note in answer.notes:
        if options.progress:
            options.progress.note(note)
    if not answer.hits:
        raise PipelineError(f"the search of {asked.library} found nothing")
    return results.as_inputs(answer)
