"""The originals of a cut that a manifest tells of: where they are, and that they are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from smartcut.cache import Cache
from smartcut.cut import Cut
from smartcut.errors import SourceError
from smartcut.source import Source

#: Letters of a digest that are told.
_SHOWN = 12


def with_originals(cut: Cut, manifest: Path, folders: Sequence[Path], cache: Cache) -> Cut:
    """The cut with the paths at which its originals lie, each with the digest that it had.

    They are looked for where they were, beside the manifest, and in the files and folders given.
    Raises SourceError that names the one that is missing, or was changed since.
    """
    used = {segment.source for track in cut.tracks for segment in track.segments}
    found = tuple(
        source
        if source.made is not None or source.id not in used
        else replace(source, path=_place(source, manifest, folders, cache))
        for source in cut.sources
    )
    return cut if found == cut.sources else replace(cut, sources=found)


def _place(source: Source, manifest: Path, folders: Sequence[Path], cache: Cache) -> Path:
    others = []
    for path in dict.fromkeys(_candidates(source, manifest, folders)):
        digest = cache.source_digest(path)
        if digest == source.digest:
            return path
        others.append((path, digest))
    looked = (
        "; give the folder where the original lies: `smartcut elisions "
        f"{manifest} --sources FOLDER` finds it by its digest"
    )
    same_name = [pair for pair in others if pair[0].name == source.path.name]
    if not same_name:
        raise SourceError(
            f"{source.path}, of which {manifest.name} tells, is no longer there{looked}"
        )
    path, digest = same_name[0]
    raise SourceError(
        f"{path} was changed since {manifest.name} was written: its sha256 is "
        f"{digest[:_SHOWN]}…, and was {source.digest[:_SHOWN]}…{looked}"
    )


def _candidates(source: Source, manifest: Path, folders: Sequence[Path]) -> Iterator[Path]:
    """Files that may be it: the likeliest first."""
    beside = manifest.parent
    near = (source.path, beside / source.path, beside / source.path.name)
    yield from (path for path in near if path.is_file())
    files = [
        path
        for given in folders
        for path in (sorted(given.rglob("*")) if given.is_dir() else [given])
        if path.is_file() and path.suffix.lower() == source.path.suffix.lower()
    ]
    yield from sorted(files, key=lambda path: path.name != source.path.name)
