"""Loudness, motion and sharpness, on sound and pictures made here.

The loudness cases are those of EBU Tech 3341 (2023), table 1, synthesised.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smartcut.media import loudness as ebu
from smartcut.media.layouts import speakers
from smartcut.media.loudness import LoudnessMeter, weights
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.stage import Frames, Picture, Samples, Sound
from smartcut.stages._signals import make_signal
from smartcut.stages.loudness import Loudness, LoudnessAnalysis
from smartcut.stages.motion import MotionAnalysis, global_motion, without_lone_spikes
from smartcut.stages.sharpness import SharpnessAnalysis, sharpness

RATE = 48_000


def sine(
    level: float, seconds: float, hertz: float = 1000, channels: int = 2, phase: float = 0
) -> np.ndarray:
    t = np.arange(round(seconds * RATE))
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * t / RATE + math.radians(phase))
    return np.repeat(wave[None], channels, axis=0).astype(np.float32)


def measured(samples: np.ndarray, block: int = 1024, rate: int = RATE) -> LoudnessMeter:
    meter = LoudnessMeter(rate, samples.shape[0])
    for at in range(0, samples.shape[1], block):
        meter.add(samples[:, at : at + block])
    return meter


def joined(*parts: np.ndarray) -> np.ndarray:
    return np.concatenate(parts, axis=1)


def noise(seconds: int, seed: int = 1) -> np.ndarray:
    """Stereo noise whose level changes every second, -45 to -15 dBFS."""
    rng = np.random.default_rng(seed)
    envelope = np.repeat(10 ** (rng.uniform(-45, -15, seconds) / 20), RATE)
    return (rng.standard_normal((2, seconds * RATE)) * envelope).astype(np.float32)


# ------------------------------------------------------------------------------------- loudness


# (b, a) of the two filters of the recommendation, at 48 kHz.
SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285],
         [1, -1.69065929318241, 0.73248077421585])  # fmt: skip
HIGH_PASS = [1, -2, 1], [1, -1.99004745483398, 0.99007225036621]


@pytest.mark.parametrize("hertz", [30, 50, 100, 400, 2000, 5000, 15_000])
def test_tones_are_weighted_as_the_recommendation_says(hertz: int) -> None:
    delay = np.exp(-2j * np.pi * hertz / RATE) ** np.arange(3)
    filters = [abs(np.dot(b, delay) / np.dot(a, delay)) for b, a in (SHELF, HIGH_PASS)]
    gain = 20 * math.log10(math.prod(filters))
    read = measured(sine(-23, 6, hertz)).momentary[-1]
    # Two channels of half of the squared amplitude each.
    assert read == pytest.approx(-23 - 0.691 + gain, abs=0.01)


@pytest.mark.parametrize(
    ("case", "parts", "expected"),
    [
        (1, [(-23, 20)], -23.0),
        (2, [(-33, 20)], -33.0),
        (3, [(-36, 10), (-23, 60), (-36, 10)], -23.0),
        (4, [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        (5, [(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
)
def test_integrated_loudness_of_tech_3341(
    case: int, parts: list[tuple[float, float]], expected: float
) -> None:
    meter = measured(joined(*(sine(level, seconds) for level, seconds in parts)))
    assert meter.integrated == pytest.approx(expected, abs=0.1), f"case {case}"


def test_steady_tones_read_the_same_on_every_scale() -> None:
    meter = measured(sine(-23, 20))
    assert meter.momentary.min() == pytest.approx(-23, abs=0.1)
    assert meter.momentary.max() == pytest.approx(-23, abs=0.1)
    assert meter.short_term.max() == pytest.approx(-23, abs=0.1)
    assert len(meter.momentary) == 200 - 3
    assert len(meter.short_term) == 200 - 29


def test_surround_channels_weigh_more() -> None:
    levels = (-28, -28, -24, -30, -30)
    sound = joined(*[np.concatenate([sine(level, 20, channels=1) for level in levels])])
    assert measured(sound).integrated == pytest.approx(-23, abs=0.1)  # case 6
    with_low = np.insert(sound, 3, sine(0, 20, hertz=50, channels=1)[0], axis=0)
    assert measured(with_low).integrated == pytest.approx(-23, abs=0.1)


def test_short_term_of_case_9_and_momentary_of_case_12() -> None:
    slow = measured(joined(*[sine(-20, 1.34), sine(-30, 1.66)] * 5))
    assert np.abs(slow.short_term + 23).max() < 0.1
    quick = measured(joined(*[sine(-20, 0.18), sine(-30, 0.22)] * 25))
    assert np.abs(quick.momentary[:: ebu.MOMENTARY_STEPS] + 23).max() < 0.1


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_loudness_range_of_tech_3342(levels: tuple[float, ...], expected: float) -> None:
    meter = measured(joined(*(sine(level, 20) for level in levels)))
    assert meter.range == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    ("case", "divisor", "phase", "amplitude", "expected"),
    [
        (15, 4, 0, 0.5, -6.0),
        (16, 4, 45, 0.5, -6.0),
        (17, 6, 60, 0.5, -6.0),
        (18, 8, 67.5, 0.5, -6.0),
        (19, 4, 45, 1.41, 3.0),
    ],
)
def test_true_peak_of_tech_3341(
    case: int, divisor: int, phase: float, amplitude: float, expected: float
) -> None:
    tone = sine(20 * math.log10(amplitude), 1, RATE / divisor, phase=phase)
    # A tone that starts at once has higher peaks of its own.
    ramp = np.minimum(1, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 4800)
    peak = measured((tone * ramp).astype(np.float32)).true_peak
    assert peak is not None
    assert expected - 0.4 <= peak <= expected + 0.2, f"case {case}"


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 96_000, 192_000])
def test_other_sample_rates(rate: int) -> None:
    t = np.arange(10 * rate)
    wave = (10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * t / rate)).astype(np.float32)
    meter = measured(np.stack([wave, wave]), rate=rate)
    assert meter.integrated == pytest.approx(-23, abs=0.1)
    assert meter.true_peak == pytest.approx(-23, abs=0.1)


def test_the_size_of_the_blocks_changes_nothing() -> None:
    sound = noise(8)
    small, large = measured(sound, 333), measured(sound, sound.shape[1])
    np.testing.assert_allclose(small.momentary, large.momentary, atol=1e-3)
    assert small.integrated == pytest.approx(large.integrated, abs=1e-3)
    assert small.true_peak == pytest.approx(large.true_peak, abs=1e-5)


def test_a_reading_ends_the_sound() -> None:
    meter = measured(noise(2))
    assert meter.true_peak == meter.true_peak
    with pytest.raises(ValueError, match="after a reading; a new meter measures what follows"):
        meter.add(noise(1))


def test_windows_around_a_time_are_of_what_is_in_the_sound() -> None:
    """A short sound in three parts, each of its own level: the mean of the parts in the window."""
    levels = (-20, -40, -30)
    meter = measured(joined(*(sine(level, 0.5) for level in levels)))
    power = np.repeat([10 ** (level / 10) for level in levels], 5)
    assert len(meter.momentary_around) == len(meter.short_term_around) == 15
    assert len(meter.short_term) == 0
    for values, half in ((meter.momentary_around, 2), (meter.short_term_around, 15)):
        for i, value in enumerate(values):
            mean = power[max(i - half, 0) : i + half].mean()
            assert value == pytest.approx(10 * math.log10(mean), abs=0.15), (half, i)


def test_few_readings_have_a_range_of_their_own() -> None:
    assert measured(sine(-20, 2.9)).range is None
    assert measured(sine(-20, 3.1)).range == pytest.approx(0, abs=0.01)


def test_silence_after_sound_reads_as_the_floor() -> None:
    """The power of what has left a window is taken away again, and rounding leaves less than 0."""
    beep, quiet = sine(-10, 0.05), np.zeros((2, RATE), np.float32)
    meter = measured(joined(*[beep, quiet] * 3))
    for curve in (meter.momentary, meter.momentary_around, meter.short_term_around):
        assert np.isfinite(curve).all()
    assert (meter.momentary_around == ebu.FLOOR).sum() >= 12
    assert -20 < meter.momentary.max() < -10


@pytest.mark.parametrize(("layout", "channels"), [("22.2", 24), ("10 channels", 10), (10, 10)])
def test_many_channels(layout: int | str, channels: int) -> None:
    meter = LoudnessMeter(RATE, layout)
    sound = np.zeros((channels, 2 * RATE), np.float32)
    sound[2] = sine(-20, 2, channels=1)[0]
    meter.add(sound)
    assert meter.integrated == pytest.approx(-23, abs=0.05)
    assert meter.true_peak == pytest.approx(-20, abs=0.1)


def test_beside_the_side_channels_those_at_the_back_count_once() -> None:
    read = []
    for channel in ("BL", "SL"):
        meter = LoudnessMeter(RATE, "7.1")
        sound = np.zeros((8, 2 * RATE), np.float32)
        sound[speakers("7.1").index(channel)] = sine(-20, 2, channels=1)[0]
        meter.add(sound)
        read.append(meter.integrated)
    assert read == [pytest.approx(-23, abs=0.05), pytest.approx(-23 + 1.49, abs=0.05)]


def test_silence_has_no_loudness_and_reads_the_floor() -> None:
    meter = measured(np.zeros((2, 5 * RATE), np.float32))
    assert meter.integrated is None
    assert meter.range is None
    assert meter.true_peak is None
    assert set(meter.momentary) == {-70.0}


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("stereo", [1, 1]),
        ("5.1", [1, 1, 1, 0, 1.41, 1.41]),
        ("5.1(side)", [1, 1, 1, 0, 1.41, 1.41]),
        ("2.1", [1, 1, 0]),
        ("7.1", [1, 1, 1, 0, 1, 1, 1.41, 1.41]),
    ],
)
def test_channels_count_by_where_they_are(layout: str, expected: list[float]) -> None:
    assert weights(layout).tolist() == expected


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="1000 samples a second are too few to weight"):
        LoudnessMeter(1000, 2)
    with pytest.raises(ValueError, match=r"samples \(1, 10\) given, \(2, n\) accepted"):
        LoudnessMeter(RATE, 2).add(np.zeros((1, 10), np.float32))


def ebur128(sound: np.ndarray) -> dict[str, float]:
    """The last readings of FFmpeg's own meter."""
    av = pytest.importorskip("av")
    graph = av.filter.Graph()
    start = graph.add_abuffer(
        sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE)
    )
    meter = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet")
    end = graph.add("abuffersink")
    start.link_to(meter)
    meter.link_to(end)
    graph.configure()
    found: dict[str, float] = {}
    for at in range(0, sound.shape[1] + 1, 4800):
        if at < sound.shape[1]:
            part = np.ascontiguousarray(sound[:, at : at + 4800])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            graph.push(frame)
        else:
            graph.push(None)
        while True:
            try:
                metadata = graph.pull().metadata
            except (av.BlockingIOError, av.EOFError):
                break
            found.update({k.removeprefix("lavfi.r128."): float(v) for k, v in metadata.items()})
    return found


