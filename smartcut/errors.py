"""Every error smartcut raises on purpose.

SmartcutError
 ├─ PipelineError     the YAML or the chain of stages is wrong; nothing has run      (exit code 2)
 ├─ SourceError       a media file cannot be read, or lacks what is asked of it
 ├─ StageError        a stage cannot do its work on this cut
 ├─ ModelError        a network's weights are missing, damaged or do not fit
 │   └─ MissingModel  they, or the program that stands for them, are not on this machine
 ├─ RenderError       the output cannot be made
 ├─ CacheError        the cache folder cannot be used
 └─ MissingExtra      an optional package is not installed

A message says what is wrong, where (file, YAML line, stage, time), what was given, what is
accepted and what to do next. Causes are chained with ``raise ... from``.
"""

from __future__ import annotations


class SmartcutError(Exception):
    """Base of all errors that smartcut raises on purpose; its text is meant for the user.

    try:
        film.render("film.mp4")
    except sc.SmartcutError as error:
        print(error)
    """

    exit_code = 1


class PipelineError(SmartcutError):
    """The pipeline cannot be run as written.

    ``path`` and ``line`` (1-based) locate the mistake in the YAML file, where there is one.
    """

    exit_code = 2

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        where = ":".join(str(part) for part in (path, line) if part is not None)
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.path = path
        self.line = line
        self.problems: tuple[PipelineError, ...] = ()
        """The mistakes one by one, where there are several."""


class SourceError(SmartcutError):
    """A media file cannot be read, or lacks what is asked of it."""


class StageError(SmartcutError):
    """A stage cannot do its work on this cut."""


class ModelError(SmartcutError):
    """A network's weights are missing, damaged or do not fit."""


class MissingModel(ModelError):
    """A network's weights, or a program that stands for one, are not on this machine."""


class RenderError(SmartcutError):
    """The output cannot be made."""


class CacheError(SmartcutError):
    """The cache folder cannot be used."""


class MissingExtra(SmartcutError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed; "
            f"run: pip install 'smartcut-pipelines[{extra}]'"
        )
