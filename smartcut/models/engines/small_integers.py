"""Linear layers in 8-bit integers, as ONNX Runtime computes them.

Weights are rounded once, with a scale for each output; inputs as they come, with a scale for each
row: what comes of a picture is the same whatever else is in its batch, and an outlier in one patch
costs the others nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from smartcut.models.engines.attention import SelfAttention

# Narrower layers gain nothing.
_NARROWEST = 32
_ZERO = 128


class _Product(torch.autograd.Function):
    """Rows times rounded weights: rounded alike in torch, slowly, and a few operators in ONNX."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        rows = x.abs().amax(-1, keepdim=True).clamp(min=1e-10) / 127
        rounded = (x / rows).round().clamp(-128, 127)
        return (rounded @ weight.to(x.dtype)) * scale * rows + bias

    @staticmethod
    def symbolic(g: Any, x: Any, weight: Any, scale: Any, bias: Any) -> Any:
        inputs, outputs = weight.type().sizes()

        def constant(value: Any, kind: torch.dtype) -> Any:
            return g.op("Constant", value_t=torch.tensor(value, dtype=kind))

        flat = g.op("Reshape", x, constant([-1, inputs], torch.int64))
        largest = g.op("ReduceMax", g.op("Abs", flat), axes_i=[1], keepdims_i=0)
        least = g.op("Max", largest, constant(1e-10, torch.float32))
        rows = g.op("Mul", least, constant(1 / 127, torch.float32))
        zeros = g.op("Expand", constant([_ZERO], torch.uint8), g.op("Shape", rows))
        rounded = g.op("QuantizeLinear", flat, rows, zeros, axis_i=0)
        product = g.op(
            "com.microsoft::MatMulIntegerToFloat",
            rounded,
            weight,
            constant(1.0, torch.float32),
            scale,
            constant(_ZERO, torch.uint8),
        )
        column = g.op("Unsqueeze", rows, constant([1], torch.int64))
        flat = g.op("Add", g.op("Mul", product, column), bias)
        before = g.op(
            "Slice", g.op("Shape", x), constant([0], torch.int64), constant([-1], torch.int64)
        )
        shape = g.op("Concat", before, constant([outputs], torch.int64), axis_i=0)
        return g.op("Reshape", flat, shape)


class IntegerLinear(nn.Module):
    """A linear layer: (..., inputs) to (..., outputs)."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        scale = weight.detach().abs().amax(1).clamp(min=1e-10) / 127
        rounded = (weight.detach() / scale[:, None]).round().to(torch.int8)
        self.register_buffer("weight", rounded.t().contiguous())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", torch.zeros(len(scale)) if bias is None else bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = _Product.apply(x, self.weight, self.scale, self.bias)
        return out


def in_integers(module: nn.Module) -> nn.Module:
    """The module itself, its linear layers, those of attention too, now in 8-bit integers."""
    for name, child in module.named_children():
        if isinstance(child, nn.MultiheadAttention) and child.in_proj_weight is not None:
            inner = IntegerLinear(child.in_proj_weight, child.in_proj_bias)
            outer = IntegerLinear(child.out_proj.weight, child.out_proj.bias)
            setattr(module, name, SelfAttention(child, inner, outer))
        elif isinstance(child, nn.Linear) and min(child.weight.shape) >= _NARROWEST:
            setattr(module, name, IntegerLinear(child.weight, child.bias))
        else:
            in_integers(child)
    return module
