"""All sound tracks of the sources are known, and go where the pictures go."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media import mux
from smartcut.media.audio import samples
from smartcut.media.containers import CONTAINERS
from smartcut.media.probe import SOUND_ROLES, probe
from smartcut.report.tables import source_text
from smartcut.source import AudioStream
from smartcut.timebase import Range
from tests.builders.tracks import RATE, check_tones, heard_tracks, level, write_tracks

TOLD = (
    "-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=Desktop",
    "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Mic",
    "-disposition:a:0", "default", "-disposition:a:1", "0", "-disposition:a:2", "comment",
)  # fmt: skip


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.mov"])
def test_the_probe_tells_of_all_tracks(name: str, tmp_path: Path) -> None:
    late = ("-output_ts_offset", "1")
    path = write_tracks(
        tmp_path / name, [[500], [600, 700], [800]], *TOLD, *late, codec="aac", seconds=2
    )
    one, two, three = heard_tracks(path)
    assert [s.language for s in (one, two, three)] == ["eng", "deu", None]
    assert [s.title for s in (one, two, three)] == ["Desktop", "Mic", ""]
    comment = () if name == "a.mov" else ("comment",)  # QuickTime knows no such tracks
    assert [s.roles for s in (one, two, three)] == [("default",), (), comment]
    assert [s.layout for s in (one, two, three)] == ["mono", "stereo", "mono"]
    for stream in (one, two, three):
        assert abs(stream.start) < F(1, 20)
        assert abs(stream.duration - 2) < F(1, 20)
    told = source_text(probe(path))
    assert f'also audio {two.index}: aac 48000 Hz stereo, from 0.000 s, deu, "Mic"' in told


def test_a_track_that_cannot_be_decoded_is_told(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], seconds=1)
    content = path.read_bytes()
    at = content.rindex(b"A_PCM/INT/LIT")
    path.write_bytes(content[:at] + b"A_PCM/INT/LIX" + content[at + 13 :])
    one, two = heard_tracks(path)
    assert abs(one.duration - 1) < F(1, 500)
    assert two.duration == 0
    assert "also audio 2: unknown, nothing in it can be decoded" in source_text(probe(path))


def silences(path: Path, stream: AudioStream) -> list[float]:
    """Seconds at which silence begins, to a few milliseconds."""
    source = replace(probe(path), audio=stream)
    values = np.concatenate(list(samples(source, RATE, 1, F(0), source.duration)), axis=1)[0]
    steps = np.abs(values[: len(values) // 96 * 96]).reshape(-1, 96).max(axis=1) > 0.02
    loud = np.convolve(steps, np.ones(4), "full")[: len(steps)] > 0
    return [float(i - 3) * 0.002 for i in np.flatnonzero(loud[:-1] & ~loud[1:])]


@pytest.mark.parametrize("mode", ["auto", "copy", "encode"])
@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.mov"])
def test_all_tracks_go_along_with_what_they_say(name: str, mode: str, tmp_path: Path) -> None:
    tones = [[500], [600, 700], [800]]
    path = write_tracks(tmp_path / name, tones, *TOLD, codec="aac")
    out = tmp_path / f"out-{name}"
    result = (sc.open(path) | sc.trim(start=1, end=3)).render(out, mode=mode)
    check_tones(out, tones, 0.5)
    one, two, three = heard_tracks(out)
    assert [s.language for s in (one, two, three)] == ["eng", "deu", None]
    assert [s.title for s in (one, two, three)] == ["Desktop", "Mic", ""]
    comment = () if name == "a.mov" else ("comment",)
    assert [s.roles for s in (one, two, three)] == [("default",), (), comment]
    for stream in (one, two, three):
        assert stream.codec == "aac"
        assert abs(stream.duration - 2) < F(1, 20)
        assert all(abs(at % 1 - 0) < 0.03 or abs(at % 1 - 1) < 0.03 for at in silences(out, stream))
    told = json.loads((tmp_path / "out-a.manifest.json").read_text())["settings"]["sounds"]
    is_copied = mode == "copy" or (mode == "auto" and name != "a.mkv")
    assert {row["how"] for row in told} == {"copy" if is_copied else "encode"}
    assert bool(result.notes) == (mode == "copy" and name == "a.mkv")


@pytest.mark.parametrize(
    ("codec", "layout", "name", "kept"),
    [
        ("ac3", "5.1(side)", "o.mkv", "ac3"),
        ("ac3", "5.1(side)", "o.mp4", "ac3"),
        ("eac3", "5.1(side)", "o.mov", "eac3"),
        ("flac", "5.1", "o.mkv", "flac"),
        ("aac", "5.1", "o.mp4", "aac"),
        ("libopus", "7.1", "o.mkv", "opus"),
        ("pcm_s24le", "7.1", "o.mkv", "pcm_s24le"),
        ("pcm_s24le", "5.1", "o.mov", "pcm_s24le"),
    ],
)
def test_surround_stays_surround_in_its_own_kind_over_joins(
    codec: str, layout: str, name: str, kept: str, tmp_path: Path
) -> None:
    tones = [500, 600, 700, 80, 800, 900, 1000, 1100][: 6 if "5.1" in layout else 8]
    path = write_tracks(tmp_path / "a.mkv", [tones], codec=codec, layouts=[layout])
    result = (sc.open(path) | sc.trim(ranges=["0-1", "2-3.5"])).render(tmp_path / name)
    (stream,) = heard_tracks(tmp_path / name)
    assert stream.codec == kept
    assert stream.sample_rate == RATE
    check_tones(tmp_path / name, [tones], 1.7)
    assert result.notes == ()


@pytest.mark.parametrize(
    ("codec", "options", "name", "kept", "format", "note"),
    [
        ("pcm_s16le", (), "o.mkv", "pcm_s16le", "s16", None),
        ("pcm_s24le", (), "o.mov", "pcm_s24le", "s32", None),
        ("pcm_f32le", (), "o.mkv", "pcm_f32le", "flt", None),
        ("pcm_s24le", (), "o.mp4", "flac", "s32", "write .mov or .mkv to keep it"),
        ("flac", ("-sample_fmt", "s16"), "o.mp4", "flac", "s16", None),
        ("flac", ("-sample_fmt", "s32"), "o.mkv", "flac", "s32", None),
        ("flac", ("-sample_fmt", "s16"), "o.mov", "alac", "s16", "write .mp4 or .mkv to keep it"),
        ("alac", ("-sample_fmt", "s16p"), "o.mov", "alac", "s16", None),
        ("alac", ("-sample_fmt", "s32p"), "o.mp4", "alac", "s32", None),
    ],
)
def test_lossless_sound_stays_lossless_to_the_sample(
    codec: str,
    options: tuple[str, ...],
    name: str,
    kept: str,
    format: str,
    note: str | None,
    tmp_path: Path,
) -> None:
    before = tmp_path / ("a.mov" if codec == "alac" else "a.mkv")
    path = write_tracks(before, [[500, 600]], *options, codec=codec, rate=44_100)
    out = tmp_path / name
    result = (sc.open(path) | sc.trim(ranges=["0.5-1.5", "2-3"])).render(out)
    (stream,) = heard_tracks(out)
    assert (stream.codec, stream.sample_format, stream.sample_rate) == (kept, format, 44_100)
    assert [note in said for said in result.notes] == ([True] if note else [])
    one, two = (
        np.concatenate(list(samples(probe(p), 44_100, 2, at, at + F(1, 2))), axis=1)
        for p, at in ((path, F(9, 4)), (out, F(5, 4)))
    )
    assert np.array_equal(one, two)


def test_what_webm_cannot_hold_becomes_opus_and_is_said(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600, 700]], codec="flac", seconds=1)
    out = tmp_path / "o.webm"
    result = sc.open(path).render(out, crf=50, preset="8")
    assert [s.codec for s in heard_tracks(out)] == ["opus", "opus"]
    check_tones(out, [[500], [600, 700]], 0.5)
    assert "sound track 2: flac becomes opus: .webm does not hold flac" in " ".join(result.notes)


def test_speed_and_music_and_other_tracks(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], codec="flac")
    music = tmp_path / "music.wav"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i"]
    subprocess.run([*command, "sine=f=1500:d=5", str(music)], check=True)
    out = tmp_path / "o.mkv"
    steps = sc.open(path) | sc.trim(end=2) | sc.audio(music=music, music_gain=0)
    steps.render(out)
    one, two = heard_tracks(out)
    assert level(out, one, 1.3, 0, 1500) > 0.1
    assert level(out, two, 1.3, 0, 1500) < 0.01
    told = json.loads((tmp_path / "o.manifest.json").read_text())["settings"]["sounds"]
    assert [row["how"] for row in told] == ["encode", "encode"]
    slow = tmp_path / "slow.mkv"
    (sc.open(path) | sc.trim(end=1) | sc.interpolate(speed=0.5, engine="blend")).render(slow)
    assert all(abs(s.duration - 2) < F(1, 50) for s in heard_tracks(slow))
    for stream, hertz in zip(heard_tracks(slow), (500, 600), strict=True):
        assert level(slow, stream, 1.2, 0, hertz) > 0.8


@pytest.mark.parametrize(
    ("tracks", "kept"),
    [
        ("main", [[500]]),
        ((1,), [[600, 700]]),
        ((2, 0), [[800], [500]]),
    ],
)
def test_tracks_are_chosen(tracks: Any, kept: list[list[int]], tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600, 700], [800]], codec="aac", seconds=2)
    out = tmp_path / "o.mkv"
    result = (sc.open(path) | sc.audio(tracks=tracks)).render(out)
    check_tones(out, kept, 0.5)
    assert result.notes == ()


def test_the_chosen_stream_of_an_input_comes_first_and_is_the_default(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], *TOLD[:-2], codec="aac", seconds=1)
    out = tmp_path / "o.mkv"
    sc.open(path, audio=1).render(out)
    one, two = heard_tracks(out)
    assert [(s.title, s.roles) for s in (one, two)] == [("Mic", ("default",)), ("Desktop", ())]
    check_tones(out, [[600], [500]], 0.5)


def test_all_tracks_are_mixed_to_one(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], codec="flac", seconds=1)
    out = tmp_path / "o.mkv"
    (sc.open(path) | sc.audio(tracks="mix")).render(out)
    (stream,) = heard_tracks(out)
    assert all(abs(level(out, stream, 0.5, 0, hertz) - 1) < 0.05 for hertz in (500, 600))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_what_tracks_are_for_is_kept_as_far_as_the_table_says(suffix: str, tmp_path: Path) -> None:
    path, out = tmp_path / ("a.webm" if suffix == ".webm" else "a.mkv"), tmp_path / "out"
    video, codec = ("libvpx-vp9", "libopus") if suffix == ".webm" else ("libx264", "aac")
    write_tracks(path, [[500]], codec=codec, video=video, seconds=0.5)
    stream, wanted = heard_tracks(path)[0].index, ["default", *SOUND_ROLES[1:]]
    pieces = [mux.SoundPiece(path, stream, (Range(F(0), F(1, 2)),), roles=(r,)) for r in wanted]
    mux.write(out, CONTAINERS[suffix], mux.Parts(sounds=pieces))
    kept = [role for role, s in zip(wanted, heard_tracks(out), strict=True) if role in s.roles]
    assert set(kept) == set(CONTAINERS[suffix].roles)


def test_a_track_that_no_source_has_is_refused(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], seconds=1)
    with pytest.raises(RenderError, match=r"no source has sound track 2; there are: 0 to 1"):
        (sc.open(path) | sc.audio(tracks=(0, 2))).render(tmp_path / "o.mkv")


def test_surround_is_mixed_down_only_where_asked(tmp_path: Path) -> None:
    tones = [500, 600, 700, 80, 800, 900]
    path = write_tracks(tmp_path / "a.mkv", [tones], codec="ac3", layouts=["5.1"], seconds=1)
    out = tmp_path / "o.mkv"
    (sc.open(path) | sc.audio(channels=2)).render(out)
    (stream,) = heard_tracks(out)
    assert (stream.codec, stream.layout) == ("ac3", "stereo")
    # FFmpeg's mix, ITU-R BS.775: centre and surround at 0.7, no low-frequency channel
    expected = [1, 0, 0.707, 0, 0.707, 0]
    for hertz, share in zip(tones, expected, strict=True):
        assert abs(level(out, stream, 0.5, 0, hertz) - share) < 0.06


def test_sources_of_other_tracks_and_layouts_are_joined_and_told(tmp_path: Path) -> None:
    one = write_tracks(tmp_path / "one.mkv", [[500], [600]], *TOLD[:-2], codec="aac", seconds=2)
    two = write_tracks(tmp_path / "two.mkv", [[700, 800]], codec="aac", seconds=1)
    out = tmp_path / "o.mkv"
    result = sc.open(one, two).render(out)
    first, second = heard_tracks(out)
    assert [s.layout for s in (first, second)] == ["mono", "mono"]
    assert abs(level(out, first, 0.5, 0, 500) - 1) < 0.05
    assert abs(level(out, first, 2.5, 0, 700) - 0.5) < 0.05
    assert abs(level(out, second, 0.5, 0, 600) - 1) < 0.05
    assert level(out, second, 2.5, 0, 700) < 0.01
    told = " ".join(result.notes)
    assert "two has no sound track 2 (deu, Mic): it is silent there" in told
    assert "were brought to mono" in told


def test_further_tracks_are_joined_by_language(tmp_path: Path) -> None:
    def told(*codes: str) -> list[str]:
        pairs = ((f"-metadata:s:a:{k}", f"language={code}") for k, code in enumerate(codes))
        return [option for pair in pairs for option in pair]

    tones = [[500], [600], [700]]
    one = write_tracks(tmp_path / "one.mkv", tones, *told("eng", "deu", "fra"), seconds=1)
    two = write_tracks(tmp_path / "two.mkv", tones, *told("eng", "fra", "deu"), seconds=1)
    out = tmp_path / "o.mkv"
    sc.open(one, two).render(out)
    _, second, third = heard_tracks(out)
    assert [s.language for s in (second, third)] == ["deu", "fra"]
    assert level(out, second, 1.5, 0, 700) > 0.95
    assert level(out, third, 1.5, 0, 600) > 0.95


@pytest.mark.parametrize("codec", ["ac3", "eac3"])
def test_dolby_sound_is_passed_on_from_inside_to_the_sample(codec: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_tracks(path, [[500, 600]], codec=codec, seconds=3)
    (sc.open(path) | sc.trim(start="1.5", end="2.6")).render(out)
    told = json.loads((tmp_path / "o.manifest.json").read_text())["settings"]["sounds"]
    assert [row["how"] for row in told] == ["copy"]
    one, two = (
        np.concatenate(list(samples(probe(p), RATE, 2, at, at + F(1, 2))), axis=1)
        for p, at in ((path, F(3, 2)), (out, F(0)))
    )
    assert np.abs(one - two).max() < 1e-3
