"""The engine that is always there: the module itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.models.engines.choice import Precision

if TYPE_CHECKING:
    from torch import nn


class TorchEngine:
    """Answers rows by the module; on a GPU in fp16, channels last."""

    def __init__(self, module: nn.Module, device: str, precision: Precision = "fp32") -> None:
        import torch

        self._torch, self._device = torch, device
        self._half = device.startswith("cuda")
        module = module.eval().requires_grad_(False)
        if precision == "bf16":
            module = module.bfloat16()
        self._module = _channels_last(module.to(device)) if self._half else module
        self.engine = f"torch {torch.__version__}, {'fp16' if self._half else precision}"

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        torch = self._torch
        with torch.inference_mode(), torch.autocast("cuda", torch.float16, enabled=self._half):
            answers = self._module(torch.from_numpy(rows).to(self._device))
        return np.asarray(answers.float().cpu().numpy())


def _channels_last(module: nn.Module) -> Any:
    """The same module, with the weights of its two-dimensional convolutions in that order."""
    import torch

    for part in module.modules():
        if isinstance(part, torch.nn.Conv2d):
            order = torch.channels_last
            part.weight.data = part.weight.data.contiguous(memory_format=order)
    return module
