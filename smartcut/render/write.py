"""Renders: make the spans and the sound that are missing, join them, and write what goes along."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np

from smartcut.cache import key_of
from smartcut.cut import Cut, Segment
from smartcut.errors import RenderError
from smartcut.media import encode, mux
from smartcut.media.encode import piece_suffix, sound_suffix
from smartcut.render.caption_files import write_sidecar
from smartcut.render.compose import compose
from smartcut.render.job import Job, Rendering, plan_render
from smartcut.render.manifest import write_manifest
from smartcut.render.mixdown import mixed
from smartcut.render.pictures import contact_sheet, thumbnail
from smartcut.render.segments import Span
from smartcut.render.verify import Problem, verify
from smartcut.stage import Context, Step, Stopped
from smartcut.timebase import format_time

T = TypeVar("T")


def write_all(cut: Cut, job: Job, context: Context) -> Cut:
    """Write the files that the job asks for; the answer is the cut with notes added."""
    for one, part in _parts(cut, job):
        rendering = plan_render(one, part, context)
        notes = (*one.notes, *rendering.output.notes, *_write(rendering, context))
        for note in notes:
            cut = cut.with_note(note)
    return cut


def preview_all(cut: Cut, job: Job, context: Context) -> tuple[Step, ...]:
    """A line of the plan for each span to make; decodes nothing."""
    lines: list[Step] = []
    for one, part in _parts(cut, job):
        lines.extend(_preview(plan_render(one, part, context), context))
    return tuple(lines)


def _parts(cut: Cut, job: Job) -> Iterator[tuple[Cut, Job]]:
    """The cut as asked for: whole, or one for each of its segments."""
    if not job.each_segment:
        yield cut, job
        return
    digits = max(3, len(str(len(cut.segments))))
    for i, segment in enumerate(cut.segments, 1):
        path = job.path.with_name(f"{job.path.stem}-{i:0{digits}d}{job.path.suffix}")
        alone: Segment = replace(segment, transition=None)
        yield cut.with_segments((alone,)), replace(job, path=path)


# ------------------------------------------------------------------------------------ preview


def _preview(rendering: Rendering, context: Context) -> Iterator[Step]:
    name = rendering.output.path.name
    for span in rendering.spans:
        where = f"{name} {format_time(span.range.start)}-{format_time(span.range.end)}"
        seconds = float(span.range.duration)
        if span.kind == "copy":
            yield Step("render", where, "copy", span.reason, seconds)
        elif _known(span, rendering, context):
            yield Step("render", where, "cached", "encoded before", seconds)
        else:
            yield Step("render", where, "encode", span.reason, seconds)
    if rendering.sound_key:
        if context.cache.find(rendering.sound_key, _sound_suffix(rendering)):
            yield Step("render", f"{name} sound", "cached", "mixed before")
        else:
            seconds = float(rendering.duration)
            yield Step("render", f"{name} sound", "encode", "the mix is new or changed", seconds)


def _known(span: Span, rendering: Rendering, context: Context) -> Path | None:
    picture = rendering.output.picture
    assert picture is not None
    return context.cache.find(span.key, piece_suffix(picture.codec))


def _sound_suffix(rendering: Rendering) -> str:
    return sound_suffix(rendering.output.container)


# --------------------------------------------------------------------------------- the writing


def _write(rendering: Rendering, context: Context) -> tuple[str, ...]:
    """Write one file and its companions; the answer is what the user should know."""
    output = rendering.output
    target = output.path.resolve()
    if any(source.path.resolve() == target for source in rendering.cut.sources):
        raise RenderError(f"{output.path} is a source of this cut; choose another output name")
    try:
        output.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderError(
            f"{output.path}: the folder cannot be made: {error.strerror or error}"
        ) from error
    rendering, notes = _make_file(rendering, context)
    context.outputs.append(output.path)
    _write_companions(rendering, notes, context)
    return notes


def _make_file(rendering: Rendering, context: Context) -> tuple[Rendering, tuple[str, ...]]:
    """Write and check the file; what does not come out as planned when copied is encoded."""
    sound, notes = _make_sound(rendering, context)
    problems = _join(rendering, sound, context)
    if problems and any(span.kind == "copy" for span in rendering.spans):
        never = {i for p in problems for s in p.spans(rendering) for i in s.segments}
        said = tuple(f"encoded after all, not copied: {p.text}" for p in problems)
        rendering = plan_render(rendering.cut, rendering.job, context, never)
        notes = (*notes, *said)
        problems = _join(rendering, sound, context)
    if problems:
        raise RenderError(f"{rendering.output.path}: {problems[0].text}")
    return rendering, notes


def _join(rendering: Rendering, sound: Path | None, context: Context) -> tuple[Problem, ...]:
    parts = _parts_of_file(rendering, _make_spans(rendering, context), sound)
    try:
        mux.write(rendering.output.path, rendering.output.container, parts)
    except mux.SpliceError as error:
        return (Problem(str(error), error.piece),)
    return verify(rendering)


def _make_spans(rendering: Rendering, context: Context) -> list[mux.VideoPiece]:
    """Every span's piece, from the cache or encoded now, several at a time."""
    if not rendering.spans:
        return []
    label = f"encode {rendering.output.path.name}"
    advance = context.progress.start(label, float(rendering.duration))
    done = [0.0]

    def make(span: Span) -> mux.VideoPiece:
        if span.kind == "copy":
            return _copied(span, rendering)
        path = _known(span, rendering, context) or _encode(span, rendering, context)
        done[0] += float(span.range.duration)
        advance(done[0])
        return mux.VideoPiece(path, int(span.stretch.pts[0]), span.stretch.end)

    with ThreadPoolExecutor(max(1, context.jobs)) as pool:
        try:
            pieces = list(pool.map(make, rendering.spans))
        except BaseException:
            context.stopping.set()
            pool.shutdown(cancel_futures=True)
            raise
    context.progress.done(label)
    return pieces


