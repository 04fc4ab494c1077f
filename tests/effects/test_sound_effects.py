"""Effects on sound, measured in what is written: levels, frequencies and times to the sample."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Spectrum
from smartcut.effect import find_effect
from smartcut.effects.denoise_sound import NoiseAnalysis
from smartcut.errors import PipelineError, StageError
from smartcut.media.audio import samples
from smartcut.media.probe import probe
from smartcut.sound_effect import SoundBench, SoundBlock, SoundEffect
from smartcut.spec_reading import parse_spec

RATE = 48_000


def write_sound(path: Path, said: Sequence[str] | str, seconds: float = 4, *more: str) -> Path:
    """A film with what FFmpeg's aevalsrc makes of the expressions, one for each channel."""
    channels = "|".join([said] if isinstance(said, str) else said)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi"]
    command += ["-i", f"testsrc2=s=160x90:r=25:d={seconds}", "-f", "lavfi"]
    command += ["-i", f"aevalsrc={channels}:s={RATE}:d={seconds}", *more]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "pcm_s16le"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone of 440 Hz, four seconds."""
    return write_sound(tmp_path_factory.mktemp("film") / "film.mkv", "0.2*sin(2*PI*440*t)")


def heard(path: Path) -> np.ndarray:
    source = probe(path)
    assert source.audio is not None
    blocks = samples(source, RATE, source.audio.layout, F(0), source.duration)
    return np.concatenate([*blocks], axis=1)


def level(values: np.ndarray, start: float, end: float) -> float:
    """dB of the RMS, beside that of the film's tone."""
    part = values[..., round(start * RATE) : round(end * RATE)]
    return float(20 * np.log10(np.sqrt(np.mean(part**2)) / (0.2 / np.sqrt(2)) + 1e-9))


def rendered(pipeline: Any, tmp_path: Path) -> np.ndarray:
    pipeline.render(tmp_path / "out.mkv")
    return heard(tmp_path / "out.mkv")


def test_a_gain_is_for_its_segment_and_pictures_are_copied(film: Path, tmp_path: Path) -> None:
    pipeline = sc.open(film) | sc.split(by="length", length="2s") | sc.gain(db=-6, on=1)
    steps = pipeline.plan(output=tmp_path / "o.mkv").steps
    pictures = [s for s in steps if s.stage == "render" and not s.subject.endswith("sound")]
    assert {s.state for s in pictures} <= {"copy", "pure"}
    made = rendered(pipeline, tmp_path)
    assert level(made, 0.1, 1.9) == pytest.approx(0, abs=0.01)
    assert level(made, 2.1, 3.9) == pytest.approx(-6, abs=0.01)


def test_keys_are_in_source_time_at_any_speed(film: Path, tmp_path: Path) -> None:
    gain = sc.gain(db={"0s": 0, "2s": 0, "3s": -20})
    made = rendered(sc.open(film) | gain | sc.speed(factor=2), tmp_path)
    assert level(made, 0.2, 0.9) == pytest.approx(0, abs=0.3)
    assert level(made, 1.23, 1.27) == pytest.approx(-10, abs=0.6)
    assert level(made, 1.6, 1.9) == pytest.approx(-20, abs=0.3)
    made = rendered(sc.open(film) | gain | sc.reverse(), tmp_path)
    assert level(made, 0.2, 0.9) == pytest.approx(-20, abs=0.05)
    assert level(made, 1.49, 1.51) == pytest.approx(-10, abs=0.3)
    assert level(made, 2.1, 3.9) == pytest.approx(0, abs=0.05)


def test_fades_lie_at_the_ends_of_each_segment(film: Path, tmp_path: Path) -> None:
    pipeline = sc.open(film) | sc.split(by="length", length="2s")
    made = rendered(pipeline | sc.gain(fade_in=1, fade_out="500ms"), tmp_path)
    for start in (0, 2):
        assert level(made, start + 0.49, start + 0.51) == pytest.approx(-6.02, abs=0.1)
        assert level(made, start + 1.1, start + 1.4) == pytest.approx(0, abs=0.01)
        assert level(made, start + 1.74, start + 1.76) == pytest.approx(-6.02, abs=0.2)
        assert level(made, start + 1.995, start + 2) < -38


def test_mute_is_silence_and_nothing_else_changes(film: Path, tmp_path: Path) -> None:
    made = rendered(sc.open(film) | sc.mute(start="1.2s", end="1.9s"), tmp_path)
    assert not made[:, round(1.2 * RATE) : round(1.9 * RATE)].any()
    own, ramp = heard(film), RATE // 200
    for part in (slice(0, round(1.2 * RATE) - ramp), slice(round(1.9 * RATE) + ramp, 4 * RATE)):
        np.testing.assert_array_equal(made[:, part], own[:, part])
    assert np.abs(np.diff(made[0])).max() < 0.02  # it does not click


