"""Draws the contact sheets of docs/generated.md: ``python docs/pictures/make.py [NAME ...]``.

``--sheet VIDEO OUT.png`` draws that of a video that is there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import av
from PIL import Image

ROOT = Path(__file__).parents[2]
ACROSS, DOWN, WIDTH, BORDER = 4, 3, 240, 4

#: What follows ``smartcut run pipelines/NAME.yaml -o OUT.mp4``: small, so that it is soon done.
SMALL = ("--set", "size=[480, 270]", "--set", "fps=12")
RUNS: dict[str, tuple[str, ...]] = {
    "personalised_ad": ("--set", "name=Ada", *SMALL),
    "lesson": SMALL,
    "volume_scan": SMALL,
    "synthetic_surveillance": ("--set", "seconds=6s", "--set", "fps=6"),
    "trailer": ("sample_media/harbour.mp4", "sample_media/match.mp4", "sample_media/sky.mp4"),
}


def sheet(video: Path, out: Path) -> None:
    """A PNG with pictures of the video, evenly spread from its start to its end."""
    with av.open(str(video)) as container:
        frames = sum(1 for packet in container.demux(video=0) if packet.size)
        container.seek(0)
        wanted = {round(i * (frames - 1) / (ACROSS * DOWN - 1)) for i in range(ACROSS * DOWN)}
        tiles = []
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                height = round(WIDTH * frame.height / frame.width)
                tiles.append(frame.to_image(width=WIDTH, height=height))
    step = tiles[0].height + BORDER
    canvas = Image.new("RGB", (ACROSS * (WIDTH + BORDER) + BORDER, DOWN * step + BORDER), "white")
    for number, tile in enumerate(tiles):
        row, column = divmod(number, ACROSS)
        canvas.paste(tile, (BORDER + column * (WIDTH + BORDER), BORDER + row * step))
    few = canvas.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(out, optimize=True)
    print(f"{out}: {len(tiles)} of {frames} frames, {out.stat().st_size // 1000} kB")


def make(name: str) -> None:
    """Run a pipeline and draw its sheet."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"{name}.mp4"
        program = [sys.executable, "-m", "smartcut.cli"]
        command = [*program, "run", f"pipelines/{name}.yaml", *RUNS[name], "-o", str(out)]
        subprocess.run(command, cwd=ROOT, check=True)
        sheet(out, Path(__file__).parent / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("--sheet", nargs=2, type=Path, metavar=("VIDEO", "OUT"))
    given = parser.parse_args()
    if given.sheet:
        sheet(*given.sheet)
        return
    for name in given.names or RUNS:
        make(name)


if __name__ == "__main__":
    main()
