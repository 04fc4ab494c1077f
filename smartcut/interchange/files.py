"""Cuts in files, whose suffix says the format; see :mod:`smartcut.interchange.formats`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from smartcut.annotation import Features, Voices
from smartcut.cut import Cut
from smartcut.errors import PipelineError, RenderError
from smartcut.files import reason, write_text
from smartcut.interchange.formats import CutFormat, accepted, format_of
from smartcut.interchange.left_out import reduced
from smartcut.interchange.media_paths import allowed
from smartcut.interchange.reading import Prober, check_times
from smartcut.source import Source

#: Bytes of a file that is read.
LARGEST = 64 * 1024 * 1024
# What a file that goes to others tells of a source. Places, devices and people are left out.
_TOLD = ("timecode", "title", "comment", "description", "synopsis", "genre", "date", "copyright")
# Parameters of what is drawn that are to be read, and name no file.
_WRITTEN = ("text", "texts")
_DIGEST = re.compile(r"[0-9a-f]{16,128}")


def write_cut(cut: Cut, path: Path) -> tuple[str, ...]:
    """Write the cut in the format of the suffix, whole or not at all; notes of what is left out.

    Raises PipelineError for another suffix or a cut that the format cannot hold, RenderError where
    the file cannot be written, and MissingExtra.
    """
    format = _format(path, "written to")
    try:
        held, notes = reduced(_without_metadata(cut), format)
        write_text(path, format.write(held, name=path.stem, folder=path.parent))
    except (OSError, ValueError) as error:
        why = reason(error, path.parent) if isinstance(error, OSError) else str(error)
        raise RenderError(f"{path} cannot be written: {why}") from error
    return notes


def _format(path: Path, how: str) -> CutFormat:
    format = format_of(path)
    if format is None:
        raise PipelineError(f"{path}: a cut is {how} a file that ends in {accepted()}")
    return format


def _without_metadata(cut: Cut) -> Cut:
    """The cut without what sources say of places, devices and people; a reader looks again."""
    sources = (
        replace(s, metadata=tuple((k, v) for k, v in s.metadata if k.lower() in _TOLD))
        for s in cut.sources
    )
    return replace(cut, sources=tuple(sources))


def read_cut(path: Path, look: Prober | None = None) -> Cut:
    """The cut in a file; ``look`` is asked for media of which the file itself says nothing.

    Everything that it names has to lie where files may be used (see :mod:`smartcut.roots`). Raises
    PipelineError, and what ``look`` raises; MissingExtra.
    """
    format = _format(path, "read from")
    data = _content(path)
    cut = check_times(format.read(data, folder=path.parent, look=look, by=str(path)))
    _check_named(cut, path)
    return cut


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise PipelineError(f"the cut {path} cannot be read: {error}") from error
    if len(data) > LARGEST:
        raise PipelineError(f"{path} is too large for a cut: {LARGEST} bytes are read at most")
    return data


# ---------------------------------------------------------------------------- what a cut names


def _check_named(cut: Cut, path: Path) -> None:
    """Raise PipelineError for files that the cut may not name, and for damaged digests."""
    known = {source.id for source in cut.sources}
    for track in cut.tracks:
        for segment in track.segments:
            if segment.source is not None and segment.source not in known:
                raise PipelineError(f"{path}: shows {segment.source!r}, which is no source of it")
    for annotation in cut.annotations:
        data = annotation.data
        if isinstance(data, (Features, Voices)) and not _DIGEST.fullmatch(data.array):
            raise PipelineError(f"{path}: {data.array[:80]!r} is no key of the cache")
    for name in _texts(cut):
        if os.path.isabs(name) or ".." in Path(name).parts or _exists(name):
            allowed(Path(name), str(path))


def _exists(name: str) -> bool:
    try:
        return len(name) < 4096 and os.path.lexists(name)
    except ValueError:
        return False


def _texts(cut: Cut) -> Iterator[str]:
    """Whatever a stage's parameters could name a file with: fonts, tables, weights."""
    if cut.captions and cut.captions.style.font:
        yield cut.captions.style.font
    for recipe in (source.made for source in cut.sources if source.is_drawn):
        yield from _within(tuple(v for name, v in recipe.params if name not in _WRITTEN))  # type: ignore[union-attr]
    for track in cut.tracks:
        for segment in track.segments:
            for effect in segment.effects:
                yield from _within(effect.params)
            if segment.transition is not None:
                yield from _within(segment.transition.params)


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _within(item)


def is_key(digest: str) -> bool:
    """Whether it can be a digest, or a key of the cache: no path hides in it."""
    return _DIGEST.fullmatch(digest) is not None


def sources_in_use(cut: Cut) -> set[str]:
    """The ids of the sources that a track plays."""
    return {s.source for track in cut.tracks for s in track.segments if s.source is not None}


def by_path(sources: tuple[Source, ...]) -> Prober:
    """Looks media up among sources that are known already."""
    places = {source.path: source for source in sources}

    def look(path: Path, id: str) -> Source:
        if path not in places:
            raise PipelineError(f"{path} was not there when its cut was opened; run it again")
        return replace(places[path], id=id)

    return look
