"""Large models that others trained: text or a picture to video, by the `diffusers` package.

A model is a folder in the layout of diffusers (``model_index.json`` and a folder for each part), or
the name ``owner/model`` of one on the Hugging Face Hub. Only safetensors and JSON are fetched and
read: no pickle, no code of the model's own. Without ``allow_net`` nothing is fetched.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from smartcut.cache import file_sha256
from smartcut.errors import MissingExtra, MissingModel, ModelError
from smartcut.models.device import choose_device
from smartcut.models.torchvision_shim import import_with_torchvision

EXTRA = "diffusers"
_READ = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_LIBRARIES = ("diffusers", "transformers")


@dataclass(frozen=True, slots=True)
class PipelineKind:
    """What a class of pipeline makes of what."""

    words: str | None
    """The class that makes video of a prompt alone, of the same weights."""
    picture: str | None
    """The class that makes video that begins with a picture, of the same weights."""
    multiple: int
    """Width and height are multiples of this."""
    every: int
    """Frames are made as one and so many at a time; 1: any number."""


_LTX = PipelineKind("LTXPipeline", "LTXImageToVideoPipeline", 32, 8)

#: The classes of pipeline that are accepted, as ``model_index.json`` names them.
KINDS = {
    "LTXPipeline": _LTX,
    "LTXImageToVideoPipeline": _LTX,
    "WanPipeline": PipelineKind("WanPipeline", None, 16, 4),
    "WanImageToVideoPipeline": PipelineKind(None, "WanImageToVideoPipeline", 16, 4),
    "CogVideoXPipeline": PipelineKind("CogVideoXPipeline", None, 16, 4),
    "CogVideoXImageToVideoPipeline": PipelineKind(None, "CogVideoXImageToVideoPipeline", 16, 4),
    "HunyuanVideoPipeline": PipelineKind("HunyuanVideoPipeline", None, 16, 4),
    "MochiPipeline": PipelineKind("MochiPipeline", None, 16, 6),
    "TextToVideoSDPipeline": PipelineKind("TextToVideoSDPipeline", None, 8, 1),
    "StableVideoDiffusionPipeline": PipelineKind(None, "StableVideoDiffusionPipeline", 64, 1),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model on this machine."""

    folder: Path
    pipeline: str
    """Its class, one of :data:`KINDS`."""
    digest: str
    """sha256 over the names and digests of its files."""


@dataclass(frozen=True, slots=True, eq=False)
class Large:
    """A model that is ready to make video."""

    found: Found
    device: str
    pipeline: Any

    def make(
        self,
        prompt: str,
        frames: int,
        size: tuple[int, int],
        *,
        steps: int = 30,
        guidance: float = 5.0,
        seed: int = 0,
        image: np.ndarray | None = None,
        negative: str | None = None,
        rate: float | None = None,
    ) -> np.ndarray:
        """uint8 (frames, H, W, 3) RGB, of ``size`` (W, H).

        ``image``: uint8 (H, W, 3), what the video begins with. ``rate``: frames a second, for
        models that heed it. A model that makes frames in groups makes up to a group more, which
        are dropped. Raises ModelError where the model cannot do what is asked of it.
        """
        kind = KINDS[self.found.pipeline]
        check(kind, self.found, prompt, frames, size, steps, image)
        call = self._caller(kind, image is not None)
        asked: dict[str, Any] = {
            "prompt": prompt,
            "negative_prompt": negative,
            "width": size[0],
            "height": size[1],
            "num_frames": 1 + math.ceil((frames - 1) / kind.every) * kind.every,
            "num_inference_steps": steps,
            "guidance_scale": guidance,
            "max_guidance_scale": guidance,
            "output_type": "np",
        }
        if rate is not None:
            asked |= {"frame_rate": rate, "fps": max(1, round(rate))}
        if image is not None:
            asked["image"] = _picture(image)
        heeded = inspect.signature(call.__call__).parameters
        asked = {name: value for name, value in asked.items() if name in heeded}
        return self._made(call, asked, seed)[:frames]

    def _caller(self, kind: PipelineKind, with_picture: bool) -> Any:
        """The pipeline of the class that is wanted, of the parts that are loaded."""
        wanted = kind.picture if with_picture else kind.words
        if type(self.pipeline).__name__ == wanted:
            return self.pipeline
        diffusers = import_with_torchvision("diffusers")

        return getattr(diffusers, str(wanted))(**self.pipeline.components)

    def _made(self, call: Any, asked: dict[str, Any], seed: int) -> np.ndarray:
        import torch

        # The noise is drawn on the CPU, so that a seed means the same on every device.
        random = torch.Generator("cpu").manual_seed(seed)
        call.set_progress_bar_config(disable=True)
        with _memory_told(self.device), torch.inference_mode():
            frames = np.asarray(call(**asked, generator=random).frames[0], np.float32)
        if not np.isfinite(frames).all():
            raise ModelError(
                f"{self.found.folder} made numbers that are no numbers; use dtype bf16 or fp32"
            )
        return np.rint(frames.clip(0, 1) * 255).astype(np.uint8)


