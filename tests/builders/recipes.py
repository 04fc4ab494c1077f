"""Recipes of a page: headings with a pipeline and a command, and the files that they speak of."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from smartcut.cli import main
from smartcut.testing import write_bar_coded
from tests.builders.samples import SAMPLES, beginning

ROOT = Path(__file__).parents[2]
_SRT = "1\n00:00:00,200 --> 00:00:02,000\nThe harbour is calm.\n"


@dataclass(frozen=True)
class Recipe:
    """A part of a page, from its heading to the next."""

    wish: str
    yaml: str | None
    lines: tuple[str, ...]
    text: str


def recipes(page: str) -> list[Recipe]:
    """The parts of a page in docs/ that show a command."""
    return recipes_in((ROOT / "docs" / page).read_text(encoding="utf-8"))


def recipes_in(text: str) -> list[Recipe]:
    """The parts of a page's text that show a command."""
    found = []
    for part in re.split(r"^#+ ", text, flags=re.MULTILINE)[1:]:
        yaml = re.search(r"```yaml\n(.*?)```", part, re.S)
        shell = "".join(re.findall(r"```sh\n(.*?)```", part, re.S))
        lines = tuple(x.partition("  #")[0].rstrip() for x in shell.splitlines() if x)
        if lines:
            wish, _, rest = part.partition("\n")
            found.append(Recipe(wish, yaml[1] if yaml else None, lines, rest))
    return found


def write_files(folder: Path, talk_seconds: float | None = None) -> None:
    """What recipes speak of: films, a talk, pictures, music and captions."""
    write_bar_coded(folder / "film.mp4", frames=75, size=(320, 180))
    write_bar_coded(folder / "other.mp4", frames=60, size=(320, 180))
    Image.new("RGB", (64, 64), "red").save(folder / "logo.png")
    Image.new("RGB", (320, 180), "blue").save(folder / "photo.jpg")
    shutil.copy(SAMPLES / "music.m4a", folder)
    (folder / "talk.srt").write_text(_SRT)
    if talk_seconds is None:
        shutil.copy(SAMPLES / "harbour.mp4", folder / "talk.mp4")
    else:
        beginning("harbour.mp4", talk_seconds, folder).rename(folder / "talk.mp4")


def typed(line: str) -> None:
    """Run a line as it is typed; fails where it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", shlex.split(line))
        patch.setenv("SMARTCUT_ROOTS", "")  # what `--root` sets holds for this line alone
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code, line
