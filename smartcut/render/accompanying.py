"""Subtitles, fonts and covers of the sources, for an output; notes of what has no place in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smartcut.cut import Cut
from smartcut.media.attachments import embedded
from smartcut.media.containers import CONTAINERS, Container
from smartcut.media.languages import language_tag
from smartcut.media.mux import CoverPicture, Embedded, TextTrack
from smartcut.media.texts import (
    BITMAPS,
    bitmap_streams,
    guessed,
    has_styles,
    header_of,
    read_payloads,
    read_texts,
    text_streams,
)
from smartcut.render.following import in_timeline
from smartcut.render.picture_format import is_still
from smartcut.source import Attachment, Source, SubtitleStream, VideoStream

_STYLED = ("ass", "ssa")


class Along(NamedTuple):
    """What the sources have besides picture and sound, for one output."""

    texts: Sequence[TextTrack] = ()
    files: Sequence[Embedded] = ()
    cover: CoverPicture | None = None
    notes: tuple[str, ...] = ()


def what_goes_along(cut: Cut, container: Container) -> Along:
    """All of it, mapped to timeline time; reads packets alone."""
    texts, notes = _texts(cut, container)
    return Along(texts, _files(cut, container), _cover(cut, container), notes)


# ----------------------------------------------------------------------------------- subtitles


def _texts(cut: Cut, container: Container) -> tuple[list[TextTrack], tuple[str, ...]]:
    """The sources' own subtitle tracks, the first of each together, and so on; and notes.

    Tracks of text come first, then those of pictures.
    """
    shown = _shown(cut) if container.text else []
    tracks: list[TextTrack] = []
    notes: list[str] = []
    for streams in (text_streams, bitmap_streams):
        found = {source.id: streams(source) for source in shown}
        for k in range(max((len(f) for f in found.values()), default=0)):
            having = [(s, found[s.id][k]) for s in shown if k < len(found[s.id])]
            if streams is text_streams:
                notes.extend(note for pair in having if (note := guessed(*pair)))
            if _go_as_they_are(having, container):
                tracks.append(_as_they_are(cut, having))
            elif streams is text_streams:
                tracks.append(_as_text(cut, having))
                notes.extend(_styles_lost(having))
    return tracks, tuple(dict.fromkeys(notes))


Streams = Sequence[tuple[Source, SubtitleStream]]
"""A subtitle stream of each source that has one of that number."""


def _go_as_they_are(having: Streams, container: Container) -> bool:
    codecs = {stream.codec for _, stream in having}
    if len(codecs) > 1 or not codecs <= set(container.texts):
        return False
    return len(having) == 1 or len({header_of(*pair) for pair in having}) == 1


def _as_they_are(cut: Cut, having: Streams) -> TextTrack:
    known = {source.id: read_payloads(source, stream) for source, stream in having}
    source, first = having[0]
    cues = in_timeline(cut, known)
    like = source.path, first.index
    return TextTrack(cues, first.language, first.title, first.roles, like)


def _as_text(cut: Cut, having: Streams) -> TextTrack:
    known = {source.id: read_texts(source, stream) for source, stream in having}
    _, first = having[0]
    return TextTrack(in_timeline(cut, known), first.language, first.title, first.roles)


def _styles_lost(having: Streams) -> Iterator[str]:
    """Notes of styles within subtitles; that ASS has some is known beforehand."""
    for source, stream in having:
        if stream.codec not in _STYLED and any(
            has_styles(stream, payload) for _, payload in read_payloads(source, stream)
        ):
            yield (
                f"{source.id}: the styles of its subtitles ({stream.codec}) are left out, their "
                "text is kept; a container of the source's kind keeps them"
            )


# --------------------------------------------------------------------------- files and covers


def _files(cut: Cut, container: Container) -> list[Embedded]:
    """Fonts and other files within the sources, each once; the cover too, where it is one."""
    if not container.has_files:
        return []
    found: dict[Embedded, None] = {}
    for source in _shown(cut):
        for item in _attachments(source):
            if item.kind == "file" or (item.kind == "cover" and _has_one_source(cut)):
                found[embedded(source, item)] = None
    return list(found)


def _cover(cut: Cut, container: Container) -> CoverPicture | None:
    """The cover of the only source, where the container has a place for one."""
    if not container.has_cover or container.has_files or not _has_one_source(cut):
        return None
    (source,) = _shown(cut)
    if _shows_cover(source, container):
        assert source.video is not None
        return CoverPicture(source.path, source.video.index)
    covers = [item for item in _attachments(source) if item.kind == "cover"]
    return CoverPicture(source.path, covers[0].index) if covers else None


# -------------------------------------------------------------------------------------- notes


def left_out(cut: Cut, container: Container, follow: bool) -> tuple[str, ...]:
    """Notes of what the sources have that does not go into the output, and how to keep it."""
    notes: list[str] = []
    if cut.captions and cut.captions.soft and container.text is None:
        notes.append(
            f"subtitles are not written into the file: {container.suffix} has none; `subtitles: "
            "{sidecar: srt}` writes them beside it"
        )
    for source in _shown(cut):
        notes.extend(_videos_left_out(source))
        if follow:
            notes.extend(_subtitles_left_out(source, container))
            notes.extend(_attachments_left_out(cut, source, container))
            if source.chapters and not container.has_chapters:
                keep = _keeping("has_chapters", container)
                notes.append(f"{source.id}: its chapters are left out; write {keep} to keep them")
    return tuple(notes)


def _shows_cover(source: Source, container: Container) -> bool:
    """Whether a song's only picture is its cover, and the output has no other picture."""
    return not container.video and source.video is not None and is_still(source.video)


