"""The mix: samples where they belong, no clicks, levels reached."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from smartcut.cut import Cut, Ducking, Mix, Segment, Track, Transition
from smartcut.media.loudness import LoudnessMeter
from smartcut.media.stretch import stretched, stretched_from
from smartcut.render.sound.clips import BLOCK, SoundClip, mix
from smartcut.render.sound.mastering import (
    Passing,
    ceiling_of,
    limited,
    mastered,
    measured_gain,
    true_peaks,
)
from smartcut.source import AudioStream, Source
from smartcut.timebase import Range, nearest

RATE = 48_000


def source(id: str, seconds: F = F(100)) -> Source:
    audio = AudioStream(0, "pcm", F(1, RATE), RATE, 2, "stereo", F(0), seconds)
    return Source(id, Path(id), id, "wav", F(0), seconds, None, audio)


def reader(signal):  # type: ignore[no-untyped-def]
    """Reads signal(source id, sample numbers) as a source would be read."""

    def read(clip: SoundClip, skipped: int) -> Iterator[np.ndarray]:
        first, last = nearest(clip.time * RATE), nearest(clip.source_end(RATE) * RATE)
        for at in range(first + skipped, last, 7001):
            numbers = np.arange(at, min(at + 7001, last))
            values = np.asarray(signal(clip.source.id, numbers), dtype=np.float32)
            yield np.stack([values, values])

    return read


def cut_of(*segments: Segment, mix: Mix = Mix(), tracks: tuple[Track, ...] = ()) -> Cut:  # noqa: B008
    ids = {s.source for t in (Track("programme", segments), *tracks) for s in t.segments}
    sources = tuple(source(id) for id in sorted(i for i in ids if i))
    return Cut(sources, (Track("programme", segments), *tracks), mix=mix)


def mixed(cut: Cut, signal, **options) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.concatenate(list(mix(cut, reader(signal), duration=cut.duration, **options)), axis=1)


def test_every_sample_is_where_exact_time_puts_it() -> None:
    third = F(1, 3)
    segments = [Segment("a", Range(F(k), F(k) + third)) for k in range(90)]
    made = mixed(cut_of(*segments), lambda id, n: n / 1e7)
    assert made.shape == (2, nearest(30 * RATE))
    for k in range(90):
        middle = nearest((k * third + third / 2) * RATE)
        heard = (F(k) * RATE) + middle - nearest(k * third * RATE)
        assert made[0, middle] == pytest.approx(float(heard) / 1e7, abs=1.1e-7)


def test_a_join_inside_continuous_material_changes_nothing() -> None:
    whole = cut_of(Segment("a", Range(F(2), F(6))))
    parts = cut_of(Segment("a", Range(F(2), F(3))), Segment("a", Range(F(3), F(6))))
    tone = lambda id, n: 0.5 * np.sin(n * 0.05)  # noqa: E731
    assert np.allclose(mixed(whole, tone), mixed(parts, tone), atol=1e-6)


def test_joins_do_not_click() -> None:
    cut = cut_of(Segment("a", Range(F(1), F(2))), Segment("a", Range(F(5) + F(1, 971), F(6))))
    made = mixed(cut, lambda id, n: 0.5 * np.sin(n * 0.02))[0]
    inside = slice(RATE // 10, -RATE // 10)
    assert np.max(np.abs(np.diff(made[inside], 2))) < 3 * 0.5 * 0.02**2


def test_gaps_are_silent_and_a_dropped_programme_too() -> None:
    cut = cut_of(Segment("a", Range(F(1), F(2))), Segment(None, Range(F(0), F(1))))
    made = mixed(cut, lambda id, n: np.ones(len(n)))
    assert np.all(made[:, RATE + 480 :] == 0)
    assert np.all(mixed(cut_of(*cut.segments, mix=Mix(None)), lambda id, n: np.ones(len(n))) == 0)


def test_dissolves_keep_the_power_of_unlike_sounds() -> None:
    rng = np.random.default_rng(0)
    sound = {id: rng.standard_normal(20 * RATE) * 0.1 for id in "ab"}
    cut = cut_of(
        Segment("a", Range(F(0), F(4))),
        Segment("b", Range(F(5), F(9)), transition=Transition("dissolve", F(2))),
    )
    made = mixed(cut, lambda id, n: sound[id][n])[0]
    power = [np.std(made[i * RATE // 2 : (i + 1) * RATE // 2]) for i in range(12)]
    assert max(power) / min(power) < 1.05


def test_music_repeats_fades_and_ducks_before_speech_begins() -> None:
    music = Track(
        "music",
        (Segment("m", Range(F(0), F(7, 2))),),
        fade_out=F(1),
        ducking=Ducking(12.0, F(1, 5), F(1, 2)),
    )
    cut = cut_of(Segment("a", Range(F(0), F(12))), mix=Mix(None), tracks=(music,))
    made = mixed(cut, lambda id, n: np.ones(len(n)), speech=[Range(F(5), F(6))])[0]
    level = 20 * np.log10(np.maximum(np.abs(made), 1e-9))
    assert level[4 * RATE] == pytest.approx(0, abs=0.1)
    assert level[5 * RATE] == pytest.approx(-12, abs=0.1)
    assert level[int(5.9 * RATE)] == pytest.approx(-12, abs=0.1)
    assert level[int(6.6 * RATE)] == pytest.approx(0, abs=0.1)
    assert level[int(3.5 * RATE)] == pytest.approx(0, abs=0.1)
    assert level[int(11.5 * RATE)] == pytest.approx(-6.02, abs=0.1)
    assert abs(made[-1]) < 0.001


def test_a_mix_from_any_block_on_is_the_same_mix() -> None:
    music = Track("music", (Segment("m", Range(F(0), F(7, 2))),), ducking=Ducking(12.0, F(1, 5)))
    segments = (Segment("a", Range(F(1), F(5))), Segment("b", Range(F(2), F(7)), speed=F(1)))
    cut = cut_of(*segments, mix=Mix(0.0), tracks=(music,))

    def signal(id: str, numbers: np.ndarray) -> np.ndarray:
        return np.sin(numbers * (0.01 + 0.001 * ord(id[0])))

    def made(first: int) -> np.ndarray:
        blocks = mix(cut, reader(signal), duration=cut.duration, rate=RATE, first=first)
        return np.concatenate(list(blocks), axis=1)

    whole = made(0)
    for first in (BLOCK, 4 * BLOCK, 8 * BLOCK):
        assert np.array_equal(made(first), whole[:, first:])


def programme(seed: int) -> np.ndarray:
    """Noise in bursts with hard peaks, stereo: like speech over music."""
    rng = np.random.default_rng(seed)
    t = np.arange(12 * RATE) / RATE
    values = rng.standard_normal((2, len(t))) * (0.02 + 0.05 * (np.sin(t * 3) > 0))
    values[:, ::9973] *= 6
    return values.astype(np.float32)


@pytest.mark.parametrize(("target", "peak"), [(-16.0, -1.0), (-23.0, -1.0), (-14.0, -1.5)])
def test_loudness_is_reached_under_the_true_peak(target: float, peak: float) -> None:
    sound = programme(1)
    blocks = (sound[:, i : i + 10_000] for i in range(0, sound.shape[1], 10_000))
    with mastered(blocks, Mix(loudness=target, true_peak=peak), RATE, 2) as (made, notes):
        whole = np.concatenate(list(made), axis=1)
    meter = LoudnessMeter(RATE, 2)
    meter.add(whole)
    assert whole.shape == sound.shape
    assert meter.integrated == pytest.approx(target, abs=0.5)
    assert meter.true_peak is not None
    assert meter.true_peak <= peak + 0.1
    assert not notes
    gain = measured_gain([sound], Mix(loudness=target, true_peak=peak), RATE, 2)
    for first in (0, BLOCK, 3 * BLOCK):
        before = max(0, first - BLOCK)
        rest = (sound[:, i : i + 7_000] for i in range(before, sound.shape[1], 7_000))
        passing = Passing(rest, before, sound.shape[1])
        ceiling = ceiling_of(Mix(true_peak=peak))
        again = np.concatenate(list(limited(passing, gain, ceiling, first)), axis=1)
        assert np.array_equal(again, whole[:, first:])


def test_silence_stays_and_an_unreachable_loudness_is_said() -> None:
    with mastered([np.zeros((2, RATE), np.float32)], Mix(loudness=-16), RATE, 2) as (made, notes):
        assert not np.concatenate(list(made), axis=1).any()
    assert "silent" in notes[0]
    clicks = np.zeros((2, 5 * RATE), np.float32)
    clicks[:, ::RATE] = 0.5
    with mastered([clicks], Mix(loudness=-6, true_peak=-3), RATE, 2) as (made, notes):
        for _ in made:
            pass
    assert "true-peak limit" in notes[0]


def test_true_peaks_lie_between_samples() -> None:
    t = np.arange(4800)
    tone = np.sin(2 * np.pi * t / 4 + np.pi / 4)[None] * 0.5
    assert np.max(np.abs(tone)) < 0.36
    assert np.max(true_peaks(tone)[100:-100]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("speed", [F(1, 4), F(2, 3), F(3, 2), F(3)])
def test_stretched_sound_has_its_length_and_keeps_its_pitch(speed: F) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE).astype(np.float32)
    blocks = (np.stack([tone, tone])[:, i : i + 4800] for i in range(0, len(tone), 4800))
    count = nearest(4 / speed * RATE)
    made = np.concatenate(list(stretched(blocks, [(F(1), speed)], RATE, count, 1)), axis=1)
    assert made.shape == (2, count)
    inner = made[0, count // 4 : count // 2]
    peak = np.argmax(np.abs(np.fft.rfft(inner * np.hanning(len(inner))))) * RATE / len(inner)
    assert peak == pytest.approx(440, rel=0.01)


def test_stretched_sound_from_the_middle_on_is_the_same_sound() -> None:
    rate, seconds = 8000, 50
    values = np.random.default_rng(3).standard_normal((1, seconds * rate)).astype(np.float32)
    paces = [(F(20), F(5, 4)), (F(1), F(4, 5))]
    count = nearest((16 + F(30) * 5 / 4) * rate)
    asked: list[int] = []

    def read(start: int) -> Iterator[np.ndarray]:
        asked.append(start)
        return (values[:, i : i + 4800] for i in range(start, values.shape[1], 4800))

    def made(first: int) -> np.ndarray:
        return np.concatenate(list(stretched_from(read, paces, rate, count, 1, first)), axis=1)

    whole = made(0)
    assert whole.shape == (1, count)
    for first in (1, 16 * rate - 40, 16 * rate + 40, 16 * rate + 100, 40 * rate):
        assert np.array_equal(made(first), whole[:, first:])
    assert asked[-1] > 30 * rate
