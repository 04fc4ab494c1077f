"""A CLIP of random weights that looks at pictures of 32 x 32."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from smartcut.models.torchvision_shim import import_with_torchvision

TOY: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 32,
        "heads": 2,
        "layers": 1,
    },
}


def write_toy(folder: Path, **config: Any) -> str:
    """Its name as a scorer; ``config`` is more of what its file says."""
    import torch
    from safetensors.torch import save_file

    with torch.random.fork_rng():
        torch.manual_seed(7)
        toy = import_with_torchvision("open_clip").model.CLIP(**TOY)
        save_file(toy.state_dict(), folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": TOY, **config}))
    return f"local-dir:{folder}"
