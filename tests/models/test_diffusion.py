"""Diffusion and flow matching: schedules, samplers and the network they share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from smartcut.errors import ModelError
from smartcut.models.generation import making
from smartcut.models.generation.batches import ClipBatches, config_fields
from smartcut.models.generation.contract import ClipBatch, Given, SampleSettings, family
from smartcut.models.generation.denoiser import (
    Denoiser,
    DenoiserConfig,
    error_of_unknown,
    guided,
    known_frames,
    thinned,
    with_past,
)
from smartcut.models.generation.diffusion import Schedule, levels_of, unnoised
from smartcut.models.generation.evaluation import evaluate
from smartcut.models.generation.flow_matching import between, carried
from smartcut.models.generation.training import TrainingSettings, fit

BOTH = pytest.mark.parametrize("name", ["diffusion", "flow-matching"])


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def fields(**changed: Any) -> dict[str, Any]:
    common = {"frames": 3, "height": 8, "width": 8, "past": 2, "labels": ("a", "b")}
    return {**common, "finest": 8, "depth": 1, "heads": 2, "about": 16, **changed}


def moved(module: torch.nn.Module) -> torch.nn.Module:
    """With all weights away from where they start."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=noise(1)) * 0.1)
    return module.eval()


# ------------------------------------------------------------------------------- the schedule


