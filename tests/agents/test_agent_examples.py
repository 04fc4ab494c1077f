"""Every example of the skill's references runs: those of stages over two small films, and verbs."""

from __future__ import annotations

import re
import shlex
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from PIL import Image

import smartcut as sc
from smartcut.agents.skill import skill_files
from smartcut.errors import MissingExtra, ModelError
from smartcut.render.lut import identity, write_cube
from smartcut.spec_text import read_yaml
from smartcut.testing import write_bar_coded
from smartcut.verbs import VERBS
from tests.builders.recipes import typed
from tests.builders.samples import SAMPLES, beginning

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

_SRT = "1\n00:00:00,200 --> 00:00:02,000\nThe harbour is calm.\n"
#: What stands before an example, and the files that it works on, where not as for the others.
_AFTER = {
    "cell": [{"split_screen": {"layout": "2x1"}}],
    "beats": [{"audio": {"music": "music.m4a"}}],
    "chroma_key": [{"overlay": {"file": "webcam.mp4"}}],
}
_FOUR = ("talk.mp4", "film.mp4", "webcam.mp4", "walk.mp4")
_FILES = {
    "transitions": _FOUR,
    "split_edit": _FOUR,
    "multicam": ("wide.mp4", "close.mp4"),
    "shorts": ("long.mp4",),
    "trim": ("hour.mp4",),
    "tonemap": ("hdr.mp4",),
}
#: Of an example, what the films go with: they do not say what its other lines look for.
_ONLY = {"words": 1}
#: Its result is a file of its own, or nothing is left to be written.
_WRITES = ("render", "export")


def stage_examples() -> list[tuple[str, str]]:
    """(stage, its example) of the references."""
    found = []
    for name, text in skill_files():
        if "stages-" in name:
            for part in re.split(r"^## ", text, flags=re.M)[1:]:
                block = re.search(r"```yaml\n(.*?)```", part, re.S)
                if block:
                    found.append((part.splitlines()[0], block[1]))
    return found


EXAMPLES = stage_examples()


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that examples name; what was learned of it is kept beside it."""
    folder = tmp_path_factory.mktemp("footage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMARTCUT_CACHE", str(folder.parent / "cache"))
        _write_films(folder)
        _write_companions(folder)
    return folder


def _write_films(folder: Path) -> None:
    small = {"resolution": "90p"}
    beginning("harbour.mp4", 6, folder, **small).rename(folder / "talk.mp4")
    beginning("match.mp4", 16, folder, **small).rename(folder / "film.mp4")
    beginning("sky.mp4", 4, folder, **small).rename(folder / "webcam.mp4")
    whole = sc.open(SAMPLES / "harbour.mp4")
    (whole | sc.transcribe() | sc.tighten()).render(folder / "dense.mp4", **small)
    dense = sc.open(folder / "dense.mp4")
    sc.concat([dense] * 8).render(folder / "long.mp4", **small)
    for name, start in (("wide", 0), ("close", 1)):
        whole[start : start + 15].render(folder / f"{name}.mp4", **small)
    for name in ("walk", "jump", "goal", "phone", "a", "b"):
        write_bar_coded(folder / f"{name}.mp4", frames=250, size=(160, 90))
    write_bar_coded(folder / "hour.mp4", frames=800, rate=Fraction(5))
    x265 = "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    write_bar_coded(
        folder / "hdr.mp4",
        encoder="libx265",
        pixel_format="yuv420p10le",
        options={"x265-params": x265},
    )


def _write_companions(folder: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg", "logo.png"):
        Image.new("RGB", (64, 36), "red").save(folder / name)
    Image.open(ROOT / "docs" / "contact_sheet.png").convert("RGB").save(folder / "look.jpg")
    shutil.copy(SAMPLES / "music.m4a", folder)
    for name in ("horn.wav", "ada.wav", "ben.wav"):
        (sc.open(SAMPLES / "harbour.mp4")[0:3]).render(folder / name)
    (folder / "talk.srt").write_text(_SRT)
    (folder / "talk.txt").write_text("0:00 Beginning\n0:03 End\n")
    (sc.open(folder / "talk.mp4") | sc.transcribe()).run(output=folder / "talk.md")
    (folder / "scan").symlink_to(SAMPLES / "scan")
    (folder / "sample_media").symlink_to(SAMPLES)
    write_cube(folder / "film.cube", identity(2))
    (folder / "reel.edits.yaml").write_text("- drop: {source: talk, start: 1, end: 2}\n")


@pytest.fixture(autouse=True)
def one_cache(footage: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was learned of the films is learned once for all examples."""
    monkeypatch.setenv("SMARTCUT_CACHE", str(footage.parent / "cache"))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 75


@pytest.mark.weights("whisper-tiny.en", "minilm-l6-v2", "efficientnet-lite0", "blazeface")
@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda value: value.split("\n")[0])
def test_the_example_of_a_stage_runs(
    name: str, example: str, footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(footage)
    items, _ = read_yaml(example)
    whole = items if isinstance(items, dict) else {"stages": items[: _ONLY.get(name)]}
    if "stages" in whole:
        given = whole["stages"]
        names = [next(iter(x)) if isinstance(x, dict) else x for x in given]
        learned = [s for s in ("shots", "transcribe", "motion") if s not in names]
        ends = [] if set(names) & set(_WRITES) else [{"render": {"resolution": "90p"}}]
        whole["stages"] = [*learned, *_AFTER.get(name, []), *given, *ends]
    else:
        whole = {**whole, "stages": [{"render": {"resolution": "90p"}}]}
    pipeline = sc.Pipeline.from_text(yaml.safe_dump(whole))
    try:
        result = pipeline.run(_FILES.get(name, ("talk.mp4", "film.mp4")), tmp_path / "out.mp4")
    except (ModelError, MissingExtra) as error:
        pytest.skip(str(error))
    assert result.outputs
    assert all(path.stat().st_size for path in result.outputs)


@pytest.mark.weights("whisper-tiny.en", "rife-4.6", "blazeface")
@pytest.mark.parametrize("name", VERBS)
def test_the_recipe_of_a_verb_runs(
    name: str, footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = dict(skill_files())["references/recipes.md"]
    (line,) = re.findall(rf"^smartcut {name} .*$", text, re.M)
    for file in footage.iterdir():
        if file.is_file() and file.name not in ("talk.png", "film.png", "talk.md"):
            shutil.copy(file, tmp_path)
    if name == "shorts":
        (tmp_path / "long.mp4").replace(tmp_path / "talk.mp4")
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    typed(line)
    assert set(tmp_path.iterdir()) - before, shlex.split(line)
