"""Operations that write files: only where the desk allows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.studio.asked import ToRender, ToSave

if TYPE_CHECKING:
    from smartcut.studio.desk import Desk


def save(desk: Desk, asked: ToSave) -> dict[str, Any]:
    """Keep the edits, or write them or the cut elsewhere."""
    session = desk.session
    path = None if asked.path is None else allowed(desk, asked.path)
    written = session.save(path)
    return {"path": str(written[0]), "paths": [str(one) for one in written]}


def render(desk: Desk, asked: ToRender) -> dict[str, Any]:
    """Begin to write the film."""
    return desk.render(None if asked.output is None else allowed(desk, asked.output))


def allowed(desk: Desk, given: str) -> Path:
    """A path that a page has named, beside the output of the film."""
    if desk.confined is None:
        return Path(given)
    return desk.confined.path(given, desk.session.film.output)
