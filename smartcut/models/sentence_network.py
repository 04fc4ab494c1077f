"""The network of all-MiniLM-L6-v2 in torch: BERT, and the mean over a sentence's words."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

_HEADS, _LAYERS = 12, 6
_EPSILON = 1e-12


class SentenceNetwork(nn.Module):
    """Rows of length 1, float32 (N, 384), of tokens (N, T); 0 stands behind shorter sentences."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        self._names = {name: name.replace(".", "_") for name in state}
        for name, tensor in state.items():
            self.register_buffer(self._names[name], tensor)

    def forward(self, ids: Tensor) -> Tensor:
        mask = ids != 0
        place = self._state("embeddings.position_embeddings.weight")[: ids.shape[1]]
        kind = self._state("embeddings.token_type_embeddings.weight")[0]
        x = self._state("embeddings.word_embeddings.weight")[ids] + place + kind
        x = self._norm(x, "embeddings")
        for i in range(_LAYERS):
            at = f"encoder.layer.{i}"
            x = self._norm(x + self._attention(x, mask, at), f"{at}.attention.output")
            wide = F.gelu(self._linear(x, f"{at}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{at}.output.dense"), f"{at}.output")
        weight = mask.unsqueeze(-1).float()
        return F.normalize((x * weight).sum(1) / weight.sum(1))

    def _state(self, name: str) -> Tensor:
        return self.get_buffer(self._names[name])

    def _attention(self, x: Tensor, mask: Tensor, at: str) -> Tensor:
        batch, length, width = x.shape
        query, key, value = (
            self._linear(x, f"{at}.attention.self.{part}")
            .view(batch, length, _HEADS, width // _HEADS)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        joined = mixed.transpose(1, 2).reshape(batch, length, width)
        return self._linear(joined, f"{at}.attention.output.dense")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._state(f"{name}.weight"), self._state(f"{name}.bias"))

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight = self._state(f"{name}.LayerNorm.weight")
        bias = self._state(f"{name}.LayerNorm.bias")
        return F.layer_norm(x, weight.shape, weight, bias, _EPSILON)
