"""Sound by sample: exact lengths, the same after seeking, in the right place."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from smartcut.media.audio import samples
from smartcut.media.barcode import beep, write_bar_coded
from smartcut.media.probe import probe

KINDS = {
    "aac.mp4": ("libx264", "aac"),
    "aac.ts": ("libx264", "aac"),
    "opus.webm": ("libvpx", "libopus"),
    "opus.mkv": ("libx264", "libopus"),
    "flac.mkv": ("libx264", "flac"),
    "mp3.mkv": ("libx264", "libmp3lame"),
    "mp3.mp4": ("libx264", "libmp3lame"),
    "pcm.mkv": ("libx264", "pcm_s16le"),
}
LOSSLESS = ("flac.mkv", "pcm.mkv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    for name, (encoder, sound) in KINDS.items():
        options = {"deadline": "realtime"} if encoder == "libvpx" else {"preset": "ultrafast"}
        how = {"frames": 150, "size": (64, 36), "options": options}
        write_bar_coded(folder / name, encoder=encoder, audio=sound, **how)  # type: ignore[arg-type]
    return folder


def read(path: Path, start: F, end: F, rate: int = 48_000, channels: int = 1) -> np.ndarray:
    return np.concatenate(list(samples(probe(path), rate, channels, start, end)), axis=1)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000])
def test_ranges_hold_exactly_their_samples(folder: Path, name: str, rate: int) -> None:
    for start, end in [(F(1, 3), F(5, 7)), (F(3), F(3) + F(1, rate)), (F(9, 2), F(6))]:
        values = read(folder / name, start, end, rate, 2)
        first, last = (int(t * rate + F(1, 2)) for t in (start, end))
        assert values.shape == (2, last - first)
        assert values.dtype == np.float32


@pytest.mark.parametrize("name", KINDS)
def test_a_range_after_seeking_equals_the_same_part_of_the_whole(folder: Path, name: str) -> None:
    whole = read(folder / name, F(0), F(5))
    for start, end in [(F(1), F(2)), (F(39, 20), F(16, 5)), (F(7, 2), F(5))]:
        part = read(folder / name, start, end)
        expected = whole[:, int(start * 48_000) : int(end * 48_000)]
        tolerance = 0 if name in LOSSLESS else 2e-3
        assert np.max(np.abs(part - expected)) <= tolerance


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000])
def test_beeps_are_where_they_were_written(folder: Path, name: str, rate: int) -> None:
    source = probe(folder / name)
    assert source.audio is not None
    assert source.video is not None
    for second in (1, 3):
        tone = beep(second)
        at = np.arange(int(len(tone) * rate / 48_000)) * 48_000 / rate
        tone = np.interp(at, np.arange(len(tone)), tone)
        # the clip was written with its first picture at the time of the first sample
        expected = source.video.start + second
        early = F(1, 20)
        values = read(folder / name, expected - early, expected + F(1, 10), rate)[0]
        found = int(np.argmax(np.correlate(values, tone, "valid")))
        off = found / rate - float(early)
        assert abs(off) < 0.0003 + float(source.audio.timebase) / 2


@pytest.mark.parametrize("name", KINDS)
def test_beeps_are_in_place_when_read_from_the_head(folder: Path, name: str) -> None:
    source = probe(folder / name)
    assert source.audio is not None
    assert source.video is not None
    whole = read(folder / name, F(0), F(5))[0]
    for second in range(1, 4):
        low = (second - 1) * 48_000
        found = low + int(np.argmax(np.correlate(whole[low : low + 96_000], beep(second), "valid")))
        off = found / 48_000 - float(source.video.start + second)
        assert abs(off) < 0.0003 + float(source.audio.timebase) / 2


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_sound_is_bit_equal_and_silent_outside(folder: Path, name: str) -> None:
    values = read(folder / name, F(-1), F(6))[0]
    assert len(values) == 7 * 48_000
    assert not values[:48_000].any()
    assert not values[6 * 48_000 :].any()
    for second in range(5):
        at = (1 + second) * 48_000
        tone = beep(second)
        assert np.max(np.abs(values[at : at + len(tone)] - tone)) <= 1 / 32_768
        assert not values[at + len(tone) : at + 48_000].any()


@pytest.mark.parametrize("rate", [44_100, 16_000, 96_000])
def test_resampling_keeps_its_phase_wherever_it_starts(folder: Path, rate: int) -> None:
    whole = read(folder / "flac.mkv", F(0), F(5), rate)
    for start in (F(1, 7), F(19, 10), F(333, 100)):
        part = read(folder / "flac.mkv", start, start + F(3, 2), rate)
        first = int(start * rate + F(1, 2))
        expected = whole[:, first : first + part.shape[1]]
        assert np.max(np.abs(part - expected)) < 1e-4


def test_a_source_without_sound_is_silent(tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "a.mp4", frames=10, size=(64, 36), audio=None)
    values = read(tmp_path / "a.mp4", F(0), F(1, 3), 44_100, 2)
    assert values.shape == (2, 14_700)
    assert not values.any()