def _videos_left_out(source: Source) -> Iterator[str]:
    others = [s.index for s in source.others if isinstance(s, VideoStream)]
    if source.video is None or not others:
        return
    used = sorted([*others, source.video.index]).index(source.video.index)
    other = 1 if used == 0 else 0
    yield (
        f"{source.id} has {len(others) + 1} video streams, of which number {used} is shown; "
        f"choose another by `inputs: [{{path: {source.path.name}, video: {other}}}]`"
    )


def _subtitles_left_out(source: Source, container: Container) -> Iterator[str]:
    kept = container.texts
    if container.text is None:
        if any(isinstance(s, SubtitleStream) for s in source.others):
            yield (
                f"{source.id}: its subtitles are left out: {container.suffix} has none; write .mkv "
                "to keep them"
            )
        return
    streams = [s for s in source.others if isinstance(s, SubtitleStream) and s.codec not in kept]
    if any(s.codec in _STYLED for s in streams):
        yield (
            f"{source.id}: the styles of its ASS subtitles are left out, their text is kept; "
            "write .mkv to keep them"
        )
    texts = [s for s in source.others if isinstance(s, SubtitleStream) and s.codec not in BITMAPS]
    for language in dict.fromkeys(s.language for s in texts):
        if language and language_tag(language, container.languages) is None:
            yield (
                f"{source.id}: the language of its subtitles ({language}) cannot be said in "
                f"{container.suffix}; write .mp4 or .mkv to keep it"
            )
    if any(s.codec in BITMAPS for s in streams):
        yield f"{source.id}: its subtitles are pictures and left out; write .mkv to keep them"


def _attachments_left_out(cut: Cut, source: Source, container: Container) -> Iterator[str]:
    if _shows_cover(source, container):
        yield from _cover_left_out(cut, source, container, "of the song")
    for item in _attachments(source):
        if item.kind == "data":
            yield (
                f"{source.id}: its data track {item.index} ({item.name}) is left out: it goes by "
                f"the source's time; ffmpeg -i {source.path.name} -map 0:{item.index} -c copy "
                "keeps it in a file beside"
            )
            continue
        if item.kind == "cover":
            yield from _cover_left_out(cut, source, container, item.name)
        elif not container.has_files:
            suffixes = _keeping("has_files", container)
            kept = f"write {suffixes} to keep it"
            yield f"{source.id}: its attachment {item.name} is left out; {kept}"


def _cover_left_out(cut: Cut, source: Source, container: Container, name: str) -> Iterator[str]:
    if not container.has_cover:
        suffixes = _keeping("has_cover", container)
        yield f"{source.id}: its cover {name} is left out; write {suffixes} to keep it"
    elif not _has_one_source(cut):
        yield f"{source.id}: its cover {name} is left out: the film has several sources"


def _keeping(flag: str, container: Container) -> str:
    """The kinds of files, of sound alone where the container is, that have a place for it."""
    alike = (row for row in CONTAINERS.values() if bool(row.video) == bool(container.video))
    return " or ".join(row.suffix for row in alike if getattr(row, flag) and row.suffix != ".m4v")


def _attachments(source: Source) -> list[Attachment]:
    return [item for item in source.others if isinstance(item, Attachment)]


def _shown(cut: Cut) -> list[Source]:
    """The sources of the programme, in the order in which they appear."""
    return [cut.source(id) for id in dict.fromkeys(s.source for s in cut.segments) if id]


def _has_one_source(cut: Cut) -> bool:
    return len(_shown(cut)) == 1
