"""What a batch has done already: by content, so that nothing is done twice and nothing is missed.

For each output a record in the cache says what it was made of (the pipeline, the digests of its
inputs and of the files its stages name, the parameters, smartcut's version) and which files came
out, with their digests. A job is done while all of that holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from smartcut.cache import Cache, canonical, file_sha256, key_of
from smartcut.inputs import cut_file
from smartcut.interchange.json import tells
from smartcut.runners.jobs import PipelineJob
from smartcut.spec import Spec, all_steps, files_of
from smartcut.version import __version__

Made = dict[str, Any]
"""A file that was written: path, size in bytes, mtime_ns, sha256."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything that a job's output depends on."""

    parts: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """One digest over all of it."""
        return key_of("batch-basis", 1, self.parts)

    @property
    def inputs(self) -> list[str]:
        """The digests of the inputs."""
        return [digest for _, digest, _, _ in self.parts["inputs"]]


def basis_of(job: PipelineJob, spec: Spec, cache: Cache) -> Basis:
    """What the job's output depends on; reads inputs whose digest is not known yet.

    Raises OSError where an input cannot be read.
    """
    steps = all_steps(spec.steps, job.inputs)
    stages = [[step.stage.name, step.stage.model_dump(mode="json")] for step in steps]
    named = sorted({path for _, values in stages for path in _files_in(values)})
    return Basis(
        {
            "version": __version__,
            "pipeline": stages,
            "params": {name: str(value) for name, value in spec.params.items()},
            "files": {str(path): cache.source_digest(path) for path in named},
            "inputs": [
                [item.path.name, cache.source_digest(item.path), item.video, item.audio]
                for item in files_of(job.inputs)
            ],
            **_media(job, cache),
        }
    )


def _media(job: PipelineJob, cache: Cache) -> dict[str, list[str]]:
    """The digests of what a cut file shows, where one is the input."""
    path = cut_file(files_of(job.inputs))
    if path is None:
        return {}
    from smartcut.media.cut_files import opened

    return {"media": [source.digest for source in opened(path, cache).sources]}


def _files_in(value: Any) -> Iterator[Path]:
    """The files that a stage's parameters name: music, colour tables, weights."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _files_in(item)
    elif isinstance(value, str) and os.path.splitext(value)[1] and os.path.isfile(value):
        yield Path(value)


# -------------------------------------------------------------------------------------- records


def why_due(job: PipelineJob, basis: Basis, cache: Cache) -> str | None:
    """In words: why the job has to run; None where its output is there and still fits."""
    record = cache.load(_record_key(job), _is_record)
    if record is None:
        return "not done before"
    parts = basis.parts
    if changed := [name for name in parts if _differs(record["parts"].get(name), parts[name])]:
        return f"changed: {', '.join(changed)}"
    for made in record["files"]:
        if not _fits(made):
            return f"{Path(made['path']).name} is gone or was changed"
    return None


def made_before(job: PipelineJob, cache: Cache) -> list[Made]:
    """The files that the job wrote, as recorded."""
    record = cache.load(_record_key(job), _is_record)
    return [] if record is None else list(record["files"])


def keep(job: PipelineJob, basis: Basis, files: list[Made], cache: Cache) -> None:
    """Record that the job is done."""
    cache.store(_record_key(job), {"parts": basis.parts, "files": files})


def made_file(path: Path) -> Made:
    """What is recorded of a file that was written."""
    stat = path.stat()
    return {
        "path": str(path),
        "size": stat.st_size,
        "mtime_ns": stat.st_mtime_ns,
        "sha256": file_sha256(path),
    }


class _Record(BaseModel):
    """What is kept of a job that is done."""

    parts: dict[str, Any]
    files: list[_File]


class _File(BaseModel):
    path: str
    size: int
    mtime_ns: int
    sha256: str


_is_record = tells(_Record)


def _record_key(job: PipelineJob) -> str:
    return key_of("batch-done", 1, {"output": str(job.output.resolve())})


def _differs(before: Any, now: Any) -> bool:
    return canonical(before) != canonical(now)


def _fits(made: Made) -> bool:
    path = Path(made["path"])
    try:
        stat = path.stat()
        if stat.st_size != made["size"]:
            return False
        return stat.st_mtime_ns == made["mtime_ns"] or file_sha256(path) == made["sha256"]
    except OSError:
        return False
