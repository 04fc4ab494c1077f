"""Tools that say what is in files: their streams, shots, words and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from smartcut.agents.films import FilmParams, film_of
from smartcut.agents.tool import (
    After,
    FileName,
    LongToolParams,
    Tool,
    ToolAnswer,
    ToolCall,
    ToolParams,
    fitting,
    more,
    paged,
)
from smartcut.api import Pipeline, as_inputs
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.timebase import format_time, parse_time

if TYPE_CHECKING:
    import numpy as np

    from smartcut.api.arrays import Film

_QUALITY = 82


class FilesAsked(ToolParams):
    path: FileName = Field(".", description="A folder below the root.")
    pattern: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        "*", description="Names, such as *.mp4."
    )
    after: After = 0
    limit: int = Field(100, ge=1, le=500)


def list_files(call: ToolCall, asked: FilesAsked) -> ToolAnswer:
    found = list(call.folder.files(asked.path, asked.pattern))
    rows, following = paged(found, asked.after, asked.limit)
    files = [{"path": p.as_posix(), "bytes": (call.folder.root / p).stat().st_size} for p in rows]
    lines = [f"{one['path']}  {one['bytes']:,} bytes" for one in files]
    kept = fitting(lines, asked.limit)
    if kept < len(files):
        files, lines, following = files[:kept], lines[:kept], asked.after + kept
    text = "\n".join(lines) or "there are no files yet"
    data = {"files": files, "total": len(found), "next": following}
    return ToolAnswer(data, text + more(following, len(found)))


class ProbeAsked(ToolParams):
    path: FileName = Field(description="A media file.")


def probe_file(call: ToolCall, asked: ProbeAsked) -> ToolAnswer:
    from smartcut.interchange.json import to_plain
    from smartcut.media.probe import probe
    from smartcut.report.tables import source_text

    source = replace(probe(call.folder.file(asked.path)), id="")
    plain = to_plain(source)
    known = {name: plain[name] for name in ("format", "digest", "video", "audio") if name in plain}
    data = {"path": asked.path, "duration": round(float(source.duration), 6), **known}
    data["chapters"] = [c.title for c in source.chapters][:50]
    return ToolAnswer(data, source_text(source)[:4000])


# ------------------------------------------------------------------------------------------ shots


class ShotsAsked(LongToolParams):
    path: FileName = Field(description="A media file.")
    detector: Annotated[str, Field(max_length=40)] = Field(
        "auto", description="auto, adaptive, content, threshold, hash, histogram or transnet."
    )
    after: After = 0
    limit: int = Field(100, ge=1, le=500)


def list_shots(call: ToolCall, asked: ShotsAsked) -> ToolAnswer:
    from smartcut.report.tables import shot_rows

    cut = _learned(call, asked.path, ("shots", {"detector": asked.detector}))
    found = shot_rows(cut)
    rows, following = paged(found, asked.after, asked.limit)
    lines = [
        f"{asked.after + n}  {row['start']:.3f}-{row['end']:.3f} s  {row['entry']}"
        for n, row in enumerate(rows, 1)
    ]
    data = {"shots": list(rows), "total": len(found), "next": following}
    text = "\n".join([f"{len(found)} shots: number, time, how it begins", *lines])
    return ToolAnswer(data, text + more(following, len(found)) + _notes(cut))


def _learned(call: ToolCall, path: str, *stages: tuple[str, dict[str, Any]]) -> Cut:
    """The cut of a file after some stages."""
    from smartcut.report.stage_functions import stage_function

    film = Pipeline(inputs=as_inputs(call.folder.file(path)))
    for name, given in stages:
        film = film | stage_function(name)(**given)
    return film.run_with(call.options).cut


def _notes(cut: Cut) -> str:
    return "".join(f"\nnote: {note[:300]}" for note in cut.notes[:5])


# ------------------------------------------------------------------------------------- transcript


class TranscriptAsked(LongToolParams):
    path: FileName = Field(description="A media file with speech.")
    language: Annotated[str, Field(max_length=20)] = Field(
        "auto", description="A code such as en; auto finds out."
    )
    model: Annotated[str, Field(max_length=200)] = Field(
        "auto", description="A Whisper size, such as tiny.en or base."
    )
    speakers: Annotated[str, Field(max_length=20)] | int | None = Field(
        None, description="Say who speaks: auto, how many, or such as 2..4."
    )
    words: bool = Field(False, description="The time of each word, too.")
    start: float = Field(0, ge=0, description="Seconds: from here on.")
    end: float | None = Field(None, ge=0, description="Seconds: to here.")
    after: After = 0
    limit: int = Field(80, ge=1, le=400, description="Sentences.")


def write_down(call: ToolCall, asked: TranscriptAsked) -> ToolAnswer:
    from smartcut.report.transcript import transcript_of

    stages: list[tuple[str, dict[str, Any]]] = [
        ("transcribe", {"language": asked.language, "model": asked.model})
    ]
    if asked.speakers is not None:
        stages.append(("speakers", {"count": asked.speakers}))
    cut = _learned(call, asked.path, *stages)
    if cut.sources[0].audio is None:
        raise PipelineError(f"{asked.path} has no sound: there is no speech to write down")
    spoken = transcript_of(cut)
    end = float("inf") if asked.end is None else asked.end
    found = [s for s in spoken.sentences if s.range.end > asked.start and s.range.start < end]
    rows, following = paged(found, asked.after, asked.limit)
    lines = list(_sentence_lines(rows, asked.words))
    kept = fitting(lines, asked.limit)
    if kept < len(lines):
        lines, following = lines[:kept], asked.after + kept
    head = f"{spoken.language}; {len(found)} sentences; seconds"
    data = {
        "language": spoken.language,
        "sentences": lines,
        "total": len(found),
        "next": following,
    }
    body = "\n".join(lines) or "nothing is said"
    return ToolAnswer(data, f"{head}\n{body}{more(following, len(found))}{_notes(cut)}")


def _sentence_lines(sentences: Sequence[Any], with_words: bool) -> Any:
    """`12.3-15.0 Joe: The harbour is calm.`, or each word behind its time; few tokens."""
    from smartcut.diarising.labels import speaker_of

    before = None
    for sentence in sentences:
        name = speaker_of(sentence)
        said = "" if name in (None, before) else f"{name}: "
        before = name
        if with_words and sentence.words:
            words = " ".join(f"{float(w.range.start):.2f}|{w.text.strip()}" for w in sentence.words)
            yield f"{said}{words} |{float(sentence.words[-1].range.end):.2f}"
        else:
            times = f"{float(sentence.range.start):.1f}-{float(sentence.range.end):.1f}"
            yield f"{times} {said}{sentence.text.strip()}"


# ------------------------------------------------------------------------------------------- look


def _several(given: Any) -> Any:
    """One time stands for a list of it."""
    return (given,) if isinstance(given, (int, float, str)) else given


class LookAsked(FilmParams):
    times: Annotated[tuple[float | str, ...], BeforeValidator(_several)] = Field(
        (),
        max_length=8,
        validation_alias=AliasChoices("times", "at"),
        description="Seconds or 1:02.5: a picture of each, larger.",
    )
    count: int = Field(8, ge=1, le=24, description="Without times: pictures on one sheet.")
    start: float = Field(0, ge=0, description="Seconds: where the sheet begins.")
    end: float | None = Field(None, ge=0, description="Seconds: where the sheet ends.")
    size: int | None = Field(
        None, ge=32, le=1080, description="Pixels of the shorter side of each picture."
    )


def look_at(call: ToolCall, asked: LookAsked) -> ToolAnswer:
    from smartcut.render.still import pictures_at

    film = film_of(call, asked)
    with shown_film(call, film.pipeline, film.inputs) as opened:
        length = opened.cut.duration
        times = _times(asked, length)
        job = opened.job(size=asked.size or (480 if asked.times else 180))
        pictures = list(pictures_at(opened.cut, job, opened.context, times))
        captions = [_caption(opened.cut, time) for time in times]
    images = (
        [jpeg(picture) for picture in pictures]
        if asked.times
        else [_jpeg_of_sheet(pictures, times, captions)]
    )
    data = {
        "duration": round(float(length), 3),
        "size": list(reversed(pictures[0].shape[:2])),
        "pictures": [
            {"time": round(float(t), 3), "shows": c} for t, c in zip(times, captions, strict=True)
        ],
    }
    shown = "; ".join(f"{float(t):.2f} s {c}" for t, c in zip(times, captions, strict=True))
    kind = "one picture each" if asked.times else "one sheet, row by row"
    return ToolAnswer(data, f"{float(length):.2f} s; {kind}: {shown}"[:4000], tuple(images))


def shown_film(call: ToolCall, pipeline: Pipeline, inputs: Sequence[Path] | None = None) -> Film:
    """A film whose pictures can be had, while it is entered."""
    from smartcut.api.arrays import Film

    options = {
        "device": call.device, "allow_net": call.allow_net, "jobs": 2, "progress": call.progress,
    }  # fmt: skip
    return Film(pipeline, inputs, None, options)


def _times(asked: LookAsked, length: Fraction) -> list[Fraction]:
    if asked.times:
        try:
            return [parse_time(time) for time in asked.times]
        except ValueError as error:
            raise PipelineError(f"look: times: {error}") from None
    start = Fraction(asked.start)
    end = min(length, Fraction(asked.end)) if asked.end is not None else length
    if start >= end:
        raise PipelineError(
            f"look: there is nothing from {asked.start:g} to {float(end):g} s: the film lasts "
            f"{float(length):g} s"
        )
    step = (end - start) / asked.count
    return [start + step * (number + Fraction(1, 2)) for number in range(asked.count)]


def _caption(cut: Cut, time: Fraction) -> str:
    """Which segment shows this time, and what it is called."""
    for segment, place in cut.programme.placed():
        if place.contains(time):
            at = segment.range.start + (time - place.start) * segment.speed
            where = f"{segment.source} {float(at):.2f}" if segment.is_plain else f"{segment.source}"
            label = segment.label if segment.label != segment.source else ""
            return f"{where} {label}".strip()[:60] if segment.source else "gap"
    return ""


def jpeg(pixels: np.ndarray) -> bytes:
    """The picture as a file."""
    from PIL import Image

    return _encoded(Image.fromarray(pixels))


def _jpeg_of_sheet(
    pictures: Sequence[np.ndarray], times: Sequence[Fraction], captions: Sequence[str]
) -> bytes:
    from smartcut.render.pictures import Still, sheet_of

    stills = [
        Still(time, f"{format_time(time, 1)}  {caption}")
        for time, caption in zip(times, captions, strict=True)
    ]
    return _encoded(sheet_of(pictures, stills))


def _encoded(image: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, format="JPEG", quality=_QUALITY)
    return stream.getvalue()


# ----------------------------------------------------------------------------------------- search


class SearchAsked(LongToolParams):
    path: FileName = Field(".", description="A folder of media, or one file.")
    words: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None,
        validation_alias=AliasChoices("words", "query"),
        description="What is to be seen.",
    )
    speech: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None, description="What is to be heard."
    )
    image: FileName | None = Field(None, description="A picture like what is to be seen.")
    limit: int = Field(10, ge=1, le=100)
    longest: float = Field(10, ge=0.04, le=3600, description="Seconds: of longer shots, so much.")


def search_media(call: ToolCall, asked: SearchAsked) -> ToolAnswer:
    from smartcut.library.results import as_rows
    from smartcut.library.searching import Question, search
    from smartcut.timebase import exact

    place = call.folder.place(asked.path)
    only = place if (call.folder.root / place).is_file() else None
    folder = only.parent if only else call.folder.folder(asked.path)
    image = call.folder.file(asked.image) if asked.image else None
    limit = 1000 if only else asked.limit
    question = Question(asked.words, image, asked.speech, limit, exact(asked.longest))
    notes = _indexed(folder, call)
    answer = search(folder, question, options=call.options)
    hits = [hit for hit in answer.hits if only is None or Path(hit.path) == only][: asked.limit]
    rows = as_rows(hits)
    lines = [
        f"{r['score']:.3f}  {r['file']}  {r['start']:.2f}-{r['end']:.2f} s  {r['text'][:120]}"
        for r in rows
    ]
    told = [*notes, *answer.notes]
    text = "\n".join([*(lines or ["nothing found"]), *(f"note: {note[:300]}" for note in told)])
    return ToolAnswer({"results": rows, "notes": told}, text)


def _indexed(folder: Path, call: ToolCall) -> list[str]:
    """Look at what is new in the folder; the answer is what is left out, and why."""
    from smartcut.errors import CacheError
    from smartcut.library.indexing import index

    try:
        outcome = index(folder, options=call.options)
    except CacheError as error:
        # Another one is at it: what is known already can be searched.
        return [f"not everything may be indexed yet: {error}"]
    return [f"{name} is left out: {why}" for name, why in sorted(outcome.failed.items())][:10]


LOOKING = (
    Tool(
        "files",
        "List files",
        "List the files below the root: media, pipelines, what was written.",
        FilesAsked,
        list_files,
    ),
    Tool(
        "probe",
        "What is in a file",
        "Container, length, streams, size, frame rate of a media file. Decodes nothing.",
        ProbeAsked,
        probe_file,
    ),
    Tool(
        "shots",
        "List shots",
        "The shots of a video (one camera take each), by frame: where cuts are.",
        ShotsAsked,
        list_shots,
    ),
    Tool(
        "transcript",
        "Write down speech",
        "What is said, a line for each sentence with its times in seconds; `words` gives the time "
        "of each word. Long talks come in pages.",
        TranscriptAsked,
        write_down,
    ),
    Tool(
        "look",
        "Look at pictures",
        "See a film: one sheet of small pictures over its length, or larger pictures at `times`. "
        "Of a media file, a finished render, or a pipeline that has not been rendered.",
        LookAsked,
        look_at,
    ),
    Tool(
        "search",
        "Search footage",
        "Find moments in the media of a folder by what is seen (`words`, `image`) or said "
        "(`speech`). What is new there is looked at first, which may take a while.",
        SearchAsked,
        search_media,
    ),
)
