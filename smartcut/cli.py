"""The command line: it parses, calls and prints; the work is done elsewhere."""

from __future__ import annotations

import json
import sys
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="smartcut",
    help="Edit video by declaration: a YAML file says what the reel should be.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models_app = typer.Typer(help="The networks' weights: list, fetch, locate.", no_args_is_help=True)
cache_app = typer.Typer(help="The cache of results: show, prune, clear.", no_args_is_help=True)
dataset_app = typer.Typer(help="Sets of clips to learn from.", no_args_is_help=True)
generate_app = typer.Typer(
    help="Generators of video: train, draw from, measure.", no_args_is_help=True
)
library_app = typer.Typer(help="Folders of media that can be searched.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(library_app, name="library")
app.add_typer(dataset_app, name="dataset")
app.add_typer(generate_app, name="generate")
app.add_typer(cache_app, name="cache")


class Mode(Enum):
    auto = "auto"
    copy = "copy"
    encode = "encode"


class RunnerName(StrEnum):
    local = "local"
    ray = "ray"


class TableFormat(StrEnum):
    json = "json"
    csv = "csv"
    text = "text"


class Precision(StrEnum):
    fp32 = "fp32"
    bf16 = "bf16"


class PlanFormat(StrEnum):
    text = "text"
    json = "json"
    mermaid = "mermaid"


PipelineFile = Annotated[Path, typer.Argument(metavar="PIPELINE.yaml", help="The pipeline.")]
Inputs = Annotated[list[Path] | None, typer.Argument(metavar="[INPUT]...", help="Media files.")]
Video = Annotated[Path, typer.Argument(metavar="VIDEO", help="A media file.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="The file to write.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the pipeline."),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Jobs = Annotated[int, typer.Option(min=1, help="How many sources to look at at once.")]
Workers = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, help="How many sources, or with --each or --table videos, at once."
    ),
]
Each = Annotated[bool, typer.Option("--each", help="A video of each input: -o 'out/{stem}.mp4'.")]
Table = Annotated[
    Path | None,
    typer.Option(help="CSV or JSON Lines: a video for each row, which sets parameters."),
]
WhichRunner = Annotated[RunnerName, typer.Option(help="Work here, or on a Ray cluster.")]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Of the Ray cluster, or auto; without it, one with --jobs workers starts here.",
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither use nor fill the cache.")]
CacheAt = Annotated[
    str | None,
    typer.Option(
        "--cache", metavar="URL", help="Another cache: a folder, or one such as s3://BUCKET/FOLDER."
    ),
]
AllowNet = Annotated[bool, typer.Option("--allow-net", help="Let models be fetched on demand.")]
Weights = Annotated[
    Path, typer.Option("--weights", metavar="FILE.safetensors", help="What train wrote.")
]
DataFolder = Annotated[
    Path, typer.Option("--data", metavar="FOLDER", help="A set that dataset make wrote.")
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same clips.")]
SamplerSteps = Annotated[
    int | None, typer.Option("--steps", min=1, help="Steps of a sampler: diffusion, flow-matching.")
]
Guidance = Annotated[
    float | None, typer.Option(min=0, help="How closely to keep to prompt and class; 1 is plain.")
]
Temperature = Annotated[
    float | None, typer.Option(min=0, help="How varied; 1 is as learned, 0 the likeliest.")
]
Root = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FOLDER", help="Accept files that the pipeline names only below it; repeatable."
    ),
]
Isolate = Annotated[
    bool, typer.Option("--isolate", help="Run in a process of its own, with limits.")
]
MemoryLimit = Annotated[
    str, typer.Option(metavar="SIZE", help="With --isolate: memory of each process, as 4G.")
]
TimeLimit = Annotated[
    float | None, typer.Option(min=1, metavar="SECONDS", help="With --isolate: of the whole run.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON events, one a line.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.", hidden=True)]


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _version(value: bool) -> None:
    if value:
        from smartcut import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Edit video by declaration: a YAML file says what the reel should be."""


# ----------------------------------------------------------------------------------- pipelines


@app.command()
def run(
    pipeline: PipelineFile,
    inputs: Inputs = None,
    output: Output = None,
    settings: Settings = None,
    each: Each = False,
    table: Table = None,
    results: Annotated[
        Path | None, typer.Option(help="Of many videos, add a line of JSON each to this file.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option(min=0, help="Of many, try failed ones again: 1 unless given.")
    ] = None,
    device: Device = "auto",
    jobs: Workers = None,
    runner: WhichRunner = RunnerName.local,
    address: Address = None,
    cache: CacheAt = None,
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Root = None,
    isolate: Isolate = False,
    memory_limit: MemoryLimit = "4G",
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline: from media and a YAML file to a finished reel, or with --each to many.

    What is done already is skipped. Exit codes: 0 all done, 2 a mistake found before the start,
    3 some of many failed.
    """
    _guarded(root, isolate, memory_limit, time_limit)
    if each or table:
        from smartcut.report.batch import run_many

        if cache:
            raise typer.BadParameter(
                "of one video; with --each and --table set SMARTCUT_CACHE", param_hint="--cache"
            )
        code = run_many(
            _many(pipeline, inputs, output, settings, each, table),
            device=device,
            workers=jobs,
            retries=retries,
            results=results,
            cache=not no_cache,
            allow_net=allow_net,
            as_json=as_json,
            runner=runner.value,
            address=address,
        )
        raise typer.Exit(code)
    from smartcut.api import Pipeline
    from smartcut.report.batch import require_one
    from smartcut.report.progress import Events, shown_progress
    from smartcut.report.summary import summary

    require_one(output, results, retries)
    ready = Pipeline.from_yaml(pipeline, **_settings(settings))
    with shown_progress(as_json) as progress:
        result = ready.run(
            _expanded(inputs),
            output,
            device=device,
            jobs=jobs or 2,
            cache=_cache(cache, no_cache),
            allow_net=allow_net,
            progress=progress,
            runner=runner.value,
            address=address,
        )
        if isinstance(progress, Events):
            progress.emit("result", outputs=[str(p) for p in result.outputs])
    if not as_json:
        print(summary(result))


