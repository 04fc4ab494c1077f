"""Pictures and words in one space, by open_clip (Radford et al. 2021; Cherti et al. 2023).

A model is named ``MODEL/PRETRAINED`` as open_clip lists them, ``MODEL:PATH`` for a local
checkpoint, or ``local-dir:PATH`` for a folder with ``open_clip_config.json`` and its weights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.errors import MissingModel, ModelError
from smartcut.models import clip_facts, weights
from smartcut.models.torchvision_shim import import_with_torchvision

#: Pictures at a time on a CPU: more are not faster.
BATCH = 4
DEFAULT = "ViT-B-32/laion2b_s34b_b79k"
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
_WEIGHT_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class Preprocess:
    """How the model wants pictures: ``size`` pixels square, normalised by mean and std."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    squash: bool
    """The whole picture is stretched to a square, not cropped to its middle."""


@dataclass(frozen=True, slots=True)
class ClipName:
    """A parsed model name."""

    text: str
    kind: str
    """``hub``, ``file`` or ``folder``."""
    model: str
    weights: str

    @classmethod
    def parse(cls, text: str) -> ClipName:
        if text.startswith("local-dir:"):
            return cls(text, "folder", "", text.removeprefix("local-dir:"))
        model, colon, path = text.partition(":")
        if colon and path and model and model != "hf-hub":
            return cls(text, "file", model, path)
        model, slash, tag = text.partition("/")
        if colon or not slash or not model or not tag:
            raise ModelError(
                f"{text!r} is not a CLIP model; write MODEL/PRETRAINED (such as {DEFAULT}), "
                "MODEL:PATH of a checkpoint, local-dir:PATH, or embedded"
            )
        return cls(text, "hub", model, tag)


def weights_file(name: ClipName) -> Path | None:
    """The checkpoint on this machine; None where it is not here. Imports no torch."""
    if name.kind == "file":
        path = Path(name.weights).expanduser()
        return path if path.is_file() else None
    if name.kind == "folder":
        folder = Path(name.weights).expanduser()
        return next((folder / f for f in _WEIGHT_FILES if (folder / f).is_file()), None)
    from huggingface_hub import try_to_load_from_cache

    repository, files = _hub_files(name)
    for file in files:
        found = try_to_load_from_cache(repository, file)
        if isinstance(found, str):
            return Path(found)
    return None


#: The hub repositories of the usual models, so that looking for one imports no torch.
_REPOSITORIES = {
    "ViT-B-32/laion2b_s34b_b79k": "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    "ViT-B-16/laion2b_s34b_b88k": "laion/CLIP-ViT-B-16-laion2B-s34B-b88K",
    "ViT-L-14/laion2b_s32b_b82k": "laion/CLIP-ViT-L-14-laion2B-s32B-b82K",
}


#: Architectures whose checkpoints are prepared for as those of OpenAI's.
_USUAL = ("ViT-B-32", "ViT-B-16", "ViT-L-14")


def _hub_files(name: ClipName) -> tuple[str, tuple[str, ...]]:
    """The hub repository, and the files there that may hold the weights, the best first."""
    if name.text in _REPOSITORIES:
        return _REPOSITORIES[name.text], _WEIGHT_FILES
    place = published(name)["hf_hub"]
    repository, _, file = place.rpartition("/")
    if not file:
        return repository, _WEIGHT_FILES
    return repository, (str(Path(file).with_suffix(".safetensors")), file)


def published(name: ClipName) -> dict[str, Any]:
    """What open_clip knows about the published weights of that name."""
    found = clip_facts.published_weights(name.model, name.weights)
    if not found:
        open_clip = import_with_torchvision("open_clip")
        tags = open_clip.list_pretrained_tags_by_model(name.model)
        raise ModelError(
            f"open_clip knows no weights {name.weights!r} of a model {name.model!r}; "
            + (f"of {name.model} there are: {', '.join(tags)}" if tags else _architectures())
        )
    return found


def _architectures() -> str:
    open_clip = import_with_torchvision("open_clip")

    return f"its models are: {', '.join(open_clip.list_models()[:12])} and more"


def fetch(name: ClipName) -> Path:
    """The checkpoint, downloaded from its hub where it is not on this machine."""
    found = weights_file(name)
    if found is not None:
        return found
    if name.kind != "hub":
        raise missing(name)
    known = published(name)
    open_clip = import_with_torchvision("open_clip")

    try:
        return Path(open_clip.pretrained.download_pretrained(known))
    except Exception as error:  # the hub's client raises many kinds
        raise ModelError(
            f"the CLIP weights of {name.text} cannot be fetched: {error}; check the network, name "
            "a local checkpoint (MODEL:PATH), or use `model: embedded`"
        ) from error


def missing(name: ClipName) -> ModelError:
    """The error for weights that are not on this machine."""
    if name.kind != "hub":
        return ModelError(f"there are no CLIP weights at {name.weights}")
    return MissingModel(
        f"the CLIP weights of {name.text} are not on this machine; allow fetching them with "
        "--allow-net, name a local checkpoint, or use `model: embedded`"
    )


def preprocess_of(name: ClipName) -> Preprocess:
    """The model's own preprocessing, found without loading weights.

    A local checkpoint of a known architecture gets that of the architecture's published
    weights: open_clip itself would take its defaults there (its issue 1068).
    """
    if name.text == DEFAULT or (name.kind == "file" and name.model in _USUAL):
        return Preprocess(224, _MEAN, _STD, False)  # so that planning imports no torch
    if name.kind == "folder":
        file = configuration(name)
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
            return _preprocess(config["model_cfg"], config.get("preprocess_cfg", {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{file} is not an open_clip configuration: {error!r}") from error
    model = clip_facts.model_config(name.model)
    if model is None:
        raise ModelError(f"open_clip knows no model {name.model!r}; {_architectures()}")
    known = published(name) if name.kind == "hub" else clip_facts.first_published(name.model)
    return _preprocess(model, known)


def configuration(name: ClipName) -> Path:
    """The file that says what a folder holds."""
    return Path(name.weights).expanduser() / "open_clip_config.json"


def _preprocess(model: dict[str, Any], wanted: dict[str, Any]) -> Preprocess:
    size = wanted.get("size") or model["vision_cfg"].get("image_size", 224)
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    mode = wanted.get("resize_mode") or "shortest"
    if height != width or mode not in ("shortest", "squash"):
        raise ModelError(
            f"this CLIP model wants pictures of {width} x {height}, resized by {mode!r}; "
            "accepted are square pictures, resized by 'shortest' or 'squash'"
        )
    mean, std = tuple(wanted.get("mean") or _MEAN), tuple(wanted.get("std") or _STD)
    return Preprocess(int(height), mean, std, mode == "squash")


def middle(picture: np.ndarray, size: int) -> np.ndarray:
    """The square in the middle; a picture a pixel too small is scaled up to it."""
    height, width = picture.shape[:2]
    if min(height, width) < size:
        import cv2

        scale = size / min(height, width)
        picture = cv2.resize(picture, (round(width * scale), round(height * scale)))
        height, width = picture.shape[:2]
    top, left = (height - size) // 2, (width - size) // 2
    return picture[top : top + size, left : left + size]


def identity(name: ClipName) -> tuple[str, str]:
    """(name, sha256 of the checkpoint); raises ModelError where it is not here."""
    file = weights_file(name)
    if file is None:
        raise missing(name)
    return f"open_clip {name.text}", weights.digest_of(file)
