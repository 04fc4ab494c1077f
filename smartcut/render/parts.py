"""Everything that goes into one file: pieces, subtitles, chapters, metadata."""

from __future__ import annotations

from fractions import Fraction

from smartcut.cut import Cut
from smartcut.media import mux
from smartcut.render.accompanying import Along
from smartcut.render.following import in_timeline, kept_metadata, start_timecode
from smartcut.render.job import Extras, Rendering
from smartcut.render.pieces import Pieces
from smartcut.source import Chapter


def parts_of_file(rendering: Rendering, pieces: Pieces, along: Along) -> mux.Parts:
    """What the muxer, or what joins animations, is given."""
    extras, cut, captions = rendering.job.extras, rendering.cut, rendering.cut.captions
    texts = list(along.texts)
    if captions and captions.soft and rendering.output.container.text:
        told = ((captions.language, rendering.cues), *rendering.told)
        texts[:0] = [
            mux.TextTrack([(c.range, "\n".join(c.written)) for c in cues], language)
            for language, cues in told
        ]
    metadata: dict[str, str] = {}
    picture = rendering.output.picture
    if extras.follow:
        metadata = kept_metadata(cut, extras.keep_metadata)
        counted = picture and start_timecode(cut, picture.rate)
        if counted:
            metadata["timecode"] = counted
    if extras.title:
        metadata["title"] = extras.title
    return mux.Parts(
        video=pieces.video,
        timebase=picture.timebase if picture else Fraction(1, 1000),
        rotation=picture.rotation if picture else 0,
        mirrored=picture.mirrored if picture else False,
        field_order=picture.field_order if picture else "progressive",
        sounds=pieces.sounds,
        texts=texts,
        files=along.files,
        cover=along.cover,
        chapters=chapters_in(cut, extras) if rendering.output.container.has_chapters else (),
        metadata=metadata,
        duration=rendering.duration,
        loop=rendering.job.loop,
    )


def chapters_in(cut: Cut, extras: Extras) -> list[Chapter]:
    """The chapters of an output: those of its segments, or of its sources."""
    if extras.chapters:
        from smartcut.render.chapter_names import chapters_of

        return chapters_of(cut)
    if not extras.follow:
        return []
    known = {s.id: [(c.range, c.title) for c in s.chapters] for s in cut.sources}
    return [Chapter(*pair) for pair in in_timeline(cut, known)]
