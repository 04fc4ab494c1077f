"""The normalising flow: that it can be undone, and that its likelihood is what it claims."""

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
from smartcut.models.generation.contract import Given
from smartcut.models.generation.evaluation import evaluate
from smartcut.models.generation.flow import FlowConfig, FlowModel, dequantised, displayed
from smartcut.models.generation.invertible import (
    Bijection,
    Coupling,
    Mixing,
    Spread,
    folded,
    unfolded,
)
from smartcut.models.generation.training import TrainingSettings, fit


def tiny(**changed: Any) -> FlowModel:
    """A flow whose weights are all away from where they start."""
    fields: dict[str, Any] = {
        "frames": 3, "height": 8, "width": 8, "channels": 1, "past": 2, "labels": ("a", "b"),
        "patch": 2, "levels": 2, "depth": 2, "hidden": 8,
    }  # fmt: skip
    torch.manual_seed(0)
    flow = FlowModel(FlowConfig.model_validate({**fields, **changed}))
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return flow.eval()


def asked(count: int, past: Tensor | None = None) -> Given:
    return Given(count, torch.arange(count) % 2, past=past)


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clips(count: int, flow: FlowModel) -> Tensor:
    """Continuous ones, (N, T, C, H, W) in [-1, 1)."""
    return torch.rand(count, *flow.config.clip, generator=noise(9)) * 1.8 - 0.9


# --------------------------------------------------------------------------------- its parts


@pytest.mark.parametrize("part", [Spread(6), Mixing(6), Coupling(6, 4, 8)])
def test_each_part_can_be_undone(part: Bijection) -> None:
    with torch.no_grad():
        for parameter in part.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=noise(1)) * 0.1)
        x = torch.randn(2, 6, 4, 4, generator=noise(2))
        condition = torch.randn(2, 4, 4, 4, generator=noise(3))
        y, _ = part(x, condition)
        assert float((y - x).abs().max()) > 0.01
        assert torch.allclose(part.inverse(y, condition), x, atol=1e-5)


def test_a_mixing_starts_as_a_rotation() -> None:
    x = torch.randn(1, 5, 2, 2, generator=noise())
    y, stretched = Mixing(5)(x, x)
    assert torch.allclose(y.square().sum(1), x.square().sum(1), atol=1e-5)
    assert float(stretched.detach().abs()) < 1e-5


def test_folding_can_be_undone() -> None:
    x = torch.randn(2, 3, 8, 4, generator=noise())
    assert folded(x, 4).shape == (2, 48, 2, 1)
    assert torch.equal(unfolded(folded(x, 4), 4), x)


# ------------------------------------------------------------------------------- the whole flow


@torch.no_grad()
def test_clips_come_back_from_their_latents() -> None:
    flow = tiny()
    x = clips(4, flow)
    latents, _ = flow.encode(x, asked(4))
    assert latents.shape == (4, 3, 64)
    assert float((flow.decode(latents, asked(4)) - x).abs().max()) < 1e-4


@torch.no_grad()
def test_frames_given_come_back_and_the_rest_from_its_latents() -> None:
    flow = tiny()
    x = clips(2, flow)
    latents, _ = flow.encode(x, asked(2))
    latents[:, :2] = 7
    back = flow.decode(latents, asked(2, x[:, :2]))
    assert torch.equal(back[:, :2], x[:, :2])
    assert float((back - x).abs().max()) < 1e-4


def test_the_log_determinant_is_that_of_the_jacobian() -> None:
    flow = tiny(frames=2, past=0, history=1, patch=2, levels=2).double()
    x = clips(1, flow).double()

    def latents(flat: Tensor) -> Tensor:
        return flow._frame(flat.view(2, 1, 8, 8), conditions)[0].flatten()

    seen, known = flow._histories(x)
    conditions = flow.before(seen, known.double(), asked(1), 2)
    jacobian = torch.autograd.functional.jacobian(latents, x.flatten())
    exact = torch.linalg.slogdet(jacobian)[1]
    said = flow._frame(x[0], conditions)[1].sum()
    assert abs(float(exact)) > 0.1
    assert float(said.detach()) == pytest.approx(float(exact), abs=1e-6)


def test_a_frame_depends_on_none_after_it() -> None:
    flow = tiny()
    x = clips(1, flow).requires_grad_()
    latents, _ = flow.encode(x, asked(1))
    (slope,) = torch.autograd.grad(latents[:, 1].square().sum(), x)
    assert float(slope[:, 0].abs().max()) > 0
    assert float(slope[:, 1].abs().max()) > 0
    assert float(slope[:, 2].abs().max()) == 0


