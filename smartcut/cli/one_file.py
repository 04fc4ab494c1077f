"""Commands that do one thing to one file, without a pipeline."""

from __future__ import annotations

import re
import sys
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from smartcut.cli import completing
from smartcut.cli.file_pipeline import FilePipeline
from smartcut.cli.options import AllowNet, Device, Dry, Jobs, NoCache, PrintsJson, Show, print_json
from smartcut.verbs import LOOK, SOUND, TIME, Verb

app = typer.Typer()


class Mode(Enum):
    auto = "auto"
    copy = "copy"
    encode = "encode"


class TableFormat(StrEnum):
    json = "json"
    csv = "csv"
    text = "text"


Video = Annotated[Path, typer.Argument(metavar="VIDEO", help="A media file.")]


@app.command(rich_help_panel=LOOK)
def shots(
    video: Video,
    detector: Annotated[
        str,
        typer.Option(
            help="auto, adaptive, content, threshold, hash, histogram or transnet.",
            autocompletion=completing.detectors,
        ),
    ] = "auto",
    format: Annotated[TableFormat, typer.Option(help="json, csv or text.")] = TableFormat.text,
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    no_cache: NoCache = False,
) -> None:
    """List the shots of a video."""
    from smartcut.report.tables import print_table, shot_rows

    asked = FilePipeline("List the shots.", video, (("shots", {"detector": detector}),))
    if not asked.explained(show, dry, device):
        print_table(shot_rows(asked.cut(device, no_cache)), format.value)


@app.command(rich_help_panel=SOUND)
def transcribe(
    media: Annotated[Path, typer.Argument(metavar="AUDIO_OR_VIDEO", help="A media file.")],
    model: Annotated[
        str, typer.Option(help="A Whisper model, or a local file or folder; auto chooses.")
    ] = "auto",
    engine: Annotated[str, typer.Option(help="auto, whisper or faster-whisper.")] = "auto",
    language: Annotated[
        str, typer.Option(help="A code such as en; auto finds out, for each stretch of speech.")
    ] = "auto",
    task: Annotated[
        str, typer.Option(help="transcribe, or translate: roughly into English, by ear.")
    ] = "transcribe",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="FILE.srt, .vtt, .ass, .json or .rttm; without it, the text is printed.",
        ),
    ] = None,
    speakers: Annotated[
        str | None, typer.Option(help="Say who speaks: auto, how many, or such as 2..4.")
    ] = None,
    audio: Annotated[
        int | None, typer.Option(min=0, help="Which of its sound tracks, counted from 0.")
    ] = None,
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Write down the speech of a file.

    Where the first sound track has no speech, the first that has some is taken, with a note.
    """
    from smartcut.report.transcript import write_transcript

    speech = {"model": model, "engine": engine, "language": language, "task": task}
    stages: list[tuple[str, dict[str, Any]]] = [("transcribe", speech)]
    if speakers is not None:
        stages.append(("speakers", {"count": speakers}))
    asked = FilePipeline("Write down the speech.", media, tuple(stages), audio)
    if asked.explained(show, dry, device):
        return
    cut = asked.cut(device, no_cache, allow_net)
    text = write_transcript(cut, output)
    _print_notes(cut)
    print(text if output is None else f"wrote {output}")


@app.command(rich_help_panel=SOUND)
def chapters(
    media: Annotated[Path, typer.Argument(metavar="FILE", help="Video or sound.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="FILE.txt (for video sites), .vtt or .json; or FILE.mp4, .mkv ...: a copy with "
            "its chapters. Else they are printed.",
        ),
    ] = None,
    given: Annotated[
        Path | None,
        typer.Option("--from", metavar="LIST", help="Your own: .txt (1:05 Title), .vtt or .json."),
    ] = None,
    by: Annotated[str, typer.Option(help="topics: what is said; shots: scenes.")] = "topics",
    count: Annotated[int | None, typer.Option(min=1, help="How many.")] = None,
    shortest: Annotated[str | None, typer.Option(help="Shortest chapter, such as 30s.")] = None,
    model: Annotated[str, typer.Option(help="A Whisper size, or a local one.")] = "auto",
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Divide a talk into chapters with titles, by what is said, by scenes, or by a list.

    `- chapters` in a pipeline, after `transcribe`, writes them into the file.
    """
    from smartcut.render.chapter_lists import KINDS, as_text, check_suffix, write_chapters

    if output is not None:
        check_suffix(output)
    asked = {"by": by if by != "topics" else None, "count": count, "shortest": shortest}
    params = {k: v for k, v in {**asked, "file": given}.items() if v is not None}
    learned = {"topics": (("transcribe", {"model": model}),), "shots": (("shots", {}),)}
    stages = (*(() if given else learned.get(by, ())), ("chapters", params))
    is_list = output is None or output.suffix.lower() in KINDS
    if not is_list:
        stages = (*stages, ("render", {}))
    pipeline = FilePipeline("Divide a talk into chapters.", media, stages)
    if pipeline.explained(show, dry, device, None if is_list else output):
        return
    if output is not None and not is_list:
        pipeline.write(output, device=device, cache=not no_cache, allow_net=allow_net)
        return
    cut = pipeline.cut(device, no_cache, allow_net)
    _print_notes(cut)
    found = cut.sources[0].chapters
    if output is None:
        print(as_text(found), end="")
    else:
        write_chapters(output, found)
        print(f"wrote {output}")


