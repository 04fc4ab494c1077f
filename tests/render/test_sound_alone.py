"""Files of sound alone: to the sample, copied where nothing is touched, with what else fits in."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.audio import samples
from smartcut.media.containers import CONTAINERS
from smartcut.media.probe import probe
from smartcut.report.inspect import inspect
from smartcut.testing import write_bar_coded
from tests.builders.tracks import write_tracks

ALONE = [row.suffix for row in CONTAINERS.values() if row.alone == "sound"]
LOSSLESS = (".wav", ".flac")


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "a.mp4"
    write_bar_coded(path, frames=90, size=(160, 90))
    return path


def decoded(path: Path) -> np.ndarray:
    """int16 of all samples, as FFmpeg's program plays them."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    command += ["-vn", "-f", "s16le", "-ac", "1", "-ar", "48000", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<i2")


def own(path: Path) -> np.ndarray:
    source = probe(path)
    return np.concatenate(list(samples(source, 48_000, "mono", F(0), source.duration)), axis=1)[0]


def first_beep(values: np.ndarray) -> int:
    """The sample at which a beep begins in sound that is quiet before it."""
    return int(np.flatnonzero(np.abs(values) > np.abs(values).max() / 4)[0])


def how(out: Path) -> str:
    told = json.loads(out.with_name(f"{out.stem}.manifest.json").read_text())
    return str(told["settings"]["sounds"][0]["how"])


@pytest.mark.parametrize("suffix", ALONE)
def test_a_film_gives_its_sound_to_the_sample(suffix: str, talk: Path, tmp_path: Path) -> None:
    out = tmp_path / f"o{suffix}"
    result = (sc.open(talk) | sc.trim(start="0.4", end="2.7")).render(out)
    assert f"the picture is left out: {suffix} holds sound alone" in result.notes
    assert not any("(default) cannot be said" in note for note in result.notes)
    with av.open(str(out)) as container:
        assert not container.streams.video
        assert container.format.name.split(",")[0] in ("mov", CONTAINERS[suffix].muxer, "ogg") or (
            suffix == ".mka"
        )
    assert abs(first_beep(decoded(out)) - 28_800) < 48
    if suffix != ".mka" and how(out) == "encode":  # Matroska counts in milliseconds
        assert len(decoded(out)) == 110_400
    if suffix in LOSSLESS:
        expected = own(talk)[19_200:129_600]
        assert np.abs(own(out)[1000:-1000] - expected[1000:-1000]).max() < 2 / 32768


@pytest.mark.parametrize(
    ("audio", "first", "second"),
    [
        ("aac", ".mp4", ".m4a"),
        ("libopus", ".webm", ".opus"),
        ("libopus", ".webm", ".ogg"),
        ("libmp3lame", ".mp4", ".mp3"),
        ("flac", ".mkv", ".flac"),
    ],
)
def test_sound_that_fits_is_copied_there_and_on(
    audio: str, first: str, second: str, tmp_path: Path
) -> None:
    film, song, again = (tmp_path / f"{name}" for name in (f"a{first}", f"b{second}", f"c{second}"))
    video: dict[str, Any] = {}
    if first == ".webm":
        video = {"encoder": "libvpx-vp9", "options": {"cpu-used": "8", "b": "300k"}}
    write_bar_coded(film, frames=45, size=(160, 90), audio=audio, **video)
    for before, after in ((film, song), (song, again)):
        sc.open(before).render(after)
        assert how(after) == "copy"
        one, other = own(before), own(after)
        count = min(len(one), len(other))
        assert count >= len(one) - 64  # Matroska rounds to milliseconds
        assert np.array_equal(one[:count], other[:count])
    one, other = decoded(song), decoded(again)
    assert np.array_equal(one, other[: len(one)])


def test_mp3_says_where_it_begins_and_ends(talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp3"
    (sc.open(talk) | sc.trim(end="1.9")).render(out)
    heard, expected = decoded(out) / 32768, own(talk)[:91_200]
    assert len(heard) == 91_200
    assert np.abs(heard[40_000:60_000] - expected[40_000:60_000]).mean() < 0.01


def test_a_song_keeps_its_cover_and_what_it_says_of_itself(tmp_path: Path) -> None:
    wave, cover, song = (tmp_path / name for name in ("a.wav", "c.png", "a.flac"))
    write_tracks(tmp_path / "a.mkv", [[500]], codec="flac", seconds=1)
    sc.open(tmp_path / "a.mkv").render(wave)
    Image.new("RGB", (64, 64), "#c02020").save(cover)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(wave), "-i", str(cover)]
    command += ["-map", "0", "-map", "1", "-metadata", "title=A song", "-disposition:v"]
    subprocess.run([*command, "attached_pic", str(song)], check=True)
    for suffix in (".mp3", ".m4a", ".flac"):
        out = tmp_path / f"o{suffix}"
        result = sc.open(song).render(out)
        assert not any("left out" in note for note in result.notes)
        with av.open(str(out)) as container:
            (picture,) = container.streams.video
            assert (picture.width, picture.height) == (64, 64)
            assert picture.disposition & Disposition.attached_pic
            assert container.metadata.get("title") == "A song"
    result = sc.open(song).render(tmp_path / "o.wav")
    assert any("its cover" in note and "left out" in note for note in result.notes)


def test_tracks_that_do_not_fit_are_noted(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], seconds=1)
    result = sc.open(path).render(tmp_path / "o.mp3")
    assert any(".mp3 holds 1; write .m4a or .mka to keep all" in note for note in result.notes)
    assert len(probe(tmp_path / "o.mp3").sounds) == 1
    sc.open(path).render(tmp_path / "o.m4a")
    assert len(probe(tmp_path / "o.m4a").sounds) == 2


def test_nothing_to_hear_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=10, audio=None)
    with pytest.raises(RenderError, match=r"plays no sound, and \.mp3 holds sound alone"):
        sc.open(path).render(tmp_path / "o.mp3")


@pytest.mark.parametrize("suffix", [s for s in ALONE if s != ".mka"])
def test_what_was_generated_is_told_by_the_file(suffix: str, talk: Path, tmp_path: Path) -> None:
    out = tmp_path / f"o{suffix}"
    (sc.open(talk) | sc.trim(end="1") | sc.score(mood="calm")).render(out)
    found = inspect(out)
    assert not found.findings
    assert [(i.kind, i.media) for i in found.made] == [("score", "sound")]


def test_subtitles_and_chapters_without_a_place_are_noted(tmp_path: Path) -> None:
    script, path = tmp_path / "meta.txt", tmp_path / "a.mkv"
    write_tracks(tmp_path / "b.mkv", [[500]], seconds=2)
    words = tmp_path / "w.srt"
    words.write_text("1\n00:00:00,200 --> 00:00:01,000\nHello\n")
    script.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Two\n"
    )
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(tmp_path / "b.mkv")]
    command += ["-i", str(words), "-i", str(script), "-map", "0", "-map", "1", "-map_metadata", "2"]
    subprocess.run([*command, "-c:v", "copy", "-c:a", "copy", str(path)], check=True)
    result = sc.open(path).render(tmp_path / "o.wav")
    assert any("its subtitles are left out: .wav has none" in note for note in result.notes)
    assert any("its chapters are left out; write .m4a or" in note for note in result.notes)
    sc.open(path).render(tmp_path / "o.mp3")
    assert [c.title for c in probe(tmp_path / "o.mp3").chapters] == ["One", "Two"]