def test_what_no_effect_touches_is_copied_as_before(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mkv"
    for stage in (sc.gain(), sc.equaliser(), sc.blur(), sc.mute(amount=0)):
        plan = (sc.open(film) | stage).plan(output=out)
        sound = next(s for s in plan.steps if s.subject.endswith(" sound"))
        assert (sound.state, sound.reason.split(";")[0]) == ("copy", "nothing touches it")
    plan = (sc.open(film) | sc.mute(start=1, end=2)).plan(output=out)
    sound = next(s for s in plan.steps if s.subject.endswith(" sound"))
    assert sound.state == "encode"
    assert "effects" in sound.reason


def test_music_and_voice_take_them_too(film: Path, tmp_path: Path) -> None:
    tone = write_sound(tmp_path / "tone.mkv", "0.2*sin(2*PI*880*t)")
    pipeline = sc.open(film) | sc.audio(
        original="drop", music=tone, music_gain=0, fade_out=0, duck=False
    )
    made = rendered(pipeline | sc.gain(track="music", db=-12, start=1, end=3), tmp_path)
    assert level(made, 0.1, 0.9) == pytest.approx(0, abs=0.05)
    assert level(made, 1.1, 2.9) == pytest.approx(-12, abs=0.05)
    pipeline = sc.open(film) | sc.audio(original="drop", voice=tone) | sc.gain(track=1, db=-3)
    assert level(rendered(pipeline, tmp_path), 0.1, 3.8) == pytest.approx(-3, abs=0.05)
    with pytest.raises(StageError, match=r"no sound track 'music'; the cut has 0: programme"):
        (sc.open(film) | sc.gain(track="music", db=1)).cut()


def test_the_main_track_alone_is_changed_and_that_is_noted(film: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.mkv"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-i", str(film)]
    command += ["-map", "0", "-map", "1:a", "-c", "copy", str(both)]
    subprocess.run(command, check=True)
    notes = (sc.open(both) | sc.gain(db=-6)).render(tmp_path / "o.mkv").notes
    assert any("effects on sound change the main track alone" in note for note in notes)
    one, two = probe(tmp_path / "o.mkv").sounds
    assert (one.codec, two.codec) == ("pcm_s16le", "pcm_s16le")
    mixed = sc.open(both) | sc.audio(tracks="mix") | sc.gain(db=-6)
    assert level(rendered(mixed, tmp_path), 0.1, 3.9) == pytest.approx(0, abs=0.05)  # both halved


def test_mistakes_are_found_while_planning(film: Path) -> None:
    with pytest.raises(PipelineError, match="did you mean 'threshold'"):
        parse_spec("stages:\n  - compressor: {treshold: -20}\n")
    with pytest.raises(PipelineError, match="at most 40"):
        parse_spec("stages:\n  - gain: {db: {0s: 0, 2s: 99}}\n")
    (clean,) = parse_spec("stages:\n  - clean: strong\n").steps
    assert clean.stage.strength == "strong"  # type: ignore[attr-defined]
    with pytest.raises(PipelineError, match=r"light \| strong"):
        parse_spec("stages:\n  - clean: hard\n")


# -------------------------------------------------------------------------- what each does


def response(name: str, hertz: float, decibels: float = -20, **params: Any) -> float:
    """dB by which an effect changes a tone, once it has settled."""
    effect = find_effect(name).model_validate(params)
    assert isinstance(effect, SoundEffect)
    work = effect.open(SoundBench(RATE, "stereo", 2, {}.get))
    t = np.arange(2 * RATE - 2 * RATE % 512) / RATE
    tone = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * t).astype(np.float32)
    made = work(SoundBlock(np.stack([tone, tone]), 0, effect, effect))
    late = slice(RATE, None)
    return float(20 * np.log10(np.std(made[:, late]) / np.std(tone[late])))


def test_filters_take_away_what_they_say() -> None:
    assert response("high_pass", 100, frequency=100) == pytest.approx(-3.01, abs=0.02)
    assert response("high_pass", 50, frequency=100) == pytest.approx(-12.3, abs=0.05)
    assert response("high_pass", 50, frequency=100, slope=24) == pytest.approx(-24.1, abs=0.1)
    assert response("high_pass", 100, frequency=100, slope=24) == pytest.approx(-3.01, abs=0.02)
    assert response("high_pass", 1000, frequency=100) == pytest.approx(0, abs=0.01)
    assert response("low_pass", 2000, frequency=1000) == pytest.approx(-12.3, abs=0.1)
    assert response("low_pass", 100, frequency=1000) == pytest.approx(0, abs=0.01)


