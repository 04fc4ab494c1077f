"""The contract that every family of generators keeps, each in a tiny form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models.generation import dataset, prompts
from smartcut.models.generation.batches import ClipBatches, config_fields, to_clips, to_pixels
from smartcut.models.generation.checkpoint import describe, load
from smartcut.models.generation.contract import Generator, Given, check_given, family
from smartcut.models.generation.shapes import SHAPES, moving_shapes
from smartcut.models.generation.training import TrainingSettings, Watching, beside, fit

#: The smallest configuration of each family that still learns.
TINY: dict[str, dict[str, Any]] = {
    "gan": {"latent": 8, "finest": 4, "style": 16, "r1_every": 2},
    "flow-gan": {"levels": 2, "depth": 1, "hidden": 8, "finest": 4, "features": 8, "r1_every": 2},
    "vae": {"latent": 8, "finest": 4, "style": 16},
    "flow-matching": {"finest": 8, "depth": 1, "heads": 2, "about": 16},
    "diffusion": {"finest": 8, "depth": 1, "heads": 2, "about": 16},
    "flow": {"levels": 2, "depth": 1, "hidden": 8},
    "transformer": {"tokenizer_size": 16, "size": 16, "depth": 1, "heads": 2, "levels": (4, 4)},
}

SIZE, FRAMES, PAST = 16, 4, 2


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dataset.Dataset:
    folder = tmp_path_factory.mktemp("sets") / "shapes"
    made = moving_shapes(24, SIZE, FRAMES, 3)
    return dataset.write(folder, made, kind="moving-shapes", rate=15.0, labels=SHAPES, seed=3)


def built(name: str, data: dataset.Dataset, seed: int = 0) -> Generator:
    kind = family(name)
    fields = config_fields(data, prompts.HASHED, PAST)
    torch.manual_seed(seed)
    return kind(kind.settings.model_validate({**fields, **TINY[name]}))


def quiet(text: str) -> None:
    """Nobody reads it."""


def given(data: dataset.Dataset, count: int, *, past: bool = False) -> Given:
    clips = to_clips(data.arrays()[:count])
    text = torch.from_numpy(prompts.embed(data.captions[:count], prompts.HASHED))
    label = torch.tensor(data.label_of[:count])
    return Given(count, label, text, clips[:, :PAST] if past else None)


def drawn(model: Generator, given: Given, seed: int) -> torch.Tensor:
    with torch.no_grad():
        return model.eval().sample(given, torch.Generator().manual_seed(seed))


families = pytest.mark.parametrize("name", list(TINY))


@families
def test_samples_have_the_shape_and_range_of_clips(name: str, shapes: dataset.Dataset) -> None:
    made = drawn(built(name, shapes), given(shapes, 3), 0)
    assert made.shape == (3, FRAMES, 3, SIZE, SIZE)
    assert made.dtype == torch.float32
    assert float(made.abs().max()) <= 1


@families
def test_the_same_seed_gives_the_same_clip(name: str, shapes: dataset.Dataset) -> None:
    model = built(name, shapes)
    one, same, other = (drawn(model, given(shapes, 2), seed) for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@families
def test_past_frames_come_first_as_given(name: str, shapes: dataset.Dataset) -> None:
    asked = given(shapes, 2, past=True)
    assert asked.past is not None
    assert torch.equal(drawn(built(name, shapes), asked, 1)[:, :PAST], asked.past)


@families
def test_all_that_is_learned_is_saved(name: str, shapes: dataset.Dataset, tmp_path: Path) -> None:
    model, file = built(name, shapes), tmp_path / "w.safetensors"
    model.save(file)
    again = type(model).load(file)
    assert again.config == model.config
    assert torch.equal(drawn(model, given(shapes, 2), 0), drawn(again, given(shapes, 2), 0))


@families
def test_a_killed_training_goes_on_to_the_same_weights(
    name: str, shapes: dataset.Dataset, tmp_path: Path
) -> None:
    settings, digests = TrainingSettings(steps=4, batch=4), []
    for stops in ((), (2,)):
        out = tmp_path / f"{len(stops)}.safetensors"
        for stop in (*stops, None):
            model = built(name, shapes)
            data = ClipBatches.of(shapes, model.config)
            watching = Watching(1, 2, 1, stop, quiet)
            fit(model, data, settings, out, watching)
        rows = beside(out, ".csv").read_text().splitlines()
        assert [row.split(",")[0] for row in rows] == ["step", "0", "1", "2", "3"]
        assert beside(out, ".png").is_file()
        assert not beside(out, ".state").exists()
        digests.append(file_sha256(out))
    assert digests[0] == digests[1]
    assert describe(out)["training"]["steps"] == 4


# ------------------------------------------------------------------------------ what is shared


def test_clips_and_pixels_are_each_other_s_inverse() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16, 1).repeat(3, -1)
    assert np.array_equal(to_pixels(to_clips(pixels)), pixels)


def test_hashed_words_tell_prompts_apart_and_not_their_case() -> None:
    one, same, other = prompts.embed(["A red ball", "a red  ball!", "a blue ball"], prompts.HASHED)
    assert np.array_equal(one, same)
    assert float(one @ other) < 0.9
    assert not prompts.embed(["..."], prompts.HASHED).any()


def test_an_unknown_family_is_an_error_that_lists_them() -> None:
    with pytest.raises(ModelError, match="unknown family 'gam'; accepted: gan"):
        family("gam")


def test_weights_that_may_hold_code_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "w.pt"
    torch.save({"a": torch.zeros(1)}, file)
    with pytest.raises(ModelError, match="is no .safetensors file"):
        load(file)
    file = tmp_path / "w.safetensors"
    with pytest.raises(ModelError, match="there are no weights at"):
        load(file)
    file.write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(ModelError, match="holds no generator"):
        load(file)


def test_what_was_not_learned_cannot_be_asked_for(shapes: dataset.Dataset) -> None:
    from smartcut.models.generation.contract import Config

    config = Config.model_validate({**config_fields(shapes, None, 0), "labels": ()})
    full = given(shapes, 1, past=True)
    for asked, said in (
        (Given(1, label=full.label), "know no classes"),
        (Given(1, text=full.text), "know no prompts"),
        (Given(1, past=full.past), "cannot continue"),
    ):
        with pytest.raises(ModelError, match=said):
            check_given(config, asked)
