"""`python -m benchmarks.languages`: speech in ten languages, alone and mixed, beside the peers.

Which language is heard, and how many words are wrong, by smartcut's `transcribe`, by
faster-whisper and by openai-whisper with their defaults, all three with the same weights (Whisper
base). Speech is made by espeak-ng and by Kokoro (`foreign_speech`), clean, in white noise and over
music 10 dB below it; one recording holds seven languages on end. Japanese is counted by character.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.foreign_speech import RATE, TEXTS, Kokoro, by_espeak, joined, mixed_in
from benchmarks.speech_errors import word_errors
from smartcut.models.speech import SpeechRequest, recognise
from smartcut.models.speech_models import load_model

_ROOT = Path(__file__).parents[1]
_MIXED = ("en", "de", "es", "pl", "fr", "it", "pt")
#: What the phonemes of each voice are good for.
BY_KOKORO = ("en", "de", "fr", "es", "it", "pt", "pl", "nl")
BY_ESPEAK = ("en", "de", "es", "it", "pl", "ja")
_SNR = 10.0

Heard = tuple[tuple[str, ...], str]
"""The languages, and the text."""


@dataclass(frozen=True, slots=True)
class Recording:
    voice: str
    condition: str
    languages: tuple[str, ...]
    samples: np.ndarray

    @property
    def said(self) -> str:
        return " ".join(TEXTS[language][1] for language in self.languages)


def words_of(text: str) -> list[str]:
    """Letters and digits in lower case; by character where there are no spaces between words."""
    plain = "".join(
        c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text.lower()
    )
    is_kana = any("\u3040" <= c <= "\u9fff" for c in plain)
    return [c for c in plain if c != " "] if is_kana else plain.split()


# -------------------------------------------------------------------------------- who listens


def _smartcut() -> Callable[[np.ndarray], Heard]:
    model = load_model("base", "faster-whisper")

    def hear(samples: np.ndarray) -> Heard:
        request = SpeechRequest("faster-whisper", "base")
        found = recognise(samples, request, loaded=lambda name: model)
        spoken = (s.language or found.language for s in found.sentences)
        return tuple(dict.fromkeys(spoken)), " ".join(s.text for s in found.sentences)

    return hear


def _faster_whisper() -> Callable[[np.ndarray], Heard]:
    from faster_whisper import WhisperModel

    from smartcut.models import weights

    model = WhisperModel(str(weights.path("whisper-base")), compute_type="int8", cpu_threads=2)

    def hear(samples: np.ndarray) -> Heard:
        parts, info = model.transcribe(samples)
        return (info.language,), " ".join(part.text for part in parts)

    return hear


def _openai_whisper() -> Callable[[np.ndarray], Heard]:
    model: Any = load_model("base", "whisper")

    def hear(samples: np.ndarray) -> Heard:
        found = model.transcribe(samples, fp16=False)
        return (found["language"],), found["text"]

    return hear


LISTENERS = {
    "smartcut": _smartcut,
    "faster-whisper": _faster_whisper,
    "openai-whisper": _openai_whisper,
}


# ------------------------------------------------------------------------------------ the figures


def recordings(folder: Path) -> Iterable[Recording]:
    """All of them; the speech is made once and kept below the folder."""
    kokoro = _Once(folder, "kokoro", lambda: Kokoro(folder / "kokoro"))
    noise = np.random.default_rng(3).normal(0, 1, 40 * RATE).astype(np.float32)
    music = _music()
    for voice, languages in (("Kokoro", BY_KOKORO), ("espeak-ng", BY_ESPEAK)):
        for language in languages:
            clean = kokoro.say(language) if voice == "Kokoro" else by_espeak(language)
            for condition, sound in (("clean", None), ("noise", noise), ("music", music)):
                samples = clean if sound is None else mixed_in(clean, sound, _SNR)
                yield Recording(voice, condition, (language,), samples)
    whole = joined([kokoro.say(language) for language in _MIXED])
    yield Recording("Kokoro", "mixed", _MIXED, whole)


class _Once:
    """What a network says, kept in files."""

    def __init__(self, folder: Path, name: str, make: Callable[[], Kokoro]) -> None:
        self._folder, self._name, self._make = folder, name, make
        self._made: Kokoro | None = None

    def say(self, language: str) -> np.ndarray:
        file = self._folder / f"{self._name}_{language}.npy"
        if not file.is_file():
            self._made = self._made or self._make()
            np.save(file, self._made.say(language))
        found: np.ndarray = np.load(file)
        return found


def _music() -> np.ndarray:
    from faster_whisper.audio import decode_audio

    found: np.ndarray = decode_audio(str(_ROOT / "sample_media" / "music.m4a"), sampling_rate=RATE)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.languages", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(LISTENERS), default=list(LISTENERS))
    asked = parser.parse_args(arguments)
    folder = _ROOT / "out" / "bench" / "languages"
    (folder / "kokoro").mkdir(parents=True, exist_ok=True)
    listeners = {name: LISTENERS[name]() for name in asked.only}
    counts: dict[tuple[str, str, str], list[int]] = {}
    for recording in recordings(folder):
        said = words_of(recording.said)
        for name, hear in listeners.items():
            languages, text = hear(recording.samples)
            wrong = word_errors(said, words_of(text))
            is_right = languages == recording.languages
            row = counts.setdefault((recording.voice, recording.condition, name), [0, 0, 0, 0])
            for k, more in enumerate((1, is_right, wrong, len(said))):
                row[k] += more
            print(
                f"{recording.voice:9} {recording.condition:6} {','.join(recording.languages):21}"
                f"{name:15} heard {','.join(languages):24} words wrong {wrong} of {len(said)}"
                f"  {text.strip()[:60]}",
                flush=True,
            )
    print("\n| voice | sound | recogniser | language right | words wrong |\n|---|---|---|---|---|")
    for (voice, condition, name), (count, right, wrong, words) in counts.items():
        print(f"| {voice} | {condition} | {name} | {right} of {count} | {wrong / words:.1%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
