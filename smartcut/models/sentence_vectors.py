"""Sentences as vectors, by all-MiniLM-L6-v2 (Reimers & Gurevych 2019; Wang et al. 2020).

The network is BERT (Devlin et al. 2019): six layers of twelve heads over 384 dimensions; a
sentence's vector is the mean over its words, of length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.models import weights
from smartcut.models.engines import agreement
from smartcut.models.engines.choice import FLOAT
from smartcut.models.engines.made_sentences import SENTENCES
from smartcut.models.engines.prepared import Subject, load

NAME = "minilm-l6-v2"
_WIDTH, _LONGEST = 384, 128


class SentenceVectors:
    """The model in its folder (``model.safetensors``, ``tokenizer.json``), by its engine."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()
        self._engine = load(self._subject(folder / "model.safetensors"), "cpu")
        self.engine = self._engine.engine

    def __call__(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """float32 (N, 384), rows of length 1."""
        found = np.zeros((len(texts), _WIDTH), np.float32)
        # texts of like length go together, so that little padding is computed
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), batch):
            places = order[at : at + batch]
            found[places] = self._engine(self._tokens([texts[i] for i in places]))
        return found

    def _tokens(self, texts: Sequence[str]) -> np.ndarray:
        """int64 (N, T), 0 behind the shorter ones."""
        return np.array([e.ids for e in self._tokenizer.encode_batch(texts)], np.int64)

    def _subject(self, file: Path) -> Subject:
        def build() -> Any:
            from smartcut.models.sentence_network import SentenceNetwork

            return SentenceNetwork(weights.load_state(file))

        return Subject(
            NAME,
            weights.digest(NAME),
            4,
            (FLOAT,),
            build,
            lambda: [self._tokens([a, b]) for a, b in _pairs()],
            agreement.of_vectors,
            free=(0, 1),
            least=0,  # many runs have a few sentences: what is gained is not to import torch
        )


def _pairs() -> list[tuple[str, str]]:
    """Sentences of unlike length, two by two."""
    given = SENTENCES
    return list(zip(given[::2], given[1::2], strict=True))
