"""Where a command writes that is not told where."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from smartcut.verbs import Verb


def beside(verb: Verb, given: Path) -> Path:
    """Where a verb writes when it is not told: ``talk.tighten.mp4`` beside talk.mp4.

    A name that is in use is left alone: ``talk.tighten-2.mp4``.
    """
    stem = f"{given.stem}.{verb.name}"
    suffix = verb.suffix if "." in verb.suffix else f"{verb.suffix}{_suffix_for(given)}"
    path, number = given.with_name(f"{stem}{suffix}"), 2
    while is_used(path):
        path, number = given.with_name(f"{stem}-{number}{suffix}"), number + 1
    return path


def is_used(path: Path) -> bool:
    """Whether the file is there; of several with numbers, the first."""
    from smartcut.media.numbered import is_numbered, is_of_parts, numbered, of_part

    if is_of_parts(path):
        return of_part(path, 1, 3).exists()
    return (numbered(path, 1) if is_numbered(path) else path).exists()


def _suffix_for(given: Path) -> str:
    """The input's own, where such films are written; else one for pictures, or for sound alone."""
    from smartcut.media.containers import CONTAINERS

    row = CONTAINERS.get(given.suffix.lower())
    if row is not None and row.kind == "stream":
        return given.suffix
    kind = mimetypes.guess_type(given.name)[0] or ""
    return ".m4a" if kind.startswith("audio/") else ".mp4"
