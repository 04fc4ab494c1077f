"""Frames and sound as arrays: those of the film, decoded in order, in little memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import PipelineError, RenderError
from smartcut.media.audio import samples
from smartcut.media.barcode import number_in
from smartcut.media.decode import Decoder
from smartcut.media.packets import PacketReader
from smartcut.media.picture import to_rgb
from smartcut.media.probe import probe
from smartcut.stages.render import Render
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "film.mp4"
    write_bar_coded(path, frames=100, rate=F(25), size=(160, 96), gop=25)
    return path


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [to_rgb(frame) for frame in container.decode(video=0)]


def test_frames_are_those_of_a_lossless_film_to_the_last_bit(film: Path, tmp_path: Path) -> None:
    made = (
        sc.open(film)
        | sc.trim(ranges=["0-1.2", "2-3"])
        | sc.transitions(kind="dissolve", duration=0.4)
        | sc.zoom(scale={0: 1.0, 1: 1.4})
        | sc.title(text="Harbour", at=0.2, duration=0.6, fade=0.2)
        | sc.speed(factor=0.8, on=(1,))
    )
    out = tmp_path / "out.mkv"
    made.render(out, mode="encode", codec="ffv1")
    wanted = decoded(out)
    got = list((made | Render(mode="encode", codec="ffv1")).frames(output=out))
    assert len(got) == len(wanted) > 40
    for (_, frame), one in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(frame, one)
    assert [round(t * 25) for t, _ in got] == list(range(len(wanted)))
    at, frame = got[17]
    np.testing.assert_array_equal((made | Render(codec="ffv1")).frame(at), frame)
    h264 = tmp_path / "out.mp4"
    made.render(h264, crf=0)
    for (_, frame), one in zip(made.frames(output=h264), decoded(h264), strict=True):
        np.testing.assert_array_equal(frame, one)


def test_frames_of_another_size_and_rate_are_those_of_such_a_film(
    film: Path, tmp_path: Path
) -> None:
    made = sc.open(film)[1:2] | sc.title(text="Harbour", fade=0)
    out = tmp_path / "small.mkv"
    made.render(out, mode="encode", codec="ffv1", resolution="80x48", fps=10)
    lossless = made | Render(mode="encode", codec="ffv1")
    got = [frame for _, frame in lossless.frames(size=(80, 48), fps=10)]
    assert len(got) == 10
    for frame, one in zip(got, decoded(out), strict=True):
        np.testing.assert_array_equal(frame, one)
    assert next(made.frames(size=48))[1].shape == (48, 80, 3)
    assert made.frame(0.5, size=48).shape == (48, 80, 3)


def test_rates_that_floats_do_not_hold_lead_back_to_their_frames(tmp_path: Path) -> None:
    path = tmp_path / "ntsc.mp4"
    write_bar_coded(path, frames=30, rate=F(30000, 1001), size=(160, 96), gop=15)
    for time, frame in sc.open(path).frames():
        np.testing.assert_array_equal(sc.open(path).frame(time), frame)


def test_frames_are_decoded_once_without_a_seek_for_each(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeks = []
    own = PacketReader.from_key
    monkeypatch.setattr(
        PacketReader, "from_key", lambda self, pts: seeks.append(pts) or own(self, pts)
    )
    parts = sc.open(film)[0.5:3.5] | sc.vignette()
    assert len(list(parts.frames(output="film.mp4"))) == 75
    assert len(seeks) <= 2
    seeks.clear()
    assert len(list(parts.frames(fps=5))) == 15
    assert len(seeks) <= 2


def test_what_lies_between_far_pictures_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.mp4"
    write_bar_coded(path, frames=300, rate=F(25), size=(160, 96), gop=20, audio=None)
    counted = []
    own = Decoder._decoded

    def decoded(self: Decoder, first: int, last: int) -> Iterator[tuple[int, object]]:
        for item in own(self, first, last):
            counted.append(item[0])
            yield item

    monkeypatch.setattr(Decoder, "_decoded", decoded)
    found = [(time, number_in(rgb.mean(axis=2))) for time, rgb in sc.open(path).frames(every=3)]
    assert found == [(0, 0), (3, 75), (6, 150), (9, 225)]
    assert len(counted) < 100
    counted.clear()
    near = [number_in(rgb.mean(axis=2)) for _, rgb in sc.open(path)[:4].frames(every=1)]
    assert near == [0, 25, 50, 75]


def test_memory_does_not_grow_with_the_film(film: Path) -> None:
    frame = 96 * 160 * 3
    looped = sc.open(film) | sc.loop(times=3)
    tracemalloc.start()
    count = sum(1 for _ in looped.frames())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300
    assert most < 150 * frame


def test_the_generator_can_be_left_early(film: Path) -> None:
    for time, _ in sc.open(film).frames():
        if time >= 0.2:
            break
    assert time == 0.2


def test_pictures_come_as_pillow_and_torch_have_them(film: Path) -> None:
    import torch

    made = sc.open(film)[1:1.2]
    array = made.frame(0.04)
    picture = made.frame(0.04, as_="pil")
    np.testing.assert_array_equal(np.asarray(picture), array)
    tensor = made.frame(0.04, as_="torch")
    assert tensor.dtype == torch.uint8
    np.testing.assert_array_equal(tensor.permute(1, 2, 0).numpy(), array)
    assert [p.mode for _, p in made.frames(as_="pil")] == ["RGB"] * 5
    sound = made.audio(as_="torch")
    np.testing.assert_array_equal(sound.numpy(), made.audio())


def test_sound_is_that_of_the_lossless_film(film: Path, tmp_path: Path) -> None:
    made = (sc.open(film)[0.4:1.6] + sc.open(film)[2.4:3]) | sc.gain(db=-6)
    made.render(tmp_path / "out.mkv", mode="encode", audio_codec="flac", codec="ffv1")
    source = probe(tmp_path / "out.mkv")
    assert source.audio is not None
    lasts, rate = F(18, 10), source.audio.sample_rate
    blocks = list(samples(source, rate, source.audio.layout, F(0), lasts))
    wanted = np.concatenate(blocks, axis=1)
    got = made.audio()
    assert got.dtype == np.float32
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max() < 2 / 32768
    low = made.audio(rate=16000, channels=1)
    assert low.shape == (1, 28800)
    # the beep of each second begins at the same time
    begins = [np.flatnonzero(np.abs(x[0]) > 0.02)[0] / r for x, r in ((got, rate), (low, 16000))]
    assert abs(begins[0] - begins[1]) < 0.001


def test_a_film_without_sound_or_picture_says_so(film: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent.mkv"
    write_bar_coded(silent, frames=25, rate=F(25), size=(160, 96), gop=25, audio=None)
    assert not sc.open(silent).audio(rate=8000).any()
    assert sc.open(silent).audio(rate=8000).shape == (1, 8000)
    assert not (sc.open(film)[:1] | sc.audio(original=False)).audio().any()
    sc.open(film).render(tmp_path / "sound.wav")
    with pytest.raises(RenderError, match="no frames: the film has no picture"):
        next(sc.open(tmp_path / "sound.wav").frames())


def test_a_render_at_the_end_says_how_frames_look(film: Path) -> None:
    made = sc.open(film)[:1] | Render(resolution="80x48", fps=5)
    assert [frame.shape for _, frame in made.frames()] == [(48, 80, 3)] * 5
    assert made.frame(0).shape == (48, 80, 3)


def test_mistakes_are_raised_at_once(film: Path) -> None:
    made = sc.open(film)
    for wrong, said in (
        ({"as_": "tensor"}, r"as_: unknown kind of array 'tensor'; .*accepted: numpy, pil, torch"),
        ({"size": "big"}, r"resolution: 'big' is not a resolution; accepted: 1280x720, or 720p"),
        ({"size": 1.5}, r"size=1\.5 is not accepted; accepted: \(width, height\)"),
        ({"fps": -1}, r"fps: "),
        ({"evry": 2}, r"unknown option 'evry'; .*accepted: .*every"),
        ({"jobs": 0}, r"jobs=0 is not accepted; accepted: a whole number from 1 on"),
    ):
        with pytest.raises(PipelineError, match=said):
            made.frames(**wrong)
    with pytest.raises(PipelineError, match="rate=5 is not accepted"):
        made.audio(rate=5)
