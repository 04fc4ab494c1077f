"""The cut back out of a finished film: from files to files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.api.inputs import PathLike
from smartcut.api.options import as_options, divided
from smartcut.conforming.building import Unknown, built
from smartcut.conforming.result import Conformed
from smartcut.context import Quiet
from smartcut.errors import PipelineError, SmartcutError, SourceError
from smartcut.runners.local import opened_cache
from smartcut.source import Source, unused
from smartcut.stage import Progress

if TYPE_CHECKING:
    from smartcut.cache import Cache
    from smartcut.conforming.thumbs import Thumbs


def conform(
    film: PathLike,
    sources: Sequence[PathLike] | PathLike,
    *,
    unknown: Unknown = "film",
    **options: Any,
) -> Conformed:
    """The cut that a finished film was made by, found in its pictures.

    ``sources`` are folders and files. ``unknown`` says what stands in the cut for pictures that no
    source explains: the ``film`` itself, or a ``gap``. ``options`` as for
    :meth:`smartcut.api.Pipeline.run`. Raises SourceError where nothing of the film is recognised,
    or where there are no sources.

        found = sc.conform("film.mp4", ["rushes", "archive/harbour.mov"])
        sc.diff("edited.otio", found.cut)
    """
    given, rest = divided(options)
    if rest:
        raise PipelineError(f"conform takes no {', '.join(sorted(rest))}")
    how = as_options(given)
    progress = how.progress or Quiet()
    with opened_cache(how.cache) as cache:
        return _conformed(Path(film), _listed(sources), unknown, cache, progress)


def _conformed(
    film: Path, files: Sequence[Path], unknown: Unknown, cache: Cache, progress: Progress
) -> Conformed:
    from smartcut.conforming.finding import found_runs, parts
    from smartcut.conforming.scoring import FilmAndSources

    own = _opened(film, "film", cache)
    sources, notes = _all_opened(files, film, own, cache)
    thumbs = [_looked_at(source, cache, progress) for source in (own, *sources)]
    looked = FilmAndSources(thumbs[0], tuple(thumbs[1:]))
    runs = found_runs(looked, _shape(own), [_shape(source) for source in sources])
    found = parts(looked, runs, sources)
    if all(part.source is None for part in found):
        raise SourceError(
            f"nothing of {film} was recognised in {len(sources)} sources: are they what it was cut "
            "from? (pictures are compared, not sound; a film that shows a small part of each "
            "picture is not recognised)"
        )
    cut = built(own, sources, found, unknown)
    for note in notes:
        cut = cut.with_note(note)
    return Conformed(own, sources, tuple(found), cut, notes)


# ---------------------------------------------------------------------------------- the files


def _listed(given: Sequence[PathLike] | PathLike) -> list[Path]:
    """The media that files and folders name, each once."""
    from smartcut.library.indexing import media_files

    items: Iterable[PathLike] = [given] if isinstance(given, (str, os.PathLike)) else given
    found: list[Path] = []
    for item in map(Path, items):
        if item.is_dir():
            found.extend(item / name for name in sorted(media_files(item)))
        elif item.exists():
            found.append(item)
        else:
            raise SourceError(f"there is no {item}; name the files or folders of the originals")
    return list({path.resolve(): path for path in found}.values())


def _opened(path: Path, id: str, cache: Cache) -> Source:
    from smartcut.media.probe import probe

    if not path.is_file():
        raise SourceError(f"there is no film {path}")
    found: Source = probe(path, id=id, cache=cache)
    if found.video is None:
        raise SourceError(f"{path} has no pictures: a film is recognised by them")
    return found


def _all_opened(
    files: Sequence[Path], film: Path, own: Source, cache: Cache
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The sources that can be read and have pictures, and notes about the others."""
    from smartcut.media.probe import probe

    found: list[Source] = []
    notes: list[str] = []
    digests = {own.digest}
    for path in files:
        if path.resolve() == film.resolve():
            continue
        try:
            source: Source = probe(path, cache=cache)
        except SmartcutError as error:
            notes.append(f"{path.name} is left out: {error}")
            continue
        if source.video is None or source.digest in digests:
            continue
        digests.add(source.digest)
        taken = {s.id for s in found} | {"film"}
        found.append(replace(source, id=unused(path.stem, taken)))
    if not found:
        why = "; ".join(notes) or "no video was found among them"
        raise SourceError(f"there are no sources to recognise {film} in: {why}")
    return tuple(found), tuple(notes)


def _looked_at(source: Source, cache: Cache, progress: Progress) -> Thumbs:
    from smartcut.conforming.thumbs import thumbs_of
    from smartcut.media.index import video_index

    index = video_index(source, cache)
    what = f"looking at {source.path.name}"
    advance = progress.start(what, float(index.end))

    def passed(time: Fraction) -> None:
        advance(float(time))

    found = thumbs_of(source, index, cache, passed)
    progress.done(what)
    return found


def _shape(source: Source) -> tuple[int, int]:
    assert source.video is not None
    return source.video.display_size
