"""A finished film whose cut is found beside the session: told, shown frame by frame, and kept."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from smartcut.api.events import EventProgress
from smartcut.runners.local import Options, opened_cache
from smartcut.studio.answers import NoSuchThing
from smartcut.studio.following_work import Tell
from smartcut.studio.study import Study

if TYPE_CHECKING:
    from smartcut.cache import Cache
    from smartcut.conforming.parts import FilmPart
    from smartcut.conforming.result import Conformed
    from smartcut.source import Source

Side = Literal["film", "original"]
_QUALITY = 85


class FilmConforming:
    """Finds the cut of one film after the other; the last one found is what is told of."""

    def __init__(self, tell: Tell) -> None:
        self.study: Study[Conformed] = Study("conform", tell)
        self._decoding = Lock()

    def begin(
        self,
        film: Path,
        sources: list[Path],
        unknown: Literal["film", "gap"],
        table: Path,
        options: Options,
    ) -> None:
        """Look for a film's cut; see :func:`smartcut.api.conforming.conform`."""

        def found(progress: EventProgress) -> Conformed:
            from smartcut.api.conforming import conform

            return conform(
                film, sources, unknown=unknown, table=table, cache=options.cache, progress=progress
            )

        self.study.begin(found)

    @property
    def found(self) -> Conformed:
        """What was found last; raises NoSuchThing."""
        if self.study.found is None:
            raise NoSuchThing("no finished film has been recognised yet")
        return self.study.found

    def plain(self) -> dict[str, Any]:
        """How far it is, and what was found: see docs/studio.md."""
        found = self.study.found
        return {**self.study.plain(), "found": None if found is None else plain_conformed(found)}

    def jpeg(self, side: Side, number: int, height: int, options: Options) -> bytes:
        """A frame of the film by its number, or the frame of the original that it shows.

        Raises NoSuchThing where no original shows, and for a number that the film has not.
        """
        found = self.found
        if number >= found.parts[-1].last:
            raise NoSuchThing(f"the film has {found.parts[-1].last} frames, from 0")
        with self._decoding, opened_cache(options.cache) as cache:
            source, at = shown_at(found, side, number, cache)
            return _jpeg(source, at, height, cache)


def shown_at(found: Conformed, side: Side, number: int, cache: Cache) -> tuple[Source, Fraction]:
    """The source of a picture, and its time there; under a transition of the part that comes in."""
    from smartcut.media.index import video_index

    time = video_index(found.film, cache).time_of(number)
    if side == "film":
        return found.film, time
    part = next(p for p in reversed(found.parts) if p.first <= number)
    source = next((s for s in found.sources if s.id == part.source), None)
    if source is None:
        raise NoSuchThing(f"no original is known to show in frame {number}")
    return source, part.start + part.speed * (time - part.place.start)


def _jpeg(source: Source, at: Fraction, height: int, cache: Cache) -> bytes:
    """The frame of a source at a time, about so many pixels high at most."""
    from smartcut.media.index import video_index
    from smartcut.media.reduce import Reducer
    from smartcut.media.sparse import picked
    from smartcut.report.storyboard import jpeg
    from smartcut.stage import Frames

    assert source.video is not None
    index = video_index(source, cache)
    reducer = Reducer(source.video)
    keys = [reducer.key(Frames(min(height, *source.video.display_size), "rgb"))]
    frames = picked(source, index, [index.frame_at(at)])
    (made,) = (jpeg(reducer(frame, keys)[0], _QUALITY) for _, frame in frames)
    return made


def plain_conformed(found: Conformed) -> dict[str, Any]:
    """What was found, as the page shows it."""
    film = found.film
    assert film.video is not None
    return {
        "film": str(film.path),
        "name": film.path.stem,
        "duration": float(found.parts[-1].place.end),
        "frames": found.parts[-1].last,
        "explained": found.explained,
        "sources": [{"id": s.id, "path": str(s.path)} for s in found.sources],
        "parts": [_part(part) for part in found.parts],
        "notes": list(found.notes),
    }


def _part(part: FilmPart) -> dict[str, Any]:
    from smartcut.report.conforming import KINDS, described

    told = list(described(part)) if part.source is not None else []
    name = KINDS[part.kind] if part.source is None else part.source
    return {**part.to_plain(), "name": name, "told": told}
