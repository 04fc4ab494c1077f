"""Renders: encodes missing spans and sound, joins them, and writes the companion files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.algebra import heard_in, resolved, shown_in
from smartcut.cache.throughput import expected
from smartcut.cut import Cut, Track
from smartcut.errors import RenderError
from smartcut.files import only_writer
from smartcut.media import mux
from smartcut.media.numbered import files_of, of_part
from smartcut.render.accompanying import Along, what_goes_along
from smartcut.render.job import Rendering, RenderJob, plan_render
from smartcut.render.output import Output, written_as
from smartcut.render.parts import parts_of_file
from smartcut.render.pieces import Pieces, known_sound, make_pieces, work_of
from smartcut.render.records.made import damaged_tags, generated, intervals
from smartcut.render.records.manifest import content_digest, manifest, write_manifest, written
from smartcut.render.records.provenance import tagged
from smartcut.render.span_pieces import known_piece, known_record
from smartcut.render.splicing.verify import Problem, verify
from smartcut.stage import Context, Step
from smartcut.timebase import Range, format_time

if TYPE_CHECKING:
    from smartcut.render.records.signing import Signing


def write_all(cut: Cut, job: RenderJob, context: Context) -> Cut:
    """Write the files that the job asks for; the answer is the cut with notes added."""
    for one, part in _parts(cut, job):
        if written_as(part.path).kind == "playlist":
            cut = _noted(cut, _write_playlist(one, part, context))
            continue
        rendering = plan_render(one, part, context)
        if len(rendering.indexes) > 1:  # how sources differ is said before the work as well
            for note in rendering.output.notes:
                context.progress.note(note)
        _realise(one, context)
        notes = (*one.notes, *rendering.output.notes, *_write(rendering, context))
        for note in notes:
            cut = cut.with_note(note)
    return cut


def _realise(cut: Cut, context: Context) -> None:
    """Make the files of sources that are made, where there are any."""
    if _makes(cut):
        from smartcut.render.generation import realise

        realise(cut, context)


def _noted(cut: Cut, notes: Iterable[str]) -> Cut:
    for note in notes:
        cut = cut.with_note(note)
    return cut


def _write_playlist(cut: Cut, job: RenderJob, context: Context) -> tuple[str, ...]:
    """Write a film in several heights, and its companions; the answer is notes."""
    if job.most_bytes is not None or job.sign is not None:
        raise RenderError(f"{job.path}: `max_size` and `sign` are of one file, not of a playlist")
    _realise(cut, context)
    from smartcut.render.playlists import write_playlist

    with only_writer(job.path):
        rendering, notes = write_playlist(cut, job, context)
        notes = (*cut.notes, *notes, *_untold(rendering, context))
        _write_companions(rendering, notes, context)
    return notes


def preview_all(cut: Cut, job: RenderJob, context: Context) -> tuple[Step, ...]:
    """A line of the plan for each span to make; decodes nothing."""
    lines: list[Step] = []
    if _makes(cut):
        from smartcut.render.generation import previewed

        lines.extend(previewed(cut, context.cache))
    for one, part in _parts(cut, job):
        for rendering in _planned(one, part, context):
            lines.extend(_preview(rendering, context))
    return tuple(lines)


def _planned(cut: Cut, job: RenderJob, context: Context) -> Iterable[Rendering]:
    """The film, or of a playlist the film in each of its heights."""
    if written_as(job.path).kind != "playlist":
        return [plan_render(cut, job, context)]
    from smartcut.render.playlists import rungs

    return rungs(cut, job, context)


def _parts(cut: Cut, job: RenderJob) -> Iterator[tuple[Cut, RenderJob]]:
    """The cut as asked for: whole, or one for each of its segments."""
    if not job.each_segment:
        yield cut, job
        return
    connected, cut = cut, resolved(cut)
    found = list(cut.programme.placed())
    digits = max(3, len(str(len(found))))
    for i, (segment, place) in enumerate(found, 1):
        path = of_part(job.path, i, digits)
        alone = (replace(segment, transition=None),)
        pairs = zip(cut.tracks[1:], connected.tracks[1:], strict=True)
        others = (_in_part(track, was, place) for track, was in pairs)
        tracks = (cut.programme, *(track for track in others if track.segments))
        yield replace(cut, tracks=tracks).with_segments(alone), replace(job, path=path)


def _in_part(track: Track, connected: Track, place: Range) -> Track:
    """What a part of the cut has of a resolved track; music begins anew in each."""
    if track.role == "voice":
        return heard_in(track, place)
    if any(segment.at == "throughout" for segment in connected.segments):
        return connected
    return shown_in(track, place) if track.kind == "picture" or track.role == "overlay" else track


# ------------------------------------------------------------------------------------ preview


def _preview(rendering: Rendering, context: Context) -> Iterator[Step]:
    name = rendering.output.path.name
    for note in rendering.output.notes:
        yield Step("render", name, "pure", note)
    wall = expected(context.cache, work_of(rendering, context))
    for span in rendering.spans:
        where = f"{name} {format_time(span.range.start)}-{format_time(span.range.end)}"
        seconds = float(span.range.duration)
        if span.kind == "copy":
            yield Step("render", where, "copy", span.reason, seconds)
        elif known_piece(span, context):
            yield Step("render", where, "cached", "encoded before", seconds)
        else:
            yield Step("render", where, "encode", span.reason, seconds, wall)
            wall = 0.0 if wall is not None else None  # of all spans, said with the first
    for number, plan in enumerate(rendering.sounds, 1):
        where = f"{name} sound" if number == 1 else f"{name} sound {number}"
        seconds = float(rendering.duration)
        if plan.passed:
            yield Step("render", where, "copy", plan.reason, seconds)
        elif known_sound(plan, rendering.output.container, context):
            yield Step("render", where, "cached", "mixed before")
        else:
            why = f"{plan.reason}; {plan.sound.codec}, {plan.sound.layout}"
            yield Step("render", where, "encode", why, seconds)


# --------------------------------------------------------------------------------- the writing


def _write(rendering: Rendering, context: Context) -> tuple[str, ...]:
    """Write one file and its companions; the answer is what the user should know."""
    output = rendering.output
    target = output.path.resolve()
    if any(source.path.resolve() == target for source in rendering.cut.sources):
        raise RenderError(f"{output.path} is a source of this cut; choose another output name")
    with only_writer(output.path):
        rendering, notes = _make(rendering, context)
        context.outputs.extend(files_written(output))
        notes = (*notes, *_older_pictures(rendering))
        _write_companions(rendering, notes, context)
    return notes


def files_written(output: Output) -> list[Path]:
    """The file, or the pictures one by one."""
    if output.container.kind != "images":
        return [output.path]
    return [file for _, file in files_of(output.path)]


def _older_pictures(rendering: Rendering) -> tuple[str, ...]:
    """That pictures of an earlier, longer run lie behind those that were written."""
    if rendering.output.container.kind != "images":
        return ()
    count = sum(len(span.stretch) for span in rendering.spans)
    older = [file.name for number, file in files_of(rendering.output.path) if number > count]
    if not older:
        return ()
    return (f"{len(older)} pictures of an earlier run are still there, from {older[0]} on",)


Made = tuple[Rendering, tuple[str, ...]]
"""A rendering that was written, and notes."""


def _make(rendering: Rendering, context: Context) -> Made:
    """Write and check the file, just below its size where it has one."""
    if rendering.job.most_bytes is None:
        return _make_file(rendering, context)

    def sound_bytes() -> int:
        known = (known_sound(p, rendering.output.container, context) for p in rendering.sounds)
        passed = sum(p.sound.bitrate or 0 for p in rendering.sounds if p.passed)
        own = sum(path.stat().st_size for path in known if path)
        return own + round(passed * rendering.duration / 8)

    from smartcut.render.sizing import make_sized

    (made, notes), told = make_sized(
        rendering,
        lambda planned, accept: _make_file(planned, context, accept),
        lambda job: plan_render(rendering.heard, job, context),
        sound_bytes,
    )
    return made, (*notes, *((told,) if told else ()))


def _make_file(
    rendering: Rendering, context: Context, accept: Callable[[int], bool] = lambda size: True
) -> Made:
    """Write and check the file; what does not come out as planned when copied is encoded.

    Raises OtherSize where the size of the file, in bytes, is not accepted.
    """
    pieces = make_pieces(rendering, context)
    container = rendering.output.container
    along = what_goes_along(rendering.cut, container) if rendering.job.extras.follow else Along()
    notes = (*pieces.notes, *damaged_tags(rendering.cut), *along.notes)
    notes = (*notes, *_untold(rendering, context))
    problems = _join(rendering, pieces, along, context, accept)
    copies = any(span.kind == "copy" for span in rendering.spans)
    if problems and copies and rendering.job.mode == "auto":
        never = {i for p in problems for s in p.spans(rendering) for i in s.segments}
        said = tuple(f"encoded after all, not copied: {p.text}" for p in problems)
        rendering = plan_render(rendering.heard, rendering.job, context, never)
        notes = (*notes, *said)
        problems = _join(rendering, make_pieces(rendering, context), along, context, accept)
    if problems:
        raise RenderError(f"{rendering.output.path}: {problems[0].text}")
    return rendering, notes


def _untold(rendering: Rendering, context: Context) -> tuple[str, ...]:
    """That a file cannot say what in it was generated."""
    container = rendering.output.container
    if container.has_comment or not generated(rendering, _records(rendering, context)):
        return ()
    told = "the manifest beside it does" if rendering.job.extras.manifest else "write its manifest"
    return (f"{container.suffix} cannot say which parts of it were generated; {told}",)


def _sign(waiting: Path, signing: Signing, rendering: Rendering, context: Context) -> None:
    """Sign the file before it gets its name, which one that cannot be signed does not."""
    from smartcut.render.records.signing import sign

    path = rendering.output.path

    def check(signed: Path) -> None:
        problems = verify(replace(rendering, output=replace(rendering.output, path=signed)))
        if problems:
            raise RenderError(f"{path}, signed: {problems[0].text}")

    told = manifest(rendering, (), _records(rendering, context))
    sign(waiting, path, signing, told, intervals(told["generated"]), check)


def _join(
    rendering: Rendering,
    pieces: Pieces,
    along: Along,
    context: Context,
    accept: Callable[[int], bool],
) -> tuple[Problem, ...]:
    parts = parts_of_file(rendering, pieces, along)
    records = _records(rendering, context)
    if made := intervals(generated(rendering, records)):
        told = manifest(rendering, (), records)
        comment = tagged(parts.metadata.get("comment", ""), content_digest(told), made)
        parts = replace(parts, metadata={**parts.metadata, "comment": comment})
    found: list[Problem] = []

    def check(waiting: Path) -> None:
        output = replace(rendering.output, path=waiting)
        found.extend(verify(replace(rendering, output=output)))
        if found:
            raise _Refused
        if rendering.job.sign:
            _sign(waiting, rendering.job.sign, rendering, context)
        if waiting.exists() and not accept(waiting.stat().st_size):
            from smartcut.render.sizing import OtherSize

            raise OtherSize(waiting.stat().st_size)

    try:
        mux.write(rendering.output.path, rendering.output.container, parts, check)
    except mux.SpliceError as error:
        return (Problem(str(error), error.piece),)
    except _Refused:
        pass
    return tuple(found)


class _Refused(Exception):
    """A file that was written is not as planned."""


def _write_companions(rendering: Rendering, notes: tuple[str, ...], context: Context) -> None:
    output, extras = rendering.output, rendering.job.extras
    beside: list[Path] = []
    if extras.are_many or rendering.cut.captions or _makes(rendering.cut):
        from smartcut.render.companions import write_companions

        beside = write_companions(rendering, context)
    if extras.manifest:
        beside.append(output.beside(".manifest.json"))
        records = _records(rendering, context)
        plain = manifest(rendering, (*rendering.cut.notes, *notes), records)
        if plain["generated"] or rendering.job.sign:
            plain["written"] = written(files_written(rendering.output)[0])
        write_manifest(beside[-1], plain)
    context.outputs.extend(beside)


def _makes(cut: Cut) -> bool:
    """Whether any of its sources is not footage."""
    return any(source.made for source in cut.sources)


def _records(rendering: Rendering, context: Context) -> dict[str, dict[str, Any]]:
    found = {s.key: known_record(s, context) for s in rendering.spans}
    return {key: record for key, record in found.items() if record is not None}
