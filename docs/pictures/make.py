"""Draws the contact sheets of docs/generated.md: ``python docs/pictures/make.py [NAME ...]``.

``--sheet VIDEO OUT.png`` draws that of a video that is there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import av
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
ACROSS, DOWN, WIDTH, BORDER = 4, 3, 208, 4

#: What follows ``smartcut run pipelines/NAME.yaml -o OUT.mp4``: small, so that it is soon done.
SMALL = ("--set", "size=[320, 180]", "--set", "fps=6")
RUNS: dict[str, tuple[str, ...]] = {
    "personalised_ad": ("--set", "name=Ada", *SMALL),
    "lesson": SMALL,
    "volume_scan": SMALL,
    "synthetic_surveillance": ("--set", "seconds=2s", "--set", "samples=4", *SMALL),
    "trailer": ("--set", "detector=adaptive", "--set", "engine=flow", "--set", "bridge=flow"),
}
FOOTAGE = {"trailer": ("harbour.mp4", "match.mp4")}


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
                tile = frame.to_image(width=WIDTH, height=height)
                _draw_boxes(tile, video.with_suffix(".labels.json"), number)
                tiles.append(tile)
    step = tiles[0].height + BORDER
    canvas = Image.new("RGB", (ACROSS * (WIDTH + BORDER) + BORDER, DOWN * step + BORDER), "white")
    for number, tile in enumerate(tiles):
        row, column = divmod(number, ACROSS)
        canvas.paste(tile, (BORDER + column * (WIDTH + BORDER), BORDER + row * step))
    # Pillow dithers only to a palette that is given
    few = canvas.quantize(palette=canvas.quantize(256), dither=Image.Dither.FLOYDSTEINBERG)
    few.save(out, optimize=True)
    print(f"{out}: {len(tiles)} of {frames} frames, {out.stat().st_size // 1000} kB")


def _draw_boxes(tile: Image.Image, labels: Path, number: int) -> None:
    """The boxes of a frame on its picture, where there are labels."""
    if not labels.exists():
        return
    known = json.loads(labels.read_text())
    scale = tile.width / known["images"][0]["width"]
    pen = ImageDraw.Draw(tile)
    for box in known["annotations"]:
        if box["image_id"] == number:
            left, top, width, height = (edge * scale for edge in box["bbox"])
            pen.rectangle((left, top, left + width, top + height), outline=(255, 220, 0))
            pen.text((left + 2, top - 11), str(box["track_id"]), fill=(255, 220, 0))


def make(name: str) -> None:
    """Run a pipeline and draw its sheet."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"{name}.mp4"
        program = [sys.executable, "-m", "smartcut.cli"]
        command = [*program, "run", f"pipelines/{name}.yaml", *RUNS[name], "-o", str(out)]
        command += [str(_shrunk(clip, Path(folder))) for clip in FOOTAGE.get(name, ())]
        subprocess.run(command, cwd=ROOT, check=True)
        sheet(out, Path(__file__).parent / f"{name}.png")


def _shrunk(clip: str, folder: Path) -> Path:
    """A sample clip as small as the rest, as footage gives a trailer its size and rate."""
    import smartcut as sc

    small = folder / clip
    sc.open(ROOT / "sample_media" / clip).render(small, resolution="320x180", fps=10)
    return small


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
