"""The transformer over tokens of frames: its parts exactly, and how well it learns."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch

from smartcut.errors import ModelError
from smartcut.models.generation import dataset
from smartcut.models.generation.attention import angles, turned
from smartcut.models.generation.batches import ClipBatches, config_fields
from smartcut.models.generation.contract import ClipBatch, Given, SampleSettings
from smartcut.models.generation.shapes import SHAPES, moving_shapes
from smartcut.models.generation.tokenizer import Levels, Tokenizer
from smartcut.models.generation.training import TrainingSettings, Watching, fit
from smartcut.models.generation.transformer import Transformer, TransformerConfig


def tiny(**more: Any) -> Transformer:
    """A transformer over 3 frames of 4x4 tokens, stirred so that nothing in it is zero."""
    fields: dict[str, Any] = {
        "frames": 3, "height": 16, "width": 16, "labels": ("a", "b"), "past": 2,
        "levels": (4, 3), "tokenizer_size": 16, "size": 32, "depth": 2, "heads": 2,
    }  # fmt: skip
    torch.manual_seed(0)
    model = Transformer(TransformerConfig.model_validate({**fields, **more}))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.1)
    return model.eval().requires_grad_(False)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_tokens(model: Transformer, count: int = 2) -> torch.Tensor:
    return torch.randint(model.words, (count, model.length), generator=random())


def labels(*numbers: int) -> Given:
    return Given(len(numbers), torch.tensor(numbers))


# ------------------------------------------------------------------------------------ tokens


@pytest.mark.parametrize("levels", [(2,), (4, 3), (8, 5, 5)])
def test_every_token_has_levels_of_its_own(levels: tuple[int, ...]) -> None:
    found = Levels(levels)
    tokens = torch.arange(found.count)
    values = found.to_values(tokens)
    assert len(values.unique(dim=0)) == found.count
    assert float(values.abs().max()) == 1
    assert torch.equal(found.to_tokens(values), tokens)
    digits = list(itertools.product(*(range(n) for n in reversed(levels))))
    assert [tuple(d) for d in spelt_digits(found, levels)] == digits


def spelt_digits(found: Levels, levels: tuple[int, ...]) -> list[list[int]]:
    """The digits of each token, the first level last, as its spelling gives them."""
    parts = found.spelt().split(list(levels), 1)
    assert all(torch.equal(part.sum(1), torch.ones(found.count)) for part in parts)
    return torch.stack([part.argmax(1) for part in reversed(parts)], 1).tolist()


def test_numbers_are_rounded_to_the_nearest_level() -> None:
    rounded = Levels((3, 3))(torch.tensor([[-9.0, 0.1], [0.7, -0.4], [9.0, 0.0]]))
    assert rounded.tolist() == [[-1, 0], [1, 0], [1, 0]]


def test_gradients_pass_the_rounding_as_if_it_were_not_there() -> None:
    free = torch.tensor([[-1.3, 0.2], [0.6, 2.0]], requires_grad=True)
    Levels((5, 4))(free).sum().backward()
    assert free.grad is not None
    assert torch.allclose(free.grad, 1 - free.detach().tanh() ** 2, atol=1e-6)


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_frames_become_grids_of_tokens_and_frames_again(scale: int) -> None:
    torch.manual_seed(0)
    tokenizer = Tokenizer(3, scale, 16, (4, 4))
    clips = torch.rand(2, 3, 3, 16, 24, generator=random()) * 2 - 1
    tokens = tokenizer.encode(clips)
    assert tokens.shape == (2, 3 * (16 // scale) * (24 // scale))
    again = tokenizer.decode(tokens, 16 // scale, 24 // scale)
    assert again.shape == clips.shape
    back, _, _ = tokenizer(clips.flatten(0, 1))
    assert torch.allclose(again.flatten(0, 1), back.clamp(-1, 1), atol=1e-5)
    # Each frame for itself, in order.
    assert torch.equal(tokenizer.encode(clips[:, 1:2]), tokens.unflatten(1, (3, -1))[:, 1])


# --------------------------------------------------------------------------------- attention


def test_products_of_turned_vectors_depend_on_the_way_between_them_alone() -> None:
    query, key = torch.randn(2, 1, 32, generator=random())
    extents = (4, 8, 8)

    def product(one: tuple[int, ...], other: tuple[int, ...]) -> float:
        a, b = (angles(torch.tensor([place]), extents, 32) for place in (one, other))
        return float((turned(query, a) * turned(key, b)).sum())

    near = product((1, 2, 3), (0, 2, 5))
    assert product((3, 5, 1), (2, 5, 3)) == pytest.approx(near, abs=1e-4)
    for axis in range(3):
        moved = [1, 2, 3]
        moved[axis] += 1
        assert abs(product(tuple(moved), (0, 2, 5)) - near) > 1e-2
    assert float(turned(query, angles(torch.tensor([[1, 2, 3]]), extents, 32)).norm()) == (
        pytest.approx(float(query.norm()), rel=1e-5)
    )


def test_a_head_that_has_not_learned_looks_where_it_was_told() -> None:
    model = Transformer(TransformerConfig(frames=3, height=16, width=16, depth=1, heads=4))
    attention = model.blocks[0].attention
    query, key, _ = attention.into.bias.detach().reshape(3, 4, -1)
    turned_key = turned(key[:, None], model.key_angles)
    aim = 1 + 2 * 16 + 2 * 4 + 2  # the place in frame 2, row 2, column 2, after the start
    found = turned(query[:, None], model.query_angles[aim - 1 : aim]) @ turned_key.transpose(1, 2)
    best = found[:, 0, 1:].argmax(-1).tolist()
    assert best == [1 * 16 + 10, 0 * 16 + 10, 2 * 16 + 9, 2 * 16 + 6]


def test_a_later_token_never_changes_an_earlier_score() -> None:
    model = tiny()
    tokens, prefix = some_tokens(model), model._prefix(labels(0, 1))
    scores = model.scores(prefix, tokens)
    for place in (0, 17, 40):
        other = tokens.clone()
        other[:, place] = (other[:, place] + 1) % model.words
        changed = (model.scores(prefix, other) != scores).any(-1).any(0)
        assert not changed[: model.prefix + place].any()
        assert changed[model.prefix + place :].any()


def test_scores_are_the_same_with_what_is_remembered() -> None:
    from smartcut.models.generation.attention import Memory

    model = tiny()
    tokens, prefix = some_tokens(model), model._prefix(labels(0, 1))
    whole = model.scores(prefix, tokens)
    memory = [Memory(model.prefix + model.length) for _ in model.blocks]
    parts = [model.scores(prefix, tokens[:, :5], memory)]
    for start, end in ((5, 6), (6, 7), (7, 20), (20, 48)):
        parts.append(model.scores(None, tokens[:, start:end], memory))
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-4)


# ---------------------------------------------------------------------------------- sampling


def test_the_likeliest_tokens_do_not_depend_on_the_seed() -> None:
    model = tiny()
    coldest = [model.sample(labels(0), random(s), SampleSettings(temperature=0)) for s in (1, 2)]
    assert torch.equal(*coldest)
    assert torch.equal(tiny(top=1).sample(labels(0), random(3)), coldest[0])
    assert not torch.equal(model.sample(labels(0), random(1)), coldest[0])


def test_a_drawn_token_is_as_likely_as_its_score_says() -> None:
    model = tiny(top=3)
    scores = torch.tensor([2.0, 1.0, 0.0, -1.0]).expand(20_000, 4)
    drawn = torch.bincount(model._chosen(scores, random(), 0.5), minlength=4) / 20_000
    wanted = torch.tensor([4.0, 2.0, 0.0]).softmax(0)
    assert torch.allclose(drawn[:3], wanted, atol=0.01)
    assert drawn[3] == 0


def test_guidance_strengthens_what_is_asked_for() -> None:
    model = tiny()
    plain, none, strong = (
        model.sample(labels(0, 1), random(1), SampleSettings(guidance=g)) for g in (None, 1.0, 6.0)
    )
    assert torch.equal(plain, none)
    assert not torch.equal(plain, strong)


def test_what_follows_depends_on_the_past() -> None:
    model = tiny()
    past = torch.rand(1, 2, 3, 16, 16, generator=random(1)) * 2 - 1
    one, other = (
        model.sample(Given(1, past=p), random(1), SampleSettings(temperature=0))
        for p in (past, -past)
    )
    assert torch.equal(one[:, :2], past)
    assert not torch.equal(one[:, 2], other[:, 2])


def test_all_chance_comes_from_the_generator_that_is_given() -> None:
    model, found = tiny(noise=0.3, unheeded=0.5), []
    clips = torch.rand(4, 3, 3, 16, 16, generator=random()) * 2 - 1
    for seed in (1, 2):
        torch.manual_seed(seed)
        losses = model.losses("transformer", ClipBatch(clips, labels(0, 1, 0, 1)), random(5), 1.0)
        found.append(float(losses["transformer"]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"height": 18}, "frames of 16x18 do not divide into tokens of 4x4"),
        ({"heads": 5}, "size 32 and heads 5 give 6.4 numbers a head"),
        ({"levels": (1, 4)}, r"levels \(1, 4\) give 4 tokens"),
        ({"levels": (64, 64, 64)}, "give 262144 tokens"),
    ],
)
def test_sizes_that_do_not_fit_are_errors(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        tiny(**fields)


def test_a_temperature_below_zero_is_an_error() -> None:
    with pytest.raises(ModelError, match="temperature -1 is below 0"):
        tiny().sample(labels(0), random(), SampleSettings(temperature=-1))


# ---------------------------------------------------------------------------------- learning

STEPS, GIVEN = 1400, 4


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean over clips, in dB of the range."""
    return float((10 * torch.log10(4 / (one - other).square().flatten(1).mean(1))).mean())


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_learns_how_shapes_move(tmp_path: Path) -> None:
    """Against its untrained self, the last frame given, the mean clip and the commonest tokens."""
    made = moving_shapes(2000, 16, 8, 3)
    data = dataset.write(
        tmp_path / "set", made, kind="moving-shapes", rate=15.0, labels=SHAPES, seed=3
    )
    torch.manual_seed(0)
    config = TransformerConfig.model_validate({**config_fields(data, None, GIVEN), "depth": 3})
    model = Transformer(config)
    batches = (ClipBatches.of(data, config), ClipBatches.of(data, config, held_back=True))
    learned, held = (found.whole(config, "cpu", 200) for found in batches)
    untrained = figures(model.eval(), held)

    last: dict[str, torch.Tensor] = {}

    def look(_: str) -> None:
        last.update({k: v.clone() for k, v in model.tokenizer.state_dict().items()})

    settings = TrainingSettings(STEPS, batch=8, rate=3e-3)
    fit(model, batches[0], settings, tmp_path / "w.safetensors", Watching(100, say=look))

    trained = figures(model, held)
    rest = held.clips[:, GIVEN:]
    copied = psnr(held.clips[:, GIVEN - 1 : GIVEN].expand_as(rest), rest)
    mean = psnr(learned.clips.mean(0)[GIVEN:].expand_as(rest), rest)
    counts = torch.bincount(model.encode(learned.clips).flatten(), minlength=model.words) + 1
    commonest = float((counts / counts.sum()).log()[model.encode(held.clips)].mean().neg().exp())
    print(f"{untrained=} {trained=} {copied=} {mean=} {commonest=}")
    assert trained[0] < commonest / 10 < untrained[0] / 10
    assert trained[1] > max(copied + 0.2, mean + 1, untrained[1] + 8)

    # The average of the tokenizer's weights has become what the transformer learned from.
    tokens = model.encode(held.clips)
    model.tokenizer.load_state_dict(last)
    assert float((model.encode(held.clips) == tokens).float().mean()) > 0.999


def figures(model: Transformer, held: ClipBatch) -> tuple[float, float]:
    """(perplexity of held-back clips, PSNR of what follows their first frames)."""
    given = Given(held.given.count, held.given.label, past=held.clips[:, :GIVEN])
    with torch.no_grad():
        made = model.sample(given, random(), SampleSettings(temperature=0))
    assert torch.equal(made[:, :GIVEN], held.clips[:, :GIVEN])
    return model.perplexity(held.clips, held.given), psnr(made[:, GIVEN:], held.clips[:, GIVEN:])
