"""Prompts as vectors, by the text tower at hand.

``minilm-l6-v2`` knows what words mean; it needs its weights (`smartcut models pull`).
``hashed-words`` needs none: each word has a direction of its own, drawn from its sha256, and a
prompt is the sum over its words. It tells prompts apart by the words that were learned from, and
knows nothing of words that mean the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from smartcut.errors import ModelError

HASHED, MINILM = "hashed-words", "minilm-l6-v2"
SIZES = {HASHED: 64, MINILM: 384}


def choose(asked: str) -> str | None:
    """The tower for ``auto``, ``none`` or a name; raises ModelError for any other."""
    if asked == "none":
        return None
    if asked == "auto":
        from smartcut.models import weights

        return MINILM if weights.find(MINILM) else HASHED
    if asked not in SIZES:
        raise ModelError(f"unknown text tower {asked!r}; accepted: auto, none, {', '.join(SIZES)}")
    return asked


def embed(texts: Sequence[str], tower: str, *, allow_net: bool = False) -> np.ndarray:
    """float32 (N, D), rows of length 1, or 0 for a text without words."""
    if tower == HASHED:
        return np.stack([_hashed(text) for text in texts])
    if tower == MINILM:
        from smartcut.models import weights
        from smartcut.models.sentence_vectors import SentenceVectors

        return SentenceVectors(weights.path(MINILM, allow_net=allow_net))(texts)
    raise ModelError(f"unknown text tower {tower!r}; accepted: {', '.join(SIZES)}")


def _hashed(text: str) -> np.ndarray:
    total = np.zeros(SIZES[HASHED])
    for word in re.findall(r"\w+", text.lower()):
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        total += np.random.default_rng(seed).standard_normal(SIZES[HASHED])
    length = float(np.linalg.norm(total))
    return (total / length if length else total).astype(np.float32)