def _copied(span: Span, rendering: Rendering) -> mux.VideoPiece:
    stretch = span.stretch
    (layer,) = stretch.layers
    source = rendering.cut.source(rendering.cut.segments[layer.segment].source or "")
    assert source.video is not None
    index = rendering.indexes[source.id]
    order = np.argsort(index.position[layer.numbers])
    pts = index.pts[layer.numbers[order]]
    copied = mux.Copied(source.video.index, pts, stretch.pts[order], index.headers)
    return mux.VideoPiece(source.path, int(stretch.pts[0]), stretch.end, copied)


def _encode(span: Span, rendering: Rendering, context: Context) -> Path:
    picture = span.picture
    nominal = next((index.rate for index in rendering.indexes.values()), Fraction(30))
    settings = encode.VideoSettings(
        codec=picture.codec,
        width=picture.width,
        height=picture.height,
        pixel_format=picture.pixel_format,
        timebase=picture.timebase,
        rate=picture.rate or nominal,
        crf=picture.crf,
        bitrate=picture.bitrate,
        preset=picture.preset,
        colour=picture.colour,
        sar=picture.sar,
        options=dict(picture.options),
    )
    suffix = piece_suffix(picture.codec)
    with context.cache.create(span.key, suffix) as path:
        frames = _until_stopped(compose(rendering, span), context)
        written = encode.encode_video(path, settings, frames)
    if written != len(span.stretch):
        raise RenderError(f"{written} frames were encoded where {len(span.stretch)} were planned")
    made = context.cache.find(span.key, suffix)
    if made is None:
        raise RenderError("an encoded piece vanished from the cache; is the disk full?")
    return made


def _until_stopped(frames: Iterator[T], context: Context) -> Iterator[T]:
    for item in frames:
        if context.stopping.is_set():
            raise Stopped
        yield item


def _make_sound(rendering: Rendering, context: Context) -> tuple[Path | None, tuple[str, ...]]:
    """The sound piece and what mixing it had to say."""
    wanted = rendering.output.sound
    key = rendering.sound_key
    if wanted is None or key is None:
        return None, ()
    suffix = _sound_suffix(rendering)
    notes_key = key_of("sound-notes", 1, {"sound": key})
    found, notes = context.cache.find(key, suffix), context.cache.load(notes_key)
    if found is None or not isinstance(notes, list):
        settings = encode.AudioSettings(wanted.codec, wanted.rate, wanted.channels, wanted.bitrate)
        label = f"mix {rendering.output.path.name}"
        context.progress.start(label, None)
        with mixed(rendering) as (blocks, said):
            with context.cache.create(key, suffix) as path:
                encode.encode_audio(path, suffix, settings, blocks)
            notes = list(said)
        context.cache.store(notes_key, notes)
        context.progress.done(label)
        found = context.cache.find(key, suffix)
    return found, tuple(notes)


def _parts_of_file(
    rendering: Rendering, video: list[mux.VideoPiece], sound: Path | None
) -> mux.Parts:
    extras, cut, captions = rendering.job.extras, rendering.cut, rendering.cut.captions
    chapters = []
    if extras.chapters:
        chapters = [
            mux.Chapter(place, segment.label or segment.source or "gap")
            for segment, place in cut.programme.placed()
        ]
    text = None
    if captions and captions.soft:
        text = mux.TextTrack(
            [(c.range, "\n".join(c.lines)) for c in rendering.cues], captions.language
        )
    picture = rendering.output.picture
    timebase = picture.timebase if picture else Fraction(1, 1000)
    metadata = {"title": extras.title} if extras.title else {}
    rotation = picture.rotation if picture else 0
    return mux.Parts(video, timebase, rotation, sound, text, chapters, metadata)


def _write_companions(rendering: Rendering, notes: tuple[str, ...], context: Context) -> None:
    path, extras, captions = rendering.output.path, rendering.job.extras, rendering.cut.captions
    written: list[Path] = []
    for kind in captions.sidecars if captions else ():
        assert captions is not None
        sidecar = path.with_suffix(f".{kind}")
        picture = rendering.output.picture
        size = (picture.upright.width, picture.upright.height) if picture else (1280, 720)
        write_sidecar(sidecar, rendering.cues, kind, captions.style, size, captions.karaoke)
        written.append(sidecar)
    if extras.contact_sheet and rendering.output.picture:
        written.append(path.with_name(f"{path.stem}.sheet.png"))
        contact_sheet(rendering, context.cache, written[-1])
    if extras.thumbnail and rendering.output.picture:
        written.append(path.with_name(f"{path.stem}.thumbnail.png"))
        thumbnail(rendering, context.cache, written[-1])
    if extras.manifest:
        written.append(path.with_name(f"{path.stem}.manifest.json"))
        write_manifest(written[-1], rendering, (*rendering.cut.notes, *notes))
    context.outputs.extend(written)