def test_gates_and_peaks_agree_with_those_of_ffmpeg() -> None:
    sound = noise(30)
    ours, theirs = measured(sound), ebur128(sound)
    assert ours.integrated == pytest.approx(theirs["I"], abs=0.01)
    assert ours.range == pytest.approx(theirs["LRA"], abs=0.1)
    assert ours.true_peak == pytest.approx(20 * math.log10(theirs["true_peak"]), abs=0.2)


def heard(samples: np.ndarray, starts_at: int = 0, block: int = 4096) -> Any:
    listener = LoudnessAnalysis().listener(source(), None)  # type: ignore[arg-type]
    for at in range(0, samples.shape[1], block):
        listener.feed(Samples(starts_at + at, samples[:, at : at + block]))
    return listener.finish()


def test_readings_lie_around_their_time() -> None:
    signal = heard(joined(sine(-50, 5), sine(-20, 5)))
    assert signal.unit == "LUFS"
    assert signal.times()[:3] == (0, Fraction(1, 10), Fraction(1, 5))
    assert len(signal.pts) == 100
    momentary = dict(zip(signal.times(), signal.channel("momentary"), strict=True))
    assert momentary[Fraction(0)] == pytest.approx(-50, abs=0.1)
    assert momentary[Fraction(48, 10)] == pytest.approx(-50, abs=0.1)
    assert momentary[Fraction(5)] == pytest.approx(-23, abs=0.2)  # half of the power
    assert momentary[Fraction(52, 10)] == pytest.approx(-20, abs=0.1)
    summary = dict(signal.summary)
    assert summary["momentary_max"] == pytest.approx(-20, abs=0.1)
    assert summary["true_peak"] == pytest.approx(-20, abs=0.3)
    assert summary["integrated"] == pytest.approx(-20, abs=0.3)


