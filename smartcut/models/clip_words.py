"""Words as an open_clip model divides them into tokens, without open_clip once that is kept.

open_clip's tokenizers are Python classes in modules that import torch. What they do is kept beside
the weights as a file of ``tokenizers``, which answers in a tenth of a second from the start of a
process; it is used where it gives the same tokens for sentences of many kinds.
"""

from __future__ import annotations

import html
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.models import weights
from smartcut.models.engines.made_sentences import SENTENCES

_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)"
_PUNCTUATION = str.maketrans("", "", string.punctuation)

Tokens = Callable[[str], np.ndarray]
"""int64 (T,) of a text."""


class KeptTokens:
    """Tokens by what was kept of a tokenizer."""

    def __init__(self, kept: dict[str, Any]) -> None:
        from tokenizers import Tokenizer

        self._clean, self._length, self._padding = kept["clean"], kept["length"], kept["padding"]
        self._tokenizer = Tokenizer.from_str(kept["tokenizer"])

    @classmethod
    def of(cls, file: Path) -> KeptTokens | None:
        """Those of a file; None where it is not there, or damaged."""
        try:
            return cls(json.loads(file.read_text(encoding="utf-8")))
        except Exception:  # `tokenizers` raises plain ones
            return None

    def __call__(self, text: str) -> np.ndarray:
        found = self._tokenizer.encode(cleaned(text, self._clean)).ids
        length = self._length or len(found)
        return np.array(found + [self._padding] * (length - len(found)), np.int64)


def usual(tokenizer: Any, is_short: bool) -> Tokens:
    """Tokens by an open_clip tokenizer; not padded where the model reads texts of any length."""

    def tokens(text: str) -> np.ndarray:
        row = np.asarray(tokenizer([text])[0].numpy(), np.int64)
        return row[: np.flatnonzero(row)[-1] + 1] if is_short else row

    return tokens


def keep(file: Path, tokenizer: Any, is_short: bool) -> Tokens:
    """The same by what is kept of it in the file, or by itself where it cannot be kept."""
    itself = usual(tokenizer, is_short)
    try:
        plain = _plain(tokenizer, is_short)
        kept = KeptTokens(plain)
        if not all(np.array_equal(kept(text), itself(text)) for text in SENTENCES):
            return itself
    except Exception:  # a tokenizer of another kind than the two that are known
        return itself
    weights.note_down(file, json.dumps(plain))
    return kept


def _plain(tokenizer: Any, is_short: bool) -> dict[str, Any]:
    """Of open_clip's own kind, or one of ``transformers`` that it wraps."""
    if hasattr(tokenizer, "bpe_ranks"):
        built, padding = _of_merges(tokenizer), 0
    else:
        inner = tokenizer.tokenizer
        built, padding = inner.backend_tokenizer, inner.pad_token_id
        built.no_padding()
    built.enable_truncation(tokenizer.context_length)
    return {
        "clean": tokenizer.clean_fn.__name__.removeprefix("_clean_"),
        "length": 0 if is_short else tokenizer.context_length,
        "padding": padding,
        "tokenizer": built.to_str(),
    }


def _of_merges(tokenizer: Any) -> Any:
    """A ``tokenizers.Tokenizer`` that merges pairs of bytes as open_clip's own one does."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, processors

    names = {number: text for text, number in tokenizer.encoder.items()}
    special = [names[number] for number in tokenizer.all_special_ids]
    merges = sorted(tokenizer.bpe_ranks, key=tokenizer.bpe_ranks.get)
    built = Tokenizer(models.BPE(tokenizer.encoder, merges, end_of_word_suffix="</w>"))
    built.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PATTERN), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    built.add_special_tokens([AddedToken(text, normalized=False) for text in special])
    first, last = special[:2]
    built.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(t, tokenizer.encoder[t]) for t in special[:2]]
    )
    return built


def cleaned(text: str, how: str) -> str:
    """The text as open_clip cleans it: ``lower``, ``whitespace`` or ``canonicalize``.

    Raises KeyError for another way.
    """
    import ftfy

    text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return _CLEANING[how](" ".join(text.split()))


_CLEANING: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "whitespace": str,
    "canonicalize": lambda text: " ".join(
        text.replace("_", " ").translate(_PUNCTUATION).lower().split()
    ),
}