@app.command(rich_help_panel=LOOK)
def score(
    video: Video,
    prompts: Annotated[list[str], typer.Argument(metavar='"text"...', help="What to look for.")],
    model: Annotated[str, typer.Option(help="auto, embedded, or MODEL/PRETRAINED.")] = "auto",
    rate: Annotated[float, typer.Option(help="Samples a second.")] = 1.0,
    format: Annotated[TableFormat, typer.Option(help="json, csv or text.")] = TableFormat.text,
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Score the pictures of a video against words."""
    from smartcut.report.tables import print_table, score_rows

    stage = {"prompts": prompts, "model": model, "rate": rate}
    asked = FilePipeline("Score the pictures against words.", video, (("relevance", stage),))
    if not asked.explained(show, dry, device):
        print_table(score_rows(asked.cut(device, no_cache, allow_net)), format.value)


def _print_notes(cut: Any) -> None:
    for note in cut.notes:
        print(f"note: {note}", file=sys.stderr)


class _OpenRanges(TyperCommand):
    """Takes ``-5`` for a range that begins at the start, not for an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f"0{a}" if re.match(r"-[\d.]", a) else a for a in args])


@app.command(cls=_OpenRanges, rich_help_panel=TIME)
def cut(
    video: Video,
    ranges: Annotated[
        list[str],
        typer.Argument(
            metavar="IN-OUT...",
            help="Seconds, timecodes or frames: 1.5-4, 00:00:10:00-00:00:12:12, 30f-90f; "
            "10- is all from 10 s on, -5 the first 5 s.",
            autocompletion=completing.ranges,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="The file to write; without it, one beside: talk.cut.mp4."
        ),
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(help="auto copies where that is exact; copy moves cuts to key frames."),
    ] = Mode.auto,
    tracks: Annotated[
        str, typer.Option(help="Sound tracks: all, main, mix, or numbers from 0, such as 0,2.")
    ] = "all",
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    jobs: Jobs = 2,
    no_cache: NoCache = False,
) -> None:
    """Cut ranges out of a video and join them in the order given."""
    from smartcut.report.beside import beside, is_used

    wanted = tracks.split(",") if tracks[:1].isdigit() else tracks
    stages = (
        ("trim", {"ranges": ranges}),
        *((("audio", {"tracks": wanted}),) if wanted != "all" else ()),
        ("render", {"mode": mode.value} if mode is not Mode.auto else {}),
    )
    asked = FilePipeline("Cut ranges out, in the order given.", video, stages)
    target = output or beside(Verb("cut", TIME, "", (), ""), video)
    if asked.explained(show, dry, device, target):
        return
    if is_used(target):
        print(f"note: {target} was there before, and is replaced", file=sys.stderr)
    asked.write(target, device=device, jobs=jobs, cache=not no_cache)


@app.command(rich_help_panel=LOOK)
def probe(
    video: Video, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say what is in a media file."""
    from smartcut.interchange.json import to_plain
    from smartcut.media.probe import probe as look
    from smartcut.report.tables import source_text

    source = look(video)
    if as_json:
        print_json(to_plain(source))
    else:
        print(source_text(source))


@app.command(rich_help_panel=LOOK)
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A media file.")],
    as_json: PrintsJson = False,
    trust: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) of trusted authorities.")
    ] = None,
) -> None:
    """Say which parts of a file were generated or interpolated, and whether that holds."""
    from smartcut.report.inspect import as_plain, as_report
    from smartcut.report.inspect import inspect as look

    found = look(file, trust)
    if as_json:
        print_json(as_plain(found))
    else:
        print(as_report(found))
