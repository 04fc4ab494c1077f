"""Recordings of one event: aligned by their sound, drift and all, and switched."""

from __future__ import annotations

import subprocess
import wave
from fractions import Fraction as F
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import StageError
from smartcut.media.alignment import Recording, align
from smartcut.media.audio import samples
from smartcut.media.probe import probe
from smartcut.stages._switching import STEP, by_loudness, runs
from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.recordings import RATE, event, recorded


def recording(values: np.ndarray) -> Recording:
    def heard(start: float, end: float) -> np.ndarray:
        first, last = round(start * RATE), round(end * RATE)
        inside = values[max(first, 0) : max(last, 0)]
        before = min(max(-first, 0), last - first)
        return np.pad(inside, (before, last - first - before - len(inside)))

    return Recording(heard, len(values) / RATE)


def worst(offset: float, drift: float, seconds: float, snr: float) -> float:
    """Seconds by which two recordings are aligned wrongly, at most."""
    sound = event(seconds + abs(offset) + 2, seed=1)
    one = recorded(sound, 0, 0, seconds, snr, 2)
    found = align(recording(one), recording(recorded(sound, offset, drift, seconds, snr, 3)))
    assert found is not None
    times = np.linspace(0, seconds, 9)
    off = found.offset + found.drift * times - (offset + drift * times)
    return float(np.abs(off).max())


@pytest.mark.parametrize(("offset", "drift", "snr"), [
    (3.2171, 300e-6, 10), (-5.4, -200e-6, 5), (0.01, 0, 20),
])  # fmt: skip
def test_recordings_are_aligned_within_a_tenth_of_a_millisecond(
    offset: float, drift: float, snr: float
) -> None:
    assert worst(offset, drift, 40, snr) < 2e-4


@pytest.mark.slow
@pytest.mark.parametrize(("offset", "drift", "snr"), [(7.7777, 300e-6, 10), (-30.1, -300e-6, 0)])
def test_ten_minutes_stay_within_a_millisecond(offset: float, drift: float, snr: float) -> None:
    assert worst(offset, drift, 600, snr) < 1e-3


def test_what_was_not_recorded_together_is_not_aligned() -> None:
    one, other = (recorded(event(20, seed), 0, 0, 20, 20, seed) for seed in (1, 9))
    assert align(recording(one), recording(other)) is None
    assert align(recording(one), recording(other * 0)) is None


# ------------------------------------------------------------------------------- in a pipeline

OFFSET, DRIFT = 1.5, 300e-6


