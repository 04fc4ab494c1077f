"""Files without a command: what is proposed can be run as printed, and in a terminal is chosen."""

from __future__ import annotations

import dataclasses
import io
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from PIL import Image

from smartcut.cli import app
from smartcut.report.proposals import Kind, Proposal, given, proposals
from smartcut.testing import write_bar_coded
from tests.builders.commands import run_command

SAMPLES = Path(__file__).parents[2] / "sample_media"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of each kind."""
    folder = tmp_path_factory.mktemp("kinds")
    write_bar_coded(folder / "a film.mp4", frames=60, size=(160, 90))
    write_bar_coded(folder / "b.mp4", frames=30, size=(160, 90))
    shutil.copy(SAMPLES / "music.m4a", folder)
    Image.new("RGB", (40, 30), "red").save(folder / "logo.png")
    (folder / "reel.yaml").write_text("stages: [trim: {end: 1s}]\n")
    (folder / "cut.otio").touch()
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path) -> Run:
    monkeypatch.chdir(place)

    def started(*arguments: str, answer: str | None = None) -> tuple[int, str, str]:
        typed = io.StringIO(answer or "")
        monkeypatch.setattr(typed, "isatty", lambda: answer is not None)
        monkeypatch.setattr(sys, "stdin", typed)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: answer is not None, raising=False)
        return run_command(monkeypatch, capsys, *arguments)

    return started


Run = Callable[..., tuple[int, str, str]]

SETS = {
    Kind.FILM: ["a film.mp4"],
    Kind.SOUND: ["music.m4a"],
    Kind.PICTURE: ["logo.png"],
    Kind.PIPELINE: ["reel.yaml"],
    Kind.TIMELINE: ["cut.otio"],
    Kind.FOLDER: ["."],
}


@pytest.mark.parametrize(
    "names",
    [
        *SETS.values(),
        ["a film.mp4", "b.mp4"],
        ["a film.mp4", "logo.png"],
        ["logo.png", "logo.png"],
        ["a film.mp4", "music.m4a"],
        ["b.mp4", "reel.yaml"],
    ],
    ids=" and ".join,
)
def test_what_is_proposed_is_a_command(
    names: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    found = proposals([given(Path(name)) for name in names])
    assert found
    assert len({one.wish for one in found}) == len(found)
    for one in found:
        _parsed(one)


def _parsed(one: Proposal) -> None:
    """Raises where the command line does not take the proposal."""
    words = shlex.split(one.command)
    assert words[0] == "smartcut"
    command, context, rest = typer.main.get_command(app), None, words[1:]
    while hasattr(command, "resolve_command"):
        context = command.make_context("smartcut", [], parent=context, resilient_parsing=True)
        name, command, rest = command.resolve_command(context, rest)
        assert name in one.arguments
    command.make_context(name, list(rest), parent=context)


def test_kinds_of_files_are_told_apart(place: Path) -> None:
    for kind, (name,) in SETS.items():
        assert given(place / name).kind is kind
    assert given(SAMPLES / "scan").kind is Kind.FOLDER


def test_a_long_talk_has_clips_and_chapters_proposed(place: Path) -> None:
    short = given(place / "a film.mp4")
    assert {"shorts", "chapters"}.isdisjoint(p.arguments[0] for p in proposals([short]))
    assert short.source is not None
    long = dataclasses.replace(short, source=dataclasses.replace(short.source, duration=600))
    assert {"shorts", "chapters"} <= {p.arguments[0] for p in proposals([long])}


def test_without_a_terminal_it_is_a_mistake_that_names_the_commands(run: Run) -> None:
    code, out, err = run("a film.mp4")
    assert (code, out) == (2, "")
    assert "no command was given; a film.mp4: film, 160x90, 30 frames a second" in err
    assert "smartcut tighten 'a film.mp4' " in err
    assert "smartcut --help" in err


def test_in_a_terminal_what_is_chosen_is_done(run: Run) -> None:
    code, out, _ = run("a film.mp4", answer="\n")
    assert code == 0
    assert "  1  take the silence out " in out
    number = next(line.split()[0] for line in out.splitlines() if "say what is in it" in line)
    code, out, err = run("a film.mp4", answer=f"99\n{number}\n")
    assert code == 0, err
    assert out.count(f"Which, 1 to {number}?") == 2
    assert "smartcut probe 'a film.mp4'\na film.mp4: mov" in out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a flim.mp4", "there is no file a flim.mp4; did you mean a film.mp4?"),
        ("B.MP4", "there is no file B.MP4; did you mean b.mp4?"),
        ("no/talk.mp4", "there is no file no/talk.mp4: there is no folder no"),
        ("zzzz.mov", "there is no file zzzz.mov"),
    ],
)
def test_a_file_that_is_not_there_leads_to_one_that_is(typed: str, said: str, run: Run) -> None:
    code, _, err = run(typed)
    assert code == 2
    assert err.strip() == f"error: {said}"


def test_names_outside_of_the_allowed_folders_are_not_told(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTCUT_ROOTS", str(place / "elsewhere"))
    assert run("a flim.mp4")[2].strip() == "error: there is no file a flim.mp4"
