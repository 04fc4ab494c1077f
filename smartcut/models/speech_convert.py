"""Whisper weights in CTranslate2's form as an openai-whisper checkpoint: the same tensors.

Layout of ``model.bin`` (CTranslate2, binary version 6): u32 version, the specification's name,
u32 revision, u32 count; for each variable its name, u8 rank, u32 dimensions, u8 type, u32 bytes
and the data; then aliases. Strings are u16 length with a closing NUL.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.errors import ModelError

_VERSION = 6
_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f"<{kind}", self.data, self.at)
        self.at += struct.calcsize(kind)
        return int(value)

    def text(self) -> str:
        length = self.number("H")
        raw = self.data[self.at : self.at + length]
        self.at += length
        return raw.rstrip(b"\0").decode("utf-8")

    def take(self, size: int) -> bytes:
        raw = self.data[self.at : self.at + size]
        if len(raw) != size:
            raise struct.error("the file ends early")
        self.at += size
        return raw


def read_variables(file: Path) -> dict[str, np.ndarray]:
    """Every variable of a CTranslate2 ``model.bin``; raises ModelError for another layout."""
    cursor = _Cursor(file.read_bytes())
    try:
        version = cursor.number("I")
        if version != _VERSION:
            raise ModelError(f"{file}: binary version {version}, where {_VERSION} was expected")
        cursor.text(), cursor.number("I")
        variables = {}
        for _ in range(cursor.number("I")):
            name = cursor.text()
            shape = [cursor.number("I") for _ in range(cursor.number("B"))]
            kind = _TYPES[cursor.number("B")]
            raw = cursor.take(cursor.number("I"))
            variables[name] = np.frombuffer(raw, dtype=kind).reshape(shape)
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise ModelError(f"{file} is not a CTranslate2 model: {error}") from error
    return variables


def to_checkpoint(variables: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """``dims`` and ``model_state_dict`` as openai-whisper's ``load_model`` wants them."""
    import torch

    state: dict[str, np.ndarray] = {}
    for side in ("encoder", "decoder"):
        state |= _side(variables, side)
    for part in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            state[f"encoder.{part}.{kind}"] = variables[f"encoder/{part}/{kind}"]
    state["encoder.positional_embedding"] = variables["encoder/position_encodings/encodings"]
    state["decoder.positional_embedding"] = variables["decoder/position_encodings/encodings"]
    state["decoder.token_embedding.weight"] = variables["decoder/embeddings/weight"]
    tensors = {name: torch.from_numpy(value.copy()) for name, value in state.items()}
    return {"dims": _dims(variables), "model_state_dict": tensors}


def _layers(variables: Mapping[str, np.ndarray], side: str) -> int:
    numbers = {n.split("/")[1] for n in variables if n.startswith(f"{side}/layer_")}
    return len(numbers - {"layer_norm"})


def _dims(variables: Mapping[str, np.ndarray]) -> dict[str, int]:
    mels = variables["encoder/conv1/weight"].shape[1]
    audio_ctx, state = variables["encoder/position_encodings/encodings"].shape
    vocabulary = variables["decoder/embeddings/weight"].shape[0]
    return {
        "n_mels": mels,
        "n_audio_ctx": audio_ctx,
        "n_audio_state": state,
        "n_audio_head": int(variables["encoder/num_heads"]),
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": variables["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": state,
        "n_text_head": int(variables["decoder/num_heads"]),
        "n_text_layer": _layers(variables, "decoder"),
    }


def _side(variables: Mapping[str, np.ndarray], side: str) -> dict[str, np.ndarray]:
    state: dict[str, np.ndarray] = {}
    final = {"encoder": "ln_post", "decoder": "ln"}[side]
    _norm(state, variables, f"{side}/layer_norm", f"{side}.{final}")
    for i in range(_layers(variables, side)):
        old, new = f"{side}/layer_{i}", f"{side}.blocks.{i}"
        _attention(state, variables, f"{old}/self_attention", f"{new}.attn", crossed=False)
        _norm(state, variables, f"{old}/self_attention/layer_norm", f"{new}.attn_ln")
        if side == "decoder":
            _attention(state, variables, f"{old}/attention", f"{new}.cross_attn", crossed=True)
            _norm(state, variables, f"{old}/attention/layer_norm", f"{new}.cross_attn_ln")
        _norm(state, variables, f"{old}/ffn/layer_norm", f"{new}.mlp_ln")
        for k, place in ((0, 0), (1, 2)):
            for kind in ("weight", "bias"):
                state[f"{new}.mlp.{place}.{kind}"] = variables[f"{old}/ffn/linear_{k}/{kind}"]
    return state


def _norm(
    state: dict[str, np.ndarray], variables: Mapping[str, np.ndarray], old: str, new: str
) -> None:
    state[f"{new}.weight"] = variables[f"{old}/gamma"]
    state[f"{new}.bias"] = variables[f"{old}/beta"]


def _attention(
    state: dict[str, np.ndarray],
    variables: Mapping[str, np.ndarray],
    old: str,
    new: str,
    *,
    crossed: bool,
) -> None:
    """CTranslate2 keeps Q, K, V stacked (crossed: Q alone, then K, V); keys have no bias."""
    first = ["query"] if crossed else ["query", "key", "value"]
    parts = [(0, first)]
    if crossed:
        parts.append((1, ["key", "value"]))
    parts.append((len(parts), ["out"]))
    for k, names in parts:
        for kind in ("weight", "bias"):
            pieces = np.split(variables[f"{old}/linear_{k}/{kind}"], len(names))
            for name, piece in zip(names, pieces, strict=True):
                if not (name == "key" and kind == "bias"):
                    state[f"{new}.{name}.{kind}"] = piece
