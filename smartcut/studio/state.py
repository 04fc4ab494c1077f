"""A planned cut as plain data: what the page draws.

Times in source time are exact texts (``"62/5"``), times on the timeline floats for drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from smartcut.algebra import shown_when
from smartcut.annotation import Shots, Signal, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.drawer import drawer_of
from smartcut.editing.drawn import text_of
from smartcut.editing.effects_of import gain_of, place_of
from smartcut.render.chapter_names import chapters_of
from smartcut.render.job import Rendering
from smartcut.source import Source
from smartcut.studio.boxes import boxes_of
from smartcut.studio.said import words_of
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex
    from smartcut.render.chunks import Chunk
    from smartcut.studio.versions import Version

# More key frames than this are not drawn: in such a source every frame or so is one.
_MOST_KEY_FRAMES = 5000
# Where in the frame something is, as the page and as edits call it.
_PLACE = {"x": "x", "y": "y", "w": "width", "h": "height", "opacity": "opacity"}


def version_state(now: Version, is_ready: Callable[[str], bool]) -> dict[str, Any]:
    """What a version is: its film, its cut, its chunks, its edits."""
    draft = now.draft
    return {
        "version": now.number,
        "base": draft.base,
        "name": draft.film.name,
        "output": str(draft.film.output),
        "stages": draft.film.stage_names,
        **now.plain,
        "mime": next((chunk.mime for chunk in now.chunks), ""),
        "chunks": [_chunk(chunk, is_ready(chunk.key)) for chunk in now.chunks],
        "sound": now.sound,
        "edits": [edit.to_plain() for edit in draft.edits.edits],
        "conflicts": [conflict.to_plain() for conflict in now.laid.conflicts],
    }


def _chunk(chunk: Chunk, is_ready: bool) -> dict[str, Any]:
    return {
        "key": chunk.key,
        "start": float(chunk.start),
        "end": float(chunk.end),
        "kind": chunk.kind,
        "mime": chunk.mime,
        "ready": is_ready,
    }


def plain_state(rendering: Rendering, marks: Mapping[str, str]) -> dict[str, Any]:
    """What depends on the cut alone; see docs/studio.md for all of it."""
    cut = rendering.heard
    picture = rendering.output.picture
    size = (picture.upright.width, picture.upright.height) if picture else (1280, 720)
    return {
        "duration": float(rendering.duration),
        "rate": str(_rate(rendering)),
        "size": [*size],
        "sources": [_source(source) for source in cut.sources if not source.is_drawn],
        "tracks": plain_tracks(cut, marks),
        "boxes": boxes_of(cut, size) if picture else {},
        "spans": [_span(span) for span in rendering.spans],
        "words": list(plain_words(cut)),
        "captions": list(_captions(rendering)),
        "chapters": [
            {"start": float(c.range.start), "end": float(c.range.end), "title": c.title}
            for c in chapters_of(cut, rendering.words)
        ],
        "markers": {s.id: _markers(cut, s, rendering.indexes.get(s.id)) for s in cut.footage},
        "notes": list(dict.fromkeys((*cut.notes, *rendering.output.notes))),
    }


def _captions(rendering: Rendering) -> Iterator[dict[str, Any]]:
    """What the page shows over the picture: nothing where the picture itself shows captions."""
    if rendering.cut.captions and rendering.cut.captions.burn:
        return
    for cue in rendering.cues:
        start, end = float(cue.range.start), float(cue.range.end)
        yield {"start": start, "end": end, "text": cue.text}


def _rate(rendering: Rendering) -> Fraction:
    """Frames a second, for steps of a frame: of the output, or else of its first source."""
    picture = rendering.output.picture
    if picture is not None and picture.rate:
        return picture.rate
    return next((index.rate for index in rendering.indexes.values()), Fraction(25))


def _source(source: Source) -> dict[str, Any]:
    width, height = source.video.display_size if source.video else (None, None)
    return {
        "id": source.id,
        "name": source.path.name,
        "path": str(source.path),
        "duration": float(source.duration),
        "width": width,
        "height": height,
        "has_sound": source.audio is not None,
        "made": source.made.kind if source.made else None,
    }


def plain_tracks(cut: Cut, marks: Mapping[str, str]) -> list[dict[str, Any]]:
    """The tracks of a resolved cut, bottom to top; ``marks`` are what was done by hand, by id."""
    return [_track(track, cut, marks) for track in cut.tracks]


def _track(track: Track, cut: Cut, marks: Mapping[str, str]) -> dict[str, Any]:
    segments = [_segment(segment, place, cut, marks) for segment, place in track.placed()]
    return {"role": track.role, "kind": track.kind, "segments": segments}


def _segment(segment: Segment, place: Range, cut: Cut, marks: Mapping[str, str]) -> dict[str, Any]:
    lies = place_of(segment)
    transition = segment.transition
    return {
        "id": segment.id,
        "source": segment.source,
        "start": str(segment.range.start),
        "end": str(segment.range.end),
        "at": float(place.start),
        "to": float(place.end),
        "speed": str(segment.speed),
        "pace": segment.pace,
        "label": segment.label,
        "chapter": segment.chapter,
        "scores": dict(segment.scores),
        "transition": transition.kind if transition else None,
        "overlap": float(segment.overlap),
        "effects": [effect.label for effect in segment.effects],
        "gain": gain_of(segment),
        "text": text_of(cut, segment),
        "drawing": _drawing(cut, segment),
        **{short: lies[name] for short, name in _PLACE.items()},
        "edited": marks.get(segment.id),
    }


def _drawing(cut: Cut, segment: Segment) -> dict[str, Any] | None:
    """How a text looks: what of the style of texts its drawer has, whether it was given or not."""
    made = cut.source(segment.source).made if segment.source is not None else None
    if made is None or text_of(cut, segment) is None:
        return None
    drawer = drawer_of(made)
    shown = set(type(drawer).model_fields) & set(TextStyle.model_fields)
    return drawer.model_dump(mode="json", include=shown)


def _span(span: Any) -> dict[str, Any]:
    return {
        "kind": span.kind,
        "reason": span.reason,
        "start": float(span.range.start),
        "end": float(span.range.end),
        "frames": len(span.stretch),
    }


# -------------------------------------------------------------------------------- what is said


def plain_words(cut: Cut) -> Iterator[dict[str, Any]]:
    """The words that are heard, in the order of the timeline, with where they come from."""
    found = []
    spoken = (cut.programme, *(track for track in cut.sounds if track.role == "voice"))
    for segment, place in (item for track in spoken for item in track.placed()):
        for _, word, heard in words_of(cut, segment.source).between(segment.range):
            if 2 * heard.duration < word.range.duration:
                continue
            for when in shown_when(segment, place, heard, forwards=True):
                found.append((when, word, segment))
    for when, word, segment in sorted(found, key=lambda item: item[0]):
        yield {
            "text": word.text,
            "start": float(when.start),
            "end": float(when.end),
            "source": segment.source,
            "from": str(word.range.start),
            "to": str(word.range.end),
            "segment": segment.id,
            "speaker": word.speaker,
            "probability": word.probability,
        }


def plain_transcript(cut: Cut, shown: Cut) -> list[dict[str, Any]]:
    """What is said in the sources, and which of it the cut that is shown keeps."""
    told = []
    for source in cut.footage:
        said = words_of(cut, source.id)
        heard = [Fraction(0)] * len(said.words)
        for segment in shown.segments:
            if segment.source == source.id:
                for number, _, part in said.between(segment.range):
                    heard[number] += part.duration
        words = [_said(word, seconds) for word, seconds in zip(said.words, heard, strict=True)]
        if words:
            told.append({"source": source.id, "words": words})
    return told


def _said(word: Word, heard: Fraction) -> dict[str, Any]:
    return {
        "text": word.text,
        "start": str(word.range.start),
        "end": str(word.range.end),
        "kept": 2 * heard >= word.range.duration and heard > 0,
        "speaker": word.speaker,
        "probability": word.probability,
    }


# ------------------------------------------------------------------------- what edges can snap to


def _markers(cut: Cut, source: Source, index: VideoIndex | None) -> dict[str, list[float]]:
    """Times of a source, in seconds, to which edges snap."""
    shots = cut.data(Shots, "shots", source.id)
    beats = cut.data(Signal, "beats", source.id)
    keys: list[float] = []
    if index is not None:
        keys = index.seconds[index.is_closed[: len(index)]][:_MOST_KEY_FRAMES].tolist()
    return {
        "shots": [float(shot.range.start) for shot in shots.shots] if shots else [],
        "beats": [float(time) for time in beats.times()] if beats else [],
        "keyframes": keys,
    }
