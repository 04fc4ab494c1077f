"""Styles are learned from films that the stages themselves made, by the command and in Python."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from benchmarks.conform_material import Filmed, write_filmed
from tests.builders.commands import done_command

MARGIN, MIN_CUT = (0.22, 0.34), 0.3


def write_tones(path: Path, seed: int, seconds: float = 45.0) -> None:
    """Tones with pauses of 0.2 to 1.6 s, over hardly any noise."""
    random, rate, at = np.random.default_rng(seed), 16000, 0.4
    sound = random.normal(0, 1e-4, int(seconds * rate))
    while at < seconds - 2:
        lasts = random.uniform(0.3, 0.9)
        times = np.arange(int(lasts * rate)) / rate
        first = int(at * rate)
        sound[first : first + len(times)] += 0.4 * np.sin(2 * np.pi * 440 * times)
        at += lasts + random.uniform(0.2, 1.6)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three pipelines in one style, each of a recording of its own."""
    folder = tmp_path_factory.mktemp("films")
    for seed in range(3):
        write_tones(folder / f"talk{seed}.wav", seed)
        (folder / f"film{seed}.yaml").write_text(
            f"inputs: [talk{seed}.wav]\nstages:\n"
            f"  - tighten: {{margin: [{MARGIN[0]}s, {MARGIN[1]}s], min_cut: {MIN_CUT}s}}\n"
        )
    return sorted(folder.glob("film*.yaml"))


@pytest.mark.slow
def test_the_settings_of_pipelines_are_learned_from_their_cuts(
    pipelines: list[Path], tmp_path: Path
) -> None:
    style = tmp_path / "style.yaml"
    done = done_command("learn", *pipelines, "-o", style)
    assert done.returncode == 0, done.stderr
    assert f"wrote {style}" in done.stdout
    found = sc.learn(pipelines).learned
    assert found.basis == "voice"
    silences = found.silences
    assert silences is not None
    assert silences.min_cut is not None
    planted = zip(
        (silences.before, silences.after, silences.min_cut), (*MARGIN, MIN_CUT), strict=True
    )
    for estimate, value in planted:
        assert estimate.low - 0.001 <= value <= estimate.high + 0.001, (estimate, value)
    # The pipeline cuts another recording as the style does.
    other = tmp_path / "other.wav"
    write_tones(other, 9)
    asked = sc.open(other) | sc.tighten(margin=MARGIN, min_cut=MIN_CUT)
    again = sc.open(other) | sc.Pipeline.from_yaml(style).unwritten().steps[0].stage
    one, two = asked.cut().segments, again.cut().segments
    assert abs(len(one) - len(two)) <= 1
    if len(one) == len(two):
        for a, b in zip(one, two, strict=True):
            assert abs(float(a.range.start - b.range.start)) < 0.02


@pytest.mark.slow
def test_finished_films_are_conformed_first(tmp_path: Path) -> None:
    """Films alone, without manifests: their cuts are found in the originals."""
    rushes, films = tmp_path / "rushes", []
    rushes.mkdir()
    for number in range(2):
        write_filmed(tmp_path / "seen.mp4", Filmed(24, 70 + number, (160, 90)))
        write_tones(tmp_path / "heard.wav", number, 24.0)
        original = rushes / f"talk{number}.mp4"
        seen, heard = tmp_path / "seen.mp4", tmp_path / "heard.wav"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", seen, "-i", heard]
        command += ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", original]
        subprocess.run(command, check=True)
        film = tmp_path / f"film{number}.mp4"
        asked = sc.tighten(margin=MARGIN, min_cut=MIN_CUT, copy_slack=0)
        (sc.open(original) | asked).render(film, mode="encode", preset="ultrafast")
        film.with_suffix(".manifest.json").unlink()
        films.append(film)
    silences = sc.learn(films, sources=rushes).learned.silences
    assert silences is not None
    assert silences.before.low - 0.001 <= MARGIN[0] <= silences.before.high + 0.001
    assert silences.after.low - 0.001 <= MARGIN[1] <= silences.after.high + 0.001


def test_one_film_is_refused_by_the_command(tmp_path: Path) -> None:
    write_tones(tmp_path / "talk.wav", 1, 12.0)
    film = tmp_path / "film.yaml"
    film.write_text(
        "inputs: [talk.wav]\nstages:\n  - trim: {ranges: [0-2, 3-5, 6-7, 8-9, 10-11]}\n"
    )
    style = tmp_path / "style.yaml"
    done = done_command("learn", film, "-o", style)
    assert done.returncode == 1
    assert "film.yaml alone, with 4 cuts, tells no style" in done.stderr
    assert not style.exists()
    done = done_command("learn", film, "-o", tmp_path / "style.json")
    assert done.returncode == 2
    assert "a style is written as a pipeline" in done.stderr


def test_words_of_a_source_that_no_film_shows_are_refused(tmp_path: Path) -> None:
    write_tones(tmp_path / "talk.wav", 1, 6.0)
    pipeline = sc.open(tmp_path / "talk.wav") | sc.trim(ranges=["0-2", "3-5"])
    with pytest.raises(sc.SmartcutError, match="given of 'tolk' .* no film shows; sources: talk"):
        sc.learn([pipeline.cut()] * 2, words={"tolk": tmp_path / "talk.srt"})
