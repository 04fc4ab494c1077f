"""`python -m benchmarks.speech_cost FILE...`: where the time goes when speech is written down.

Seconds of processor time for a minute of sound, part by part, with Whisper tiny.en and without
loading: told what it wrote before, then in windows (`context: false`); beside them faster-whisper's
own `transcribe` with its defaults and words with times. All hear the same samples in turn, `--runs`
times; figures are medians over the turns, ratios medians of the ratios.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from smartcut.models import speech, speech_batches, weights
from smartcut.models.speech import SpeechRequest, recognise
from smartcut.models.speech_models import load_model

RATE = 16_000
_MODEL = "tiny.en"


class _Timed:
    """An object whose methods of these names are timed."""

    def __init__(self, other: Any, spent: dict[str, float], names: dict[str, str]) -> None:
        self._other, self._spent, self._names = other, spent, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._other, name)
        return _timed(found, self._spent, self._names[name]) if name in self._names else found


class _TimedCall(_Timed):
    def __call__(self, *given: Any, **settings: Any) -> Any:
        return _timed(self._other, self._spent, "mel")(*given, **settings)


def _timed(call: Callable[..., Any], spent: dict[str, float], part: str) -> Callable[..., Any]:
    def timed(*given: Any, **settings: Any) -> Any:
        before = time.process_time()
        try:
            return call(*given, **settings)
        finally:
            spent[part] += time.process_time() - before

    return timed


def parts(model: Any, samples: np.ndarray, is_told: bool) -> dict[str, float]:
    """Seconds by part of one recognition, one window or batch after the other."""
    spent: dict[str, float] = defaultdict(float)
    whisper = model.recogniser
    kept = whisper.model, whisper.feature_extractor
    cores, voice = speech_batches.usable_cores, speech.probabilities
    named = {"encode": "encoder", "generate": "decoder", "align": "alignment"}
    whisper.model = _Timed(kept[0], spent, named)
    whisper.feature_extractor = _TimedCall(kept[1], spent, {})
    speech_batches.usable_cores = lambda: 1
    speech.probabilities = _timed(voice, spent, "voice activity")
    request = SpeechRequest("faster-whisper", _MODEL, is_told=is_told)
    before = time.process_time()
    try:
        recognise(samples, request, loaded=lambda _: model)
    finally:
        whisper.model, whisper.feature_extractor = kept
        speech_batches.usable_cores, speech.probabilities = cores, voice
    whole = time.process_time() - before
    return {**spent, "the rest": whole - sum(spent.values()), "all": whole}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speech_cost", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(arguments)
    from faster_whisper import WhisperModel
    from faster_whisper.audio import decode_audio

    samples = np.concatenate([decode_audio(str(f), sampling_rate=RATE) for f in asked.files])
    minutes = len(samples) / RATE / 60
    before = time.process_time()
    model = load_model(_MODEL, "faster-whisper")
    print(f"{minutes:.2f} minutes; loading, with imports: {time.process_time() - before:.2f} s")
    folder = str(weights.path(f"whisper-{_MODEL}"))
    peer = WhisperModel(folder, device="cpu", compute_type="int8")
    parts(model, samples[: 2 * RATE], True)
    turns: list[tuple[dict[str, float], dict[str, float], float]] = []
    for _ in range(asked.runs):
        told, windows = parts(model, samples, True), parts(model, samples, False)
        before = time.process_time()
        list(peer.transcribe(samples, word_timestamps=True)[0])
        turns.append((told, windows, time.process_time() - before))
    print(f"{'seconds a minute':18}{'told':>8}{'windows':>9}")
    for part in turns[0][0]:
        figures = [median(turn[k][part] for turn in turns) / minutes for k in (0, 1)]  # type: ignore[index]
        print(f"{part:18}{figures[0]:8.3f}{figures[1]:9.3f}")
    print(f"{'faster-whisper':18}{median(turn[2] for turn in turns) / minutes:8.3f}")
    ratios = [median(turn[2] / turn[k]["all"] for turn in turns) for k in (0, 1)]  # type: ignore[index]
    print(f"{'times cheaper':18}{ratios[0]:8.2f}{ratios[1]:9.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
