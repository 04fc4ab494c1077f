"""Commands for one's own file: each is a pipeline, and does what its name says."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

import smartcut as sc
from smartcut.accepted import choices, type_of
from smartcut.cli import app
from smartcut.media.loudness import LoudnessMeter
from smartcut.media.probe import probe
from smartcut.registry import modules
from smartcut.report.beside import beside
from smartcut.report.steps import steps_of
from smartcut.report.verbs import asked, inputs_of, options_of, typed_example, verb_of
from smartcut.stage import EFFECTS, find_stage, stage_modules
from smartcut.synonyms import CALLED
from smartcut.testing import read_bar_codes, read_sound, write_bar_coded
from smartcut.verbs import VERBS, WISHES
from tests.builders.commands import run_command

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def smartcut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """The command, run in a folder of its own: its exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        return run_command(monkeypatch, capsys, *arguments)

    return run


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=60, size=(160, 90))
    return path


def numbers(path: str | Path) -> list[int]:
    return list(read_bar_codes(Path(path))[0])


@pytest.mark.parametrize("name", VERBS)
def test_what_is_shown_is_what_runs(name: str, smartcut: Run, tmp_path: Path) -> None:
    """The example of each verb: its YAML has no mistakes, and the same stages."""
    verb = VERBS[name]
    arguments = shlex.split(verb.example)
    for item in arguments:
        if "." in item and not item[0].isdigit() and "%" not in item:
            (tmp_path / item).touch()
    code, yaml, err = smartcut(name, *arguments, "--show")
    assert code == 0, err
    shown = sc.Pipeline.from_text(yaml)
    typed = typed_example(verb)
    files = [Path(file) for file in typed.files]
    assert len(shown.inputs) == len(inputs_of(verb, files))
    steps = steps_of(asked(verb, typed.values, typed.start, typed.end, files))
    assert [s.stage for s in steps] == [s.stage for s in shown.steps]


@pytest.mark.parametrize("name", [*VERBS, "chroma-key", *modules(EFFECTS)])
def test_every_option_is_a_parameter_with_its_words(name: str) -> None:
    verb = verb_of(name)
    assert verb is not None
    assert verb.wish in WISHES
    options = options_of(verb)
    assert len({o.name for o in options}) == len(options)
    for option in options:
        assert option.meaning or option.use.stage == "effects", option
        assert option.accepted


def test_a_stage_that_others_need_is_there_where_they_do() -> None:
    tighten = VERBS["tighten"]
    names = lambda typed: [name for name, _ in asked(tighten, typed, None, None)]  # noqa: E731
    assert names({}) == ["tighten", "render"]
    assert names({"--by": "words"}) == ["transcribe", "tighten", "render"]
    assert names({"--fillers": "true"}) == ["transcribe", "tighten", "render"]
    assert names({"--model": "base"}) == ["transcribe", "tighten", "render"]
    assert names({"--by": "no such"}) == ["tighten", "render"]


def test_a_stage_that_cannot_stand_alone_is_no_command() -> None:
    assert verb_of("subtitles") is None
    assert verb_of("shots") is None
    assert verb_of("render") is None


def test_speed(smartcut: Run, video: Path) -> None:
    code, out, err = smartcut("speed", video, "--factor", "2", "--start", "0.4", "--end", "1.4")
    assert code == 0, err
    assert "wrote" in out
    assert numbers("a.speed.mp4") == list(range(12, 42, 2))


def test_reverse_and_names_that_are_in_use(smartcut: Run, video: Path) -> None:
    kept = Path("a.reverse.mp4")
    kept.write_text("mine")
    code, out, err = smartcut("reverse", video, "--end", "10f")
    assert code == 0, err
    assert kept.read_text() == "mine"
    assert "a.reverse-2.mp4" in out
    assert numbers("a.reverse-2.mp4") == list(range(9, -1, -1))


def test_a_file_that_is_named_and_exists_is_replaced_and_that_is_said(
    smartcut: Run, video: Path
) -> None:
    Path("out.mp4").write_text("old")
    code, _, err = smartcut("join", video, "--end", "0.2", "-o", "out.mp4")
    assert code == 0
    assert "out.mp4 was there before, and is replaced" in err
    assert numbers("out.mp4") == list(range(6))


def test_join_with_and_without_a_transition(smartcut: Run, video: Path) -> None:
    assert smartcut("join", video, video, "-o", "b.mp4")[0] == 0
    assert numbers("b.mp4") == [*range(60), *range(60)]
    assert smartcut("join", video, video, "--kind", "dissolve", "-o", "c.mp4")[0] == 0
    assert probe(Path("c.mp4")).duration == pytest.approx(3.5, abs=0.05)


