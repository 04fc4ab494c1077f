"""Checks films for the command line, with pictures of what is missed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smartcut.absent import no_file
from smartcut.errors import SourceError
from smartcut.expectation import Verification
from smartcut.report.inspect import InspectError
from smartcut.runners.local import Options, opened_context
from smartcut.spec_reading import load_expectations
from smartcut.verifying import opened_film, verify_file, with_pictures


def verified(
    files: Sequence[Path], expect: Path | None, options: Options, pictures: Path | str | None
) -> list[Verification]:
    """What became of the expectations of each film.

    ``pictures`` is the folder for pictures of what is missed, an empty text one beside each film,
    None none. Raises PipelineError for expectations that cannot be read and InspectError for files
    that are no media, both with exit code 2.
    """
    given = load_expectations(expect) if expect is not None else None
    asked = getattr(given, "expectations", ())
    found = []
    with opened_context(options) as context:
        for path in files:
            if not path.is_file():
                raise InspectError(no_file(path))
            try:
                film = opened_film(path, context)
            except SourceError as error:
                raise InspectError(str(error)) from error
            one = verify_file(film, asked, str(expect or ""))
            if pictures is not None and one.failed:
                folder = Path(pictures) if pictures else path.with_name(f"{path.stem}.misses")
                one = with_pictures(one, film, folder)
            found.append(one)
    return found
