"""``smartcut generate`` and sets from folders of video: what comes out, and clear errors."""

from __future__ import annotations

import json
import os
import signal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from typer.testing import CliRunner

from smartcut.cache import file_sha256
from smartcut.cli import app
from smartcut.context import Quiet
from smartcut.errors import SmartcutError
from smartcut.media.decode import frames as decoded
from smartcut.media.index import video_index
from smartcut.media.picture import to_rgb
from smartcut.media.probe import probe
from smartcut.models.generation import contract, dataset, footage, presets
from smartcut.models.generation.contract import ClipBatch, Config, Generator, Given, SampleSettings
from smartcut.models.generation.sampling import STANDARD
from smartcut.models.generation.shapes import SHAPES, moving_shapes
from smartcut.models.generation.training import TrainingSettings, Watching
from smartcut.report import generate, made_files
from smartcut.report.inspect import inspect
from smartcut.timebase import Range

SIZE, FRAMES = 16, 4


class Levels(Generator):
    """Each frame is one level brighter than the one before; what is learned is the first level."""

    family: ClassVar[str] = "levels"

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.level = nn.Parameter(100 + torch.rand(()))

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        noise = torch.rand((), generator=random)
        return {"loss": (self.level / 127.5 - 1 - batch.clips.mean() + noise).square()}

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = STANDARD
    ) -> Tensor:
        steps = torch.arange(self.config.frames).view(1, -1, 1, 1, 1)
        first = self.level.floor().view(1, 1, 1, 1, 1).expand(given.count, -1, -1, -1, -1)
        if given.past is not None:
            first = (given.past[:, :1] + 1) * 127.5
        return ((first + steps) / 127.5 - 1).expand(given.count, *self.config.clip)


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setitem(contract.FAMILIES, "levels", (__name__, "Levels"))
    monkeypatch.chdir(tmp_path)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "shapes"
    made = moving_shapes(60, SIZE, FRAMES, 3)
    dataset.write(folder, made, kind="moving-shapes", rate=15.0, labels=SHAPES, seed=3)
    return folder


def smartcut(*arguments: object) -> str:
    """What the command prints; what it raises comes through."""
    found = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def train(data: Path, out: str = "w.safetensors", *more: object) -> str:
    fixed = ("--model", "levels", "--data", data, "--out", out, "--steps", 6, "--batch", 2)
    return smartcut("generate", "train", *fixed, "--text", "hashed-words", *more)


def weights(**fields: object) -> Path:
    """A generator that starts at level 100 and was not trained."""
    said = {"frames": FRAMES, "height": SIZE, "width": SIZE, "rate": 12.5, **fields}
    Levels(Config.model_validate(said)).save(Path("made.safetensors"))
    return Path("made.safetensors")


def pictures(path: Path) -> np.ndarray:
    source = probe(path)
    index = video_index(source)
    return np.stack([to_rgb(frame) for _, frame in decoded(source, index, 0, len(index))])


# --------------------------------------------------------------------------------------- train


def test_training_writes_weights_that_say_how_they_came_to_be(shapes: Path) -> None:
    said = train(shapes, "w.safetensors", "--past", 2, "--set", "decay=0.5", "--log", 2)
    lines = said.splitlines()
    (pace,) = [line for line in lines if "more steps take about" in line]
    assert "Ctrl-C stops it and keeps" in pace
    steps = [line for line in lines[:-1] if line != pace]
    assert [line.split()[1] for line in steps] == ["0", "2", "4", "5"]
    assert lines[-1] == "wrote w.safetensors"
    assert sorted(p.name for p in Path().iterdir()) == ["w.csv", "w.safetensors"]
    events = [json.loads(line) for line in train(shapes, "v.safetensors", "--json").splitlines()]
    assert {"event": "progress", "label": "train levels", "done": 3, "total": 6} in events
    assert events[-1] == {"event": "result", "outputs": ["v.safetensors"]}
    info = json.loads(smartcut("generate", "info", "--weights", "w.safetensors"))
    assert (info["family"], info["parameters"]) == ("levels", 1)
    assert info["config"]["past"] == 2
    assert info["config"]["tower"] == "hashed-words"
    assert (info["training"]["decay"], info["training"]["steps"]) == (0.5, 6)
    assert info["sha256"] == file_sha256(Path("w.safetensors"))