def test_crop_and_rotate_change_the_size(smartcut: Run, video: Path) -> None:
    assert smartcut("crop", video, "--left", "0.25", "--end", "0.2")[0] == 0
    width, height = probe(video).video.display_size  # type: ignore[union-attr]
    made = probe(Path("a.crop.mp4")).video
    assert made is not None
    assert made.display_size == (width * 3 // 4, height)
    assert smartcut("rotate", video, "--degrees", "90", "--end", "0.2")[0] == 0
    made = probe(Path("a.rotate.mp4")).video
    assert made is not None
    assert made.display_size == (height, width)


def test_pictures_become_a_film(smartcut: Run) -> None:
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (160, 90), colour).save(f"{name}.png")
    arguments = ("--seconds", "0.4", "--size", "[64, 36]", "--move", "none")
    code, _, err = smartcut("slideshow", "a.png", "b.png", *arguments, "-o", "s.mp4")
    assert code == 0, err
    made = sc.open("s.mp4")
    assert probe(Path("s.mp4")).duration == pytest.approx(0.8, abs=0.02)
    red, blue = made.frame(0.1)[18, 32], made.frame(0.7)[18, 32]
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]
    code, _, err = smartcut("slideshow", "a.png", "--start", "1")
    assert (code, "have no --start and --end" in err) == (2, True)


def test_loudness_reaches_its_target(smartcut: Run, video: Path) -> None:
    code, _, err = smartcut("loudness", video, "--target", "-20", "-o", "l.mp4")
    assert code == 0, err
    _, sound = read_sound(Path("l.mp4"))
    meter = LoudnessMeter(48_000, 1)
    meter.add(np.atleast_2d(sound).astype(np.float32))
    assert meter.integrated == pytest.approx(-20, abs=0.5)


def test_sound_pictures_and_animations_come_out(smartcut: Run, video: Path) -> None:
    code, _, err = smartcut("audio", video)
    assert code == 0, err
    sound = probe(Path("a.audio.m4a"))
    assert (sound.video, float(sound.duration)) == (None, pytest.approx(2, abs=0.05))
    assert smartcut("audio", video, "--start", "1", "-o", "a.wav")[0] == 0
    assert probe(Path("a.wav")).duration == pytest.approx(1, abs=0.01)
    assert smartcut("speed", "a.wav", "--factor", "2")[0] == 0
    assert probe(Path("a.speed.wav")).duration == pytest.approx(0.5, abs=0.01)
    assert smartcut("gif", video, "--start", "1", "--fps", "10")[0] == 0
    assert numbers("a.gif.gif") == list(range(30, 60, 3))
    assert smartcut("frames", video, "--every", "0.5s")[0] == 0
    assert sorted(p.name for p in Path().glob("*.png")) == [
        f"a.frames-0000{i}.png" for i in range(1, 5)
    ]
    assert beside(VERBS["frames"], video).name == "a.frames-2-%05d.png"


def test_an_effect_is_a_command_for_nothing(smartcut: Run, video: Path) -> None:
    code, out, _ = smartcut("zoom", video, "--scale", "{0s: 1, 1s: 2}", "--show")
    assert code == 0
    assert "scale: {0s: 1, 1s: 2}" in out
    code, out, err = smartcut("zoom", video, "--scale", "2", "--end", "0.2", "--dry")
    assert code == 0, err
    assert "effects: zoom" in out
    assert not Path("a.zoom.mp4").exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("silence", "tighten"),
        ("logo", "overlay"),
        ("pip", "overlay"),
        ("subs", "captions"),
        ("speedup", "speed"),
        ("concat", "join"),
        ("normalize", "loudness"),
        ("greenscreen", "chroma_key"),
        ("trimm", "trim"),
    ],
)
def test_names_that_people_type_lead_there(typed: str, meant: str, smartcut: Run) -> None:
    code, _, err = smartcut(typed, "a.mp4")
    assert code == 2
    assert f"did you mean {meant!r}?" in err
    if meant in stage_modules():
        with pytest.raises(AttributeError, match=f"did you mean '{meant}'"):
            getattr(sc, typed)
        with pytest.raises(sc.SmartcutError, match=f"did you mean '{meant}'"):
            sc.Pipeline.from_text(f"stages: [{typed}]")


def test_a_stage_that_is_no_command_says_so(smartcut: Run) -> None:
    code, _, err = smartcut("highlights", "a.mp4")
    assert code == 2
    assert "'highlights' is a stage of pipelines, not a command" in err


