"""What is expected of a film, and whether the cut that is planned will be so.

These are verdicts as ``smartcut verify`` gives them of a finished film.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smartcut.cut import Cut
from smartcut.expectation import Expectation, Verdict, plain_verdict, usual_expectations
from smartcut.render.records.manifest import manifest_beside, read_manifest
from smartcut.studio.film import StudioFilm

_LATER = "measured in the film once it is written"


def foreseen(film: StudioFilm, cut: Cut) -> list[dict[str, Any]]:
    """A verdict for each expectation of a film, as far as its cut tells.

    Where the pipeline expects nothing, they are what is usual, which `verify` looks for.
    """
    asked = list(_expectations(film))
    found = asked or list(usual_expectations())
    return [plain_verdict(_verdict(one, cut, bool(asked))) for one in found]


def _expectations(film: StudioFilm) -> Iterator[Expectation]:
    for step in film.expecting:
        yield from getattr(step.stage, "expectations", ())


def _verdict(one: Expectation, cut: Cut, is_asked: bool) -> Verdict:
    told = one.foresee(cut)
    if told is None:
        return Verdict(one.name, "unchecked", one.wanted, _LATER, (), is_asked)
    state = "failed" if told.misses else "met"
    return Verdict(one.name, state, one.wanted, told.measured, told.misses, is_asked)  # type: ignore[arg-type]


def kept_verdicts(film: Path) -> list[dict[str, Any]]:
    """The verdicts of a film that was written, as its manifest keeps them; else none."""
    beside = manifest_beside(film)
    if beside is None:
        return []
    kept = read_manifest(beside).get("expect")
    found = kept.get("verdicts") if isinstance(kept, dict) else None
    return list(found) if isinstance(found, list) else []