def test_the_share_of_the_clip_falls_from_all_to_next_to_none() -> None:
    share = Schedule.cosine(100).alpha_bar
    assert share.shape == (101,)
    assert float(share[0]) == 1
    assert bool((share.diff() < 0).all())
    assert float(share[50]) == pytest.approx(
        math.cos(0.508 / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    )
    assert 0 < float(share[100]) < 1e-4


def test_clip_noise_and_v_give_each_other() -> None:
    schedule = Schedule.cosine(50)
    clips = torch.randn(3, 2, 1, 4, 4, generator=noise(1))
    dust = torch.randn(3, 2, 1, 4, 4, generator=noise(2))
    level = torch.tensor([1, 20, 50])
    x, v = schedule.noised(clips, dust, level), schedule.v_of(clips, dust, level)
    assert torch.allclose(schedule.clips_of_v(x, v, level), clips, atol=1e-5)
    assert torch.allclose(schedule.noise_of_v(x, v, level), dust, atol=1e-5)
    assert torch.allclose(schedule.noise_of_clips(x, clips, level), dust, atol=1e-4)
    alpha, sigma = schedule.at(level, x)
    assert torch.allclose(alpha**2 + sigma**2, torch.ones_like(alpha))


def test_a_sampler_visits_levels_evenly_down_to_none() -> None:
    assert levels_of(10, 5) == [10, 8, 6, 4, 2, 0]
    assert levels_of(10, 10) == list(range(10, -1, -1))
    with pytest.raises(ModelError, match="1 to 10 steps, not 11"):
        levels_of(10, 11)
    with pytest.raises(ModelError, match="1 to 10 steps, not 0"):
        levels_of(10, 0)


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_ddim_finds_the_clip_of_a_denoiser_that_knows_it(eta: float) -> None:
    truth = torch.rand(2, 3, 1, 4, 4, generator=noise(3)) * 2 - 1
    start = torch.randn(truth.shape, generator=noise(4))
    found = unnoised(lambda x, level: truth, Schedule.cosine(40), start, 7, eta, noise())
    assert torch.allclose(found, truth, atol=1e-6)


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_ddim_with_the_ideal_denoiser_of_a_normal_density_samples_it(eta: float) -> None:
    """Of clips N(mean, spread²) the best guess is linear in what is seen."""
    mean, spread, schedule = 0.3, 0.5, Schedule.cosine(1000)

    def clean(x: Tensor, level: int) -> Tensor:
        alpha, sigma = schedule.at(level, x)
        gain = alpha * spread**2 / (alpha**2 * spread**2 + sigma**2)
        return mean + gain * (x - alpha * mean)

    start = torch.randn(20_000, 1, generator=noise(5))
    found = unnoised(clean, schedule, start, 200, eta, noise(6))
    assert float(found.mean()) == pytest.approx(mean, abs=0.02)
    assert float(found.std()) == pytest.approx(spread, abs=0.02)


# ------------------------------------------------------------------------------- flow matching


def test_points_lie_between_noise_and_clips() -> None:
    one, other = torch.zeros(2, 3), torch.ones(2, 3)
    assert between(one, other, torch.tensor([0.0, 0.25])).tolist() == [[0.0] * 3, [0.25] * 3]


@pytest.mark.parametrize(("heun", "most"), [(False, 0.03), (True, 0.001)])
def test_the_field_between_two_normal_densities_carries_one_to_the_other(
    heun: bool, most: float
) -> None:
    """Its points keep their place in the density: x_1 = mean + spread x_0."""
    mean, spread = 0.4, 0.3

    def velocity(x: Tensor, time: float) -> Tensor:
        variance = (1 - time) ** 2 + time**2 * spread**2
        slope = (time * spread**2 - (1 - time)) / variance
        return mean + slope * (x - time * mean)

    start = torch.randn(1000, generator=noise())
    found = carried(velocity, start, 200, heun=heun)
    assert float((found - (mean + spread * start)).abs().max()) < most


def test_heun_is_exact_to_the_second_order() -> None:
    """On dx/dt = x, its error with twice the steps is a quarter, that of Euler's rule a half."""
    errors = {
        (heun, steps): abs(float(carried(lambda x, t: x, torch.ones(1), steps, heun=heun)) - math.e)
        for heun in (False, True)
        for steps in (40, 80)
    }
    assert errors[False, 40] / errors[False, 80] == pytest.approx(2, abs=0.1)
    # The last step is Euler's: the order stays, its error shrinks with the step's square too.
    assert errors[True, 40] / errors[True, 80] == pytest.approx(4, abs=0.3)
    with pytest.raises(ModelError, match="at least 1 step, not 0"):
        carried(lambda x, t: x, torch.ones(1), 0, heun=True)


# ------------------------------------------------------------------------- what both have


@torch.no_grad()
def test_a_new_network_guesses_about_nothing() -> None:
    torch.manual_seed(0)
    network = Denoiser(DenoiserConfig.model_validate(fields()))
    x = torch.randn(2, 3, 3, 8, 8, generator=noise())
    assert float(network(x, torch.rand(2), Given(2)).std()) < 0.15


@torch.no_grad()
def test_the_network_heeds_all_that_it_is_told() -> None:
    network = moved(Denoiser(DenoiserConfig.model_validate(fields(text_size=64, tower="x"))))
    x = torch.randn(2, 3, 3, 8, 8, generator=noise())
    level, label = torch.full((2,), 0.5), torch.tensor([0, 1])
    plain = network(x, level, Given(2))
    assert plain.shape == x.shape
    others = (
        network(x, level + 0.1, Given(2)),
        network(x, level, Given(2, label)),
        network(x, level, Given(2, text=torch.ones(2, 64) / 8)),
        network(x, level, Given(2, past=torch.zeros(2, 1, 3, 8, 8))),
    )
    assert all(float((other - plain).abs().max()) > 1e-4 for other in others)
    none = network(x, level, Given(2, torch.tensor([-1, -1]), torch.zeros(2, 64)))
    assert torch.allclose(none, plain, atol=1e-6)


@torch.no_grad()
def test_a_pixel_of_the_guess_depends_on_every_frame() -> None:
    network = moved(Denoiser(DenoiserConfig.model_validate(fields(frames=4, depth=2))))
    x = torch.randn(1, 4, 3, 8, 8, generator=noise())
    before = network(x, torch.full((1,), 0.5), Given(1))
    for frame in range(4):
        other = x.clone()
        other[:, frame, :, 7, 7] += 1
        after = network(other, torch.full((1,), 0.5), Given(1))
        assert float((after - before)[0, 3, :, 0, 0].abs().max()) > 1e-6


def test_known_frames_stand_beside_a_mask() -> None:
    past = torch.full((1, 2, 3, 8, 8), 0.5)
    known, mask = known_frames(Given(1, past=past), torch.zeros(1, 3, 3, 8, 8))
    assert known[0, :, 0, 0, 0].tolist() == [0.5, 0.5, 0]
    assert mask[0, :, 0, 0, 0].tolist() == [1, 1, 0]


def test_only_frames_that_are_not_given_count() -> None:
    guess, truth = torch.zeros(1, 3, 1, 8, 8), torch.ones(1, 3, 1, 8, 8)
    truth[:, 2] = 3
    past = torch.zeros(1, 2, 1, 8, 8)
    assert error_of_unknown(guess, truth, Given(1, past=past)).tolist() == [9]
    assert error_of_unknown(guess, truth, Given(1)).tolist() == pytest.approx([11 / 3])


def test_clips_start_with_the_given_frames_and_stay_in_range() -> None:
    past = torch.full((1, 1, 1, 8, 8), 0.1)
    shown = with_past(torch.full((1, 2, 1, 8, 8), 3.0), Given(1, past=past))
    assert shown[0, :, 0, 0, 0].tolist() == pytest.approx([0.1, 1])


def test_guidance_goes_from_nothing_asked_for_through_the_guess_and_beyond() -> None:
    given = Given(1, torch.tensor([1]))

    def guess(asked: Given) -> Tensor:
        return torch.tensor([2.0 if asked.label is None else 5.0])

    assert [float(guided(guess, given, s)) for s in (0, 1, 2)] == [2, 5, 8]
    assert float(guided(guess, Given(1), 3)) == 2


def test_one_in_ten_learns_with_nothing_asked_for() -> None:
    clips = torch.zeros(2000, 1, 1, 1, 1)
    batch = ClipBatch(clips, Given(2000, torch.zeros(2000, dtype=torch.int64)))
    label = thinned(batch, noise()).label
    assert label is not None
    assert 150 < int((label == -1).sum()) < 250


@BOTH
@torch.no_grad()
def test_guidance_of_1_is_none_and_other_scales_change_the_clip(name: str) -> None:
    kind = family(name)
    model = moved(kind(kind.settings.model_validate(fields())))
    asked = Given(2, torch.tensor([0, 1]))
    drawn = [
        model.sample(asked, noise(), SampleSettings(steps=4, guidance=g))  # type: ignore[operator]
        for g in (None, 1, 3)
    ]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[1], drawn[2])