@torch.no_grad()
def test_a_flow_that_only_scales_has_the_likelihood_of_a_normal_density() -> None:
    """With couplings that predict 0 and rotations, it is N(mean, spread²) of each pixel."""
    fields = {"frames": 1, "height": 8, "width": 8, "channels": 1, "patch": 2, "levels": 1}
    flow = FlowModel(FlowConfig.model_validate({**fields, "depth": 1, "hidden": 4})).eval()
    mean, spread = 0.1, 0.3
    first = flow.levels[0].steps[0]  # type: ignore[index, union-attr]
    first.shift.fill_(-mean)
    first.log_scale.fill_(-math.log(spread))
    levels = torch.randint(0, 256, (2, 1, 1, 8, 8), generator=noise())
    shown = levels / 127.5 - 1
    said = flow.bits_per_dimension(shown, Given(2), noise(4))
    y = dequantised(shown, noise(4))
    normal = torch.distributions.Normal(mean, spread)
    exact = -(normal.log_prob(y) - math.log(128)).mean((1, 2, 3, 4)) / math.log(2)
    assert torch.allclose(said, exact, atol=1e-4)


@torch.no_grad()
def test_the_likelihood_of_all_is_that_of_the_start_and_of_what_follows() -> None:
    flow = tiny()
    x = displayed(clips(2, flow))
    whole = flow.bits_per_dimension(x, asked(2), noise())
    after = flow.bits_per_dimension(x, asked(2, x[:, :2]), noise())
    start = flow._bits(x, asked(2), noise())[:, :2].mean(1)
    assert torch.allclose(whole, (2 * start + after) / 3, atol=1e-5)


@torch.no_grad()
def test_the_first_clips_come_out_with_mean_0_and_spread_1() -> None:
    torch.manual_seed(0)
    flow = FlowModel(FlowConfig(frames=2, height=16, width=16, depth=2, hidden=8))
    x = (clips(8, flow) * 0.2 + 0.4).round(decimals=2)
    flow.prepare(x)
    latents, _ = flow.encode(dequantised(x, noise(0)), Given(8))
    assert abs(float(latents.mean())) < 0.05
    assert float(latents.std()) == pytest.approx(1, abs=0.05)


@torch.no_grad()
def test_dequantised_levels_are_found_again() -> None:
    levels = torch.arange(256).view(1, 1, 1, 16, 16)
    shown = levels / 127.5 - 1
    continuous = dequantised(shown, noise())
    assert float(continuous.min()) >= -1
    assert float(continuous.max()) < 1
    assert torch.equal(((continuous + 1) * 128).floor().long(), levels)
    assert torch.allclose(displayed((levels + 0.5) / 128 - 1), shown, atol=1e-6)


@torch.no_grad()
def test_no_temperature_gives_the_same_clip_for_every_seed() -> None:
    from smartcut.models.generation.contract import SampleSettings

    flow = tiny()
    one, other = (flow.sample(asked(2), noise(s), SampleSettings(temperature=0)) for s in (1, 2))
    assert torch.equal(one, other)
    assert not torch.equal(one[0], one[1])


def test_sizes_that_cannot_be_halved_are_refused() -> None:
    with pytest.raises(ModelError, match="multiples of 8, not 20x16"):
        FlowConfig(frames=2, height=16, width=20)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_learns_how_likely_clips_of_shapes_are(tmp_path: Path) -> None:
    """Against its untrained self and a normal density for each pixel, in bits per dimension."""
    data = making.make("moving-shapes", tmp_path / "set", clips=600, size=16, frames=8, seed=0)
    torch.manual_seed(0)
    flow = FlowModel(FlowConfig.model_validate(config_fields(data, None, 2)))
    before = evaluate(flow.eval(), data, clips=60).model

    settings = TrainingSettings(450, batch=8, rate=2e-3, average=0.99)
    fit(flow, ClipBatches.of(data, flow.config), settings, tmp_path / "w.safetensors")

    after = evaluate(flow, data, clips=60)
    print(after.text(), before)
    normal = after.baselines["pixel-gaussian"].bits
    assert after.model.bits is not None
    assert before.bits is not None
    assert normal is not None
    assert after.model.bits < 0.4 * normal
    assert after.model.bits < 0.4 * before.bits