def test_a_run_that_was_ended_goes_on_to_the_same_weights(
    shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(shapes, "whole.safetensors")
    with monkeypatch.context() as patched:
        patched.setattr(generate, "Watching", partial(Watching, stop_after=3))
        train(shapes)
    assert Path("w.state").is_file()
    assert not Path("w.safetensors").exists()
    with pytest.raises(SmartcutError, match=r"training\.seed was 0, now it is 9") as raised:
        train(shapes, "w.safetensors", "--seed", 9)
    assert "rate" not in str(raised.value)
    train(shapes, "w.safetensors", "--resume")
    assert file_sha256(Path("w.safetensors")) == file_sha256(Path("whole.safetensors"))
    assert not Path("w.state").exists()


@pytest.mark.parametrize("name", ["tiny", "small"])
@pytest.mark.parametrize("model", presets.PRESETS)
def test_every_family_learns_with_each_preset_and_options_win(
    model: str, name: str, shapes: Path
) -> None:
    chosen = presets.PRESETS[model][name]
    width = {"transformer": "size", "flow": "hidden", "flow-gan": "hidden"}.get(model, "finest")
    given = ("--preset", name, "--steps", 2, "--set", f"{width}=24", "--past", 1)
    fixed = ("--model", model, "--data", shapes, "--out", "w.safetensors", "--text", "hashed-words")
    smartcut("generate", "train", *fixed, *given)
    info = json.loads(smartcut("generate", "info", "--weights", "w.safetensors"))
    assert info["family"] == model
    assert {k: info["training"][k] for k in ("steps", "batch", "rate")} == {
        "steps": 2,
        "batch": chosen.batch,
        "rate": chosen.rate,
    }
    built = {**info["config"], **info["training"]}
    assert built | {**chosen.own, width: 24} == built


def test_presets_are_of_every_family_and_small_ones_learn_longer(shapes: Path) -> None:
    assert {*presets.PRESETS, "levels"} == set(contract.FAMILIES)
    for sizes in presets.PRESETS.values():
        assert list(sizes) == ["tiny", "small"]
        assert sizes["tiny"].steps < sizes["small"].steps
    with pytest.raises(SmartcutError, match="--preset tiny: levels has none; those that have: gan"):
        train(shapes, "w.safetensors", "--preset", "tiny")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_weights_that_can_be_sampled_and_gone_on_from(
    number: signal.Signals, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(shapes, "whole.safetensors")
    plain = Levels.losses

    def losses(self: Levels, *given: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), number)
        return plain(self, *given)

    calls: list[int] = []
    settings = TrainingSettings(6, batch=2)
    asked = generate.Training("levels", shapes, Path("w.safetensors"), settings, "hashed-words")
    before = signal.getsignal(number)
    with monkeypatch.context() as patched:
        patched.setattr(Levels, "losses", losses)
        with pytest.raises(generate.StoppedTraining) as stopped:
            generate.train(asked, Quiet())
    assert stopped.value.number == number
    assert signal.getsignal(number) is before
    assert len(calls) == 3
    info = json.loads(smartcut("generate", "info", "--weights", "w.safetensors"))
    assert info["training"]["steps"] == 6
    assert info["stopped_after"] == 3
    smartcut("generate", "sample", "--weights", "w.safetensors", "-o", "w.mkv")
    train(shapes, "w.safetensors", "--resume")
    assert file_sha256(Path("w.safetensors")) == file_sha256(Path("whole.safetensors"))
    assert not Path("w.state").exists()


def test_the_time_that_training_takes_is_measured_and_said_once() -> None:
    said: list[str] = []
    times = iter([0.0, 2.0, 4.0, 6.0, 8.0])
    pace = generate._Pace(2000, "cpu", said.append, lambda: next(times))
    for number in range(1, 6):
        pace(number)
    (line,) = said
    assert line.startswith("1996 more steps take about 1 h 6 min on this machine's cpu (2 s a step")


def test_what_cannot_be_trained_is_said_before_anything_is_written(
    shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for more, said in (
        (("--model", "gam"), "unknown family 'gam'; accepted: gan"),
        (("--data", "nowhere"), "nowhere holds no dataset"),
        (("--out", "w.pt"), "w.pt: weights are written as .safetensors"),
        (("--out", "no/w.safetensors"), "there is no folder .*/no; make it first"),
        (("--resume",), "nothing to go on from: no w.state"),
        (("--text", "clip"), "unknown text tower 'clip'; accepted: auto, none"),
        (("--past", 4), r"past \(4\) must be less than frames \(4\)"),
        (("--set", "depth=3"), "--set depth: levels has no such setting; accepted: .*decay"),
        (("--set", "rate=3"), "--set rate: follows from the data or has an option"),
        (("--set", "frames=many"), "levels cannot be built so: frames: "),
        (("--set", "decay=much"), "levels cannot be built so: decay: "),
        (("--set", "frames=9"), "9 frames of 16x16 are wanted"),
    ):
        with pytest.raises(SmartcutError, match=said):
            train(shapes, "w.safetensors", *more)
    assert not list(Path().iterdir())

    def fails(*_: object) -> dict[str, Tensor]:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Levels, "losses", fails)
    with pytest.raises(SmartcutError, match="memory of cpu: use a smaller --batch"):
        train(shapes)
    assert not Path("w.safetensors").exists()


# -------------------------------------------------------------------------------------- sample


def test_samples_are_written_exactly_and_say_that_they_were_made() -> None:
    file = weights(past=2)
    said = smartcut("generate", "sample", "--weights", file, "--seconds", 0.8, "-o", "a.mkv")
    assert said == "wrote a clip of 10 frames of 16x16 to a.mkv\n"
    exact = pictures(Path("a.mkv"))
    assert exact[:, 3, 5].tolist() == [[level] * 3 for level in range(100, 110)]
    smartcut("generate", "sample", "--weights", file, "--count", 3, "--scale", 3, "-o", "b.mp4")
    seen = inspect(Path("b.mp4"))
    video = seen.source.video
    assert video is not None
    assert (video.width, video.height, video.frames) == (96, 96, FRAMES)
    assert (video.rate, video.colour.matrix) == (Fraction(25, 2), "bt709")
    (made,) = seen.made
    assert (made.engine, made.source_type) == ("levels", "trainedAlgorithmicMedia")
    assert made.range == Range(Fraction(0), Fraction(8, 25))
    shown = pictures(Path("b.mp4")).astype(int)
    assert np.abs(shown[2, :48] - 102).max() <= 2
    assert shown[2, 60:, 60:].max() <= 2  # there is no fourth
    smartcut("generate", "sample", "--weights", file, "-o", "c.png")
    sheet = cv2.imread("c.png")
    assert sheet.shape == (20, 4 * 18 + 2, 3)
    assert sheet[5, 5 + 3 * 18, 0] == 103


def test_a_picture_begins_and_a_video_is_continued(tmp_path: Path) -> None:
    file = weights(past=3, height=8, width=16)
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[10:30] = (30, 60, 90)  # the middle half is what fits
    cv2.imwrite("p.png", picture)
    sample = ("generate", "sample", "--weights", file, "-o", "a.mkv")
    smartcut(*sample, "--init-image", "p.png")
    found = pictures(Path("a.mkv"))
    assert found[:, 4, 8].tolist() == [[90 + n, 60 + n, 30 + n] for n in range(4)]

    rising = np.arange(40, 60, dtype=np.uint8)[None, :, None, None, None]
    clip = np.broadcast_to(rising, (1, 20, 30, 20, 3))
    made_files.write(Path("v.mkv"), clip, Fraction(25, 2), engine="levels", said={})
    smartcut(*sample, "--continue", "v.mkv", "--frames", 7)
    assert pictures(Path("a.mkv"))[:, 4, 8, 0].tolist() == list(range(60, 67))
    smartcut(*sample, "--continue", "v.mkv")
    assert len(pictures(Path("a.mkv"))) == 1
    made_files.write(Path("v.mkv"), clip, Fraction(25), engine="levels", said={})
    asked = generate.Drawing(file, Path("a.mkv"), video=Path("v.mkv"))
    past = generate._past(asked, Config(frames=4, height=8, width=16, rate=12.5, past=3))
    assert past is not None
    assert past[:, 0, 0, 0].tolist() == [55, 57, 59]  # at the generator's own rate


def test_what_cannot_be_drawn_is_said_and_nothing_is_written() -> None:
    plain = weights()
    Path("bad.safetensors").write_bytes(b"\x80\x04K\x01.")
    Path("w.pt").write_bytes(b"\x80\x04K\x01.")
    Path("n.png").write_text("no picture")
    said = {"format": "smartcut-generator-1", "family": "levels", "config": {"frames": "x"}}
    save_file({"level": torch.zeros(())}, "odd.safetensors", {"smartcut": json.dumps(said)})
    before = sorted(p.name for p in Path().iterdir())
    for more, said in (
        (("--weights", "w.pt"), "w.pt is no .safetensors file; others may hold code"),
        (("--weights", "no.safetensors"), "there are no weights at no.safetensors"),
        (("--weights", "bad.safetensors"), "holds no generator"),
        (("--weights", "odd.safetensors"), "does not fit its own configuration"),
        (("--prompt", "a red ball"), "know no prompts"),
        (("--label", "circle"), "know no classes"),
        (("--frames", 5), "at most 4 frames, not 5"),
        (("--init-image", "n.png"), "cannot go on from a picture; train with --past"),
        (("--init-image", "n.png", "--continue", "v.mp4"), "exclude each other"),
        (("--frames", 5, "--seconds", 1), "exclude each other"),
        (("-o", "a.gif"), "cannot be written as .gif; accepted: .mp4, .mov, .mkv, .png"),
        (("-o", "no/a.mp4"), "there is no folder .*/no; make it first"),
    ):
        with pytest.raises(SmartcutError, match=said):
            smartcut("generate", "sample", "--weights", plain, "-o", "a.mp4", *more)
    knowing = weights(past=1, labels=SHAPES, tower="hashed-words", text_size=64)
    for more, said in (
        (("--prompt", ""), "the prompt '' has no words"),
        (("--label", "star"), "unknown class 'star'; accepted: circle, square, triangle"),
        (("--init-image", "n.png"), "n.png cannot be read as a picture"),
        (("--init-image", "o.png"), "o.png is not there"),
        (("--continue", "n.png"), "n.png"),
    ):
        with pytest.raises(SmartcutError, match=said):
            smartcut("generate", "sample", "--weights", knowing, "-o", "a.mp4", *more)
    assert sorted(p.name for p in Path().iterdir()) == before


# ---------------------------------------------------------------------------------------- eval


def test_eval_prints_the_report_as_table_or_json(shapes: Path) -> None:
    file = weights(past=1, labels=SHAPES)
    asked = ("generate", "eval", "--weights", file, "--data", shapes, "--clips", 5)
    plain = json.loads(smartcut(*asked, "--json"))
    assert (plain["family"], plain["clips"], plain["past"]) == ("levels", 5, 1)
    assert set(plain["baselines"]) == {"mean-clip", "copy-last-frame", "pixel-gaussian"}
    table = smartcut(*asked)
    assert table.splitlines()[0].split()[:2] == ["levels", "real"]
    assert f"{plain['floor']['frechet']:.4g}" in table.splitlines()[1]
    with pytest.raises(SmartcutError, match="32x16 are wanted"):
        smartcut("generate", "eval", "--weights", weights(width=32), "--data", shapes)


# ------------------------------------------------------------------------- folders of video


def two_shots(path: Path, first: int, second: int) -> None:
    """30 frames a second; 24 of each shot, a level brighter each; the sides, cut off, are white."""
    levels = np.r_[first : first + 24, second : second + 24].astype(np.uint8)
    clip = np.broadcast_to(levels[None, :, None, None, None], (1, 48, 32, 64, 3)).copy()
    clip[:, :, :, :14] = clip[:, :, :, -14:] = 255
    made_files.write(path, clip, Fraction(30), engine="levels", said={})


def test_clips_of_a_folder_lie_within_shots_and_come_evenly_from_its_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("smartcut.models.weights.find", lambda name: None)  # quick
    films = Path("films")
    (films / "more").mkdir(parents=True)
    two_shots(films / "a_red-ball.mkv", 20, 140)
    two_shots(films / "more" / "b.mkv", 60, 200)
    (films / "more" / "b.txt").write_text("a lake\nat night\n")
    (films / "c.mp4").write_bytes(b"no video")
    (films / ".d.mp4").write_bytes(b"hidden")
    asked = ("dataset", "make", films, "-o", "set", "--size", 16, "--frames", 4, "--rate", 15)
    found = CliRunner().invoke(app, [*map(str, asked), "--clips", "10"], catch_exceptions=False)
    assert found.stdout == "wrote 10 clips to set\n"
    assert "c.mp4 is left out: " in found.stderr
    assert ".d.mp4" not in found.stderr
    made = dataset.read(Path("set"))
    assert made.sources == ("a_red-ball.mkv",) * 5 + ("more/b.mkv",) * 5
    assert set(made.captions) == {"a red ball", "a lake at night"}
    assert (made.info.rate, made.info.labels, set(made.label_of)) == (15.0, (), {0})
    learn, test = made.held_back()
    assert {made.sources[i] for i in test} == {"more/b.mkv"}
    assert len(learn) == 5
    clips = made.arrays().astype(int)
    assert clips.shape == (10, 4, 16, 16, 3)
    assert np.ptp(clips, axis=(2, 3, 4)).max() <= 1  # nothing of the sides is seen
    assert (np.abs(np.diff(clips[..., 8, 8, 0], axis=1) - 2) <= 1).all()  # each second frame
    shots = clips[:, 0, 8, 8, 0]
    assert 2 <= (shots[:5] > 100).sum() <= 3  # both shots, alike
    assert 2 <= (shots[5:] > 150).sum() <= 3
    again = smartcut(*asked[:4], "other", *asked[5:], "--clips", "1000")
    assert again == "wrote 20 clips to other\n"


def test_a_folder_without_video_is_an_error() -> None:
    Path("empty").mkdir()
    with pytest.raises(SmartcutError, match=r"empty holds no video .*\.avi .*4 frames at 15 a sec"):
        smartcut("dataset", "make", "empty", "-o", "set", "--frames", 4)
    with pytest.raises(SmartcutError, match="'moving' is neither .*moving-shapes, .*or a folder"):
        smartcut("dataset", "make", "moving", "-o", "set")
    assert not Path("set").exists()


def test_places_for_clips_by_arithmetic() -> None:
    rate = Fraction(10)
    shots = [Range(Fraction(0), Fraction(1)), Range(Fraction(1), Fraction(5, 4))]
    found = footage.starts(shots, rate, 4)
    assert found == tuple(Fraction(n, 10) for n in (0, 2, 4, 6))  # the last ends at 0.9 s
    assert footage.starts(shots, rate, 3)[-1] == 1  # at 1, 1.1 and 1.2 s
    assert footage.starts(shots, rate, 1)[-3:] == tuple(1 + Fraction(n, 10) for n in range(3))
    assert footage.evenly([5, 1, 9], 10) == [5, 1, 4]
    assert footage.evenly([5, 5, 5], 7) == [3, 2, 2]
    assert footage.evenly([1, 1], 9) == [1, 1]
    assert footage.evenly([], 3) == []
