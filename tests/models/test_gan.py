"""The adversary's losses and penalties, single pictures, and that the games are learned."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from smartcut.models.generation import making
from smartcut.models.generation.adversary import (
    Discriminator,
    discriminator_loss,
    generator_loss,
    steepness,
    still,
    turn_of,
)
from smartcut.models.generation.baselines import CopyLastFrame, PixelGaussian
from smartcut.models.generation.batches import ClipBatches, config_fields
from smartcut.models.generation.contract import ClipBatch, Config, Given
from smartcut.models.generation.evaluation import Reference, bits, measured
from smartcut.models.generation.flow_gan import FlowGan, FlowGanConfig
from smartcut.models.generation.gan import Gan, GanConfig
from smartcut.models.generation.training import TrainingSettings, fit
from smartcut.models.generation.volumes import grids, held

TINY = {"latent": 4, "finest": 4, "style": 8}


class Parabola(nn.Module):
    """A score whose gradient is known: the sum of weight * x^2 / 2."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, clips: Tensor, given: Given) -> Tensor:
        return (self.weight * clips.square() / 2).flatten(1).sum(1)


def test_the_penalty_is_the_squared_gradient_and_can_be_descended() -> None:
    random = torch.Generator().manual_seed(0)
    shape = (2, 3, 2, 2)
    clips, weight = torch.randn((5, *shape), generator=random), torch.randn(shape, generator=random)
    score = Parabola(weight.clone())
    found = steepness(score, clips, Given(5))
    exact = (weight * clips).square().flatten(1).sum(1).mean()
    assert torch.allclose(found, exact)
    found.backward()
    assert torch.allclose(score.weight.grad, (2 * weight * clips.square()).mean(0))


def test_the_penalty_of_a_discriminator_is_that_of_finite_differences() -> None:
    torch.manual_seed(0)
    config = Config(frames=1, height=8, width=8, channels=1)
    judge = Discriminator(config, 4, 8, 8, spectral=False).double()
    clips = torch.randn(1, 1, 1, 8, 8, dtype=torch.float64)
    slope, step = torch.zeros_like(clips), 1e-6
    with torch.no_grad():
        for place in range(clips.numel()):
            moved = torch.zeros_like(clips)
            moved.view(-1)[place] = step
            apart = judge(clips + moved, Given(1)) - judge(clips - moved, Given(1))
            slope.view(-1)[place] = float(apart) / (2 * step)
    found = float(steepness(judge, clips, Given(1)).detach())
    assert found == pytest.approx(float(slope.square().sum()), rel=1e-5)


def test_losses_are_those_of_the_papers() -> None:
    real, made = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])
    assert float(discriminator_loss("hinge", real, made)) == pytest.approx(1.0 + 0.75)
    assert float(generator_loss("hinge", made)) == pytest.approx(1.25)
    expected = (
        math.log(1 + math.exp(-2)) + math.log(1 + math.e)
        + math.log(1 + math.exp(0.5)) + math.log(1 + math.exp(-3))
    ) / 2  # fmt: skip
    assert float(discriminator_loss("non-saturating", real, made)) == pytest.approx(expected)
    lost = (math.log(1 + math.exp(-0.5)) + math.log(1 + math.exp(3))) / 2
    assert float(generator_loss("non-saturating", made)) == pytest.approx(lost)


def test_weights_of_spectral_norm_scale_nothing_up() -> None:
    torch.manual_seed(0)
    config = GanConfig.model_validate(
        {"frames": 4, "height": 8, "width": 8, "smooth": "spectral", "loss": "hinge", **TINY}
    )
    model = Gan(config)
    batch = ClipBatch(torch.rand(4, 4, 3, 8, 8) * 2 - 1, Given(4))
    for _ in range(3):
        model.losses("discriminator", batch, torch.Generator(), 0.0)
    for name in ("features", "score"):
        weight = getattr(model.discriminator, name).weight.detach()
        assert float(torch.linalg.matrix_norm(weight, 2)) == pytest.approx(1, abs=0.02)
    assert "r1" not in model.losses("discriminator", batch, torch.Generator(), 0.0)


def test_each_side_learns_its_own_weights_alone() -> None:
    torch.manual_seed(0)
    model = Gan(GanConfig.model_validate({"frames": 4, "height": 8, "width": 8, **TINY}))
    batch = ClipBatch(torch.rand(4, 4, 3, 8, 8) * 2 - 1, Given(4))
    sides = {"discriminator": model.discriminator, "generator": model.maker}
    for phase, other in (("discriminator", "generator"), ("generator", "discriminator")):
        model.zero_grad()
        model.losses(phase, batch, torch.Generator(), 0.0)[phase].backward()
        assert any(p.grad is not None and p.grad.any() for p in sides[phase].parameters())
        assert all(p.grad is None for p in sides[other].parameters())
    assert all(p.requires_grad for p in model.parameters())


def test_what_is_still_is_freed_again_when_something_fails() -> None:
    layer = nn.Linear(2, 2)
    with pytest.raises(RuntimeError, match="halt"), still(layer):
        assert not layer.weight.requires_grad
        raise RuntimeError("halt")
    assert layer.weight.requires_grad


