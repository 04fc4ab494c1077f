"""What every effect on sound keeps, whoever wrote it: asked of all that are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.algebra import opening
from smartcut.annotation import Spectrum
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.effect import checked, effect_modules, find_effect, to_effect
from smartcut.errors import PipelineError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.layouts import USUAL
from smartcut.render.output import Wish, choose_output
from smartcut.render.sound.changing import applied_sounds, without_sound_effects
from smartcut.render.sound.clips import programme_clips
from smartcut.render.sound.effects import Heard, SegmentTimes, with_effects
from smartcut.render.sound.plan import plan_sounds
from smartcut.sound_effect import AppliedSound, SoundBench, SoundEffect, check_sound, is_sound
from smartcut.source import AudioStream, Source
from smartcut.stage import find_stage

RATE = 48_000
#: Parameters with which those do something whose defaults do not.
WORKING: dict[str, dict[str, Any]] = {
    "gain": {"db": -6.0, "fade_in": F(1, 2)},
    "equaliser": {"bass": 6.0, "bands": [{"frequency": 1000, "db": -9}]},
    "de_ess": {"reduction": 12.0, "ratio": 0.01},
    "compressor": {"threshold": -40.0},
}
#: Another value of each parameter.
OTHERS: dict[str, Any] = {
    "amount": 0.5, "db": 3.0, "fade_in": F(1, 4), "fade_out": F(1, 4), "frequency": 3000.0,
    "slope": 24, "bass": 1.0, "treble": 1.0, "bands": [{"frequency": 500, "db": 2}],
    "threshold": -30.0, "ratio": 7.0, "attack": F(1, 10), "release": F(1), "knee": 1.0,
    "makeup": 1.0, "reduction": 3.0,
}  # fmt: skip
#: Most that samples of another division may differ, where effects remember: of full scale.
TOLERANCE = {"compressor": 1e-4, "denoise_sound": 1e-4}
EXACT = {"gain", "mute"}
EFFECTS = sorted(n for n in effect_modules() if issubclass(find_effect(n), SoundEffect))
LASTS = 3 * RATE


def working(name: str) -> SoundEffect:
    made = find_effect(name).model_validate(WORKING.get(name, {}))
    assert isinstance(made, SoundEffect)
    return made


def sound(channels: int) -> np.ndarray:
    """Bursts of noise over a tone, another in each channel."""
    random = np.random.default_rng(channels)
    t = np.arange(LASTS) / RATE
    values = random.standard_normal((channels, LASTS)) * (0.01 + 0.05 * (np.sin(9 * t) > 0))
    return (values + 0.2 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


def heard(values: np.ndarray) -> Heard:
    def read(first: int, last: int) -> Iterator[np.ndarray]:
        inside = values[:, max(first, 0) : max(last, 0)]
        before = min(max(-first, 0), last - first)
        after = last - first - before - inside.shape[1]
        whole = np.pad(inside, ((0, 0), (before, after)))
        for at in range(0, whole.shape[1], 7001):
            yield whole[:, at : at + 7001]

    return read


def bench(channels: int) -> SoundBench:
    quiet = Spectrum(F(RATE, 1024), ((-25.0,) * 513,) * 2)
    return SoundBench(RATE, USUAL[channels], channels, {"noise": quiet}.get)


def changed(effect: SoundEffect, values: np.ndarray, during: sc.Range | None = None) -> Heard:
    effect = effect.within(sc.Range(F(0), F(3)))
    times = SegmentTimes(((F(0), F(0)), (F(3), F(3))))
    return with_effects(heard(values), [AppliedSound(effect, during)], times, bench(len(values)))


def whole(read: Heard, first: int = 0, last: int = LASTS) -> np.ndarray:
    return np.concatenate([*read(first, last)], axis=1)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("name", EFFECTS)
def test_any_division_gives_the_same_samples(name: str, channels: int) -> None:
    values = sound(channels)
    made = changed(working(name), values)
    at_once = whole(made)
    assert at_once.shape == values.shape
    assert at_once.dtype == np.float32
    assert np.abs(at_once - values).max() > 0.01
    for first, last in ((0, 70_001), (70_001, 70_002), (70_002, 131_072), (131_072, LASTS)):
        part = whole(made, first, last)
        assert part.shape[1] == last - first
        off = np.abs(part - at_once[:, first:last]).max()
        assert off <= (0 if name in EXACT else TOLERANCE.get(name, 1e-6))


@pytest.mark.parametrize("name", EFFECTS)
def test_where_it_does_not_work_the_samples_are_the_source_s_own(name: str) -> None:
    values = sound(2)
    made = whole(changed(working(name), values, sc.Range(F(1), F(2))))
    ramp = RATE // 200
    np.testing.assert_array_equal(made[:, : RATE - ramp], values[:, : RATE - ramp])
    np.testing.assert_array_equal(made[:, 2 * RATE + ramp :], values[:, 2 * RATE + ramp :])
    assert np.abs(made - values)[:, RATE : 2 * RATE].max() > 0.003
    none = working(name).model_copy(update={"amount": 0.0})
    np.testing.assert_array_equal(whole(changed(none, values)), values)


@pytest.mark.parametrize("name", EFFECTS)
def test_for_a_time_it_is_as_it_is_always(name: str) -> None:
    values = sound(2)
    for_a_time = whole(changed(working(name), values, sc.Range(F(3, 2), F(5, 2))))
    always = whole(changed(working(name), values))
    inside = slice(3 * RATE // 2, 5 * RATE // 2)
    off = np.abs(for_a_time - always)[:, inside].max()
    assert off <= (0 if name in EXACT else TOLERANCE.get(name, 1e-6))


@pytest.mark.parametrize("name", EFFECTS)
def test_half_an_amount_lies_half_way(name: str) -> None:
    values = sound(2)
    half = whole(changed(working(name).model_copy(update={"amount": 0.5}), values))
    full = whole(changed(working(name), values))
    assert np.abs(half - (values + full) / 2).max() < 1e-6


# ----------------------------------------------------------------------------- as parts of cuts


def cut_of(*effects: Effect, known: bool = True) -> Cut:
    audio = AudioStream(0, "pcm_s16le", F(1, RATE), RATE, 2, "stereo", F(0), F(100))
    source = Source("a", Path("a.wav"), "digest", "wav", F(0), F(100), None, audio)
    cut = opening((source,))
    segment = Segment("a", sc.Range(F(1), F(4)), effects=effects)
    if known:
        from smartcut.annotation import Annotation

        data = Spectrum(F(RATE, 1024), ((-25.0,) * 513,) * 2)
        cut = cut.with_annotation(Annotation("noise", "a", data))
    return replace(cut, tracks=(Track("programme", (segment,)),))


def key(cut: Cut) -> str | None:
    output = choose_output(cut, Wish(), Path("a.mkv"))
    plans, _ = plan_sounds(cut, "auto", Wish(), output, ())
    return plans[0].key


@pytest.mark.parametrize("name", EFFECTS)
def test_each_parameter_is_in_the_key(name: str) -> None:
    given: Mapping[str, Any] = WORKING.get(name, {})
    keys = [key(cut_of()), key(cut_of(to_effect(working(name))))]
    keys.append(key(cut_of(to_effect(working(name), sc.Range(F(1), F(2))))))
    for field in find_effect(name).model_fields:
        other = find_effect(name).model_validate({**given, field: OTHERS[field]})
        keys.append(key(cut_of(to_effect(other))))
    assert None not in keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", EFFECTS)
def test_it_goes_through_json(name: str) -> None:
    effect = to_effect(working(name), sc.Range(F(1), F(2)))
    cut = cut_of(effect)
    assert cut_from_json(cut_to_json(cut)) == cut
    assert check_sound(effect) == working(name)
    assert is_sound(effect)
    assert without_sound_effects(cut).segments[0].effects == ()


@pytest.mark.parametrize("name", EFFECTS)
def test_what_does_not_exist_is_refused_with_what_does(name: str) -> None:
    with pytest.raises(PipelineError, match=r"did you mean 'amount'\?"):
        check_sound(Effect(name, (("amuont", 1), *to_effect(working(name)).params)))
    with pytest.raises(PipelineError, match=f"did you mean '{name}'"):
        key(cut_of(Effect(name + "x")))
    with pytest.raises(PipelineError, match="changes sound, not pictures"):
        checked(to_effect(working(name)))


@pytest.mark.parametrize("name", EFFECTS)
def test_a_stage_of_its_name_puts_it_on_segments(name: str) -> None:
    kind = find_stage(name)
    assert {*find_effect(name).model_fields, "on", "track", "start", "end"} <= {*kind.model_fields}
    values = {**working(name).model_dump(exclude_unset=True), "from": 1, "to": 2}
    assert isinstance(getattr(sc, name)(**values), kind)

    class Known:
        def result(self, analysis: Any, source: Source) -> Any:
            return cut_of().annotation(analysis.name, source.id)

    after = kind.model_validate(values).apply(cut_of(known=False), Known())  # type: ignore[arg-type]
    assert after.segments[0].effects == (to_effect(working(name), sc.Range(F(1), F(2))),)
    assert [a.name for a in after.annotations] == [a.name for a in working(name).analyses()]


def test_idle_ones_leave_the_sound_alone() -> None:
    for name in ("gain", "equaliser"):
        cut = cut_of(Effect(name))
        assert applied_sounds(cut.segments[0]) == ()
        assert programme_clips(cut, RATE) == programme_clips(cut_of(), RATE)
        assert key(cut) == key(cut_of())