# ------------------------------------------------------------------------------------- finding


def find(name_or_folder: str, *, allow_net: bool = False, revision: str | None = None) -> Found:
    """The model of that folder or name, checked; loads no weights.

    Raises ModelError where there is none, where it makes no video, or where it cannot be read
    without running code of its own; MissingExtra where a name is given and nothing can look it up.
    """
    folder = Path(name_or_folder).expanduser()
    if not folder.is_dir():
        folder = _fetched(name_or_folder, allow_net, revision)
    index = folder / "model_index.json"
    try:
        parts = json.loads(index.read_text(encoding="utf-8"))
        pipeline = parts["_class_name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder} holds no pipeline of diffusers: {index.name} is missing or cannot be read "
            f"({error})"
        ) from error
    if not isinstance(pipeline, str) or pipeline not in KINDS:
        raise ModelError(
            f"{folder} holds a {pipeline}, which is not known to make video; accepted: "
            f"{', '.join(KINDS)}"
        )
    files = _files(folder, parts)
    said = "".join(f"{path.relative_to(folder).as_posix()} {file_sha256(path)}\n" for path in files)
    return Found(folder, pipeline, hashlib.sha256(said.encode()).hexdigest())


def _fetched(name: str, allow_net: bool, revision: str | None) -> Path:
    """The folder of a model of the Hub: as it was fetched before, or fetched now if allowed."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ModelError(f"there is no folder {name}, and it is no name like owner/model")
    if importlib.util.find_spec("huggingface_hub") is None:
        raise MissingExtra("huggingface_hub", EXTRA, f"the model {name}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                name, revision=revision, allow_patterns=list(_READ), local_files_only=not allow_net
            )
        )
    except LocalEntryNotFoundError as error:
        raise MissingModel(
            f"the model {name} is not on this machine and "
            + ("cannot be reached" if allow_net else "the network is not allowed")
            + "; allow it (--allow-net), or give the folder that holds the model"
        ) from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(f"the model {name} cannot be fetched: {error}") from error


def _files(folder: Path, parts: dict[str, Any]) -> list[Path]:
    """The files that a pipeline is read from; raises ModelError for parts that hold code."""
    found = [folder / "model_index.json"]
    for part, kind in sorted(parts.items()):
        if part.startswith("_") or not isinstance(kind, list) or kind[0] is None:
            continue
        if kind[0] not in _LIBRARIES:
            raise ModelError(
                f"the part {part!r} of {folder} is of {kind[0]!r}: code of the model's own is "
                f"not run; accepted are parts of {' and '.join(_LIBRARIES)}"
            )
        here = {path for shape in _READ for path in (folder / part).glob(shape)}
        weights = [p for p in (folder / part).glob("*") if p.suffix in (".bin", ".pt", ".ckpt")]
        if weights and not any(path.suffix == ".safetensors" for path in here):
            raise ModelError(
                f"{weights[0]} may hold code and is not read; get the model with its weights as "
                ".safetensors"
            )
        found += sorted(here)
    return found


# ------------------------------------------------------------------------------------- loading


def load(
    name_or_folder: str,
    *,
    dtype: Literal["auto", "fp32", "bf16", "fp16"] = "auto",
    offload: Literal["none", "model", "layers"] = "none",
    device: str = "auto",
    allow_net: bool = False,
    revision: str | None = None,
) -> Large:
    """The model, ready. ``dtype`` auto: bf16 on a GPU, else fp32.

    ``offload``: what of it stays in main memory until it is needed: nothing, each part (``model``),
    or each layer (the least GPU memory, and the slowest). Raises ModelError and MissingExtra.
    """
    where = choose_device(device)
    on_gpu = where.startswith("cuda")
    if offload != "none" and not on_gpu:
        raise ModelError(f"offload {offload!r} is for a GPU, and the device is {where}; leave it")
    if dtype == "fp16" and not on_gpu:
        raise ModelError("dtype fp16 is for a GPU; use fp32 or bf16 on the CPU")
    found = find(name_or_folder, allow_net=allow_net, revision=revision)
    for package in ("diffusers", "transformers", *(["accelerate"] if offload != "none" else [])):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, EXTRA, f"the model {name_or_folder}")
    with _memory_told(where):
        pipeline = _read(found, dtype if dtype != "auto" else ("bf16" if on_gpu else "fp32"))
        if offload == "model":
            pipeline.enable_model_cpu_offload(device=where)
        elif offload == "layers":
            pipeline.enable_sequential_cpu_offload(device=where)
        else:
            pipeline.to(where)
    return Large(found, where, pipeline)


def _read(found: Found, dtype: str) -> Any:
    """The pipeline in a folder, in main memory."""
    import torch

    diffusers = import_with_torchvision("diffusers")

    kind: Any = getattr(diffusers, found.pipeline, None)
    if kind is None:
        raise ModelError(
            f"{found.folder} holds a {found.pipeline}, which diffusers {diffusers.__version__} "
            "does not know; install a newer one"
        )
    types = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    try:
        return kind.from_pretrained(
            str(found.folder),
            dtype=types[dtype],
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
    except torch.OutOfMemoryError:
        raise
    except (OSError, ValueError, KeyError, TypeError, ImportError, AttributeError) as error:
        raise ModelError(f"{found.folder} cannot be read as a {found.pipeline}: {error}") from error


# ------------------------------------------------------------------------------------- checking


def check(
    kind: PipelineKind,
    found: Found,
    prompt: str,
    frames: int,
    size: tuple[int, int],
    steps: int,
    image: np.ndarray | None,
) -> None:
    """Raise ModelError where the model cannot do what is asked of it."""
    width, height = size
    if frames < 1 or steps < 1:
        raise ModelError(f"frames {frames} and steps {steps} must be at least 1")
    if width < 1 or height < 1 or width % kind.multiple or height % kind.multiple:
        nearest = [max(1, round(side / kind.multiple)) * kind.multiple for side in size]
        raise ModelError(
            f"{found.pipeline} makes sizes that are multiples of {kind.multiple}, not "
            f"{width}x{height}; the nearest is {nearest[0]}x{nearest[1]}"
        )
    if image is None and kind.words is None:
        raise ModelError(f"{found.pipeline} begins with a picture; give one")
    if image is not None and kind.picture is None:
        raise ModelError(f"{found.pipeline} takes no picture to begin with; leave it out")
    if image is not None and (image.shape != (height, width, 3) or image.dtype != np.uint8):
        raise ModelError(
            f"the picture is {image.dtype} {image.shape}, and the video's frames are uint8 "
            f"({height}, {width}, 3); scale it first"
        )
    if prompt and found.pipeline == "StableVideoDiffusionPipeline":
        raise ModelError(f"{found.pipeline} takes no prompt; leave it out")


def _picture(pixels: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(pixels)


@contextmanager
def _memory_told(device: str) -> Iterator[None]:
    """Turn a lack of memory into what to do about it."""
    import torch

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _too_large(device) from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise _too_large(device) from error


def _too_large(device: str) -> ModelError:
    gpu = "offload 'model' or 'layers', dtype bf16, " if device.startswith("cuda") else ""
    return ModelError(
        f"the model does not fit into the memory of {device}: use {gpu}fewer frames, a smaller "
        "size, or a smaller model"
    )