def test_a_turn_comes_once_in_so_many_steps() -> None:
    random = torch.Generator().manual_seed(0)
    assert sum(turn_of(8, random) for _ in range(4000)) == pytest.approx(500, abs=70)
    assert all(turn_of(1, random) for _ in range(10))


def test_a_latent_of_a_hundred_becomes_a_picture() -> None:
    torch.manual_seed(0)
    model = Gan(GanConfig(frames=1, height=28, width=28, channels=1, finest=4)).eval()
    assert model.config.latent == 100
    assert not any(m.kernel_size[0] > 1 for m in model.modules() if isinstance(m, nn.Conv3d))
    with torch.no_grad():
        made = model.sample(Given(2), torch.Generator().manual_seed(0))
    assert made.shape == (2, 1, 1, 28, 28)


def test_grids_halve_down_to_four_rounded_up() -> None:
    config = Config(frames=5, height=18, width=40)
    assert grids(config) == [(5, 18, 40), (3, 9, 20), (3, 5, 10), (3, 3, 5)]


def test_what_follows_given_frames_starts_from_the_last_of_them() -> None:
    past = torch.arange(2.0)[None, :, None, None, None].expand(1, 2, 1, 1, 1) + 5
    assert held(past, 4)[0, :, :, 0, 0].tolist() == [[5, 6, 6, 6], [1, 1, 0, 0]]


def test_the_judge_finds_clips_out_that_are_all_alike() -> None:
    torch.manual_seed(0)
    judge = Discriminator(Config(frames=2, height=8, width=8), 4, 8, 8, spectral=False)
    one = torch.rand(1, 2, 3, 8, 8)
    among_others = judge(torch.cat([one, torch.rand(3, 2, 3, 8, 8)]), Given(4))[0]
    among_its_like = judge(one.expand(4, -1, -1, -1, -1), Given(4))[0]
    assert float((among_others - among_its_like).abs().detach()) > 1e-4


def test_the_flow_learns_alone_first_and_then_against_its_opponent() -> None:
    torch.manual_seed(0)
    model = FlowGan(
        FlowGanConfig.model_validate(
            {"frames": 3, "height": 8, "width": 8, "depth": 1, "hidden": 8, "finest": 4}
        )
    )
    assert model.phases(0.0) == ("generator",)
    assert model.phases(0.5) == ("discriminator", "generator")
    batch = ClipBatch(torch.rand(4, 3, 3, 8, 8) * 2 - 1, Given(4))
    alone = model.losses("generator", batch, torch.Generator().manual_seed(0), 0.0)
    assert torch.equal(alone["generator"], alone["bits"])
    both = model.losses("generator", batch, torch.Generator().manual_seed(0), 0.9)
    assert torch.allclose(both["generator"], both["bits"] + 0.1 * both["adversarial"])
    model.zero_grad()
    both["adversarial"].backward()
    assert any(p.grad is not None and p.grad.any() for p in model.levels.parameters())
    assert all(p.grad is None for p in model.discriminator.parameters())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_game_teaches_clips_of_shapes(tmp_path: Path) -> None:
    """Against its untrained self, a normal density for each pixel, and stills of real frames."""
    data = making.make("moving-shapes", tmp_path / "set", clips=2000, size=16, frames=8, seed=1)
    torch.manual_seed(0)
    config = GanConfig.model_validate(
        {**config_fields(data, None, 0), "finest": 12, "style": 64, "r1": 0.3, "r1_every": 4}
    )
    model = Gan(config).eval()
    reference = Reference.of(config, data, clips=200)
    before = measured(model, reference).frechet

    settings = TrainingSettings(700, batch=16, rate=5e-4, average=0.9)
    fit(model, ClipBatches.of(data, config), settings, tmp_path / "w.safetensors")

    after = measured(model, reference).frechet
    gaussian, stills = (
        measured(kind.of(config, reference.learned), reference).frechet
        for kind in (PixelGaussian, CopyLastFrame)
    )
    print(f"untrained {before}, trained {after}, pixel Gaussian {gaussian}, stills {stills}")
    assert after < before / 5
    assert after < gaussian / 2
    assert after < stills


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_hybrid_keeps_its_likelihood_in_the_game(tmp_path: Path) -> None:
    """In bits per dimension, against its untrained self and a normal density for each pixel."""
    data = making.make("moving-shapes", tmp_path / "set", clips=2000, size=16, frames=8, seed=1)
    torch.manual_seed(0)
    config = FlowGanConfig.model_validate(
        {
            **config_fields(data, None, 0),
            "depth": 3,
            "hidden": 48,
            "finest": 8,
            "features": 64,
        }
    )
    model = FlowGan(config).eval()
    reference = Reference.of(config, data, clips=200)
    before = bits(model, reference)

    settings = TrainingSettings(200, batch=16, rate=1e-3)
    fit(model, ClipBatches.of(data, config), settings, tmp_path / "w.safetensors")

    after = bits(model.eval(), reference)
    gaussian = bits(PixelGaussian.of(config, reference.learned), reference)
    print(f"untrained {before}, trained {after}, pixel Gaussian {gaussian}")
    assert after is not None
    assert before is not None
    assert gaussian is not None
    assert after < 0.5 * gaussian
    assert after < 0.5 * before
