"""A cut file as the beginning of a pipeline; its media is looked at again, whatever it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from smartcut.cache import Cache
from smartcut.cut import Cut, Segment
from smartcut.errors import PipelineError
from smartcut.interchange.files import by_path, is_key, read_cut, sources_in_use
from smartcut.media.probe import probe
from smartcut.source import AudioStream, Source, VideoStream

# Other tools round to frames: so far a segment may reach beyond its source, and is shortened.
_SLACK = Fraction(1, 10)


def opened(path: Path, cache: Cache) -> Cut:
    """The cut in a file, with its sources as they are now.

    Raises PipelineError or SourceError for what is not there, and where a segment lies outside its
    source. Annotations of media that has changed are dropped, and a note says so.
    """

    def look(media: Path, id: str) -> Source:
        return probe(media, id=id, cache=cache)

    return _adopted(read_cut(path, look), path, lambda source: _again(source, path, cache))


def reopened(path: Path, sources: tuple[Source, ...]) -> Cut:
    """The cut that :func:`opened` gave, from its sources."""
    known = {source.id: source for source in sources}
    return _adopted(read_cut(path, by_path(sources)), path, lambda source: known.get(source.id))


def renewed(cut: Cut, called: str, cache: Cache) -> Cut:
    """A cut that is not in a file, with its sources as they are now; errors as of :func:`opened`.

    ``called`` is what messages call it.
    """
    path = Path(called)
    return _adopted(cut, path, lambda source: _again(source, path, cache))


def _again(source: Source, path: Path, cache: Cache) -> Source | None:
    if source.is_drawn:
        return source
    if source.made is not None:
        return _made(source, path, cache)
    if not _is_there(source.path):
        raise PipelineError(f"{path}: there is no file {source.path}, which {source.id!r} is")
    streams = (source.video, VideoStream), (source.audio, AudioStream)
    video, audio = (_number(source, stream, kind) for stream, kind in streams)
    return probe(source.path, id=source.id, video=video, audio=audio, cache=cache)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _made(source: Source, path: Path, cache: Cache) -> Source:
    """A source that smartcut made: the cache's file, never another place."""
    found = cache.find(source.digest, source.path.suffix) if is_key(source.digest) else None
    if found is None:
        raise PipelineError(
            f"{path}: {source.id!r} was made by smartcut, and is no longer in this cache; run the "
            "pipeline again that made it"
        )
    there = probe(found, id=source.id, cache=cache)
    return replace(there, digest=source.digest, made=source.made)


def _number(source: Source, stream: VideoStream | AudioStream | None, kind: type) -> int | None:
    """Which of its kind the stream is, counted from 0."""
    if stream is None:
        return None
    return sum(isinstance(other, kind) and other.index < stream.index for other in source.others)


def _adopted(cut: Cut, path: Path, again: Callable[[Source], Source | None]) -> Cut:
    used = sources_in_use(cut)
    found: dict[str, Source] = {}
    changed: list[str] = []
    for source in cut.sources:
        if source.id not in used and not source.is_drawn and not _is_there(source.path):
            continue
        now = again(source)
        if now is None:
            continue
        found[source.id] = now
        if now.digest != source.digest:
            changed.append(source.id)
    tracks = tuple(
        replace(track, segments=tuple(_within(s, found, path) for s in track.segments))
        for track in cut.tracks
    )
    stale = {*changed, *(s.id for s in cut.sources if s.id not in found)}
    cut = replace(
        cut,
        sources=tuple(found.values()),
        tracks=tracks,
        annotations=tuple(a for a in cut.annotations if a.source not in stale),
    )
    for id in changed:
        cut = cut.with_note(f"{found[id].path} has changed since {path} was written")
    return cut


def _within(segment: Segment, sources: dict[str, Source], path: Path) -> Segment:
    """The segment, within its source."""
    if segment.source is None:
        return segment
    source, shown = sources[segment.source], segment.range
    if source.is_drawn:
        return segment
    is_empty = not segment.duration or shown.start >= source.duration
    if shown.start < -_SLACK or shown.end > source.duration + _SLACK or is_empty:
        raise PipelineError(
            f"{path}: shows {float(shown.start):.3f} to {float(shown.end):.3f} s of {source.path}, "
            f"which lasts {float(source.duration):.3f} s"
        )
    return segment.moved(lambda t: min(max(t, Fraction(0)), source.duration)) or segment
