"""The files that pipelines are read from, standard input among them."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from smartcut.absent import no_file
from smartcut.errors import PipelineError
from smartcut.once import once
from smartcut.spec_text import known_params, parse_setting
from smartcut.text_input import TextInput, decoded, read_text_input

#: In the place of a file's name: the pipeline is read from standard input.
STANDARD_INPUT = Path("-")


def shown(path: Path) -> str:
    """What messages call the file of a pipeline."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def read_pipeline_text(path: Path) -> TextInput:
    """The text of a YAML file, or of standard input for ``-``; raises PipelineError."""
    try:
        if path == STANDARD_INPUT:
            return decoded(_standard_input(), shown(path))
        return read_text_input(path)
    except FileNotFoundError as error:
        raise PipelineError(no_file(path)) from error
    except (OSError, ValueError) as error:
        if (mimetypes.guess_type(path.name)[0] or "").startswith(("video/", "audio/", "image/")):
            raise PipelineError(
                f"{path} is media, not a pipeline: the pipeline comes first, as in `smartcut run "
                f"reel.yaml {path}`; `smartcut {path}` proposes what can be done without one"
            ) from error
        raise PipelineError(f"the pipeline {shown(path)} cannot be read: {error}") from error


@once
def _standard_input() -> bytes:
    """What standard input holds: it can be read once, and settings and the pipeline ask for it."""
    return sys.stdin.buffer.read()


def read_settings(path: Path, items: Iterable[str]) -> dict[str, Any]:
    """The parameters of the pipeline in a file that were set by ``name=value``."""
    items = list(items)
    defaults = known_params(read_pipeline_text(path).text) if items else {}
    return dict(parse_setting(item, defaults) for item in items)
