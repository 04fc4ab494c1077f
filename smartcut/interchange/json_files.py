"""smartcut's own JSON as a file: the cut, and media seen from where the file lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.media_paths import allowed
from smartcut.interchange.reading import Prober


def to_json(cut: Cut, *, name: str = "", folder: Path | None = None) -> str:
    """The file's text."""
    return cut_to_json(cut) + "\n"


def from_json(
    text: str | bytes, *, folder: Path, look: Prober | None = None, by: str = "the cut"
) -> Cut:
    """The cut; raises PipelineError."""
    try:
        cut = cut_from_json(text)
    except PipelineError as error:
        raise PipelineError(f"{by}: {error.message}") from error
    sources = (
        s if s.is_drawn else replace(s, path=allowed(_there(s.path, folder), by))
        for s in cut.sources
    )
    return replace(cut, sources=tuple(sources))


def _there(media: Path, folder: Path) -> Path:
    """The media's path as it is, or seen from the cut's folder where it is there alone."""
    beside = folder / media
    try:
        return beside if not media.exists() and beside.exists() else media
    except (OSError, ValueError):
        return media
