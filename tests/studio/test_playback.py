"""Films played without a render: frames and samples as in the file, which then costs nothing."""

from __future__ import annotations

import io
import wave
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.errors import RenderError, SourceError
from smartcut.media import encode
from smartcut.media.audio import samples
from smartcut.media.barcode import number_in
from smartcut.render.sound.mixdown import mixed
from smartcut.render.write import write_all
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range
from tests.builders.playing import heard_in, playing, seen_in


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("played")
    a, b = folder / "a.mp4", folder / "b.mp4"
    write_bar_coded(a, frames=150, size=(160, 90), gop=30)
    write_bar_coded(b, frames=90, size=(160, 90), gop=24, options={"x264-params": "sps-id=3"})
    return a, b


def test_what_is_played_is_what_is_rendered(
    sources: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = sources
    film = sc.open(a)[F("0.5") : F("4.2")] + sc.open(b)[F("0.3") : F("2.5")] | sc.transitions(
        kind="dissolve", duration="0.3s"
    )
    out = tmp_path / "out.mp4"
    with playing(film, out) as (playback, rendering, context):
        chunks = playback.show(rendering)
        played = [(chunk.start, seen_in(playback.fragment(chunk.key))) for chunk in chunks]
        assert {chunk.kind for chunk in chunks} == {"copy", "encode"}
        assert all(playback.is_ready(chunk.key) for chunk in chunks)
        begins, heard = heard_in(playback.sound())
        begins_later, later = heard_in(playback.sound(F("2.9")))
        encoded: list[Path] = []
        monkeypatch.setattr(encode, "encode_video", lambda path, *a, **k: encoded.append(path))
        write_all(rendering.cut, rendering.job, context)
        assert not encoded
        with mixed(rendering.sounds[0], rendering.duration, rendering.speech) as (blocks, _):
            mix = np.concatenate(list(blocks), axis=1)
    assert (begins, begins_later) == (0, 2)
    assert np.array_equal(heard, np.clip(np.rint(mix * 32768), -32768, 32767))
    assert np.abs(later - heard[:, 96_000:]).max() <= 1
    written = seen_in(out)
    shown = [(start + seen.at, seen) for start, pictures in played for seen in pictures]
    assert [time for time, _ in shown] == [seen.at for seen in written]
    for (_, one), other in zip(shown, written, strict=True):
        assert one.number == other.number
        assert np.array_equal(one.pixels, other.pixels)


def test_a_part_of_a_source_that_is_not_in_the_film_is_heard(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    """Of the film's 0.5 to 1.2 s nothing is heard: of 3 to 4 s of the source all."""
    with playing(sc.open(sources[0])[F("0.5") : F("1.2")], tmp_path / "o.mp4") as (
        playback,
        now,
        _,
    ):
        playback.show(now)
        parts = list(playback.listen("a", Range(F(3), F(4))))
        with wave.open(io.BytesIO(b"".join(parts))) as file:
            rate, channels, count = file.getframerate(), file.getnchannels(), file.getnframes()
            heard = np.frombuffer(file.readframes(count), "<i2").reshape(-1, channels)
        source = now.cut.source("a")
        assert source.audio is not None
        assert (rate, count) == (source.audio.sample_rate, rate)
        wanted = np.concatenate([*samples(source, rate, channels, F(3), F(4))], axis=1).T * 32767
        assert np.abs(heard - wanted).max() <= 0.51
        softer = b"".join(playback.listen("a", Range(F(3), F(4)), -20.0))[44:]
        assert np.abs(np.frombuffer(softer, "<i2") - wanted.ravel() / 10).max() <= 0.51
        # It ends where the source does.
        rest = b"".join(playback.listen("a", Range(F(4), F(400))))
        assert (len(rest) - 44) / 2 / channels / rate == pytest.approx(1, abs=0.05)
        with pytest.raises(SourceError, match=r"a ends at 5\.\d+ s; nothing is heard from 9\.00 s"):
            playback.listen("a", Range(F(9), F(10)))
        with pytest.raises(KeyError):
            playback.listen("z", Range(F(0), F(1)))


def test_single_pictures_strips_and_peaks(sources: tuple[Path, Path], tmp_path: Path) -> None:
    film = sc.open(sources[0])[F("0.5") : F("4.2")]
    with playing(film, tmp_path / "out.mp4") as (playback, rendering, _):
        with pytest.raises(RenderError, match="no film"):
            playback.frame(F(0), 90)
        playback.show(rendering)
        for at, height in ((F(0), 90), (F("1.5"), 400), (F("3.5"), 90)):
            image = Image.open(io.BytesIO(playback.frame(at, height)))
            assert image.size == (160, 90)
            assert number_in(np.asarray(image.convert("L"))) == 15 + at * 30
        assert Image.open(io.BytesIO(playback.frame(F(1), 45))).size == (80, 45)
        strip = playback.filmstrip("a")
        assert strip.times == (0, 1, 2, 3, 4)
        assert Image.open(io.BytesIO(strip.jpeg)).size == (5 * strip.width, strip.height)
        assert playback.filmstrip("a") == strip
        peaks = np.frombuffer(playback.peaks("a"), np.uint8)
        assert len(peaks) == 500
        assert all(peaks[100 * k + 1] > 50 and peaks[100 * k + 50] < 5 for k in range(1, 5))
        with pytest.raises(KeyError):
            playback.peaks("z")
        with pytest.raises(KeyError):
            playback.fragment("z")