class Says(torch.nn.Module):
    """A denoiser that guesses the same whatever it sees."""

    def __init__(self, clips: Tensor) -> None:
        super().__init__()
        self.clips = clips

    def forward(self, noisy: Tensor, level: Tensor, given: Given) -> Tensor:
        return self.clips


@BOTH
def test_a_perfect_guess_has_no_loss_and_none_at_all_that_of_the_clip(name: str) -> None:
    kind = family(name)
    model = kind(kind.settings.model_validate(fields()))
    clips = torch.full((4, 3, 3, 8, 8), 0.5)
    batch = ClipBatch(clips, Given(4))
    model.denoiser = Says(clips * 0)
    assert float(model.losses("loss", batch, noise(), 0)["error"]) == pytest.approx(0.25)
    model.denoiser = Says(clips)
    assert float(model.losses("loss", batch, noise(), 0)["loss"]) == 0


def test_sizes_that_cannot_be_halved_twice_are_refused() -> None:
    with pytest.raises(ModelError, match="multiples of 4, not 18x16"):
        DenoiserConfig(frames=2, height=16, width=18)
    with pytest.raises(ModelError, match="finest 12 must be a multiple of 8"):
        DenoiserConfig(frames=2, height=16, width=16, finest=12)
    with pytest.raises(ModelError, match="heads 5"):
        DenoiserConfig(frames=2, height=16, width=16, heads=5)


# -------------------------------------------------------------------------------- what is learned


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["flow-matching", "diffusion"])
def test_it_learns_how_shapes_look_and_move(name: str, tmp_path: Path) -> None:
    """Fréchet distance against its untrained self, the mean clip, and a normal density for each
    pixel. (One draw of what follows two frames is no nearer to the truth than the last frame
    repeated: PSNR favours what does not dare to move.)
    """
    data = making.make("moving-shapes", tmp_path / "set", clips=600, size=16, frames=8, seed=0)
    kind = family(name)
    torch.manual_seed(0)
    model = kind(kind.settings.model_validate({**config_fields(data, None, 2), "finest": 16}))
    before = evaluate(model.eval(), data, clips=60, sampling=SampleSettings(steps=5)).model

    settings = TrainingSettings(1000, batch=8, rate=3e-3, average=0.99)
    fit(model, ClipBatches.of(data, model.config), settings, tmp_path / "w.safetensors")

    after = evaluate(model, data, clips=60)
    print(after.text(), before)
    assert after.model.frechet < 0.5 * before.frechet
    assert after.model.frechet < 0.1 * after.baselines["mean-clip"].frechet
    assert after.model.frechet < 0.7 * after.baselines["pixel-gaussian"].frechet
    assert after.model.precision > 0.6