def test_names_lead_to_what_is_there_and_not_to_themselves() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    codecs = choices(type_of(find_stage("render").model_fields["codec"]))
    there = {*commands, *stage_modules(), *codecs, "parts"}
    assert set(CALLED) <= there
    for name, others in CALLED.items():
        assert name not in others.split()


def test_mistakes_are_told_in_the_words_of_the_stage(smartcut: Run, video: Path) -> None:
    code, _, err = smartcut("speed", video, "--factor", "0", "--crf", "99")
    assert code == 2
    assert "`speed`: factor: 0 is no speed" in err
    assert "`render`: crf: 99 is not accepted" in err
    code, _, err = smartcut("speed", video)
    assert code == 2
    assert "--factor" in err


def test_a_file_that_is_not_there_is_named(smartcut: Run) -> None:
    code, _, err = smartcut("speed", "gone.mp4", "--factor", "2")
    assert code != 0
    assert "gone.mp4" in err
    assert "Traceback" not in err


def test_a_run_that_writes_nothing_says_how_to_write(smartcut: Run, video: Path) -> None:
    Path("short.yaml").write_text("stages: [trim: {end: 0.2}]\n")
    code, _, err = smartcut("run", "short.yaml", video)
    assert code == 0
    assert "nothing was written: give -o OUT.mp4, or end the pipeline in `- render`" in err
    code, out, err = smartcut("run", "short.yaml", video, "-o", "b.mp4")
    assert code == 0, err
    assert "`render` with its defaults is added" in out
    assert numbers("b.mp4") == list(range(6))


def test_names_beside_the_input(tmp_path: Path) -> None:
    verb = VERBS["speed"]
    assert beside(verb, tmp_path / "talk.MKV").name == "talk.speed.MKV"
    assert beside(verb, tmp_path / "talk.avi").name == "talk.speed.mp4"
    assert beside(verb, tmp_path / "talk.aiff").name == "talk.speed.m4a"
    assert beside(verb, tmp_path / "photo.png").name == "photo.speed.mp4"
    assert beside(VERBS["shorts"], tmp_path / "talk.mkv").name == "talk.shorts-{n}.mkv"
    assert beside(VERBS["shorts"], tmp_path / "talk.mp3").name == "talk.shorts-{n}.mp3"
    assert beside(VERBS["audio"], tmp_path / "talk.avi").name == "talk.audio.m4a"


@pytest.mark.parametrize(
    ("arguments", "stages"),
    [
        (["cut", "a.mp4", "0-1", "30f-45f"], ["trim", "render"]),
        (["cut", "a.mp4", "0-1", "--tracks", "0", "--mode", "encode"], ["trim", "audio", "render"]),
        (["shots", "a.mp4", "--detector", "content"], ["shots"]),
        (["score", "a.mp4", "a boat", "a ball"], ["relevance"]),
        (["transcribe", "a.mp4", "--language", "en"], ["transcribe"]),
        (["chapters", "a.mp4", "--count", "3"], ["transcribe", "chapters"]),
    ],
    ids=lambda value: value[0],
)
def test_commands_with_arguments_of_their_own_are_pipelines_too(
    arguments: list[str], stages: list[str], smartcut: Run, video: Path
) -> None:
    code, shown, err = smartcut(*arguments, "--show")
    assert code == 0, err
    pipeline = sc.Pipeline.from_text(shown)
    assert [step.stage.name for step in pipeline.steps] == stages
    code, planned, err = smartcut(*arguments, "--dry")
    assert code == 0, err
    assert (
        planned == pipeline.plan(output="a.cut.mp4" if "render" in stages else None).text() + "\n"
    )
    assert [path.name for path in Path().iterdir()] == ["a.mp4"]


def test_a_cut_without_a_name_lies_beside_its_input(smartcut: Run, video: Path) -> None:
    code, out, err = smartcut("cut", video, "30f-45f")
    assert code == 0, err
    assert "wrote" in out
    assert numbers("a.cut.mp4") == list(range(30, 45))


def test_a_run_can_be_planned_first(smartcut: Run, video: Path) -> None:
    Path("p.yaml").write_text("stages: [trim: {end: 0.2}, render]\n")
    code, out, err = smartcut("run", "p.yaml", video, "-o", "b.mp4", "--dry")
    assert code == 0, err
    assert "the cut: 1 segments, 00:00:00.200" in out
    assert not Path("b.mp4").exists()
    code, out, err = smartcut("export", "p.yaml", video, "-o", "b.otio", "--dry")
    assert code == 0, err
    assert "b.otio" in out
    assert "nothing to decode or encode" in out
    assert not Path("b.otio").exists()