def test_an_equaliser_has_its_bands() -> None:
    bands = [{"frequency": 1000, "db": -9, "width": 1}]
    assert response("equaliser", 1000, bands=bands) == pytest.approx(-9, abs=0.02)
    assert response("equaliser", 1000 * 2**0.5, bands=bands) == pytest.approx(-4.5, abs=0.2)
    assert response("equaliser", 60, bands=bands) == pytest.approx(0, abs=0.1)
    assert response("equaliser", 20, bass=6) == pytest.approx(6, abs=0.1)
    assert response("equaliser", 100, bass=6) == pytest.approx(3, abs=0.1)
    assert response("equaliser", 15_000, bass=6, treble=-4) == pytest.approx(-4, abs=0.1)


def test_a_compressor_brings_levels_together() -> None:
    given = {"threshold": -20, "ratio": 4, "knee": 0}
    soft = response("compressor", 440, -35, **given)
    loud, louder = (response("compressor", 440, x, **given) for x in (-10, -2))
    assert soft == pytest.approx(0, abs=0.01)
    assert loud - louder == pytest.approx(8 * 3 / 4, abs=0.05)
    assert loud == pytest.approx(-7.5, abs=0.7)  # of a tone's level, smoothed, not its peak
    assert response("compressor", 440, -35, makeup=6, **given) == pytest.approx(6, abs=0.01)


def test_a_de_esser_works_where_hissing_stands_out() -> None:
    assert response("de_ess", 7000, reduction=8) == pytest.approx(-8, abs=0.1)
    assert response("de_ess", 1000, reduction=8) == pytest.approx(0, abs=0.01)


def noisy(tmp_path: Path) -> Path:
    """Short loud tones over steady noise, 10 seconds."""
    said = "0.004*(2*random(0)-1)+0.2*sin(2*PI*300*t)*lt(mod(t\\,1)\\,0.3)"
    return write_sound(tmp_path / "noisy.mkv", said, 10)


def test_noise_is_learned_from_the_pauses_and_goes(tmp_path: Path) -> None:
    path = noisy(tmp_path)
    cut = (sc.open(path) | sc.denoise_sound(reduction=15)).cut()
    (annotation,) = cut.annotations
    assert (annotation.name, annotation.producer) == ("noise", f"noise/{NoiseAnalysis.version}")
    assert isinstance(annotation.data, Spectrum)
    # uniform noise of 0.004: its power 0.004**2 / 3, times the window's 512
    expected = 10 * np.log10(0.004**2 / 3 * 512)
    assert np.median(annotation.data.values) == pytest.approx(expected, abs=0.5)
    own = heard(path)
    made = rendered(sc.open(path) | sc.denoise_sound(reduction=15), tmp_path)
    assert made.shape == own.shape
    assert level(made, 5.5, 5.9) - level(own, 5.5, 5.9) == pytest.approx(-15, abs=2)
    assert level(made, 5.05, 5.25) == pytest.approx(level(own, 5.05, 5.25), abs=0.1)
    shift = np.argmax(np.correlate(made[0, 240_000:244_800], own[0, 240_100:244_700]))
    assert shift == 100  # nothing moved


def test_cleaning_does_all_of_it(tmp_path: Path) -> None:
    path = noisy(tmp_path)
    cut = (sc.open(path) | sc.clean()).cut()
    names = [effect.name for effect in cut.segments[0].effects]
    assert names == ["denoise_sound", "high_pass", "de_ess", "compressor"]
    own, light, strong = (
        heard(path),
        *(
            rendered(sc.open(path) | sc.clean(strength=how), tmp_path)
            for how in ("light", "strong")
        ),
    )

    def apart(values: np.ndarray) -> float:
        return level(values, 5.05, 5.25) - level(values, 5.5, 5.9)

    assert apart(light) > apart(own) + 5
    assert level(strong, 5.5, 5.9) < level(own, 5.5, 5.9) - 8
    plan = (sc.open(path) | sc.clean()).plan(output=tmp_path / "o.mkv")
    assert re.search(r"clean +noisy +cached +noise is known", plan.text())


def test_a_fade_goes_on_where_its_segment_is_divided(film: Path, tmp_path: Path) -> None:
    pipeline = sc.open(film) | sc.gain(fade_in=2) | sc.split(by="length", length="1s")
    made = rendered(pipeline, tmp_path)
    for time, share in ((0.5, 0.25), (1.5, 0.75), (3.5, 1)):
        expected = 20 * np.log10(share)
        assert level(made, time - 0.01, time + 0.01) == pytest.approx(expected, abs=0.1)
