"""Convolutions that pad as TensorFlow does, written for ONNX with what they pad known.

Such a convolution pads by how large its input is, more on the right and below than on the left and
above. Exported as it is written, it becomes operators that work that out for each batch and copy
the input, and the library cannot keep its own order of channels across them. In ONNX a convolution
may pad each side as it likes, so the pads of one size of picture are written into it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smartcut.models.torchvision_shim import import_with_torchvision

#: Left, right, above, below.
Pads = tuple[int, int, int, int]


class _Padded(torch.autograd.Function):
    """A convolution of what is padded before; in ONNX a single operator."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, how: dict[str, Any], pads: Pads
    ) -> Tensor:
        return F.conv2d(F.pad(x, pads), weight, bias, **how)

    @staticmethod
    def symbolic(g: Any, x: Any, weight: Any, bias: Any, how: dict[str, Any], pads: Pads) -> Any:
        left, right, above, below = pads
        return g.op(
            "Conv",
            *(value for value in (x, weight, bias) if value and not value.node().mustBeNone()),
            kernel_shape_i=weight.type().sizes()[2:],
            strides_i=how["stride"],
            dilations_i=how["dilation"],
            group_i=how["groups"],
            pads_i=[above, left, below, right],
        )


class PaddedConvolution(nn.Module):
    """The convolution for inputs of the one size that these pads are for."""

    def __init__(self, given: nn.Conv2d, pads: Pads) -> None:
        super().__init__()
        self.weight, self.bias, self.pads = given.weight, given.bias, pads
        self.how = {
            "stride": list(given.stride),
            "dilation": list(given.dilation),
            "groups": given.groups,
        }

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = _Padded.apply(x, self.weight, self.bias, self.how, self.pads)
        return out


def with_known_pads(module: nn.Module, rows: Tensor) -> nn.Module:
    """The module itself, for rows of that size alone: convolutions that pad by size know theirs."""
    kind = import_with_torchvision("timm.layers").Conv2dSame
    sizes: dict[nn.Module, torch.Size] = {}
    hooks = [
        child.register_forward_pre_hook(lambda one, given: sizes.update({one: given[0].shape[2:]}))
        for child in module.modules()
        if type(child) is kind
    ]
    with torch.no_grad():
        module(rows)
    for hook in hooks:
        hook.remove()
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d) and child in sizes:
                setattr(parent, name, PaddedConvolution(child, pads_of(child, sizes[child])))
    return module


def pads_of(layer: nn.Conv2d, size: torch.Size) -> Pads:
    """What TensorFlow's "SAME" pads inputs (height, width) with for a layer."""
    above, below, left, right = (
        pad
        for length, kernel, stride, apart in zip(
            size, layer.kernel_size, layer.stride, layer.dilation, strict=True
        )
        for pad in _pads_along(length, kernel, stride, apart)
    )
    return left, right, above, below


def _pads_along(length: int, kernel: int, stride: int, apart: int) -> tuple[int, int]:
    outputs = -(-length // stride)
    total = max(0, (outputs - 1) * stride + (kernel - 1) * apart + 1 - length)
    return total // 2, total - total // 2
