"""Attention of a sequence to itself, in place of torch's, whose exported form knows one length."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F


class SelfAttention(nn.Module):
    """(B, T, D), or (T, B, D), of any B and T; ``inner`` and ``outer`` are its linear layers."""

    def __init__(self, given: nn.MultiheadAttention, inner: nn.Module, outer: nn.Module) -> None:
        super().__init__()
        self.heads, self.batch_first = given.num_heads, given.batch_first
        self.inner, self.outer = inner, outer

    def forward(
        self, x: Tensor, key: Tensor, value: Tensor, *, attn_mask: Any = None, **_: Any
    ) -> tuple[Tensor, None]:
        if key is not x or value is not x:
            raise NotImplementedError("attention to another sequence stays as it is")
        if not self.batch_first:
            x = x.transpose(0, 1)
        batch, length, width = x.shape
        parts = self.inner(x).reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=attn_mask)
        out = self.outer(mixed.transpose(1, 2).reshape(batch, length, width))
        return (out if self.batch_first else out.transpose(0, 1)), None


def of_any_length(module: nn.Module) -> nn.Module:
    """The module itself, its attention now of a kind that is exported for any length."""
    for name, child in module.named_children():
        if isinstance(child, nn.MultiheadAttention) and child.in_proj_weight is not None:
            inner = nn.Linear(child.embed_dim, 3 * child.embed_dim)
            inner.weight, inner.bias = child.in_proj_weight, child.in_proj_bias
            setattr(module, name, SelfAttention(child, inner, child.out_proj))
        else:
            of_any_length(child)
    return module
