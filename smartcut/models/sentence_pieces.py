"""Text to the pieces that a translation model knows, and back: SentencePiece, or tokenizers' JSON.

A SentencePiece model (`.spm`, `.model`) is a Protocol Buffers message (sentencepiece_model.proto):
the pieces with their scores, how text is normalised, and whether pieces are chosen by unigram
probability (Kudo 2018) or by merging pairs. It is read here and handed to `tokenizers`, so that
nothing else has to be installed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from smartcut.errors import ModelError

SPACE = "▁"
_UNIGRAM, _BPE = 1, 2
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_NAMES = (
    "tokenizer.json", "source.spm", "sentencepiece.bpe.model", "spiece.model",
    "sentencepiece.model", "tokenizer.model",
)  # fmt: skip


class SentencePieces:
    """Divides text into pieces, and joins pieces to text."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def of(cls, folder: Path) -> SentencePieces:
        """Those of a translation model; raises ModelError where its folder has none."""
        file = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
        if file is None:
            raise ModelError(
                f"{folder} has no tokenizer; put one of these of the original model into it: "
                f"{', '.join(_NAMES)}"
            )
        return cls(_from_json(file) if file.suffix == ".json" else sentence_piece(file))

    def divide(self, text: str) -> list[str]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).tokens)

    def join(self, pieces: Sequence[str]) -> str:
        """The text of pieces; those that mean bytes become the characters that they spell."""
        if not any(SPACE in piece for piece in pieces):
            numbers = [self._tokenizer.token_to_id(piece) for piece in pieces]
            if all(number is not None for number in numbers) and self._tokenizer.decoder:
                return str(self._tokenizer.decode(numbers)).strip()
        raw = bytearray()
        for piece in pieces:
            byte = _BYTE.fullmatch(piece)
            raw += bytes([int(byte[1], 16)]) if byte else piece.replace(SPACE, " ").encode()
        return " ".join(raw.decode("utf-8", errors="replace").split())


def _from_json(file: Path) -> Any:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library's own kinds, which it does not name
        raise ModelError(f"{file} is not a tokenizer: {error}") from error


def sentence_piece(file: Path) -> Any:
    """A SentencePiece model as a ``tokenizers.Tokenizer``; raises ModelError for other files."""
    try:
        return _built(*_read(file.read_bytes()))
    except (struct.error, IndexError, UnicodeDecodeError, KeyError) as error:
        raise ModelError(f"{file} is not a SentencePiece model: {error}") from error


def _read(data: bytes) -> tuple[list[tuple[str, float, int]], dict[int, Any], dict[int, Any]]:
    """(piece, score, type) of every piece; the fields of the training and of the normalising."""
    pieces, training, normalising = [], dict[int, Any](), dict[int, Any]()
    for number, value in _fields(data):
        if number == 1:
            own = dict(_fields(value))
            (score,) = struct.unpack("<f", own.get(2, b"\0\0\0\0"))
            pieces.append((own[1].decode(), score, own.get(3, 1)))
        elif number == 2:
            training = dict(_fields(value))
        elif number == 3:
            normalising = dict(_fields(value))
    if not pieces:
        raise KeyError("it holds no pieces")
    return pieces, training, normalising


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value) of each field: an int, or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        if at + size > len(data):
            raise IndexError("it ends early")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _built(
    pieces: list[tuple[str, float, int]], training: dict[int, Any], normalising: dict[int, Any]
) -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    kind = training.get(3, _UNIGRAM)
    unknown = next((k for k, (_, _, type_) in enumerate(pieces) if type_ == 2), 0)
    spells_bytes = bool(training.get(35, 0))
    if kind == _UNIGRAM:
        scores = [(text, score) for text, score, _ in pieces]
        model: Any = models.Unigram(scores, unknown, spells_bytes)
    elif kind == _BPE:
        numbers = {text: k for k, (text, _, _) in enumerate(pieces)}
        model = models.BPE(
            numbers, _merges(numbers), unk_token=pieces[unknown][0], fuse_unk=True,
            byte_fallback=spells_bytes,
        )  # fmt: skip
    else:
        raise KeyError(f"it divides text in a way ({kind}) that is not known here")
    steps: list[Any] = []
    if table := normalising.get(2):
        steps.append(normalizers.Precompiled(table))
    if normalising.get(4, 1):
        steps += [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(steps)
    begins = "always" if normalising.get(3, 1) else "never"
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme=begins)
    return tokenizer


def _merges(numbers: dict[str, int]) -> list[tuple[str, str]]:
    """The pairs that make each piece, those of earlier pieces first."""
    found = []
    for text, rank in numbers.items():
        for k in range(1, len(text)):
            left, right = text[:k], text[k:]
            if left in numbers and right in numbers:
                found.append((rank, numbers[left], numbers[right], left, right))
    return [(left, right) for *_, left, right in sorted(found)]
