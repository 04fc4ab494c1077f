"""The words of sound files by one recogniser, as JSON: `speech ENGINE MODEL OUT.json FILE.wav...`.

All hear the same weights of Whisper with their own defaults, words with times where they have them.
MODEL is a folder in CTranslate2's form that holds openai-whisper.pt too. The processor time is that
of recognising, without imports and loading.
"""

from __future__ import annotations

import json
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Words = list[tuple[str, float, float]]


def smartcut(folder: Path) -> Callable[[np.ndarray], Words]:
    from smartcut.models.speech import SpeechRequest, load, recognise

    request = SpeechRequest("faster-whisper", folder.name.removeprefix("whisper-"))
    model = load(request)

    def words(samples: np.ndarray) -> Words:
        found = recognise(samples, request, loaded=lambda *_: model)
        said = [w for sentence in found.sentences for w in sentence.words]
        return [(w.text, float(w.range.start), float(w.range.end)) for w in said]

    return words


def faster_whisper(folder: Path) -> Callable[[np.ndarray], Words]:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type="int8")

    def words(samples: np.ndarray) -> Words:
        parts, _ = model.transcribe(samples, word_timestamps=True)
        return [(w.word, w.start, w.end) for part in parts for w in part.words or ()]

    return words


def whisper(folder: Path) -> Callable[[np.ndarray], Words]:
    model = _openai(folder)

    def words(samples: np.ndarray) -> Words:
        said = model.transcribe(samples, word_timestamps=True, fp16=False)
        return [(w["word"], w["start"], w["end"]) for s in said["segments"] for w in s["words"]]

    return words


def stable_whisper(folder: Path) -> Callable[[np.ndarray], Words]:
    import stable_whisper as stable

    model = _openai(folder)
    stable.modify_model(model)

    def words(samples: np.ndarray) -> Words:
        said = model.transcribe(samples, fp16=False, verbose=None)
        return [(w.word, w.start, w.end) for w in said.all_words()]

    return words


def whisperx(folder: Path) -> Callable[[np.ndarray], Words]:
    """Without its alignment, whose weights are not on any package index: no times."""
    import whisperx as x

    model = x.load_model(str(folder), "cpu", compute_type="int8", language="en")

    def words(samples: np.ndarray) -> Words:
        said = model.transcribe(samples)
        return [(w, 0.0, 0.0) for part in said["segments"] for w in part["text"].split()]

    return words


def _openai(folder: Path) -> Any:
    import torch
    from whisper import load_model

    model = load_model(str(folder / "openai-whisper.pt"), device="cpu")
    mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
    for layer, head in json.loads((folder / "config.json").read_text())["alignment_heads"]:
        mask[layer, head] = True
    model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model


def _read(path: str) -> np.ndarray:
    with wave.open(path) as file:
        values = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return values.astype(np.float32) / 32768


def main(engine: str, folder: str, out: str, *files: str) -> None:
    words = globals()[engine](Path(folder))
    words(_read(files[0])[:32_000])  # what is loaded at the first call
    found: dict[str, Any] = {}
    for file in files:
        samples = _read(file)
        before = time.process_time()
        said = words(samples)
        spent = time.process_time() - before
        plain = [(str(w).strip(), float(a), float(b)) for w, a, b in said]
        found[Path(file).stem] = {"words": plain, "cpu": spent}
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
