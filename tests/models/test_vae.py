"""The variational autoencoder: its divergence, its way between clips, and that it learns."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from smartcut.errors import ModelError
from smartcut.models.generation import making
from smartcut.models.generation.baselines import MeanClip
from smartcut.models.generation.batches import ClipBatches, config_fields, to_pixels
from smartcut.models.generation.contract import ClipBatch, Given, SampleSettings
from smartcut.models.generation.evaluation import Reference, measured
from smartcut.models.generation.measures import psnr
from smartcut.models.generation.training import TrainingSettings, fit
from smartcut.models.generation.vae import Normal, Vae, VaeConfig, arc, divergence

TINY = {"latent": 6, "finest": 4, "style": 8}


def tiny(**fields: object) -> Vae:
    torch.manual_seed(0)
    return Vae(VaeConfig.model_validate({"frames": 4, "height": 12, "width": 9, **TINY, **fields}))


def clips(count: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.rand((count, 4, 3, 12, 9), generator=random) * 2 - 1


def test_the_divergence_is_that_of_the_closed_form_and_of_a_sum_over_a_fine_grid() -> None:
    one = Normal(torch.tensor([[0.3]]), torch.tensor([[2 * math.log(0.7)]]))
    other = Normal(torch.tensor([[-0.4]]), torch.tensor([[2 * math.log(1.5)]]))
    found = float(divergence(one, other))
    p, q = torch.distributions.Normal(0.3, 0.7), torch.distributions.Normal(-0.4, 1.5)
    x = torch.linspace(-8, 8, 20001, dtype=torch.float64)
    summed = (p.log_prob(x).exp() * (p.log_prob(x) - q.log_prob(x))).sum() * (x[1] - x[0])
    assert found == pytest.approx(float(summed), abs=1e-5)
    assert found == pytest.approx(math.log(1.5 / 0.7) + (0.49 + 0.49) / (2 * 2.25) - 0.5, abs=1e-6)
    assert float(divergence(one, one)) == pytest.approx(0, abs=1e-7)


def test_the_weight_of_the_divergence_rises_and_stays() -> None:
    model = tiny(beta=0.5, annealing=0.4)
    assert [model.weight(p) for p in (0.0, 0.1, 0.4, 1.0)] == [0.0, 0.125, 0.5, 0.5]
    assert tiny(annealing=0).weight(0.0) == 1.0


def test_free_nats_hold_the_divergence_at_their_own() -> None:
    batch = ClipBatch(clips(3), Given(3))
    loose, strict = tiny(free=100.0, annealing=0), tiny(annealing=0)
    (one, other) = (m.losses("loss", batch, torch.Generator(), 1.0) for m in (loose, strict))
    values = 4 * 3 * 12 * 9
    nats = other["nats"]
    assert float((one["loss"] - other["loss"]).detach()) == pytest.approx(
        float((6 * 100.0 - nats) / values), abs=1e-5
    )


def test_frames_that_are_given_cost_nothing() -> None:
    model, batch = tiny(past=2), clips(3)
    given = Given(3, past=batch[:, :2])
    changed = batch.clone()
    changed[:, :2] += model.decode(torch.zeros(3, 6))[:, :2]
    losses = model.losses("loss", ClipBatch(batch, given), torch.Generator(), 0.0)
    made = 10 ** (float(losses["psnr"]) / 10)
    assert float(losses["loss"].detach()) == pytest.approx(0.5 * math.log(4 / made), abs=1e-4)


def test_the_arc_has_its_ends_and_turns_evenly() -> None:
    start, end = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 4.0])
    way = arc(start, end, torch.tensor([0.0, 1 / 3, 0.5, 1.0]))
    assert torch.equal(way[0], start)
    assert torch.equal(way[-1], end)
    half = 3 * math.sqrt(0.5)
    assert torch.allclose(way[2], torch.tensor([half, half]))
    angle = math.atan2(float(way[1, 1]), float(way[1, 0]))
    assert angle == pytest.approx(math.pi / 6, abs=1e-6)


@pytest.mark.parametrize("end", [[3.0, 0.0], [-2.0, 0.0], [0.0, 0.0]])
def test_where_there_is_no_arc_the_way_is_straight(end: list[float]) -> None:
    start = torch.tensor([1.0, 0.0])
    way = arc(start, torch.tensor(end), torch.tensor([0.25]))
    assert torch.allclose(way, torch.lerp(start, torch.tensor(end), 0.25)[None])


def test_the_way_between_two_clips_begins_and_ends_at_them() -> None:
    model, (first, second) = tiny().eval(), clips(2)
    with torch.no_grad():
        way = model.between(first, second, 5)
        led = model.transition(first, second, 7)
    assert way.shape == (5, 4, 3, 12, 9)
    assert torch.allclose(way[0], first, atol=1e-5)
    assert torch.allclose(way[-1], second, atol=1e-5)
    assert led.shape == (7, 3, 12, 9)
    assert torch.allclose(led[0], first[-1], atol=1e-5)
    assert torch.allclose(led[-1], second[0], atol=1e-5)
    with pytest.raises(ModelError, match="at least 2 steps, not 1"):
        model.between(first, second, 1)
    with pytest.raises(ModelError, match=r"accepted are \(N, 4, 3, 12, 9\)"):
        model.encode(clips(2)[:, :3])


def test_no_temperature_makes_the_likeliest_clip() -> None:
    model = tiny().eval()
    with torch.no_grad():
        one, other = (
            model.sample(Given(1), torch.Generator().manual_seed(s), SampleSettings(temperature=0))
            for s in (1, 2)
        )
    assert torch.equal(one, other)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_learns_what_clips_of_shapes_are_like(tmp_path: Path) -> None:
    """Held-back clips come back nearer than the mean clip; samples beat its untrained self."""
    data = making.make("moving-shapes", tmp_path / "set", clips=2000, size=16, frames=8, seed=1)
    torch.manual_seed(0)
    config = VaeConfig.model_validate(
        {**config_fields(data, None, 2), "latent": 32, "finest": 12, "style": 64}
    )
    model = Vae(config).eval()
    reference = Reference.of(config, data, clips=200)
    before = measured(model, reference)

    settings = TrainingSettings(900, batch=16, rate=2e-3)
    fit(model, ClipBatches.of(data, config), settings, tmp_path / "w.safetensors")

    after = measured(model, reference)
    held_back = ClipBatches.of(data, config, held_back=True).whole(config, "cpu").clips
    with torch.no_grad():
        back = to_pixels(model.decode(model.encode(held_back)))
    usual = MeanClip.of(config, reference.learned).clip.expand(held_back.shape)
    own = psnr(to_pixels(held_back), back)
    trivial = psnr(to_pixels(held_back), to_pixels(usual))
    print(f"untrained {before}\ntrained {after}")
    print(f"reconstructed {own} dB, mean clip {trivial} dB")
    assert own > trivial + 2
    assert after.frechet < before.frechet / 2