def test_sound_that_starts_late_keeps_its_time() -> None:
    signal = heard(sine(-20, 3), starts_at=2 * RATE)
    momentary = signal.channel("momentary")
    assert len(momentary) == 50
    assert momentary[15] == -70
    assert momentary[25] == pytest.approx(-20, abs=0.1)


def test_silent_and_very_short_sources_have_finite_signals() -> None:
    silent = heard(np.zeros((2, RATE), np.float32))
    assert silent.summary == ()
    assert set(silent.channel("short_term")) == {-70.0}
    short = heard(sine(-20, 0.05))
    assert short.pts == ()
    assert dict(short.summary).keys() == {"true_peak"}


def test_loudness_wants_stereo_and_nothing_from_silent_films() -> None:
    (analysis,) = Loudness().analyses()
    assert analysis.wants(source()) == Sound(48_000, 2)
    assert analysis.wants(source(audio=False)) is None
    assert analysis.empty(source(audio=False)).pts == ()


# --------------------------------------------------------------------------- motion, sharpness


def source(audio: bool = True, rate: Fraction = Fraction(25)) -> Source:
    video = VideoStream(
        0, "h264", Fraction(1, 12800), 320, 180, "yuv420p", rate, False,
        Fraction(0), Fraction(4), 100,
    )  # fmt: skip
    sound = AudioStream(1, "aac", Fraction(1, RATE), RATE, 2, "stereo", Fraction(0), Fraction(4))
    return Source(
        "a", Path("a.mp4"), "0" * 64, "mp4", Fraction(0), Fraction(4), video,
        sound if audio else None,
    )  # fmt: skip


