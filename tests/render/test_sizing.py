"""Files just below a size: how the setting is found, and files of each kind."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from math import exp
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.errors import PipelineError, RenderError
from smartcut.media.probe import probe
from smartcut.render.sizing import LEAST, Knob
from smartcut.stages._render_text import parse_bytes
from smartcut.testing import read_bar_codes, write_bar_coded


def knob(**changed: object) -> Knob:
    plain = Knob(20, 51, 0.115, 0.05, lambda value: None, str, fixed=1000)  # type: ignore[arg-type,return-value]
    return replace(plain, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("slope", [0.05, 0.115, 0.2])
def test_a_setting_is_found_in_a_few_steps(slope: float) -> None:
    def size(value: float) -> int:
        return round(1000 + 900_000 * exp(-slope * (value - 20)))

    trials: list[tuple[float, int]] = [(20.0, size(20))]
    while trials[-1][1] > 300_000 or trials[-1][1] < LEAST * 300_000:
        value = knob().next(trials, 296_000)
        trials.append((value, size(value)))
        assert len(trials) <= 5
    assert 20 < trials[-1][0] < 51


def test_settings_stay_within_their_bounds() -> None:
    assert knob().next([(20.0, 900_000), (50.0, 400_000)], 10_000) == 51
    assert knob().next([(20.0, 900)], 500_000) == 20


@pytest.mark.parametrize(
    ("text", "size"),
    [("25MB", 25_000_000), ("8MiB", 8 << 20), ("1.5 mb", 1_500_000), ("700kB", 700_000),
     ("5000", 5000), ("2G", 2 * 10**9)],
)  # fmt: skip
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["25 apples", "-3MB", "10", "MB"])
def test_other_sizes_are_refused(text: str, tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "a.mp4", frames=2, size=(64, 36), audio=None)
    with pytest.raises(PipelineError, match=r"is not a size; accepted: 25MB, 8MiB, 700kB"):
        sc.open(tmp_path / "a.mp4").render(tmp_path / "o.mp4", max_size=text)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "a.mp4"
    write_bar_coded(path, frames=60, size=(160, 90), rate=F(20))
    return path


def is_just_below(path: Path, most: int) -> bool:
    return LEAST * most <= path.stat().st_size <= most


def test_a_film_is_just_below_its_size(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    sc.open(clip).render(out, mode="encode")
    most = round(out.stat().st_size * 0.7)
    result = sc.open(clip).render(out, mode="encode", max_size=str(most))
    assert is_just_below(out, most)
    assert read_bar_codes(out)[0] == list(range(60))
    assert any(note.startswith("`max_size`: crf ") for note in result.notes)


def test_what_is_small_enough_is_copied(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    result = sc.open(clip).render(out, max_size="10MB")
    assert not any("max_size" in note for note in result.notes)
    assert (tmp_path / "o.manifest.json").read_text().count('"how": "copy"') == 2


def test_an_animation_gets_smaller_pictures(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.gif"
    steps = sc.open(clip) | sc.trim(end="0.5")
    steps.render(tmp_path / "large.gif", fps=10)
    most = round((tmp_path / "large.gif").stat().st_size * 0.6)
    result = steps.render(out, fps=10, max_size=str(most))
    assert is_just_below(out, most)
    video = probe(out).video
    assert video is not None
    assert video.frames == 5
    assert 100 < video.width < 160
    assert abs(video.width / video.height - 160 / 90) < 0.03
    assert any(f"{video.width}x{video.height} pixels" in note for note in result.notes)


def test_sound_gets_fewer_bits(clip: Path, tmp_path: Path) -> None:
    sc.open(clip).render(tmp_path / "large.opus", mode="encode", audio_bitrate="192k")
    out = tmp_path / "o.opus"
    most = round((tmp_path / "large.opus").stat().st_size * 0.5)
    sc.open(clip).render(out, max_size=str(most))
    assert out.stat().st_size <= most
    assert out.stat().st_size > 0.85 * most


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("o.mp4", {"max_size": "5kB"}, r"does not get smaller than [\d,]+ bytes"),
        ("o.mkv", {"max_size": "5kB", "codec": "ffv1"}, r"ffv1 has no quality to lower"),
        ("o.wav", {"max_size": "5kB"}, r"pcm is without loss"),
    ],
)
def test_what_cannot_be_made_smaller_is_refused(
    name: str, settings: dict, message: str, clip: Path, tmp_path: Path
) -> None:
    with pytest.raises(RenderError, match=message):
        sc.open(clip).render(tmp_path / name, **settings)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["hevc", "vp9", "av1"])
def test_other_codecs_too(codec: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mkv"
    write_bar_coded(path, frames=200, size=(320, 180), audio=None)
    sc.open(path).render(out, codec=codec, mode="encode")
    most = round(out.stat().st_size * 0.6)
    sc.open(path).render(out, codec=codec, mode="encode", max_size=str(most))
    assert is_just_below(out, most)