def _guarded(
    root: list[Path] | None, isolate: bool, memory_limit: str, time_limit: float | None
) -> None:
    """Allow these folders alone; where asked for, run all this again in a separate process."""
    from smartcut.runners import isolated

    if root:
        from smartcut.roots import allow_only

        allow_only(root)
    if isolate and not isolated.is_inside():
        memory = isolated.parse_memory(memory_limit)
        arguments = [a for a in sys.argv[1:] if a != "--debug"]
        raise typer.Exit(isolated.run_isolated(arguments, memory, time_limit))


def _cache(place: str | None, none: bool) -> bool | str:
    if place and none:
        raise typer.BadParameter("give one of --cache and --no-cache", param_hint="--cache")
    return place or not none


def _settings(items: list[str] | None) -> dict[str, Any]:
    from smartcut.spec import parse_setting

    return dict(parse_setting(item) for item in items or ())


def _expanded(inputs: list[Path] | None) -> list[Path] | None:
    from smartcut.runners.jobs import expanded

    return expanded(inputs) if inputs else None


def _many(
    pipeline: Path,
    inputs: list[Path] | None,
    output: Path | None,
    settings: list[str] | None,
    each: bool,
    table: Path | None,
) -> Any:
    from smartcut.report.batch import Request

    return Request(pipeline, inputs or (), output, each, table, _settings(settings))


def _plan_many(request: Any, format: PlanFormat) -> None:
    from smartcut.report.batch import plan_text, planned

    if format is PlanFormat.mermaid:
        raise typer.BadParameter("of many videos: text or json", param_hint="--format")
    rows = list(planned(request))
    if format is PlanFormat.json:
        _print_json(rows)
    else:
        print(plan_text(rows))


