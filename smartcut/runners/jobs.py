"""Many runs of one pipeline, planned: a job for each input, each row of a table, or both.

Nothing is decoded here, and every mistake of the user is found before the first job starts. An
output is named by a template such as ``out/{parent}/{stem}.mp4``; what stands in braces is made
safe, so that every output lies below the folder that the template begins with.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from smartcut.absent import no_file
from smartcut.cache import canonical
from smartcut.editing.reading import companion
from smartcut.errors import PipelineError
from smartcut.runners.naming import Template
from smartcut.spec import Begin, Input, Spec, files_of, parts_of
from smartcut.spec_files import STANDARD_INPUT, read_pipeline_text
from smartcut.spec_reading import parse_spec

#: Above this, the list of jobs itself would be too large.
MOST_JOBS = 1_000_000


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """One run: these inputs, with these parameters beside those set for all, to this file."""

    number: int
    """Counted from 1."""
    inputs: tuple[Begin, ...]
    params: Mapping[str, Any]
    output: Path

    @property
    def subject(self) -> str:
        """What the job is about, in a few words."""
        names = [item.path.name for item in files_of(self.inputs)]
        shown = names[0] if len(names) == 1 else f"{len(names)} inputs" if names else ""
        values = ", ".join(f"{k}={v}" for k, v in self.params.items())
        return "; ".join(part for part in (shown, values) if part) or self.output.name


@dataclass(frozen=True, slots=True)
class PipelineText:
    """A pipeline's text, so that all jobs run the same even while its file is edited."""

    text: str
    path: Path
    settings: Mapping[str, Any]
    """What was set for all jobs."""
    notes: tuple[str, ...] = ()
    """What the user should know of how the text was read."""

    def spec(self, params: Mapping[str, Any]) -> Spec:
        """The checked pipeline with a job's own parameters."""
        return _parsed(self.text, self.path, canonical({**self.settings, **params}))


@lru_cache(maxsize=4)  # with --each, all jobs have the same
def _parsed(text: str, path: Path, settings: str) -> Spec:
    return parse_spec(text, path=path, settings=json.loads(settings))


def read_pipeline(path: Path, settings: Mapping[str, Any]) -> PipelineText:
    """The pipeline in a file, not checked yet."""
    given = read_pipeline_text(path)
    notes = given.notes
    if path != STANDARD_INPUT and (beside := companion(path)).is_file():
        notes = (
            *notes,
            f"{beside} is left out: corrections by hand are of one film, and here are many",
        )
    return PipelineText(given.text, path, dict(settings), notes)


# --------------------------------------------------------------------------------------- inputs


def expanded(given: Iterable[Path]) -> list[Path]:
    """The files that paths and patterns (``*``, ``?``, ``[ab]``, ``**``) name, in order.

    A file that is named twice comes twice; of what a pattern matches, sorted, only what is not
    there yet. A path that exists is taken as it is. Raises PipelineError for a pattern that matches
    nothing.
    """
    found: list[Path] = []
    for item in given:
        text = str(item.expanduser())
        if item.exists() or not glob.has_magic(text):
            found.append(Path(text))
            continue
        matches = sorted(p for p in map(Path, glob.iglob(text, recursive=True)) if p.is_file())
        if not matches:
            raise PipelineError(f"no file matches {str(item)!r} (looked from {Path.cwd()})")
        known = set(found)
        found.extend(path for path in matches if path not in known)
    return found


def _files(given: Iterable[Path]) -> tuple[Input, ...]:
    paths = expanded(given)
    for path in paths:
        if path.is_dir():
            raise PipelineError(f"{path} is a folder; name its files, such as '{path}/**/*.mp4'")
        if not path.exists():
            raise PipelineError(no_file(path))
    return tuple(Input(path=path) for path in paths)


# ----------------------------------------------------------------------------------------- jobs


def plan_jobs(
    pipeline: PipelineText,
    given: Sequence[Path],
    output: Path | None,
    *,
    each: bool,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> list[PipelineJob]:
    """A job for each input (``each``), for each row, or for each input and row.

    ``rows`` hold a table's columns; those that are parameters of the pipeline are set, the
    others may be used in the output's name. Raises PipelineError, before anything has run.
    """
    if output is None:
        example = "out/{stem}.mp4" if each else "out/{n}.mp4"
        raise PipelineError(f"where to write is missing: give -o '{example}'")
    template = Template(str(output))
    known = pipeline.spec({})
    columns = _checked_columns(rows, known, template, pipeline.settings) if rows else ()
    template.check(columns)
    named = _files(given)
    jobs: list[PipelineJob] = []
    for at, row in enumerate(rows if rows is not None else ({},), 1):
        params = {name: value for name, value in row.items() if name in known.params}
        spec = _row_spec(pipeline, params, known, at)
        if parts_of(spec.inputs) and (each or named):
            raise PipelineError(
                "this pipeline has parts, which name their inputs: leave files and --each out; "
                "--table makes a video of it for each row"
            )
        inputs = named or spec.inputs
        groups = [(item,) for item in dict.fromkeys(inputs)] if each else [inputs]
        if each and not inputs:
            raise PipelineError("--each makes a video of each input, and there is none: name files")
        for group in groups:
            number = len(jobs) + 1
            if number > MOST_JOBS:
                raise PipelineError(f"these are more than {MOST_JOBS} jobs: run them in parts")
            paths = [item.path for item in files_of(group)]
            jobs.append(PipelineJob(number, group, params, template.path(number, paths, row)))
    _check_outputs(jobs)
    return jobs


def _row_spec(pipeline: PipelineText, params: Mapping[str, Any], known: Spec, number: int) -> Spec:
    if not params:
        return known
    try:
        return pipeline.spec(params)
    except PipelineError as error:
        raise PipelineError(f"row {number} of the table: {error}") from error


def _checked_columns(
    rows: Sequence[Mapping[str, Any]], spec: Spec, template: Template, settings: Mapping[str, Any]
) -> tuple[str, ...]:
    """All columns of the table; each sets a parameter or is used in the output's name."""
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        if name in settings:
            raise PipelineError(f"{name!r} is set by --set and is also a column of the table")
        if name not in spec.params and name not in template.fields:
            accepted = ", ".join(sorted(spec.params)) or "none"
            raise PipelineError(
                f"the table's column {name!r} is no parameter of this pipeline (accepted: "
                f"{accepted}) and the output's name does not use it, as {{{name}}}"
            )
    return columns


def _check_outputs(jobs: Sequence[PipelineJob]) -> None:
    """Raise PipelineError where two jobs write the same file, or one writes over an input."""
    sources = {item.path.resolve() for job in jobs for item in files_of(job.inputs)}
    taken: dict[str, PipelineJob] = {}
    for job in jobs:
        # Companions (subtitles, manifest) share the stem, and some file systems ignore case.
        place = str(job.output.with_suffix("").resolve()).casefold()
        before = taken.setdefault(place, job)
        if before is not job:
            raise PipelineError(
                f"jobs {before.number} ({before.subject}) and {job.number} ({job.subject}) would "
                f"both write {job.output}; tell them apart in -o, with {{parent}} or {{n}}"
            )
        if job.output.resolve() in sources:
            raise PipelineError(
                f"{job.output} would be written by job {job.number} and is also an input: "
                "write to another folder, or name the inputs more narrowly"
            )
