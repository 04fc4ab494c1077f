"""Commands on generators of video."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import AllowNet, AsJson, Device, PrintsJson, print_json

app = typer.Typer(help="Generators of video: train, draw from, measure.", no_args_is_help=True)


class Precision(StrEnum):
    fp32 = "fp32"
    bf16 = "bf16"


class Size(StrEnum):
    tiny = "tiny"
    small = "small"


WeightsOption = Annotated[
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


@app.command()
def train(
    model: Annotated[
        str,
        typer.Option(help="gan, flow-gan, vae, flow, flow-matching, diffusion or transformer."),
    ],
    data: DataFolder,
    out: Annotated[Path, typer.Option(metavar="FILE.safetensors", help="The weights to write.")],
    preset: Annotated[
        Size | None,
        typer.Option(
            help="Steps, batch, rate and widths for a first look without a GPU: tiny takes about "
            "2 minutes for clips of 32x32x8 on two cores, small about 10. Other options win."
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="How many batches to learn from; 2000 if left out.")
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Clips a step; 16 if left out.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="The highest learning rate; 3e-4 if left out.")
    ] = None,
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

    After a few steps it is said how long all of them take. Losses go to FILE.csv beside the
    weights. Ctrl-C (or SIGTERM) writes what was learned so far, which can be sampled. The same
    command goes on from FILE.state, to the weights that the run would have had.
    """
    from smartcut.models.generation import presets
    from smartcut.models.generation.training import TrainingSettings as Training
    from smartcut.report import generate
    from smartcut.report.progress import shown_progress
    from smartcut.spec_text import parse_setting

    chosen = presets.preset(model, preset.value if preset else None)
    own = dict(chosen.own) | dict(parse_setting(item) for item in settings or ())
    asked = generate.Training(
        model,
        data,
        out,
        Training(
            steps if steps is not None else chosen.steps,
            seed,
            batch if batch is not None else chosen.batch,
            rate if rate is not None else chosen.rate,
            precision=precision.value,
        ),
        text,
        past,
        tuple(own.items()),
        device,
        resume,
        log,
        preview,
        allow_net,
    )
    try:
        with shown_progress(as_json) as progress:
            generate.train(asked, progress)
    except generate.StoppedTraining as stopped:
        raise typer.Exit(128 + stopped.number) from None
    if not as_json:
        print(f"wrote {out}")


@app.command()
def sample(
    weights: WeightsOption,
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
    from smartcut.models.generation.contract import SampleSettings
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
        SampleSettings(steps, guidance, temperature),
        scale,
        device,
        allow_net,
    )
    clips, length, height, width = generate.sample(asked)
    what = f"{clips} clips" if clips > 1 else "a clip"
    print(f"wrote {what} of {length} frames of {width}x{height} to {output}")


@app.command("eval")
def eval_(
    weights: WeightsOption,
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
    as_json: PrintsJson = False,
) -> None:
    """Measure weights on the clips that a set holds back.

    Beside each figure stand those of other real clips (a perfect generator's), and of the mean
    clip, of the last frame held and of independent pixels (trivial ones).
    """
    from smartcut.models.generation.contract import SampleSettings
    from smartcut.report import generate

    report = generate.evaluation(
        weights,
        data,
        features=features,
        clips=clips,
        seed=seed,
        sampling=SampleSettings(steps, guidance, temperature),
        device=device,
        allow_net=allow_net,
    )
    if as_json:
        print_json(report.to_plain())
    else:
        print(report.text())


@app.command()
def info(weights: WeightsOption) -> None:
    """Say what is in a file of weights: family, configuration, how it was trained."""
    from smartcut.report.generate import about

    print_json(about(weights))