def write_camera(path: Path, sound: np.ndarray, first: int) -> Path:
    """A film of 25 frames a second with bar codes from a number on, and that sound."""
    bare, heard = path.with_suffix(".bare.mp4"), path.with_suffix(".wav")
    count = first + round(len(sound) / RATE * 25)
    write_bar_coded(bare, frames=count, rate=F(25), size=(160, 96), gop=25, audio=None)
    with wave.open(str(heard), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(bare), "-i", str(heard)]
    command += ["-vf", f"trim=start_frame={first},setpts=PTS-STARTPTS", "-c:v", "libx264"]
    command += ["-preset", "ultrafast", "-g", "25", "-c:a", "pcm_s16le", str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cameras; before the first stands who speaks in the first half, then the other does."""
    folder = tmp_path_factory.mktemp("multicam")
    sound = event(24, seed=4)
    half = np.arange(len(sound)) < 10 * RATE
    near, far = (sound * np.where(which, 1.0, 0.15) for which in (half, ~half))
    write_camera(folder / "left.mkv", recorded(near, 0, 0, 20, 25, 1), 0)
    write_camera(folder / "right.mkv", recorded(far, OFFSET, DRIFT, 22, 25, 2), 1000)
    return folder


def test_recordings_are_shown_in_step_and_switched_by_who_speaks(
    place: Path, tmp_path: Path
) -> None:
    pipeline = sc.open(place / "left.mkv", place / "right.mkv") | sc.multicam()
    cut = pipeline.cut()
    assert [s.source for s in cut.segments] == ["left", "right"]
    left, right = cut.segments
    assert float(left.range.end) == pytest.approx(10, abs=0.4)
    middle = float(left.duration + right.duration / 2)
    expected = OFFSET + (1 + DRIFT) * middle
    assert float(right.range.middle) == pytest.approx(expected, abs=2e-4)
    assert float(cut.duration) == pytest.approx(20, abs=0.01)
    (note,) = (n for n in cut.notes if n.startswith("multicam"))
    assert "right hears it 1.500" in note
    drift = float(note.split("drifts by ")[1].split()[0])
    assert drift == pytest.approx(DRIFT * 1e6, abs=8)
    assert "later" in note
    assert [s.sound for s in cut.segments] == ["muted", "muted"]
    pipeline.render(tmp_path / "out.mkv")
    numbers = read_bar_codes(tmp_path / "out.mkv")[0]
    change = next(i for i in range(1, len(numbers)) if numbers[i] != numbers[i - 1] + 1)
    assert numbers[change] == pytest.approx(1000 + change + OFFSET * 25, abs=1)
    one, other = probe(place / "left.mkv"), probe(tmp_path / "out.mkv")
    own, made = (
        np.concatenate([*samples(s, RATE, 1, F(1), F(19))], axis=1)[0] for s in (one, other)
    )
    assert np.abs(own - made).max() < 0.01  # the reference's sound, throughout


def test_by_hand_with_the_sound_of_what_is_shown(place: Path) -> None:
    switch = [{"at": "2s", "to": "right"}, {"at": "6s", "to": "left"}]
    pipeline = sc.open(place / "left.mkv", place / "right.mkv")
    cut = (pipeline | sc.multicam(switch=switch, sound="own")).cut()
    assert [(s.source, p.start) for s, p in cut.programme.placed()] == [
        ("left", 0), ("right", 2), ("left", 6),
    ]  # fmt: skip
    assert cut.sounds == ()
    tight = (pipeline | sc.multicam(switch=switch, sound="own", tolerance="1ms")).cut()
    speed = tight.segments[1].speed
    assert float(speed - 1) == pytest.approx(DRIFT, abs=3e-5)
    assert tight.segments[1].duration == 4
    heard = (pipeline | sc.multicam(switch=switch, sound="right")).cut().sounds[0].segments[0]
    assert heard.source == "right"
    assert float(heard.source_at(F(0))) == pytest.approx(OFFSET, abs=0.004)


def test_mistakes_are_said(place: Path, tmp_path: Path) -> None:
    both = sc.open(place / "left.mkv", place / "right.mkv")
    with pytest.raises(StageError, match="no recording 'middle'; recordings: left, right"):
        (both | sc.multicam(switch=[{"at": 1, "to": "middle"}])).cut()
    with pytest.raises(StageError, match="no recording 'wide'"):
        (both | sc.multicam(reference="wide")).cut()
    with pytest.raises(StageError, match="two recordings"):
        (sc.open(place / "left.mkv") | sc.multicam()).cut()
    write_bar_coded(tmp_path / "silent.mp4", frames=50, audio=None)
    with pytest.raises(StageError, match="silent has no sound"):
        (sc.open(place / "left.mkv", tmp_path / "silent.mp4") | sc.multicam()).cut()
    with pytest.raises(StageError, match=r"left is to be shown from 0 to .* recorded from 1\.500"):
        (both | sc.multicam(reference="right", switch=[{"at": 0, "to": "left"}])).cut()
    plan = (both | sc.multicam(reference="right")).plan(output=tmp_path / "o.mkv")
    assert any(s.stage == "multicam" and s.state in ("run", "pure") for s in plan.steps)


# ------------------------------------------------------------------------- without media: exact


def test_who_is_loudest_is_shown_and_nobody_for_too_short() -> None:
    levels = np.full((2, 100), -30.0)
    levels[0, :40] = levels[1, 60:] = -15
    levels[1, 20:25] = -10  # a short word
    levels[0, 45] = np.nan
    path = by_loudness(levels, np.ones((2, 100), np.bool_), F(2))
    shown = runs(path, ["a", "b"], F(10))
    assert [one.source for one in shown] == ["a", "b"]
    assert 4 <= shown[1].range.start <= 6
    assert shown[0].range.start == 0
    assert shown[-1].range.end == 10
    there = np.ones((2, 100), np.bool_)
    there[0, 10:30] = False
    path = by_loudness(levels, there, F(2))
    assert (path[10:30] == 1).all()
    assert F(1, 10) == STEP
