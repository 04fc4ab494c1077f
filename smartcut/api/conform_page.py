"""The page of a conformed film: decodes a picture of each part, and of its original."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from smartcut.api.inputs import PathLike
from smartcut.cache import Cache
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.errors import PipelineError
from smartcut.files import write_text
from smartcut.report.html.conformed import conform_page
from smartcut.report.storyboard import jpeg
from smartcut.runners.local import opened_cache
from smartcut.source import Source

# Pixels of a picture's shorter side.
_SHORT = 180


def write_conform_page(found: Conformed, output: PathLike, *, cache: bool | str = True) -> None:
    """Write a page of HTML that shows the film beside its originals; raises PipelineError."""
    path = Path(output)
    if path.suffix.lower() not in (".html", ".htm"):
        raise PipelineError(f"{path}: the page is written to a file of .html")
    with opened_cache(cache) as opened:
        own = {number: _film_frame(part) for number, part in enumerate(found.parts)}
        film = dict(_pictures(found.film, own, opened))
        originals: dict[int, bytes] = {}
        for source in found.sources:
            those = {
                number: part for number, part in enumerate(found.parts) if part.source == source.id
            }
            if those:
                originals |= _of_source(source, those, opened)
    pictures = {number: (picture, originals.get(number)) for number, picture in film.items()}
    write_text(path, conform_page(found, pictures))


def _film_frame(part: FilmPart) -> int:
    """The middle one of the frames that show the part alone."""
    return (min(part.first + part.blend, part.last - 1) + part.last - 1) // 2


def _of_source(source: Source, parts: dict[int, FilmPart], cache: Cache) -> dict[int, bytes]:
    from smartcut.media.index import video_index

    index = video_index(source, cache)
    numbers = {}
    for number, part in parts.items():
        share = (_film_frame(part) - part.first + 0.5) / (part.last - part.first)
        passed = part.place.duration * round(share * 10_000) / 10_000
        numbers[number] = index.frame_at(part.start + part.speed * passed)
    return dict(_pictures(source, numbers, cache))


def _pictures(source: Source, numbers: dict[int, int], cache: Cache) -> Iterator[tuple[int, bytes]]:
    """(part, JPEG of the frame that is asked for it)."""
    from smartcut.media.index import video_index
    from smartcut.media.reduce import Reducer
    from smartcut.media.sparse import picked
    from smartcut.stage import Frames

    assert source.video is not None
    reducer = Reducer(source.video)
    keys = [reducer.key(Frames(_SHORT, "rgb"))]
    asked: dict[int, list[int]] = {}
    for part, number in numbers.items():
        asked.setdefault(number, []).append(part)
    for number, frame in picked(source, video_index(source, cache), sorted(asked)):
        made = jpeg(reducer(frame, keys)[0], 80)
        for part in asked[number]:
            yield part, made
