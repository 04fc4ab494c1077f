"""Large models by diffusers, with a tiny LTX pipeline of random weights that is made here."""

from __future__ import annotations

import json
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from smartcut.errors import MissingExtra, ModelError
from smartcut.models.generation import large
from smartcut.models.torchvision_shim import ensure_torchvision

_absent = pytest.mark.skipif(
    find_spec("diffusers") is None or find_spec("transformers") is None,
    reason="diffusers is not installed: pip install 'smartcut-pipelines[diffusers]'",
)


def needs_diffusers(test: Any) -> Any:
    """Skipped without the extra, whose import alone takes seconds."""
    return pytest.mark.slow(_absent(test))


SIZE = 32


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def tiny_pipeline() -> Any:
    """An LTX pipeline of the smallest sizes: it makes noise, but by every part of the way."""
    ensure_torchvision()
    import diffusers
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    torch.manual_seed(0)
    words = ["<pad>", "</s>", "<unk>", "▁", "▁a", "▁red", "▁blue", "▁ball", "▁moves"]
    tokenizer = T5Tokenizer(vocab=[(word, -float(i)) for i, word in enumerate(words)], extra_ids=0)
    text = T5Config(
        vocab_size=len(words), d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2,
        decoder_start_token_id=0,
    )  # fmt: skip
    net = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, patch_size=1, patch_size_t=1, num_attention_heads=2,
        attention_head_dim=8, cross_attention_dim=16, num_layers=1, caption_channels=16,
    )  # fmt: skip
    coder = diffusers.AutoencoderKLLTXVideo(
        in_channels=3, out_channels=3, latent_channels=8, block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8), layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, False, False),
        decoder_spatio_temporal_scaling=(True, True, False, False),
        decoder_inject_noise=(False,) * 5, upsample_residual=(False,) * 4, upsample_factor=(1,) * 4,
        timestep_conditioning=False, patch_size=1, patch_size_t=1, encoder_causal=True,
        decoder_causal=False,
    )  # fmt: skip
    coder.use_framewise_encoding = coder.use_framewise_decoding = False
    return diffusers.LTXPipeline(
        transformer=net, vae=coder, tokenizer=tokenizer, text_encoder=T5EncoderModel(text),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("models") / "tiny"
    tiny_pipeline().save_pretrained(found, safe_serialization=True)
    return found


@pytest.fixture(scope="module")
def model(folder: Path) -> large.Large:
    torch.set_num_threads(1)
    return large.load(str(folder), device="cpu")


def made(model: large.Large, prompt: str = "a red ball", **more: Any) -> np.ndarray:
    return model.make(prompt, 9, (SIZE, SIZE), **{"steps": 2, "seed": 1, **more})


@needs_diffusers
def test_the_same_seed_and_prompt_make_the_same_video(model: large.Large) -> None:
    one, same = made(model), made(model)
    assert one.shape == (9, SIZE, SIZE, 3)
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, made(model, seed=2))
    assert not np.array_equal(one, made(model, "blue moves"))


@needs_diffusers
def test_a_video_begins_with_a_picture(model: large.Large) -> None:
    dark, light = (np.full((SIZE, SIZE, 3), level, np.uint8) for level in (20, 220))
    one, other = made(model, image=dark), made(model, image=light)
    assert one.shape == other.shape == (9, SIZE, SIZE, 3)
    assert not np.array_equal(one[0], other[0])
    # Without a picture it is the same as before any picture came.
    assert np.array_equal(made(model), made(model))


@needs_diffusers
def test_frames_beyond_those_wanted_are_dropped(model: large.Large) -> None:
    assert np.array_equal(model.make("", 5, (SIZE, SIZE), steps=1)[:5],
                          model.make("", 9, (SIZE, SIZE), steps=1)[:5])  # fmt: skip
    assert len(model.make("", 5, (SIZE, SIZE), steps=1)) == 5


@needs_diffusers
def test_what_a_model_cannot_make_is_an_error(model: large.Large) -> None:
    with pytest.raises(ModelError, match="multiples of 32, not 40x32; the nearest is 32x32"):
        model.make("", 9, (40, 32))
    with pytest.raises(ModelError, match="frames 0 and steps 30 must be at least 1"):
        model.make("", 0, (32, 32))
    small = np.zeros((16, 32, 3), np.uint8)
    with pytest.raises(ModelError, match=r"picture is uint8 \(16, 32, 3\)"):
        model.make("", 9, (32, 32), image=small)


@needs_diffusers
def test_weights_are_held_in_the_type_that_was_asked_for(folder: Path) -> None:
    brief = large.load(str(folder), dtype="bf16", device="cpu")
    assert brief.pipeline.transformer.dtype == torch.bfloat16
    assert made(brief, steps=1).shape == (9, SIZE, SIZE, 3)


@needs_diffusers
def test_too_little_memory_says_what_to_change(
    model: large.Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(type(model.pipeline.transformer), "forward", out)
    with pytest.raises(ModelError, match="does not fit into the memory of cpu: use fewer frames"):
        made(model)


@needs_diffusers
def test_a_changed_file_changes_the_digest(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    assert large.find(str(other)).digest == large.find(str(folder)).digest
    config = other / "vae" / "config.json"
    config.write_text(config.read_text() + "\n")
    assert large.find(str(other)).digest != large.find(str(folder)).digest


@needs_diffusers
def test_damaged_weights_are_an_error(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    weights = other / "transformer" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot be read as a LTXPipeline"):
        large.load(str(other), device="cpu")


@needs_diffusers
def test_each_class_that_is_accepted_exists_and_heeds_what_it_is_told() -> None:
    import inspect

    ensure_torchvision()
    import diffusers

    for kind in set(large.KINDS.values()):
        for name, wanted in ((kind.words, "prompt"), (kind.picture, "image")):
            if name:
                heeded = inspect.signature(getattr(diffusers, name).__call__).parameters
                common = {"width", "height", "num_frames", "num_inference_steps", "generator"}
                assert common | {wanted, "output_type"} <= set(heeded), name


# --------------------------------------------------------------------- without the package


def index(folder: Path, **parts: object) -> str:
    (folder / "model_index.json").write_text(json.dumps(parts))
    return str(folder)


def test_what_is_no_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no folder nowhere"):
        large.find("nowhere")
    with pytest.raises(ModelError, match="is missing or cannot be read"):
        large.find(str(tmp_path))
    with pytest.raises(ModelError, match="not known to make video; accepted: LTXPipeline"):
        large.find(index(tmp_path, _class_name="StableDiffusionPipeline"))


def test_a_model_of_the_hub_is_not_fetched_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="is not on this machine and the network is not allowed"):
        large.find("somebody/a-model-that-is-not-here")


def test_code_of_a_model_s_own_is_not_run(tmp_path: Path) -> None:
    name = index(tmp_path, _class_name="LTXPipeline", vae=["my_code", "MyCoder"])
    with pytest.raises(ModelError, match="code of the model's own is not run"):
        large.find(name)
    name = index(tmp_path, _class_name="LTXPipeline", vae=["diffusers", "AutoencoderKL"])
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(ModelError, match="may hold code and is not read"):
        large.find(name)


def test_settings_for_a_gpu_are_refused_on_the_cpu(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="offload 'model' is for a GPU"):
        large.load(str(tmp_path), offload="model", device="cpu")
    with pytest.raises(ModelError, match="dtype fp16 is for a GPU"):
        large.load(str(tmp_path), dtype="fp16", device="cpu")


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pip install 'smartcut-pipelines\[diffusers\]'"):
        large.load(index(tmp_path, _class_name="LTXPipeline"), device="cpu")