@app.command()
def plan(
    pipeline: PipelineFile,
    inputs: Inputs = None,
    output: Output = None,
    settings: Settings = None,
    each: Each = False,
    table: Table = None,
    device: Device = "auto",
    cache: CacheAt = None,
    root: Root = None,
    format: Annotated[PlanFormat, typer.Option(help="How to print it.")] = PlanFormat.text,
) -> None:
    """Say what a run would do, what is cached, and why; decodes nothing."""
    _guarded(root, False, "", None)
    if each or table:
        if cache:
            raise typer.BadParameter(
                "of one video; leave out --each and --table", param_hint="--cache"
            )
        _plan_many(_many(pipeline, inputs, output, settings, each, table), format)
        return
    from smartcut.api import Pipeline

    ready = Pipeline.from_yaml(pipeline, **_settings(settings))
    made = ready.plan(_expanded(inputs), output, device=device, cache=cache or True)
    if format is PlanFormat.json:
        _print_json(made.to_plain())
    else:
        print(made.mermaid() if format is PlanFormat.mermaid else made.text())


@app.command()
def check(pipeline: PipelineFile, settings: Settings = None) -> None:
    """Check a pipeline without running it."""
    from smartcut.api import Pipeline

    ready = Pipeline.from_yaml(pipeline, **_settings(settings))._checked()
    print(f"{pipeline}: {len(ready.steps)} stages, no mistakes found")


@app.command()
def stages(name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None) -> None:
    """List the stages, or explain one."""
    from smartcut.report.stages import explain_stage, list_stages

    print(explain_stage(name) if name else list_stages())


@app.command()
def schema() -> None:
    """Print the JSON Schema of a pipeline file, for editors."""
    from smartcut.spec import json_schema

    _print_json(json_schema())


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is installed, which devices, codecs and weights there are, and what to do."""
    from smartcut.report.doctor import examine, report

    findings = examine()
    if as_json:
        _print_json(findings)
    else:
        print(report(findings))


# --------------------------------------------------------------------------------- one-liners


@app.command()
def shots(
    video: Video,
    detector: Annotated[
        str, typer.Option(help="auto, adaptive, content, threshold, hash, histogram or transnet.")
    ] = "auto",
    format: Annotated[TableFormat, typer.Option(help="json, csv or text.")] = TableFormat.text,
    device: Device = "auto",
    no_cache: NoCache = False,
) -> None:
    """List the shots of a video."""
    from smartcut.report.tables import print_table, shot_rows
    from smartcut.stages.shots import Shots

    cut = _cut_of(video, Shots.model_validate({"detector": detector}), device, no_cache)
    print_table(shot_rows(cut), format.value)


@app.command()
def transcribe(
    media: Annotated[Path, typer.Argument(metavar="AUDIO_OR_VIDEO", help="A media file.")],
    model: Annotated[
        str, typer.Option(help="A Whisper model, or a local file or folder.")
    ] = "tiny.en",
    engine: Annotated[str, typer.Option(help="auto, whisper or faster-whisper.")] = "auto",
    language: Annotated[str, typer.Option(help="auto, or a code such as en.")] = "auto",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="FILE.srt, .vtt, .ass or .json; without it, the text is printed."
        ),
    ] = None,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Write down the speech of a file."""
    from smartcut.report.transcript import write_transcript
    from smartcut.stages.transcribe import Transcribe

    stage = Transcribe.model_validate({"model": model, "engine": engine, "language": language})
    cut = _cut_of(media, stage, device, no_cache, allow_net)
    text = write_transcript(cut, output)
    print(text if output is None else f"wrote {output}")


