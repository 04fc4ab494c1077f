"""Sentences as vectors, by all-MiniLM-L6-v2 (Reimers & Gurevych 2019; Wang et al. 2020).

The network is BERT (Devlin et al. 2019): six layers of twelve heads over 384 dimensions; a
sentence's vector is the mean over its words, of length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.models.weights import load_state

_HEADS, _LAYERS, _WIDTH, _LONGEST = 12, 6, 384, 128
_EPSILON = 1e-12


class SentenceVectors:
    """The model loaded from its folder (``model.safetensors``, ``tokenizer.json``)."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._state = load_state(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()

    def __call__(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """float32 (N, 384), rows of length 1."""
        import torch

        found = np.zeros((len(texts), _WIDTH), np.float32)
        # texts of like length go together, so that little padding is computed
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for at in range(0, len(order), batch):
                places = order[at : at + batch]
                encoded = self._tokenizer.encode_batch([texts[i] for i in places])
                ids = torch.tensor([e.ids for e in encoded])
                mask = torch.tensor([e.attention_mask for e in encoded])
                found[places] = self._forward(ids, mask).numpy()
        return found

    def _forward(self, ids: Any, mask: Any) -> Any:
        from torch.nn import functional as F

        s = self._state
        place = s["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = s["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(s["embeddings.word_embeddings.weight"][ids] + place + kind, "embeddings")
        for i in range(_LAYERS):
            at = f"encoder.layer.{i}"
            x = self._norm(x + self._attention(x, mask, at), f"{at}.attention.output")
            wide = F.gelu(self._linear(x, f"{at}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{at}.output.dense"), f"{at}.output")
        weight = mask.unsqueeze(-1).float()
        return F.normalize((x * weight).sum(1) / weight.sum(1))

    def _attention(self, x: Any, mask: Any, at: str) -> Any:
        from torch.nn import functional as F

        batch, length, width = x.shape
        heads = [
            self._linear(x, f"{at}.attention.self.{part}")
            .view(batch, length, _HEADS, width // _HEADS)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        ]
        query, key, value = heads
        seen = mask[:, None, None, :].bool()
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        joined = mixed.transpose(1, 2).reshape(batch, length, width)
        return self._linear(joined, f"{at}.attention.output.dense")

    def _linear(self, x: Any, name: str) -> Any:
        from torch.nn import functional as F

        return F.linear(x, self._state[f"{name}.weight"], self._state[f"{name}.bias"])

    def _norm(self, x: Any, name: str) -> Any:
        from torch.nn import functional as F

        weight = self._state[f"{name}.LayerNorm.weight"]
        return F.layer_norm(
            x, weight.shape, weight, self._state[f"{name}.LayerNorm.bias"], _EPSILON
        )
