"""A package outside the repository: the examples of docs/extending.md, installed and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from smartcut.testing import read_bar_codes, read_sound, write_bar_coded

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
SCRIPT = """
import json, sys
import smartcut as sc
from smartcut.cut import Effect
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio

cut = (sc.open("film.mp4") | sc.last_seconds(keep=2) | sc.evening(darkness=0.3)).cut()
assert [e.name for e in cut.segments[0].effects] == ["evening"]
assert float(cut.duration) == 2
loud = sc.open("film.mp4") | sc.crackle(loudness=0.5, start=1, end=2)
loud.render("loud.mkv")
assert [e.name for e in loud.cut().segments[0].effects] == ["crackle"]
assert from_otio(to_otio(cut)).segments[0].effects == cut.segments[0].effects

joined = sc.open("film.mp4") | sc.trim(ranges=["0f-20f", "30f-50f"])
joined = joined | sc.transitions(kind="blink", duration="0.2s", moment=0.4)
joined.render("joined.mp4")

night = sc.open("film.mp4") | sc.draw(use="moon", params={"size": 0.5}, at=1, duration=2)
early, late = night.frame(1), night.frame(2.96)
height = early.shape[0]
low, high = (height - 8, height // 4), (8, height // 4)
assert early[low].min() > 180 > early[high].min()
assert late[high].min() > 180 > late[low].min()
assert from_otio(to_otio(night.cut())).tracks == night.cut().tracks
print("as Python says")
"""


_PAGE = """
from smartcut.report.docs import stage_page
from smartcut.stage import find_stage
print(stage_page(find_stage("transitions")))
"""


def blocks() -> list[tuple[str, str]]:
    return re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, installed as pip would, a film and the pipeline."""
    folder = tmp_path_factory.mktemp("dusk")
    for kind, text in blocks():
        named = re.match(r"# (dusk/\S+\.py)\n", text)
        if named:
            path = folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif kind == "yaml":
            (folder / "pipeline.yaml").write_text(text)
        elif kind == "toml":
            groups = re.findall(r'entry-points\."(.*?)"\]\n(.*?)(?:\n\n|\Z)', text, re.S)
            points = "".join(f"[{name}]\n{lines.replace(chr(34), '')}\n" for name, lines in groups)
            installed = folder / "dusk-1.0.dist-info"
            installed.mkdir()
            (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: dusk\nVersion: 1.0\n")
            (installed / "entry_points.txt").write_text(points)
    for name in (
        "dusk",
        "dusk/effects",
        "dusk/transitions",
        "dusk/stages",
        "dusk/detectors",
        "dusk/expectations",
    ):
        (folder / name / "__init__.py").write_text("")
    write_bar_coded(folder / "film.mp4", frames=150, rate=F(25), gop=25)
    return folder


def run(place: Path, *arguments: str) -> str:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(place), *sys.path]))
    environment["SMARTCUT_CACHE"] = str(place / "cache")
    done = subprocess.run(
        [sys.executable, *arguments], cwd=place, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def smartcut(place: Path, *arguments: str) -> str:
    return run(place, "-m", "smartcut.cli", *arguments)


def test_it_is_listed_explained_and_in_the_schema(place: Path) -> None:
    assert re.search("^evening .*Darkens the picture", smartcut(place, "stages"), re.M)
    assert "0 is noon, 1 is night." in smartcut(place, "stages", "evening")
    assert "stage-evening" in json.loads(smartcut(place, "schema"))["$defs"]


def test_it_is_a_command(place: Path) -> None:
    shown = smartcut(place, "evening", "film.mp4", "--darkness", "0.3", "--start", "1", "--show")
    assert "- evening: {darkness: 0.3}" in shown
    planned = smartcut(place, "evening", "film.mp4", "--darkness", "0.3", "--dry")
    assert re.search(r"film.evening.mp4 .*encode +effects: evening", planned)


def test_it_works_in_yaml_plan_and_cache(place: Path) -> None:
    asked = ("pipeline.yaml", "film.mp4", "-o", "out.mp4")
    plan = smartcut(place, "plan", *asked)
    assert re.search(r"00:00:00.000-00:00:02.0\d\d +copy", plan)
    assert re.search(r"encode +effects: evening", plan)
    smartcut(place, "run", *asked)
    assert re.search(r"cached +encoded before", smartcut(place, "plan", *asked))
    manifest = json.loads((place / "out.manifest.json").read_text())
    (effect,) = manifest["timeline"][0]["segments"][0]["effects"]
    assert effect["name"] == "evening"


def test_it_works_in_python_and_goes_through_otio(place: Path) -> None:
    assert run(place, "-c", SCRIPT) == "as Python says\n"
    # Five frames overlap; of shares of 1/6 to 5/6 the last three are above 0.4.
    assert read_bar_codes(place / "joined.mp4")[0] == [*range(17), *range(32, 50)]
    clicks = np.abs(read_sound(place / "loud.mkv")[1] - read_sound(place / "film.mp4")[1]) > 0.2
    assert clicks[24_000:95_000].sum() > 2  # within the second that it is for, and the mix's own
    assert not clicks[100_000:].any()
    assert "`moment`" in run(place, "-c", _PAGE)


def test_its_detector_finds_the_shots(place: Path) -> None:
    switched = "stages:\n  - evening: {darkness: [[0s, 0, hold], [2s, 0.9, hold], [4s, 0]]}\n"
    (place / "switched.yaml").write_text(switched)
    smartcut(place, "run", "switched.yaml", "film.mp4", "-o", "switched.mp4")
    asked = ("shots", "switched.mp4", "--format", "json", "--detector", "lights")
    rows = json.loads(smartcut(place, *asked))
    assert [(row["start_frame"], row["end_frame"]) for row in rows] == [
        (0, 50),
        (50, 100),
        (100, 150),
    ]
    assert "lights" in smartcut(place, "stages", "shots")
    script = "import smartcut as sc; print((sc.open('switched.mp4') | sc.shots(detector='lights', "
    script += "jump=250)).cut().annotations[0].data.shots[0].end_frame)"
    assert run(place, "-c", script) == "150\n"


def test_its_expectation_is_checked(place: Path) -> None:
    asked = "import smartcut as sc; print(sc.verify('film.mp4', evening_light=LIMIT).is_met)"
    assert run(place, "-c", asked.replace("LIMIT", "255")) == "True\n"
    assert run(place, "-c", asked.replace("LIMIT", "9")) == "False\n"
