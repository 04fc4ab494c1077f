"""Makes the README's moving picture by what it shows: ``python -m tools.readme_picture``.

Each runs on a clip of sample_media; what comes out is joined by dissolves, under its command.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import smartcut as sc

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "first_minute.webp"
SIZE, RATE, QUALITY = "480x270", 10, 60

#: What is shown, and what else it takes to be short.
SHOWN = {
    "smartcut captions sky.mp4 --karaoke": "--start 0.4 --end 4.2",
    "smartcut reframe match.mp4 --aspect 9:16 --subject motion": "--start 1 --end 4",
    "smartcut picture-in-picture harbour.mp4 --file sky.mp4": "--start 1 --end 4",
}


def pipeline(files: list[Path]) -> dict[str, object]:
    """The pipeline that joins the files, each under its command."""
    parts = []
    for file, command in zip(files, SHOWN, strict=True):
        title = {"text": f"$ {command}", "at": 0, "duration": 10, "position": "top", "size": 0.055,
                 "box": "#000000b0", "fade": 0}  # fmt: skip
        parts.append({"inputs": [str(file)], "stages": [{"title": title}]})
    join = {"transitions": {"kind": "dissolve", "duration": "0.4s"}}
    render = {"resolution": SIZE, "fps": RATE, "fit": "blur", "quality": QUALITY}
    return {"parts": parts, "stages": [join, {"render": {**render, "manifest": False}}]}


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        files = []
        for number, (command, short) in enumerate(SHOWN.items()):
            file = Path(place) / f"{number}.mp4"
            typed = shlex.split(f"{command} {short}")[1:]
            subprocess.run(
                [sys.executable, "-m", "smartcut", *typed, "-o", str(file)],
                cwd=ROOT / "sample_media",
                check=True,
            )
            files.append(file)
        sc.Pipeline.from_text(json.dumps(pipeline(files))).run(output=PICTURE)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
