"""Films that are finished, checked in Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from smartcut.api.inputs import PathLike
from smartcut.api.options import as_options, divided
from smartcut.expectation import Verification
from smartcut.report.steps import made
from smartcut.runners.local import opened_context
from smartcut.stages.expect import Expect
from smartcut.verifying import opened_film, verify_file


def verify(path: PathLike, *functions: Callable[..., Any], **expectations: Any) -> Verification:
    """Whether a finished film is as expected; what is measured is kept in the cache.

    ``expectations`` are those of `expect`; functions of your own are called with the film. Without
    any, it is checked as its manifest says, else as is usual. Options such as ``cache`` are those
    of :meth:`~smartcut.api.Pipeline.run`.

        found = sc.verify("film.mp4", length="30s ± 0.5s", true_peak=-1)
        print(found.is_met, [verdict.name for verdict in found.failed])
    """
    options, given = divided(expectations)
    own = {"own": [*functions]} if functions else {}
    asked = made(Expect, {**given, **own}) if given or own else None
    with opened_context(as_options(options)) as context:
        film = opened_film(Path(path), context)
        return verify_file(film, getattr(asked, "expectations", ()))
