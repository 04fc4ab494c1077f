"""Commands on sets of clips."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from smartcut.cli.options import Device, NoCache, print_json

app = typer.Typer(help="Sets of clips to learn from.", no_args_is_help=True)


@app.command()
def make(
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


@app.command()
def info(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A set of clips.")],
) -> None:
    """Say what is in a set of clips."""
    from smartcut.models.generation.dataset import read, summary

    print_json(summary(read(folder)))
