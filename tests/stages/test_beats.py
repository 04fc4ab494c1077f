"""Beats of made music, whose times are known; and cuts and effects that go to them."""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.algebra import resolved
from smartcut.annotation import Annotation, Signal
from smartcut.curve import Curve
from smartcut.cut import Anchor, Cut, Effect, Segment, Track
from smartcut.errors import PipelineError, StageError
from smartcut.media.audio import at_rate
from smartcut.media.rhythm import RATE, Rhythm, RhythmListener
from smartcut.source import AudioStream, Source
from smartcut.stages._beats import BeatTimes, effects_on_the_beat
from smartcut.stages._beats_above import above_on_the_beat
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range
from tests.builders.music import changing, played, steady


def heard(sound: np.ndarray, **asked: Any) -> Rhythm:
    mono = sound.mean(axis=0, keepdims=True)
    slow = np.concatenate([b for _, b in at_rate(iter([(0, mono)]), 48_000, RATE, 1)], axis=1)[0]
    listener = RhythmListener()
    for at in range(0, len(slow), 30_011):
        listener.add(slow[at : at + 30_011])
    return listener.finish(**asked)


def f_measure(found: np.ndarray, true: np.ndarray) -> float:
    """Of beats within 70 ms of a true one, each counted once."""
    taken: set[int] = set()
    for time in true:
        near = np.flatnonzero(np.abs(found - time) <= 0.07)
        taken |= {next((int(i) for i in near if int(i) not in taken), -1)}
    hits = len(taken - {-1})
    return 2 * hits / (len(found) + len(true))


Tempo = Callable[[float], float]


@pytest.mark.parametrize(("mood", "tempo", "swing"), [
    ("bright", steady(112), 0.5), ("tense", changing(120, 96, 40), 0.64),
    ("epic", changing(90, 110, 40), 0.64),
])  # fmt: skip
def test_beats_and_bars_with_swing_and_changes_of_tempo(
    mood: Any, tempo: Tempo, swing: float
) -> None:
    sound, true = played(mood, "A minor", 72, tempo, swing=swing)
    found = heard(sound)
    assert f_measure(found.times, true) >= 0.95
    assert f_measure(found.times[found.first], true[::4]) >= 0.9
    nearest = np.abs(found.times[:, None] - true).min(axis=1)
    signed = [float(t - true[np.abs(true - t).argmin()]) for t in found.times]
    assert abs(np.median(signed)) < 0.006
    assert np.quantile(nearest, 0.9) < 0.03


@pytest.mark.slow
def test_beats_of_many_pieces() -> None:
    scores = []
    for mood, key in (("bright", "C major"), ("epic", "E minor"), ("tense", "D minor")):
        for tempo in (steady(100), steady(128), changing(100, 128, 48), changing(128, 104, 48)):
            for swing in (0.5, 0.64):
                sound, true = played(mood, key, 96, tempo, swing=swing, seed=5)  # type: ignore[arg-type]
                scores.append(f_measure(heard(sound).times, true))
    assert min(scores) >= 0.95
    assert np.mean(scores) >= 0.97


def test_bounds_of_the_tempo_decide_between_octaves() -> None:
    sound, _ = played("epic", "A minor", 48, steady(84))
    assert heard(sound, tempo=(60, 110)).tempo == pytest.approx(84, abs=0.5)
    assert heard(sound, tempo=(120, 200)).tempo == pytest.approx(168, abs=1)


def test_silence_has_no_beats() -> None:
    assert not len(heard(np.zeros((2, 48_000 * 5), np.float32)).times)
    assert not len(heard(np.zeros((2, 100), np.float32)).times)


