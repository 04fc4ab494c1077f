"""`python -m benchmarks.speech_ways`: which way of hearing a talk gets the most words right.

Talks of 16 sections are read by the voices of this machine (flite, espeak-ng, Piper), clean and in
white noise 10 dB below them, and written down by `transcribe` in windows, by `transcribe:
{context: true}`, which goes on from what it wrote before, and by faster-whisper with its defaults:
the same weights (`--model`). Of each: words wrong (fewest changes to what was said), and processor
time of recognising for a minute of sound. `--longest` hears windows of other lengths too.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.speech_errors import plain, word_errors
from benchmarks.spoken import RAILWAY, RIVER
from benchmarks.talk_sections import SECTIONS
from benchmarks.voices import RATE, SENTENCES, Say, audible, voices
from smartcut.models import weights
from smartcut.models.speech import SpeechRequest, recognise
from smartcut.models.speech_models import load_model
from smartcut.models.speech_windows import LONGEST
from smartcut.models.steady_speech import FasterWhisper
from smartcut.models.voice.spelling import sentences_of

_NUMBERS = re.compile(
    r"\b(\w*(teen|ty)|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand"
    r"|million|half|percent|once)\b",
    re.IGNORECASE,
)
_PAUSES = ((0.25, 0.6, 1.2), (0.05, 0.3, 0.15), (0.0,))
_TOGETHER = 3
_SNR, _ROOM, _LOUDNESS = 10.0, 0.0003, 0.07

Hear = Callable[[np.ndarray], Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReadTalk:
    voice: str
    condition: str
    said: tuple[str, ...]
    samples: np.ndarray


def talks(who: dict[str, Say]) -> Iterator[ReadTalk]:
    """Three sections by each voice in turn; sentences with numbers, written in many ways, go."""
    rng = np.random.default_rng(3)
    texts = [sentences_of(text) for text in (RAILWAY, RIVER)]
    texts += [[s for s in found if not _NUMBERS.search(s)] for found in SECTIONS.values()]
    for number, first in enumerate(range(0, len(texts), _TOGETHER)):
        voice = list(who)[number % len(who)]
        parts, said = [np.zeros(RATE // 2)], []
        for sentences, pauses in zip(texts[first : first + _TOGETHER], _PAUSES, strict=False):
            for k, sentence in enumerate(sentences):
                gap = np.zeros(round(pauses[k % len(pauses)] * RATE))
                parts += [audible(*who[voice](sentence)), gap]
                said += sentence.split()
            parts.append(np.zeros(RATE // 2))
        clean = np.concatenate(parts)
        for condition, level in (("clean", _ROOM), ("in noise", _LOUDNESS * 10 ** (-_SNR / 20))):
            noisy = clean + rng.normal(0, level, len(clean))
            yield ReadTalk(voice, condition, tuple(said), noisy.astype(np.float32))


def ways(model: str, longest: Sequence[float]) -> dict[str, Hear]:
    """Who listens."""
    shared = load_model(model, "faster-whisper")
    own = {f"windows of {s:g} s": partial(_mine, shared, model, False, s) for s in longest}
    return {
        "transcribe": partial(_mine, shared, model, False, LONGEST),
        **own,
        "transcribe, context: true": partial(_mine, shared, model, True, LONGEST),
        "faster-whisper": _faster_whisper(model),
    }


def _mine(
    model: FasterWhisper, name: str, is_told: bool, longest: float, samples: np.ndarray
) -> list[str]:
    asked = SpeechRequest("faster-whisper", name, "en", is_told=is_told, longest=longest)
    found = recognise(samples, asked, loaded=lambda _: model)
    return [word.text for sentence in found.sentences for word in sentence.words]


def _faster_whisper(name: str) -> Hear:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(weights.path(f"whisper-{name}")), device="cpu", compute_type="int8")

    def hear(samples: np.ndarray) -> list[str]:
        parts, _ = model.transcribe(samples, language="en", word_timestamps=True)
        return [word.word for part in parts for word in part.words or ()]

    return hear


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speech_ways", description=__doc__)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--longest", type=float, nargs="*", default=(), metavar="SECONDS")
    parser.add_argument("--voices", type=Path, default=Path("out/bench/voices"), metavar="FOLDER")
    parser.add_argument("--talks", type=int, metavar="N", help="the first N, clean and in noise")
    asked = parser.parse_args(arguments)
    who = {name: say for name, say in voices(asked.voices) if not name.startswith("kokoro")}
    if not who:
        print("no voice on this machine: install flite or espeak-ng", file=sys.stderr)
        return 1
    listening = ways(asked.model, asked.longest)
    for hear in listening.values():
        hear(audible(*next(iter(who.values()))(SENTENCES[0])))
    wrong: dict[tuple[str, str], int] = defaultdict(int)
    spent: dict[str, float] = defaultdict(float)
    words: dict[str, int] = defaultdict(int)
    minutes = 0.0
    for talk in islice(talks(who), asked.talks and 2 * asked.talks):
        words[talk.condition] += len(talk.said)
        minutes += len(talk.samples) / RATE / 60
        for name, hear in listening.items():
            before = time.process_time()
            heard = hear(talk.samples)
            spent[name] += time.process_time() - before
            wrong[name, talk.condition] += word_errors(_bare(talk.said), _bare(heard))
    print(f"{sum(words.values())} words by {', '.join(who)}; {minutes:.1f} minutes")
    for name in listening:
        found = [f"{kind} {100 * wrong[name, kind] / n:.1f} %" for kind, n in words.items()]
        whole = 100 * sum(wrong[name, kind] for kind in words) / sum(words.values())
        print(f"{name:28}{', '.join(found)}, {whole:.1f} %; {spent[name] / minutes:.2f} s a minute")
    return 0


def _bare(words: Sequence[str]) -> list[str]:
    return plain([(word, 0.0, 0.0) for word in words])


if __name__ == "__main__":
    sys.exit(main())