def texture(height: int = 200, width: int = 400, seed: int = 5, coarse: int = 8) -> np.ndarray:
    import cv2

    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (height // coarse, width // coarse), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def seen(analysis: Any, pictures: list[np.ndarray], rate: Fraction = Fraction(25)) -> Any:
    listener = analysis.listener(source(), None)
    for i, pixels in enumerate(pictures):
        listener.feed(Picture(i / rate, i, pixels))
    return listener.finish()


def panned(count: int, step: int, size: tuple[int, int] = (90, 160)) -> list[np.ndarray]:
    wide = texture(size[0], size[1] + 400)
    return [wide[:, i * step : i * step + size[1]].copy() for i in range(count)]


def test_a_still_does_not_move_and_a_faster_pan_moves_more() -> None:
    still, slow, fast = (
        seen(MotionAnalysis(), panned(10, step)).channel("motion") for step in (0, 1, 4)
    )
    assert set(still) == {0.0}
    assert min(fast) > 2 * max(slow) > 0


def test_motion_is_per_second_whatever_the_sampling() -> None:
    ramp = [np.full((90, 160), 4 * i, np.uint8) for i in range(20)]
    every = seen(MotionAnalysis(), ramp, Fraction(20))
    half = seen(MotionAnalysis(), ramp[::2], Fraction(10))
    assert every.channel("motion") == (pytest.approx(80 / 255, abs=1e-6),) * 20
    assert half.channel("motion") == (pytest.approx(80 / 255, abs=1e-6),) * 10


def test_a_cut_is_no_motion() -> None:
    calm, other = texture(90, 160, seed=1), texture(90, 160, seed=2)
    assert set(seen(MotionAnalysis(), [calm] * 10 + [other] * 10).channel("motion")) == {0.0}


def test_a_lone_spike_is_lowered_to_its_neighbours_and_no_further() -> None:
    assert without_lone_spikes([1, 2, 9, 3, 1]) == [1, 2, 3, 3, 1]
    assert without_lone_spikes([1, 8, 9, 3, 1]) == [1, 8, 8, 3, 1]
    assert without_lone_spikes([4]) == [4]
    assert without_lone_spikes([]) == []


def test_flow_tells_the_camera_from_what_moves() -> None:
    pan = seen(MotionAnalysis(method="flow"), panned(8, 3, (120, 213)))
    speed = 3 * 25 / 120
    assert np.median(pan.channel("camera")) == pytest.approx(speed, rel=0.1)
    assert np.median(pan.channel("motion")) < 0.15 * speed

    ground, thing = texture(120, 213, seed=1), texture(40, 40, seed=2)
    moving = []
    for i in range(8):
        picture = ground.copy()
        picture[40:80, 20 + 4 * i : 60 + 4 * i] = thing
        moving.append(picture)
    walk = seen(MotionAnalysis(method="flow"), moving)
    assert np.median(walk.channel("motion")) > 5 * np.median(walk.channel("camera"))


def test_global_motion_finds_turn_zoom_and_shift_despite_a_quarter_of_outliers() -> None:
    places = np.stack(np.meshgrid(np.arange(-20, 21), np.arange(-10, 11)), -1).reshape(-1, 2) * 1.0
    x, y = places.T
    true = np.stack([0.02 * x - 0.05 * y + 3, 0.05 * x + 0.02 * y - 1], axis=1)
    flow = true.copy()
    flow[: len(flow) // 4] += (15, -8)
    np.testing.assert_allclose(global_motion(places, flow, rounds=8), true, atol=0.05)


def test_blur_lowers_sharpness_and_contrast_does_not_matter() -> None:
    import cv2

    sharp = texture(360, 640, coarse=4)
    dull = (sharp // 2 + 60).astype(np.uint8)
    for measure in ("tenengrad", "laplacian"):
        values = [sharpness(cv2.GaussianBlur(sharp, (0, 0), s), measure) for s in (0.5, 1, 2, 4)]
        assert values == sorted(values, reverse=True)
        assert values[0] > 2 * values[-1]
        assert sharpness(dull, measure) == pytest.approx(sharpness(sharp, measure), rel=0.05)


def test_a_plain_picture_is_not_sharp_even_with_noise() -> None:
    rng = np.random.default_rng(0)
    plain = np.full((360, 640), 90, np.uint8)
    noisy = (plain + rng.integers(-2, 3, plain.shape)).astype(np.uint8)
    assert sharpness(plain) == 0
    assert sharpness(noisy) < 0.25 * sharpness(texture(360, 640, coarse=4))


def test_signals_have_exact_times_and_ask_for_what_they_use() -> None:
    rate = Fraction(30000, 1001)
    signal = seen(SharpnessAnalysis(), [texture(90, 160)] * 3, rate)
    assert signal.times() == (0, 1 / rate, 2 / rate)
    assert signal.timebase == Fraction(1, 30000)
    assert SharpnessAnalysis().wants(source()) == Frames(360, "gray", Fraction(4))
    assert MotionAnalysis().wants(source()) == Frames(90, "gray", "frame")
    assert MotionAnalysis(method="flow", rate=5).wants(source()) == Frames(120, "gray", Fraction(5))


def test_a_signal_of_nothing_is_empty() -> None:
    assert make_signal((), ("a", "b"), [(), ()], "u").values == ((), ())
    assert seen(MotionAnalysis(method="flow"), []).values == ((), ())
    assert seen(MotionAnalysis(), [texture(90, 160)]).values == ((0.0,),)