@app.command()
def score(
    video: Video,
    prompts: Annotated[list[str], typer.Argument(metavar='"text"...', help="What to look for.")],
    model: Annotated[str, typer.Option(help="auto, embedded, or MODEL/PRETRAINED.")] = "auto",
    rate: Annotated[float, typer.Option(help="Samples a second.")] = 1.0,
    format: Annotated[TableFormat, typer.Option(help="json, csv or text.")] = TableFormat.text,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Score the pictures of a video against words."""
    from smartcut.report.tables import print_table, score_rows
    from smartcut.stages.relevance import Relevance

    stage = Relevance.model_validate({"prompts": prompts, "model": model, "rate": rate})
    cut = _cut_of(video, stage, device, no_cache, allow_net)
    print_table(score_rows(cut), format.value)


def _cut_of(media: Path, stage: Any, device: str, no_cache: bool, allow_net: bool = False) -> Any:
    from smartcut.api import open_media
    from smartcut.report.progress import shown_progress

    with shown_progress(as_json=False) as progress:
        return (open_media(media) | stage).cut(
            device=device, cache=not no_cache, allow_net=allow_net, progress=progress
        )


@app.command()
def cut(
    video: Video,
    ranges: Annotated[
        list[str],
        typer.Argument(
            metavar="IN-OUT...",
            help="Seconds, timecodes or frames: 1.5-4, 00:00:10:00-00:00:12:12, 30f-90f.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    mode: Annotated[
        Mode,
        typer.Option(help="auto copies where that is exact; copy moves cuts to key frames."),
    ] = Mode.auto,
    jobs: Jobs = 2,
    no_cache: NoCache = False,
) -> None:
    """Cut ranges out of a video and join them in the order given."""
    from smartcut.api import open_media
    from smartcut.report.progress import shown_progress
    from smartcut.report.summary import summary
    from smartcut.stages.render import Render
    from smartcut.stages.trim import Trim

    stages = open_media(video) | Trim(ranges=tuple(ranges)) | Render(mode=mode.value)
    with shown_progress(as_json=False) as progress:
        result = stages.run(output=output, jobs=jobs, cache=not no_cache, progress=progress)
    print(summary(result))


@app.command()
def interpolate(
    video: Video,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    fps: Annotated[
        str | None, typer.Option(help="Frames a second, such as 60 or 60000/1001.")
    ] = None,
    factor: Annotated[int | None, typer.Option(help="So many times the source's rate.")] = None,
    speed: Annotated[
        str | None, typer.Option(help="Slow motion: 0.25 is four times slower.")
    ] = None,
    engine: Annotated[str, typer.Option(help="auto, rife, flow, blend or minterpolate.")] = "auto",
    quality: Annotated[str, typer.Option(help="auto, fast or best, with rife.")] = "auto",
    sound: Annotated[str, typer.Option(help="Of slow motion: stretch, keep or mute.")] = "stretch",
    weights: Annotated[Path | None, typer.Option(help="Your own RIFE weights.")] = None,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Make frames between frames: a higher frame rate, or slow motion.

    A lossless source (FFV1) stays lossless in an .mkv; its own frames are kept as they are.
    """
    from smartcut.api import open_media
    from smartcut.report.progress import shown_progress
    from smartcut.report.summary import summary
    from smartcut.stages.interpolate import Interpolate
    from smartcut.stages.render import Render, lossless
    from smartcut.stages.shots import Shots

    asked = {"fps": fps, "factor": factor, "speed": speed, "weights": weights}
    stage = Interpolate.model_validate(
        {k: v for k, v in asked.items() if v is not None}
        | {"engine": engine, "quality": quality, "sound": sound}
    )
    with shown_progress(as_json=False) as progress:
        result = (open_media(video) | Shots() | stage | Render(**lossless(video, output))).run(
            output=output, device=device, cache=not no_cache, allow_net=allow_net, progress=progress
        )
    print(summary(result))


@app.command()
def probe(
    video: Video, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say what is in a media file."""
    from smartcut.interchange.json import to_plain
    from smartcut.media.probe import probe as look
    from smartcut.report.tables import source_text

    source = look(video)
    if as_json:
        _print_json(to_plain(source))
    else:
        print(source_text(source))


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A media file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    trust: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) of who may vouch for signers.")
    ] = None,
) -> None:
    """Say which parts of a file were generated or interpolated, and whether that holds."""
    from smartcut.report.inspect import as_plain, as_report
    from smartcut.report.inspect import inspect as look

    found = look(file, trust)
    if as_json:
        _print_json(as_plain(found))
    else:
        print(as_report(found))


# ---------------------------------------------------------------------------- models and cache


@models_app.command("list")
def models_list() -> None:
    """List the models with their licence and whether they are on this machine."""
    from smartcut.models.weights import status
    from smartcut.report.tables import print_table

    print_table(status(), "text")


@models_app.command("pull")
def models_pull(names: Annotated[list[str], typer.Argument(metavar="NAME...")]) -> None:
    """Fetch weights ahead of a run, and verify them."""
    from smartcut.models.weights import pull
    from smartcut.report.progress import shown_progress

    with shown_progress(as_json=False) as progress:
        for name in names:
            print(pull(name, progress))


@models_app.command("path")
def models_path(name: str) -> None:
    """Print where a model's weights are."""
    from smartcut.models.weights import path

    print(path(name))


@cache_app.command("info")
def cache_info() -> None:
    """Say where the cache is and what it holds."""
    from smartcut.cache import Cache

    cache = Cache()
    usage = cache.usage()
    print(f"{cache.root}: {usage.entries} entries, {usage.size / 1e6:.1f} MB")
    for kind, count, size in usage.by_kind:
        print(f"  {kind:6} {count:6}  {size / 1e6:9.1f} MB")


@cache_app.command("clear")
def cache_clear() -> None:
    """Delete every cached result; weights stay."""
    from smartcut.cache import Cache

    print(f"freed {Cache().clear() / 1e6:.1f} MB")


@cache_app.command("prune")
def cache_prune(
    max_size: Annotated[float, typer.Option("--max-size", min=0, help="Gigabytes to keep.")] = 10.0,
) -> None:
    """Delete what was not used for longest, until the cache fits."""
    from smartcut.cache import Cache

    print(f"freed {Cache().prune(int(max_size * 1e9)) / 1e6:.1f} MB")


# ---------------------------------------------------------------------------------- libraries


Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of media.")]
StorePlace = Annotated[
    Path | None, typer.Option("--store", help="Where the index is kept, if not in the cache.")
]


@library_app.command("index")
def library_index(
    folder: Folder,
    store: StorePlace = None,
    model: Annotated[
        str | None, typer.Option(help="auto, embedded, or MODEL/PRETRAINED; for good.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, max=60, help="Pictures a second (1); for good.")
    ] = None,
    speech: Annotated[
        bool | None, typer.Option("--speech/--no-speech", help="Write down speech (yes); for good.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make the index again; analyses stay in the cache.")
    ] = False,
    jobs: Jobs = 2,
    device: Device = "auto",
    allow_net: AllowNet = False,
    as_json: AsJson = False,
) -> None:
    """Look at what is new in a folder, so that it can be searched; exit code 3 if some failed."""
    from smartcut.report.library import index_plain, index_text, run_index
    from smartcut.report.progress import Events, shown_progress
    from smartcut.runners.local import Options

    with shown_progress(as_json) as progress:
        options = Options(device, jobs, True, allow_net, progress)
        outcome = run_index(
            folder, store, model=model, rate=rate, speech=speech, fresh=fresh, options=options
        )
        if isinstance(progress, Events):
            progress.emit("result", **index_plain(outcome))
    if not as_json:
        print(index_text(folder, store, outcome))
    if outcome.failed:
        raise typer.Exit(3)


@app.command()
def search(
    folder: Folder,
    words: Annotated[
        str | None, typer.Argument(metavar='["words"]', help="What is to be seen.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A picture of the like.")
    ] = None,
    speech: Annotated[str | None, typer.Option(help="What is to be heard.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many results.")] = 10,
    longest: Annotated[
        float, typer.Option(min=0.04, help="Seconds: of longer shots, so much around the moment.")
    ] = 10.0,
    cut: Annotated[
        Path | None, typer.Option("--as", metavar="CUT.json", help="Write the results as a cut.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="OUT.html", help="Write a page of results.")
    ] = None,
    thumbnails: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a JPEG of each result.")
    ] = None,
    store: StorePlace = None,
    device: Device = "auto",
    allow_net: AllowNet = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find shots in an indexed folder by words, by a picture, or by what is said."""
    from smartcut.library.results import as_rows
    from smartcut.library.searching import Question
    from smartcut.report.library import run_search, search_text
    from smartcut.runners.local import Options
    from smartcut.timebase import exact

    question = Question(words, image, speech, limit, exact(longest))
    options = Options(device, allow_net=allow_net)
    answer = run_search(folder, question, store, options, cut=cut, page=page, thumbnails=thumbnails)
    if as_json:
        _print_json({"results": as_rows(answer.hits), "notes": list(answer.notes)})
    else:
        print(search_text(answer))


# ----------------------------------------------------------------------------------- datasets


@dataset_app.command("make")
def dataset_make(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="moving-shapes, moving-digits, bouncing, or a folder of video."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write.")],
    clips: Annotated[int, typer.Option(min=1, help="How many; of video, at most.")] = 1000,
    size: Annotated[int, typer.Option(min=8, max=1024, help="Pixels a side.")] = 64,
    frames: Annotated[int, typer.Option(min=1, max=1024, help="Pictures a clip.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same clips.")] = 0,
    rate: Annotated[
        float, typer.Option(min=0.1, max=240, help="Frames a second taken of video.")
    ] = 15.0,
    device: Device = "auto",
    no_cache: NoCache = False,
) -> None:
    """Make a set of clips: `bouncing` is rendered, with depth, motion and boxes.

    Of video, clips are taken within shots, evenly over the files; their captions are the files'
    names, or what stands in a text file (NAME.txt) beside each.
    """
    from smartcut.models.device import choose_device
    from smartcut.models.generation.making import KINDS, make

    if kind not in KINDS:
        made = _clips_of_folder(Path(kind), output, clips, size, frames, rate, device, no_cache)
        print(f"wrote {made.info.clips} clips to {output}")
        return
    made = make(
        kind,
        output,
        clips=clips,
        size=size,
        frames=frames,
        seed=seed,
        device=choose_device(device),
    )
    print(f"wrote {made.info.clips} clips to {output}")


def _clips_of_folder(
    folder: Path,
    output: Path,
    clips: int,
    size: int,
    frames: int,
    rate: float,
    device: str,
    no_cache: bool,
) -> Any:
    from smartcut.report.clips_of_folder import make
    from smartcut.report.progress import shown_progress
    from smartcut.timebase import exact

    with shown_progress(as_json=False) as progress:
        return make(
            folder,
            output,
            clips=clips,
            size=size,
            frames=frames,
            rate=exact(rate),
            device=device,
            cache=not no_cache,
            progress=progress,
        )


@dataset_app.command("info")
def dataset_info(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A set of clips.")],
) -> None:
    """Say what is in a set of clips."""
    from smartcut.models.generation.dataset import read, summary

    _print_json(summary(read(folder)))


# --------------------------------------------------------------------------------- generators


@generate_app.command("train")
def generate_train(
    model: Annotated[
        str,
        typer.Option(help="gan, flow-gan, vae, flow, flow-matching, diffusion or transformer."),
    ],
    data: DataFolder,
    out: Annotated[Path, typer.Option(metavar="FILE.safetensors", help="The weights to write.")],
    steps: Annotated[int, typer.Option(min=1, help="How many batches to learn from.")] = 2000,
    batch: Annotated[int, typer.Option(min=1, help="Clips a step.")] = 16,
    rate: Annotated[float, typer.Option(min=0, help="The highest learning rate.")] = 3e-4,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 0,
    precision: Annotated[Precision, typer.Option(help="fp32 or bf16.")] = Precision.fp32,
    text: Annotated[
        str, typer.Option(help="auto, none, minilm-l6-v2 or hashed-words: how prompts are read.")
    ] = "auto",
    past: Annotated[
        int | None,
        typer.Option(min=0, help="So many first frames can be given; at most 4 if left out."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the family or training."),
    ] = None,
    preview: Annotated[
        int, typer.Option(min=0, help="Steps between contact sheets (FILE.png); 0: none.")
    ] = 0,
    log: Annotated[int, typer.Option(min=1, help="Steps between lines of losses.")] = 20,
    resume: Annotated[
        bool, typer.Option("--resume", help="Fail where there is no state to go on from.")
    ] = False,
    device: Device = "auto",
    allow_net: AllowNet = False,
    as_json: AsJson = False,
) -> None:
    """Train a generator on a set of clips.

    Losses go to FILE.csv beside the weights. A run that was ended goes on by itself, from
    FILE.state, to the weights it would have had; the same command starts it again.
    """
    from smartcut.models.generation.training import Settings as Training
    from smartcut.report import generate
    from smartcut.report.progress import shown_progress

    asked = generate.Training(
        model,
        data,
        out,
        Training(steps, seed, batch, rate, precision=precision.value),
        text,
        past,
        tuple(_settings(settings).items()),
        device,
        resume,
        log,
        preview,
        allow_net,
    )
    with shown_progress(as_json) as progress:
        generate.train(asked, progress)
    if not as_json:
        print(f"wrote {out}")


@generate_app.command("sample")
def generate_sample(
    weights: Weights,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="FILE.mp4, .mov, .mkv (exact) or .png (a contact sheet)."
        ),
    ],
    prompt: Annotated[str | None, typer.Option(help="What is to be seen.")] = None,
    label: Annotated[str | None, typer.Option(help="A class of the set learned from.")] = None,
    init_image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A picture that is the first frame.")
    ] = None,
    continue_: Annotated[
        Path | None,
        typer.Option("--continue", metavar="VIDEO", help="A video; what follows it is made."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="How long.")] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="How long, in frames.")] = None,
    count: Annotated[int, typer.Option(min=1, help="Clips, shown side by side.")] = 1,
    seed: Seed = 0,
    steps: SamplerSteps = None,
    guidance: Guidance = None,
    temperature: Temperature = None,
    scale: Annotated[int, typer.Option(min=1, max=16, help="Enlarge each pixel so often.")] = 1,
    device: Device = "auto",
    allow_net: AllowNet = False,
) -> None:
    """Make clips by trained weights; longer ones than learned go on from their own last frames."""
    from smartcut.models.generation.contract import Sampling
    from smartcut.report import generate

    asked = generate.Drawing(
        weights,
        output,
        prompt,
        label,
        init_image,
        continue_,
        seconds,
        frames,
        count,
        seed,
        Sampling(steps, guidance, temperature),
        scale,
        device,
        allow_net,
    )
    clips, length, height, width = generate.sample(asked)
    what = f"{clips} clips" if clips > 1 else "a clip"
    print(f"wrote {what} of {length} frames of {width}x{height} to {output}")


@generate_app.command("eval")
def generate_eval(
    weights: Weights,
    data: DataFolder,
    clips: Annotated[int, typer.Option(min=1, help="At most so many are compared.")] = 256,
    features: Annotated[
        str, typer.Option(help="random-conv, efficientnet-lite0 or pixels.")
    ] = "random-conv",
    seed: Seed = 0,
    steps: SamplerSteps = None,
    guidance: Guidance = None,
    temperature: Temperature = None,
    device: Device = "auto",
    allow_net: AllowNet = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure weights on the clips that a set holds back.

    Beside each figure stand those of other real clips (a perfect generator's), and of the mean
    clip, of the last frame held and of independent pixels (trivial ones).
    """
    from smartcut.models.generation.contract import Sampling
    from smartcut.report import generate

    report = generate.evaluation(
        weights,
        data,
        features=features,
        clips=clips,
        seed=seed,
        sampling=Sampling(steps, guidance, temperature),
        device=device,
        allow_net=allow_net,
    )
    if as_json:
        _print_json(report.to_plain())
    else:
        print(report.text())


@generate_app.command("info")
def generate_info(weights: Weights) -> None:
    """Say what is in a file of weights: family, configuration, how it was trained."""
    from smartcut.report.generate import about

    _print_json(about(weights))


# ------------------------------------------------------------------------------------- errors


# The shell's exit code for SIGINT, to which Typer turns Ctrl-C.
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; every failure is one message and an exit code."""
    debug = "--debug" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        code = app(args=arguments, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # wrong usage
            error.show()
            raise SystemExit(error.exit_code) from error
        _fail(*_explained(error), debug)
    if code == _INTERRUPTED:
        _fail("interrupted; nothing was left half-written", _INTERRUPTED, debug)
    raise SystemExit(code or 0)


def _explained(error: Exception) -> tuple[str, int]:
    from smartcut.errors import SmartcutError

    if isinstance(error, SmartcutError):
        return str(error), error.exit_code
    if type(error).__module__.startswith("pydantic"):
        first = error.errors()[0]  # type: ignore[attr-defined]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        return f"{key}: {message}" if key else message, 2
    if isinstance(error, OSError):
        return str(error), 1
    return f"unexpected {type(error).__name__}: {error} (--debug shows where)", 1


def _fail(message: str, code: int, debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc()
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
