"""Cuts in files: JSON, OpenTimelineIO, EDL and FCPXML, told apart by their suffix."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from smartcut.cut import Cut, Features, Source
from smartcut.errors import PipelineError, RenderError
from smartcut.files import reason, write_text
from smartcut.interchange.edits import without_warps
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.media_paths import allowed
from smartcut.interchange.reading import Look, check_times

#: Suffixes of files that hold a cut.
from smartcut.transition import title_of

SUFFIXES = (".json", ".otio", ".edl", ".fcpxml")
#: Bytes of a file that is read.
LARGEST = 64 * 1024 * 1024
# What a file that goes to others tells of a source. Places, devices and people are left out.
_TOLD = ("timecode", "title", "comment", "description", "synopsis", "genre", "date", "copyright")
_DIGEST = re.compile(r"[0-9a-f]{16,128}")


def is_cut_file(path: Path) -> bool:
    """Whether a file of that name holds a cut."""
    return path.suffix.lower() in SUFFIXES


def write_cut(cut: Cut, path: Path) -> None:
    """Write the cut in the format of the suffix, whole or not at all.

    Raises PipelineError for another suffix or a cut that the format cannot hold, RenderError where
    the file cannot be written, and MissingExtra.
    """
    try:
        write_text(path, as_text(_without_metadata(cut), path))
    except (OSError, ValueError) as error:
        why = reason(error, path.parent) if isinstance(error, OSError) else str(error)
        raise RenderError(f"{path} cannot be written: {why}") from error


def _without_metadata(cut: Cut) -> Cut:
    """The cut without what sources say of places, devices and people; a reader looks again."""
    sources = (
        replace(s, metadata=tuple((k, v) for k, v in s.metadata if k.lower() in _TOLD))
        for s in cut.sources
    )
    return replace(cut, sources=tuple(sources))


def left_out(cut: Cut, path: Path) -> tuple[str, ...]:
    """Notes of what a file of that name does not hold of how time passes, and of transitions."""
    if path.suffix.lower() not in (".edl", ".fcpxml"):
        return ()
    return (*without_warps(cut)[1], *_plain_transitions(cut))


def _plain_transitions(cut: Cut) -> Iterator[str]:
    """What becomes of transitions of which a file tells the name alone."""
    found = [s.transition for track in cut.tracks for s in track.segments if s.transition]
    named = dict.fromkeys(t.kind for t in found if title_of(t.kind) == t.kind)
    given = dict.fromkeys(name for t in found for name, _ in t.params)
    if named:
        yield f"{', '.join(named)}: written by name; other programs show a cross dissolve"
    if given:
        names = ", ".join(given)
        yield f"parameters of transitions are left out ({names}); .otio and .json keep them"


def as_text(cut: Cut, path: Path) -> str:
    """What a file of that name holds."""
    suffix, folder = path.suffix.lower(), path.parent
    if suffix == ".json":
        return cut_to_json(cut) + "\n"
    if suffix == ".otio":
        from smartcut.interchange.otio import to_otio

        return to_otio(cut, name=path.stem, folder=folder)
    cut = without_warps(cut)[0]
    if suffix == ".edl":
        from smartcut.interchange.edl import to_edl

        return to_edl(cut, name=path.stem, folder=folder)
    if suffix == ".fcpxml":
        from smartcut.interchange.fcpxml import to_fcpxml

        return to_fcpxml(cut, name=path.stem, folder=folder)
    raise PipelineError(f"{path}: a cut is written to a file that ends in {_accepted()}")


def _accepted() -> str:
    return f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"


def read_cut(path: Path, look: Look | None = None) -> Cut:
    """The cut in a file; ``look`` is asked for media of which the file itself says nothing.

    Everything that it names has to lie where files may be used (see :mod:`smartcut.roots`). Raises
    PipelineError, and what ``look`` raises; MissingExtra.
    """
    data = _content(path)
    cut = check_times(_reader(path)(data, path, look))
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


def _reader(path: Path) -> Callable[[bytes, Path, Look | None], Cut]:
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _from_json
    if suffix == ".otio":
        from smartcut.interchange.otio_reading import from_otio as read
    elif suffix == ".edl":
        from smartcut.interchange.edl_reading import from_edl as read
    elif suffix == ".fcpxml":
        from smartcut.interchange.fcpxml_reading import from_fcpxml as read
    else:
        raise PipelineError(f"{path}: a cut is read from a file that ends in {_accepted()}")
    return lambda data, path, look: read(data, folder=path.parent, look=look, by=str(path))


def _from_json(data: bytes, path: Path, look: Look | None) -> Cut:
    try:
        cut = cut_from_json(data)
    except PipelineError as error:
        raise PipelineError(f"{path}: {error.message}") from error
    sources = (
        replace(s, path=allowed(_there(s.path, path.parent), str(path))) for s in cut.sources
    )
    return replace(cut, sources=tuple(sources))


def _there(media: Path, folder: Path) -> Path:
    """The media's path as it is, or seen from the cut's folder where it is there alone."""
    beside = folder / media
    try:
        return beside if not media.exists() and beside.exists() else media
    except (OSError, ValueError):
        return media


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
        if isinstance(data, Features) and not _DIGEST.fullmatch(data.array):
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
    for style in [*([cut.captions.style] if cut.captions else []), *(t.style for t in cut.titles)]:
        if style.font:
            yield style.font
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


def by_path(sources: tuple[Source, ...]) -> Look:
    """Looks media up among sources that are known already."""
    places = {source.path: source for source in sources}

    def look(path: Path, id: str) -> Source:
        if path not in places:
            raise PipelineError(f"{path} was not there when its cut was opened; run it again")
        return replace(places[path], id=id)

    return look