# ------------------------------------------------------------------------------- in a pipeline


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 20 s, and music whose tempo changes."""
    folder = tmp_path_factory.mktemp("beats")
    write_bar_coded(folder / "film.mp4", frames=500, rate=F(25), size=(160, 96), audio=None)
    sound, _ = played("bright", "C major", 48, changing(120, 100, 24))
    with wave.open(str(folder / "music.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((sound.T * 32767).astype("<i2").tobytes())
    return folder


def test_cuts_go_to_the_beats_of_music_that_changes_its_tempo(place: Path, tmp_path: Path) -> None:
    shown = "0s-3.2s", "6s-9.9s", "12s-14.8s", "15s-19s"
    pipeline = sc.open(place / "film.mp4") | sc.trim(ranges=list(shown))
    pipeline = pipeline | sc.audio(music=place / "music.wav", fade_out=0)
    true = np.array([changing(120, 100, 24)(b) for b in range(48)])
    for every in (1, 2, 4):
        cut = (pipeline | sc.beats(snap="cuts", every=every)).cut()
        joins = [float(p.start) for _, p in cut.programme.placed()][1:]
        on = true[::every]
        assert all(np.abs(on - join).min() < 0.03 for join in joins)
        assert float(cut.duration) == pytest.approx(13.9)
        assert "beats: 3 of 3 joins lie on a beat" in cut.notes
        (found,) = cut.annotations
        assert dict(found.data.summary)["tempo"] == pytest.approx(120, abs=8)  # type: ignore[union-attr]
    bars = (pipeline | sc.beats(snap="cuts", downbeats=True)).cut()
    assert bars.segments == cut.segments
    (pipeline | sc.beats(snap="cuts")).render(tmp_path / "out.mp4")
    numbers = read_bar_codes(tmp_path / "out.mp4")[0]
    changes = [i for i in range(1, len(numbers)) if numbers[i] != numbers[i - 1] + 1]
    assert all(np.abs(true - i / 25).min() < 0.05 for i in changes)


def test_a_plan_says_that_beats_are_to_be_found(place: Path, tmp_path: Path) -> None:
    pipeline = sc.open(place / "film.mp4") | sc.audio(music=place / "music.wav")
    plan = (pipeline | sc.beats(metre=3)).plan(output=tmp_path / "o.mp4")
    assert any(s.stage == "beats" and s.state == "run" for s in plan.steps)


def test_mistakes_are_said(place: Path) -> None:
    with pytest.raises(StageError, match="no sound of 'any source'"):
        (sc.open(place / "film.mp4") | sc.beats()).cut()
    with pytest.raises(StageError, match="sources with sound: music"):
        (sc.open(place / "film.mp4") | sc.audio(music=place / "music.wav")
         | sc.beats(of="musik")).cut()  # fmt: skip
    with pytest.raises(PipelineError, match="give the slowest and the fastest"):
        sc.beats(tempo=(190, 160))


# ------------------------------------------------------------------------- without media: exact


def cut_of(*effects: Effect, beats: tuple[float, ...] = (), **track: Any) -> Cut:
    audio = AudioStream(0, "pcm", F(1, 48_000), 48_000, 2, "stereo", F(0), F(10))
    music = Source("m", Path("m"), "m", "wav", F(0), F(4), None, replace(audio, duration=F(4)))
    film = Source("a", Path("a"), "a", "wav", F(0), F(10), None, audio)
    programme = Track("programme", (Segment("a", Range(F(1), F(9)), F(2), effects=effects),))
    sound = Track("music", (Segment("m", Range(F(0), F(4))),), **track)
    signal = Signal(
        F(1, 10), tuple(round(b * 10) for b in beats), ("strength",),
        (tuple(1.0 if i % 4 == 1 else 0.5 for i in range(len(beats))),),
    )  # fmt: skip
    cut = Cut((film, music), (programme, sound))
    return cut.with_annotation(Annotation("beats", "m", signal))


def test_effects_and_their_keys_go_to_beats_in_source_time() -> None:
    zoom = Effect(
        "zoom", (("scale", Curve.of((F(14, 10), 1), (F(5), 2))),), Range(F(22, 10), F(62, 10))
    )
    moved, count = effects_on_the_beat(cut_of(zoom), BeatTimes((F(0), F(1), F(2), F(3), F(4))))
    (effect,) = moved.segments[0].effects
    # at twice the speed, the timeline's 0, 1, 2 and 3 s show 1, 3, 5 and 7 s
    assert effect.during == Range(F(3), F(7))
    assert [key.at for key in effect.params[0][1].keys] == [F(1), F(5)]  # type: ignore[union-attr]
    assert count == 4


def test_overlays_and_titles_come_and_go_on_beats(place: Path, tmp_path: Path) -> None:
    Image.new("RGB", (40, 20), "#ff0000").save(tmp_path / "logo.png")
    film = sc.open(place / "film.mp4") | sc.trim(ranges=["2s-12s"])
    film = film | sc.title(text="Hello", at="1.2s", duration="2.1s")
    film = film | sc.overlay(file=tmp_path / "logo.png", of="film", at="7.3s", duration="1.1s")
    moved, count = above_on_the_beat(film.cut(), BeatTimes(tuple(F(n) for n in range(11))))
    shown = {
        track.role: [(s.at, s.at + s.duration) for s in track.segments]  # type: ignore[operator]
        for track in resolved(moved).tracks[1:]
        if track.segments
    }
    assert list(shown.values()) == [[(1, F(31, 10))], [(5, 6)]]
    assert count == 3
    # The overlay is still connected to the film: what is cut before it takes it along.
    (overlay,) = next(t for t in moved.tracks[1:] if t.segments and t.role != "titles").segments
    assert overlay.at == Anchor("film", F(7))
    assert above_on_the_beat(moved, BeatTimes((F(1), F(5), F(6))))[0] == moved


def test_which_beats_count_and_where_they_are_heard() -> None:
    from smartcut.stages.beats import Beats

    cut = cut_of(beats=(0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5))
    music = cut.source("m")

    def times(**given: Any) -> list[float]:
        return [float(t) for t in Beats(**given)._times(cut, (music,))]

    assert times() == [0.5, 1, 1.5, 2, 2.5, 3, 3.5]  # the film lasts four seconds
    assert times(every=2) == [1, 2, 3]
    assert times(downbeats=True) == times(every=4) == [1, 3]
