"""A translation model that puts a word for each word: a transformer whose weights are set by hand.

Tokens and places are one-hot. The decoder looks, from the place where it is, at the same place of
the source, and writes the word that the table has for what stands there.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

PLACES = 40
_SHARP = 40.0


def toy_translator(folder: Path, words: Mapping[str, str], languages: Sequence[str] = ()) -> Path:
    """A model in CTranslate2's form with a SentencePiece tokenizer of whole words.

    With ``languages`` (such as ``eng_Latn``) it has to be told them as NLLB is; ``words`` are then
    what it writes whatever the language.
    """
    import ctranslate2
    from ctranslate2.specs import TransformerSpec

    pairs = {f"▁{a}": f"▁{b}" for a, b in words.items()}
    special = ["<unk>", "<s>", "</s>", *languages]
    tokens = [*special, *dict.fromkeys((*pairs, *pairs.values()))]
    spec = TransformerSpec.from_config(1, 1)
    _fill(spec, tokens, {**{t: t for t in tokens}, **pairs})
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.add_source_eos = False
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    assert ctranslate2.contains_model(str(folder))
    (folder / "source.spm").write_bytes(sentence_piece_model([*special[:3], *pairs]))
    return folder


def _fill(spec: object, tokens: Sequence[str], table: Mapping[str, str]) -> None:
    count = len(tokens)
    number = {token: k for k, token in enumerate(tokens)}
    width = count + PLACES
    token_part = np.eye(count, width, dtype=np.float32)
    place_part = np.eye(PLACES, width, k=count, dtype=np.float32)
    written = np.zeros((width, width), np.float32)
    for source, target in table.items():
        written[number[target], number[source]] = _SHARP
    places = np.zeros((width, width), np.float32)
    places[count:, count:] = _SHARP * np.eye(PLACES)
    values = np.concatenate([places / _SHARP, np.eye(width, dtype=np.float32)])
    for side in (spec.encoder, spec.decoder):  # type: ignore[attr-defined]
        embeddings = side.embeddings[0] if side is spec.encoder else side.embeddings  # type: ignore[attr-defined]
        embeddings.weight = token_part
        side.scale_embeddings = False
        side.position_encodings.encodings = place_part
        _norm(side.layer_norm, width)
        (layer,) = side.layer
        _nothing(layer.self_attention.linear, (3 * width, width), width)
        _norm(layer.self_attention.layer_norm, width)
        _linear(layer.ffn.linear_0, np.zeros((4, width)))
        _linear(layer.ffn.linear_1, np.zeros((width, 4)))
        _norm(layer.ffn.layer_norm, width)
    attention = spec.decoder.layer[0].attention  # type: ignore[attr-defined]
    _norm(attention.layer_norm, width)
    for linear, weight in zip(attention.linear, (places, values, written), strict=True):
        _linear(linear, weight)
    _linear(spec.decoder.projection, token_part * 10)  # type: ignore[attr-defined]


def _nothing(linears: Sequence[object], first: tuple[int, int], width: int) -> None:
    _linear(linears[0], np.zeros(first))
    _linear(linears[1], np.zeros((width, width)))


def _linear(linear: object, weight: np.ndarray) -> None:
    linear.weight = weight.astype(np.float32)  # type: ignore[attr-defined]
    linear.bias = np.zeros(len(weight), np.float32)  # type: ignore[attr-defined]


def _norm(norm: object, width: int) -> None:
    norm.gamma = np.ones(width, np.float32)  # type: ignore[attr-defined]
    norm.beta = np.zeros(width, np.float32)  # type: ignore[attr-defined]


# --------------------------------------------------------------------------------- SentencePiece


def sentence_piece_model(pieces: Sequence[str], kind: int = 1, spells_bytes: bool = False) -> bytes:
    """sentencepiece_model.proto: earlier pieces are likelier; the first is what is unknown."""
    data = b""
    for rank, piece in enumerate(pieces):
        type_ = 2 if rank == 0 else 3 if piece.startswith("<") and "0x" not in piece else 1
        type_ = 6 if piece.startswith("<0x") else type_
        own = _field(1, piece.encode()) + b"\x15" + struct.pack("<f", -float(rank))
        data += _field(1, own + b"\x18" + bytes([type_]))
    training = b"\x18" + bytes([kind])
    if spells_bytes:
        training += b"\x98\x02\x01"
    return data + _field(2, training) + _field(3, b"\x18\x01\x20\x01")


def _field(number: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + value
