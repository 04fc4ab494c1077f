"""Piper's voices: VITS (Kim, Kong and Son 2021) as ONNX, with espeak-ng's phonemes.

The network runs in onnxruntime here, and only the phonemes come from piper-tts, in a process of
its own: that keeps its licence (GPL-3) at arm's length, and it is the only way to have the same
sound for the same seed, and the length that the network itself gives each phoneme. The network
reckons that length inside; here it is named as one more output of the graph.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models.voice.engine import LineSound
from smartcut.models.voice.spelling import Spans, spans_of_words, words_of

_PROCESS = Path(__file__).with_name("phoneme_process.py")
_TIMEOUT = 120
_PAD, _BEGIN, _END = "_", "^", "$"
_INNER_END = ".?!"
_LONGEST_NAME = 100


class Piper:
    """One voice. It is loaded anew for every line, as its noise depends on what it said before."""

    name = "piper"

    def __init__(self, file: Path, voice: str | None = None, digest: str | None = None) -> None:
        """``voice`` and ``digest`` are those of the table of weights; else those of the file."""
        self._file = file
        self._config = _read_config(file)
        self.voice = voice or file.stem
        self.rate = int(self._config["audio"]["sample_rate"])
        self._espeak = str(self._config["espeak"]["voice"])
        self.language = self._espeak.partition("-")[0]
        self.model: str | None = self.voice
        self.weights: str | None = digest or file_sha256(file)

    def say(self, sentences: Sequence[str], speed: Fraction, seed: int) -> list[LineSound]:
        words = [words_of(s) for s in sentences]
        asked = [*sentences, *(w for said in words for w in said)]
        phonemes = [_joined(found) for found in phonemes_of(self._espeak, asked)]
        alone = iter(phonemes[len(sentences) :])
        run = self._session(seed)
        result = []
        for sounds, said in zip(phonemes, words, strict=False):
            wave, spans = self._speak(run, sounds, speed)
            single = [next(alone) for _ in said]
            result.append(LineSound(wave, spans_of_words(sounds, spans, single)))
        return result

    def _speak(self, run: Any, sounds: list[str], speed: Fraction) -> tuple[np.ndarray, Spans]:
        """The sound, and the samples of each phoneme."""
        table = self._config["phoneme_id_map"]
        groups = [[*table[_BEGIN], *table[_PAD]]]
        groups += [[*table[p], *table[_PAD]] if p in table else [] for p in sounds]
        groups.append(table[_END])
        ids = [i for group in groups for i in group]
        tuning = self._config["inference"]
        length = float(tuning["length_scale"]) / float(speed)
        feeds = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([tuning["noise_scale"], length, tuning["noise_w"]], np.float32),
        }
        if any(item.name == "sid" for item in run.get_inputs()):
            feeds["sid"] = np.zeros(1, np.int64)
        wave, *lengths = run.run(None, feeds)
        wave = np.asarray(wave, np.float32).reshape(-1)
        return wave, _spans(groups, lengths[0].reshape(-1) if lengths else None, len(wave))

    def _session(self, seed: int) -> Any:
        import onnxruntime

        onnxruntime.set_seed(seed)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            graph = with_lengths(self._file.read_bytes())
            return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own kinds have no common base
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelError(f"{self._file} cannot be loaded as a voice: {reason}") from error


def phonemes_of(voice: str, texts: Sequence[str]) -> list[list[list[str]]]:
    """For each text, for each sentence espeak-ng finds in it, its phonemes; by another process."""
    command = [sys.executable, "-I", str(_PROCESS)]
    asked = json.dumps({"voice": voice, "texts": list(texts)})
    try:
        done = subprocess.run(
            command, input=asked, capture_output=True, text=True, timeout=_TIMEOUT, check=True
        )
        found: list[list[list[str]]] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise ModelError(
            f"piper-tts gave no phonemes for {voice!r} ({said[-1] if said else error}); "
            "run: pip install --upgrade 'smartcut-pipelines[voice]'"
        ) from error
    return found


def _joined(sentences: list[list[str]]) -> list[str]:
    """Phonemes of one sentence of ours; a full stop inside it (``Dr.``) is no pause."""
    joined: list[str] = []
    for sounds in sentences:
        if joined:
            while joined and joined[-1] in _INNER_END:
                joined.pop()
            joined.append(" ")
        joined += sounds
    return joined


def _read_config(file: Path) -> dict[str, Any]:
    beside = file.with_name(file.name + ".json")
    for needed in (file, beside):
        if not needed.is_file():
            raise ModelError(
                f"there is no file {needed}; a Piper voice is an .onnx file with its .onnx.json "
                "beside it"
            )
    try:
        config: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        kind = config.get("phoneme_type", "espeak")
        for part in (config["audio"]["sample_rate"], config["espeak"]["voice"]):
            str(part)
        if not {_PAD, _BEGIN, _END} <= set(config["phoneme_id_map"]) or not config["inference"]:
            raise KeyError("phoneme_id_map")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{beside} is not the description of a Piper voice: {error}") from error
    if kind != "espeak":
        raise ModelError(f"{beside}: the phonemes are {kind!r}; only voices of espeak are accepted")
    return config


def _spans(groups: Sequence[Sequence[int]], lengths: np.ndarray | None, samples: int) -> Spans:
    """The samples of each group but the first and last; alike long where no lengths are known."""
    count = sum(len(group) for group in groups)
    if lengths is None or len(lengths) != count:
        lengths = np.ones(count)
    edges = np.concatenate([[0.0], np.cumsum(lengths)])
    edges = np.round(edges * (samples / max(edges[-1], 1.0))).astype(int)
    spans, at = [], 0
    for group in groups:
        spans.append((int(edges[at]), int(edges[at + len(group)])))
        at += len(group)
    return tuple(spans[1:-1])


def with_lengths(model: bytes) -> bytes:
    """The ONNX file with the length of each phoneme as a second output, where it has one Ceil.

    Protocol Buffers merge a field that comes twice, so what is to be added to the graph may be
    written after everything else: ModelProto.graph (7) .output (12) .name (1).
    """
    found = set()
    for match in re.finditer(rb"Ceil_output_\d+", model):
        # A name follows the byte that says how long it is.
        for start in range(match.start(), max(0, match.start() - _LONGEST_NAME), -1):
            if model[start - 1] == match.end() - start:
                found.add(model[start : match.end()])
                break
    if len(found) != 1:
        return model
    part = found.pop()
    for field in (1, 12, 7):
        part = bytes([field << 3 | 2, *_varint(len(part))]) + part
    return model + part


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
