"""A generator's file: safetensors, whose metadata holds the family and configuration as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from smartcut.errors import ModelError
from smartcut.files import reason, write_bytes
from smartcut.models.generation.contract import Generator, family
from smartcut.models.weights import load_state

FORMAT = "smartcut-generator-1"


def save(model: Generator, file: Path, about: dict[str, Any]) -> None:
    """Write the weights whole or not at all; ``about`` says how they came to be."""
    from safetensors.torch import save as as_bytes

    tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    said = {
        "format": FORMAT,
        "family": model.family,
        "config": model.config.model_dump(mode="json"),
        **about,
    }
    try:
        write_bytes(file, as_bytes(tensors, {"smartcut": json.dumps(said, sort_keys=True)}))
    except OSError as error:
        raise ModelError(f"{file} cannot be written: {reason(error, file.parent)}") from error


def describe(file: Path) -> dict[str, Any]:
    """Family, configuration and training of the generator in a file; loads no tensors.

    Raises ModelError where there is no file, or one that was not written by :func:`save`.
    """
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        raise ModelError(f"there are no weights at {file}; make some: smartcut generate train")
    if file.suffix != ".safetensors":
        raise ModelError(f"{file} is no .safetensors file; others may hold code, and are not read")
    try:
        with safe_open(str(file), "pt") as tensors:
            said = json.loads((tensors.metadata() or {})["smartcut"])
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"{file} holds no generator: it was not written by smartcut generate train"
        ) from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        given = said.get("format") if isinstance(said, dict) else said
        raise ModelError(f"{file} is of format {given!r}; this reads {FORMAT}")
    return dict(said)


def load(file: Path, device: str = "cpu") -> Generator:
    """The generator in a file, evaluating, on the device.

    Raises ModelError where the file is no generator, or its tensors do not fit its configuration.
    """
    said = describe(file)
    kind = family(str(said.get("family")))
    try:
        with torch.random.fork_rng(devices=[]):
            model = kind(kind.settings.model_validate(said["config"]))
        model.load_state_dict(load_state(file))
    except (KeyError, ValidationError, ValueError, RuntimeError) as error:
        raise ModelError(f"{file} does not fit its own configuration: {error}") from error
    return model.eval().requires_grad_(False).to(device)
