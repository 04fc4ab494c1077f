"""Pictures and words in one space, by open_clip (Radford et al. 2021; Cherti et al. 2023).

A model is named ``MODEL/PRETRAINED`` as open_clip lists them, ``MODEL:PATH`` for a local
checkpoint, or ``local-dir:PATH`` for a folder with ``open_clip_config.json`` and its weights.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models.torchvision_shim import ensure_torchvision

DEFAULT = "ViT-B-32/laion2b_s34b_b79k"
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
        if ":" in text and "/" in text.partition(":")[2]:
            model, _, path = text.partition(":")
            return cls(text, "file", model, path)
        model, slash, tag = text.partition("/")
        if not slash or not tag:
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

    repository = _hub_repository(name)
    if repository is None:
        return None
    for file in _WEIGHT_FILES:
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


def _hub_repository(name: ClipName) -> str | None:
    if name.text in _REPOSITORIES:
        return _REPOSITORIES[name.text]
    ensure_torchvision()
    import open_clip

    found = open_clip.pretrained.get_pretrained_cfg(name.model, name.weights)
    if not found:
        raise ModelError(f"open_clip knows no model {name.text!r}; see open_clip.list_pretrained()")
    return str(found.get("hf_hub", "")).rstrip("/") or None


def missing(name: ClipName) -> ModelError:
    """The error for weights that are not on this machine."""
    if name.kind != "hub":
        return ModelError(f"there are no CLIP weights at {name.weights}")
    return ModelError(
        f"the CLIP weights of {name.text} are not on this machine; allow fetching them with "
        "--allow-net, name a local checkpoint, or use `model: embedded`"
    )


def preprocess_of(name: ClipName) -> Preprocess:
    """The model's own preprocessing, found without loading weights.

    A local checkpoint of a known architecture gets that of the architecture's published
    weights: open_clip itself would take its defaults there (its issue 1068).
    """
    if name.kind == "folder":
        file = Path(name.weights).expanduser() / "open_clip_config.json"
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{file} cannot be read: {error}") from error
        return _preprocess(config["model_cfg"], config.get("preprocess_cfg", {}))
    ensure_torchvision()
    import open_clip

    model = open_clip.get_model_config(name.model)
    if model is None:
        known = ", ".join(open_clip.list_models()[:8])
        raise ModelError(f"open_clip knows no architecture {name.model!r}; some are: {known} …")
    tags = open_clip.list_pretrained_tags_by_model(name.model)
    tag = name.weights if name.kind == "hub" else (tags[0] if tags else "")
    published = open_clip.pretrained.get_pretrained_cfg(name.model, tag) if tag else {}
    return _preprocess(model, published or {})


def _preprocess(model: dict[str, Any], wanted: dict[str, Any]) -> Preprocess:
    size = wanted.get("size") or model["vision_cfg"].get("image_size", 224)
    size = size[0] if isinstance(size, (list, tuple)) else size
    mean = tuple(wanted.get("mean") or (0.48145466, 0.4578275, 0.40821073))
    std = tuple(wanted.get("std") or (0.26862954, 0.26130258, 0.27577711))
    return Preprocess(int(size), mean, std, wanted.get("resize_mode") == "squash")


class Clip:
    """A loaded model: :meth:`pictures` and :meth:`texts` give rows of length 1."""

    def __init__(self, name: ClipName, device: str, allow_net: bool = False) -> None:
        file = weights_file(name)
        if file is None and not (allow_net and name.kind == "hub"):
            raise missing(name)
        ensure_torchvision()
        import open_clip

        self._device = device
        self._wanted = preprocess_of(name)
        architecture = f"local-dir:{name.weights}" if name.kind == "folder" else name.model
        pretrained = None if name.kind == "folder" else str(file or name.weights)
        try:
            self._model = open_clip.create_model(architecture, pretrained=pretrained, device=device)
            self._tokenizer = open_clip.get_tokenizer(architecture)
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            raise ModelError(f"open_clip cannot load {name.text}: {error}") from error
        self._model.eval()

    def pictures(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """float32 (N, D) of uint8 RGB pictures whose shorter side is the model's size."""
        import torch

        wanted = self._wanted
        cropped = np.stack([middle(picture, wanted.size) for picture in batch])
        tensor = torch.from_numpy(cropped).to(self._device).permute(0, 3, 1, 2).float() / 255
        mean = torch.tensor(wanted.mean, device=self._device).view(1, 3, 1, 1)
        std = torch.tensor(wanted.std, device=self._device).view(1, 3, 1, 1)
        with torch.inference_mode(), self._autocast():
            vectors = self._model.encode_image((tensor - mean) / std, normalize=True)
        return np.asarray(vectors.float().cpu().numpy())

    def texts(self, prompts: Sequence[str]) -> np.ndarray:
        """float32 (N, D) of the prompts."""
        import torch

        tokens = self._tokenizer(list(prompts)).to(self._device)
        with torch.inference_mode(), self._autocast():
            vectors = self._model.encode_text(tokens, normalize=True)
        return np.asarray(vectors.float().cpu().numpy())

    def _autocast(self) -> Any:
        import torch

        if self._device == "cpu":
            return nullcontext()
        kind = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        return torch.autocast("cuda", dtype=kind)


def middle(picture: np.ndarray, size: int) -> np.ndarray:
    """The square in the middle; a picture a pixel too small is scaled up to it."""
    import cv2

    height, width = picture.shape[:2]
    if min(height, width) < size:
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
    return f"open_clip {name.text}", file_sha256(file)
