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
    import numpy as np

    from smartcut.cache import Cache
    from smartcut.conforming.colour import Grade
    from smartcut.conforming.pairs import Pair
    from smartcut.conforming.parts import FilmPart
    from smartcut.conforming.path import Run
    from smartcut.conforming.sound import SoundPart
    from smartcut.conforming.thumbs import Thumbs
    from smartcut.conforming.ticks import Tick


# Pictures among the originals: photographs that a film pans over.
_STILLS = frozenset([".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"])


def conform(
    film: PathLike,
    sources: Sequence[PathLike] | PathLike,
    *,
    unknown: Unknown = "film",
    table: PathLike | None = None,
    **options: Any,
) -> Conformed:
    """The cut that a finished film was made by, found in its pictures.

    ``sources`` are folders and files. ``unknown`` says what stands in the cut for pictures that no
    source explains: the ``film`` itself, or a ``gap``. Where the film was graded, a table of
    colours is written to ``table`` (a .cube file), or to the cache. ``options`` as for
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
        place = None if table is None else Path(table)
        return _conformed(Path(film), _listed(sources), unknown, place, cache, progress)


def _conformed(
    film: Path,
    files: Sequence[Path],
    unknown: Unknown,
    table: Path | None,
    cache: Cache,
    progress: Progress,
) -> Conformed:
    from smartcut.conforming.finding import found_runs
    from smartcut.conforming.pairs import pairs
    from smartcut.conforming.scoring import FilmAndSources
    from smartcut.conforming.sound import with_sounds
    from smartcut.conforming.telling import parts
    from smartcut.conforming.ticks import Paced

    own = _opened(film, "film", cache)
    sources, notes = _all_opened(files, film, own, cache, progress)
    thumbs, damaged = _all_looked_at(sources, cache, progress)
    sources, notes = tuple(s for s in sources if s.id in thumbs), (*notes, *damaged)
    if not sources:
        raise _nothing(film, notes)
    film_thumbs = _looked_at(own, cache, progress)
    what = f"recognising {film.name}"
    tick = Paced(progress.start(what, 3.0))
    looked = FilmAndSources(film_thumbs, tuple(thumbs.values()), tick)

    def paired(runs: Sequence[Run]) -> Iterable[Pair]:
        tick(1.0)
        return pairs(looked, own, sources, runs)

    runs, graded = found_runs(looked, _shape(own), [_shape(source) for source in sources], paired)
    tick(2.0)
    found = parts(looked, runs, sources)
    if all(part.source is None for part in found):
        raise SourceError(
            f"nothing of {film} was recognised in {len(sources)} sources: are they what it was cut "
            "from? (pictures are compared, not sound; a film that shows a small part of each "
            "picture is not recognised)"
        )
    sounds = _sounds(own, sources, found, tick)
    progress.done(what)
    found = with_sounds(found, sounds, _with_sound(sources))
    lut = _written(graded, table, own, cache) if graded else None
    if graded and lut:
        told = f"its colours are those of the sources through {lut.name}: {graded.after:.1f} dB"
        notes = (*notes, f"{told} alike, without it {graded.before:.1f} dB")
    cut = built(own, sources, found, unknown, lut, sounds)
    for note in notes:
        cut = cut.with_note(note)
    return Conformed(own, sources, tuple(found), tuple(sounds), cut, notes)


def _sounds(
    film: Source, sources: Sequence[Source], found: Sequence[FilmPart], tick: Tick
) -> list[SoundPart]:
    """Where the film's sound comes from; nothing where it has none."""
    import numpy as np

    from smartcut.conforming.hearing import RATE, KeptSound
    from smartcut.conforming.sound import heard_parts
    from smartcut.media.audio import samples

    if film.audio is None:
        return []
    by_id = {source.id: source for source in sources}

    def read(id: str | None, first: int, last: int) -> np.ndarray:
        source = film if id is None else by_id[id]
        blocks = []
        for block in samples(source, RATE, 1, Fraction(first, RATE), Fraction(last, RATE)):
            tick()
            blocks.append(block[0])
        return np.concatenate(blocks)

    with_sound = _with_sound(sources)
    return heard_parts(found, with_sound, float(film.audio.duration), KeptSound(read), tick)


def _with_sound(sources: Sequence[Source]) -> frozenset[str]:
    return frozenset(source.id for source in sources if source.audio is not None)


def _written(graded: Grade, table: Path | None, film: Source, cache: Cache) -> Path:
    """Where the table of colours was written to."""
    from smartcut.api.kept_tables import kept_table
    from smartcut.render.lut import write_cube

    if table is not None:
        write_cube(table, graded.table)
        return table.resolve()
    return kept_table(graded.table, cache)


# ---------------------------------------------------------------------------------- the files


def _listed(given: Sequence[PathLike] | PathLike) -> list[Path]:
    """The media that files and folders name, each once."""
    from smartcut.library.indexing import SUFFIXES, media_files

    items: Iterable[PathLike] = [given] if isinstance(given, (str, os.PathLike)) else given
    found: list[Path] = []
    for item in map(Path, items):
        if item.is_dir():
            found.extend(item / name for name in sorted(media_files(item, SUFFIXES | _STILLS)))
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
    files: Sequence[Path], film: Path, own: Source, cache: Cache, progress: Progress
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The sources that can be read and have pictures, and notes about the others."""
    from smartcut.media.probe import probe

    found: list[Source] = []
    notes: list[str] = []
    digests = {own.digest}
    what = "opening the originals"
    advance = progress.start(what, float(len(files)))
    for number, path in enumerate(files):
        advance(float(number))
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
    progress.done(what)
    if not found:
        raise _nothing(film, notes)
    return tuple(found), tuple(notes)


def _nothing(film: Path, notes: Sequence[str]) -> SourceError:
    why = "; ".join(notes) or "no video was found among them"
    return SourceError(f"there are no sources to recognise {film} in: {why}")


def _all_looked_at(
    sources: Sequence[Source], cache: Cache, progress: Progress
) -> tuple[dict[str, Thumbs], list[str]]:
    """The small pictures of each source that can be decoded, and notes about the others."""
    found: dict[str, Thumbs] = {}
    notes: list[str] = []
    for source in sources:
        try:
            found[source.id] = _looked_at(source, cache, progress)
        except SourceError as error:
            notes.append(f"{source.path.name} is left out: {error}")
    return found, notes


def _looked_at(source: Source, cache: Cache, progress: Progress) -> Thumbs:
    from smartcut.conforming.thumbs import thumbs_of
    from smartcut.media.index import video_index

    index = video_index(source, cache)
    what = f"looking at {source.path.name}"
    advance = progress.start(what, float(index.end))
    found = thumbs_of(source, index, cache, advance)
    progress.done(what)
    return found


def _shape(source: Source) -> tuple[int, int]:
    assert source.video is not None
    return source.video.display_size
