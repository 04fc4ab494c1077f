"""`transcribe` hears the sound track in which somebody speaks, or says that nobody does."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import smartcut as sc
from smartcut.annotation import Sentence, Transcript
from smartcut.cli import app
from smartcut.models import speech
from smartcut.stages.transcribe import Speech
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range
from tests.builders.tracks import check_tones, write_tracks

#: Hz of the tone that stands for speech.
SPEECH = 700


@pytest.fixture
def tones_as_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recogniser that takes a tone for a sentence."""

    def recognise(sound: np.ndarray, *_: Any) -> Transcript:
        time = np.arange(len(sound)) / 16_000
        level = abs(np.mean(sound * np.exp(-2j * np.pi * SPEECH * time))) if len(sound) else 0
        found = Sentence(Range(F(0), F(1)), "spoken") if level > 0.01 else None
        return Transcript("en", (found,) if found else ())

    monkeypatch.setattr(speech, "recognise", recognise)
    monkeypatch.setattr(Speech, "model", lambda self, context: None)


def transcript(cut: sc.Cut, place: int = 0) -> Transcript:
    found = cut.data(Transcript, "transcript", cut.sources[place].id)
    assert found is not None
    return found


@pytest.mark.usefixtures("tones_as_speech")
@pytest.mark.parametrize(("first", "why"), [(0, "is silent"), (500, "has no speech")])
def test_the_track_with_speech_is_taken_and_told(first: int, why: str, tmp_path: Path) -> None:
    told = ("-metadata:s:a:2", "title=Mic")
    path = write_tracks(
        tmp_path / "obs.mkv", [[first], [600], [SPEECH]], *told, codec="flac", seconds=1
    )
    steps = sc.open(path) | sc.transcribe()
    for _ in range(2):  # also from the cache
        cut = steps.cut()
        assert [s.text for s in transcript(cut).sentences] == ["spoken"]
        assert transcript(cut).stream == 3
        assert len(cut.notes) == 1
        assert f"sound track 0 of obs {why}: the speech is that of track 2 (Mic)" in cut.notes[0]
        assert "`inputs: [{path: obs.mkv, audio: 2}]`" in cut.notes[0]
    assert (sc.open(path, audio=2) | sc.transcribe()).cut().notes == ()


@pytest.mark.usefixtures("tones_as_speech")
def test_where_another_track_was_chosen_it_alone_is_heard(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[SPEECH], [600]], codec="flac", seconds=1)
    cut = (sc.open(path, audio=1) | sc.transcribe()).cut()
    assert transcript(cut).sentences == ()
    assert cut.notes == ("the sound of a (sound track 1, from 0) has no speech",)


@pytest.mark.usefixtures("tones_as_speech")
def test_a_source_without_sound_among_others_is_told(tmp_path: Path) -> None:
    path, mute = tmp_path / "a.mkv", tmp_path / "mute.mp4"
    write_tracks(path, [[SPEECH]], codec="flac", seconds=1)
    write_bar_coded(mute, frames=15, audio=None)
    cut = (sc.open(path, mute) | sc.transcribe()).cut()
    assert len(transcript(cut).sentences) == 1
    assert cut.notes == ("mute has no sound: there is no speech in it to write down",)


@pytest.mark.usefixtures("tones_as_speech")
def test_the_command_refuses_a_file_without_sound_and_takes_a_track(tmp_path: Path) -> None:
    path, mute = tmp_path / "a.mkv", tmp_path / "mute.mp4"
    write_tracks(path, [[600], [SPEECH]], codec="flac", seconds=1)
    write_bar_coded(mute, frames=15, audio=None)
    done = CliRunner().invoke(app, ["transcribe", str(mute)])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "has no sound" in str(done.exception)
    done = CliRunner().invoke(app, ["transcribe", str(path), "--audio", "1"])
    assert (done.exit_code, done.stdout) == (0, "spoken\n")
    assert "note" not in done.stderr
    done = CliRunner().invoke(app, ["transcribe", str(path)])
    assert (done.exit_code, done.stdout) == (0, "spoken\n")
    assert "note: sound track 0 of a has no speech" in done.stderr


def test_the_command_cuts_with_the_tracks_asked_for(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    write_tracks(path, [[500], [600], [700]], codec="flac", seconds=2)
    done = CliRunner().invoke(app, ["cut", str(path), "0-1", "-o", str(out), "--tracks", "2,0"])
    assert done.exit_code == 0
    check_tones(out, [[700], [500]], 0.5)
