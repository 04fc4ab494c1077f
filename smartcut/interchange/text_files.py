"""Texts with times that users bring, as files: read whole, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smartcut.errors import PipelineError
from smartcut.files import reason
from smartcut.text_input import TextInput, read_text_input


def read_text_file(path: Path, kinds: Sequence[str], most: int, what: str) -> TextInput:
    """The text of a file whose suffix is one of ``kinds``, of at most ``most`` bytes.

    ``what`` it should hold is a plural, such as "subtitles". Raises PipelineError.
    """
    if path.suffix.lower() not in kinds:
        raise PipelineError(f"{path}: no known kind of {what}; accepted: {', '.join(kinds)}")
    try:
        if path.stat().st_size > most:
            size = most // 1_000_000
            raise PipelineError(f"{path} is larger than {size} MB: these are no {what}")
        return read_text_input(path)
    except OSError as error:
        raise PipelineError(f"cannot read {path}: {reason(error, path.parent)}") from error
    except ValueError as error:
        raise PipelineError(f"{path}: {error}") from error
