"""What `smartcut studio` does before and while it serves: which files, which port, how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.errors import SmartcutError
from smartcut.studio.desk import Desk
from smartcut.studio.server import PORT, StudioServer

if TYPE_CHECKING:
    from smartcut.studio.session import Session


def opening_of(
    what: Path,
    inputs: Sequence[Path],
    output: Path | None,
    roots: Sequence[Path],
    params: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Callable[[Desk], Session]:
    """How a desk opens its session.

    Raises SmartcutError at once for mistakes that are found without running a stage.
    """
    from smartcut.api.options import as_options
    from smartcut.studio.film import film_of

    film = film_of(what, inputs, output, params, as_options(options))

    def opened(desk: Desk) -> Session:
        from smartcut.studio.session import Session

        return Session(film, as_options(options))

    return opened


def server_at(desk: Desk, port: int | None) -> StudioServer:
    """A server for a desk; without a port at the usual one, or where that is taken at any."""
    try:
        return StudioServer(desk, PORT if port is None else port)
    except SmartcutError:
        if port is not None:
            desk.close()
            raise
        return StudioServer(desk, 0)
